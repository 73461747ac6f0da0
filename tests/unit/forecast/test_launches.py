"""What a launch alone endangers, all round the compass, until it is seen in flight."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Geod

from tests.unit.forecast.worlds import NOW_S, flying
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.arcs import coasting, flown_from, launch_over_s, of_launch
from tocsin.forecast.forecaster import Forecaster
from tocsin.model.identity import launch_track
from tocsin.model.observation import Launch
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.model.track import Arc, Track
from tocsin.model.value import time_of
from tocsin.model.wire import unpack
from tocsin.model.zone import Zone

Floats = NDArray[np.float64]

LAT, LON = 50.0, 20.0
GEOD = Geod(ellps="WGS84")


def town(azimuth_deg: float, far_m: float, people: int = 10_000, half_m: float = 1_000.0) -> Zone:
    """A square, to metres, at an azimuth and a distance from the launch; named by them."""
    lon, lat, _ = GEOD.fwd(LON, LAT, azimuth_deg, far_m)
    corners = [GEOD.fwd(lon, lat, corner, half_m * math.sqrt(2))[:2] for corner in (45, 135, 225, 315, 45)]
    name = f"{azimuth_deg:g}/{far_m:g}"
    return Zone(id=name, name=name, population=people, polygons=((tuple(corners),),))


# Towns all round the launch, every 3 degrees.
RING = ZoneIndex([town(azimuth_deg, 30_000.0) for azimuth_deg in range(0, 360, 3)])
EVEN = np.full(len(RING), 1 / len(RING))


def launch(azimuth_deg: float | None, threat: ThreatClass = "rocket", **fields: Any) -> Launch:
    what: dict[str, Any] = {"id": "L", "time": time_of(NOW_S), "lat": LAT, "lon": LON, "sigma_m": 500.0}
    return Launch(**what | {"threat": threat, "azimuth_deg": azimuth_deg} | fields)


def shares(azimuth_deg: float | None) -> Floats:
    """Of each town of the ring, by its place in it."""
    under = of_launch(launch(azimuth_deg), RING, EVEN)
    found = np.zeros(len(RING))
    found[under.zone] = under.probability
    return found


@pytest.mark.parametrize("azimuth_deg", [0.0, 3.0, 90.0, 180.0, 270.0, 357.0])
def test_a_launch_endangers_both_sides_of_its_azimuth_alike_wherever_that_points(azimuth_deg: float) -> None:
    about = np.roll(shares(azimuth_deg), -round(azimuth_deg / 3))
    assert about[0] == about.max() > 0
    for off in (1, 2, 3, 4):
        assert about[off] > 0
        assert about[off] == pytest.approx(about[-off], rel=0.01)
    assert about[60] == 0.0, "nobody behind it"
    assert about == pytest.approx(shares(0.0), abs=0.01 * about.max())


def test_a_launch_of_unknown_azimuth_endangers_all_round_alike() -> None:
    found = shares(None)
    assert found.min() > 0
    assert found == pytest.approx(np.full(len(RING), found.mean()), rel=0.01)


def wanted_of(index: ZoneIndex, one: Launch, prior: Floats) -> Floats:
    """Shares by the rules alone: half by area under a sector that is as likely at every range, half by the prior."""
    ranges = {"rocket": (5e3, 60e3), "ballistic_missile": (80e3, 800e3), "unknown": (5e3, 800e3)}[one.threat]
    by_area, by_prior = np.zeros(len(index)), np.zeros(len(index))
    for z, zone in enumerate(index.zones):
        azimuth_deg, far = (float(part) for part in zone.id.split("/"))
        size = math.sqrt(index.outlines[z].area)
        soft = (size / 2 + 2 * one.sigma_m + 1) / 2
        inside = (
            1 / (1 + math.exp(min(50, (ranges[0] - far) / soft))) / (1 + math.exp(min(50, (far - ranges[1]) / soft)))
        )
        toward, width = 1.0, math.tau
        if one.azimuth_deg is not None:
            off = abs(math.remainder(azimuth_deg - one.azimuth_deg, 360.0))
            wide = math.hypot(6.0, math.degrees(math.atan2(size / 2 + one.sigma_m, far)))
            toward, width = math.exp(-0.5 * (off / wide) ** 2), math.radians(6.0) * math.sqrt(math.tau)
        by_area[z] = inside * toward * size**2 / max(far, ranges[0]) / ((ranges[1] - ranges[0]) * width)
        by_prior[z] = inside * toward * prior[z]
    by_area /= max(1.0, by_area.sum())
    found: Floats = 0.5 * by_area + 0.5 * by_prior / by_prior.sum() * min(1.0, 2 * by_area.sum())
    return found


@pytest.mark.parametrize("azimuth_deg", [None, 40.0])
@pytest.mark.parametrize(
    ("threat", "fastest_s", "slowest_s", "nearest_m", "farthest_m"),
    [
        ("rocket", 25.0, 120.0, 5e3, 60e3),
        ("ballistic_missile", 150.0, 480.0, 80e3, 800e3),
        ("unknown", 25.0, 480.0, 5e3, 800e3),
    ],
)
def test_who_is_endangered_how_much_and_when_follows_from_the_class_s_range_and_flight(
    azimuth_deg: float | None, threat: ThreatClass, fastest_s: float, slowest_s: float, nearest_m: float,
    farthest_m: float,
) -> None:  # fmt: skip
    towns = [(far_m, azimuth) for far_m in (2e3, 8e3, 30e3, 58e3, 85e3, 200e3) for azimuth in (30.0, 40.0, 46.0, 90.0)]
    index = ZoneIndex([town(azimuth, far_m, half_m=max(1_000.0, far_m / 20)) for far_m, azimuth in towns])
    prior = np.linspace(1.0, 3.0, len(index)) / np.linspace(1.0, 3.0, len(index)).sum()
    one = launch(azimuth_deg, threat)
    under, wanted = of_launch(one, index, prior), wanted_of(index, one, prior)
    assert under.zone.tolist() == np.flatnonzero(wanted > 1e-4).tolist()
    assert len(under.zone) >= 4
    assert under.probability == pytest.approx(wanted[under.zone], rel=0.03)
    far = np.array([towns[z][0] for z in under.zone])
    part = np.sqrt(np.clip((far - nearest_m) / (farthest_m - nearest_m), 0.0, 1.0))
    flight = fastest_s + part * (slowest_s - fastest_s)
    assert under.likely_s - NOW_S == pytest.approx(flight, rel=0.01)
    assert under.earliest_s - NOW_S == pytest.approx(0.7 * flight, rel=0.01)


def test_one_launch_falls_once_however_many_zones_there_are() -> None:
    dense = ZoneIndex(
        [town(azimuth, far_m, 1) for far_m in range(6_000, 60_000, 2_000) for azimuth in range(0, 360, 4)]
    )
    total = of_launch(launch(None), dense, np.full(len(dense), 1 / len(dense))).probability.sum()
    assert 0.3 < total <= 1.0
    few = of_launch(launch(None), RING, EVEN).probability.sum()
    assert few < total / 3, "where zones fill little of the ring, most of what falls falls elsewhere"
    assert len(of_launch(launch(0.0), ZoneIndex([]), np.empty(0)).zone) == 0


def flown(at_s: float, **fields: Any) -> Track:
    """A rocket 4 km north of the launch by then, coasting."""
    what: dict[str, Any] = {
        "threat": "rocket", "altitude_m": 9_000.0, "speed_mps": 400.0, "climb_mps": 100.0, "id": "R1",
        "arc": Arc(beta_kg_m2=6_000.0, beta_factor=1.5, burning=0.0),
    }  # fmt: skip
    north_m = fields.pop("north_m", 4_000.0)
    return flying(RING, 0.0, north_m, NOW_S + at_s, **what | fields)


def test_a_motor_has_stopped_where_the_track_says_so_or_else_where_it_gains_no_speed() -> None:
    def burning(share: float) -> Track:
        return flown(0, arc=Arc(beta_kg_m2=6_000.0, beta_factor=1.5, burning=share))

    assert coasting(burning(0.19), 99.0) and not coasting(burning(0.2), 0.0)
    assert coasting(flown(0, arc=None), 14.9) and not coasting(flown(0, arc=None), 15.0)


def test_a_track_is_the_launch_s_where_it_can_have_flown_there_since() -> None:
    one = launch(0.0)

    def can(since_s: float, north_m: float, threat: ThreatClass = "rocket", **fields: float) -> bool:
        lat, lon = RING.frame.to_geodetic(0.0, north_m)
        track = flown(0, **fields)
        return flown_from(launch(0.0, threat), track, NOW_S + since_s, float(lat), float(lon))

    assert one.threat == "rocket"
    # 1,200 m/s at most, three sigma of the launch's place, and two kilometres.
    assert can(10.0, 12_000 + 1_500 + 1_900) and not can(10.0, 12_000 + 1_500 + 2_100)
    assert can(10.0, -12_000 - 1_500 - 1_900) and not can(10.0, -12_000 - 1_500 - 2_100)
    # What flies faster may come from farther.
    assert can(10.0, 14_000 + 3_400, speed_mps=1_400.0, climb_mps=0.0)
    assert not can(10.0, 14_000 + 3_600, speed_mps=1_400.0, climb_mps=0.0)
    assert can(10.0, 14_000 + 3_400, speed_mps=0.0, climb_mps=1_400.0)
    # Clocks differ by half a minute; and nothing flies longer than its class.
    assert can(-29.0, 3_000.0) and not can(-31.0, 0.0) and not can(-29.0, 3_600.0)
    assert can(119.0, 9_000.0) and not can(121.0, 9_000.0)
    assert can(479.0, 9_000.0, "ballistic_missile") and not can(481.0, 9_000.0, "ballistic_missile")


@pytest.mark.parametrize(("threat", "flight_s"), [("rocket", 120), ("ballistic_missile", 480), ("unknown", 480)])
def test_a_launch_is_over_when_nothing_of_it_can_be_in_the_air_any_more(threat: ThreatClass, flight_s: float) -> None:
    assert launch_over_s(launch(0.0, threat)) == pytest.approx(NOW_S + 1.3 * flight_s + 30.0)
    forecaster, one = Forecaster(RING), launch(0.0, threat)
    assert len(forecaster.outlook(NOW_S + 1.3 * flight_s + 29, [], [one]).tracks) == 1
    assert len(forecaster.outlook(NOW_S + 1.3 * flight_s + 31, [], [one]).tracks) == 0


def at(forecaster: Forecaster, second: float, tracks: list[Track], launches: list[Launch]) -> Outlook:
    return forecaster.outlook(NOW_S + second, tracks, launches)


def test_a_launch_stands_until_its_track_has_been_followed_for_a_quarter_of_a_minute_and_coasts() -> None:
    one, forecaster = launch(0.0), Forecaster(RING)
    name = launch_track(one)
    for second in (5, 10, 19):
        assert name in at(forecaster, second, [flown(second)], [one]).tracks
    assert name not in at(forecaster, 20, [flown(20)], [one]).tracks
    # For good: the track may be lost, it is the launch's all the same.
    assert name not in at(forecaster, 25, [], [one]).tracks
    assert name in at(Forecaster(RING), 25, [], [one]).tracks
    # And after a restart.
    assert name not in at(Forecaster.load(forecaster.dump(), RING), 25, [], [one]).tracks


def test_of_launches_that_are_over_nothing_is_remembered() -> None:
    forecaster, over = Forecaster(RING), launch(0.0)
    later = launch(90.0, id="M", time=time_of(NOW_S + 150))
    at(forecaster, 0, [], [over])
    at(forecaster, 187, [], [over, later])
    assert [*unpack(forecaster.dump())["launched"]] == [launch_track(later)]
    at(forecaster, 400, [], [over, later])
    assert unpack(forecaster.dump())["launched"] == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"arc": Arc(beta_kg_m2=6_000.0, beta_factor=1.5, burning=0.5)},
        {"status": "tentative"},
        {"north_m": 40_000.0},
    ],
)
def test_a_launch_stands_while_a_track_burns_is_not_sure_or_comes_from_elsewhere(fields: dict[str, Any]) -> None:
    one, forecaster = launch(0.0), Forecaster(RING)
    for second in range(5, 40, 5):
        assert launch_track(one) in at(forecaster, second, [flown(second, **fields)], [one]).tracks


def test_one_track_stands_for_one_of_two_launches_and_two_for_both() -> None:
    pair, forecaster = [launch(0.0, id="A"), launch(0.0, id="B")], Forecaster(RING)
    names = {launch_track(one) for one in pair}
    for second in (5, 15, 20, 25):
        left = names & set(at(forecaster, second, [flown(second)], pair).tracks)
    assert len(left) == 1
    again = Forecaster.load(forecaster.dump(), RING)
    assert names & set(at(again, 30, [flown(30)], pair).tracks) == left, "which is which outlives a restart"
    for second in (35, 45, 55):
        both = [flown(second), flown(second, id="R2")]
        left = names & set(at(forecaster, second, both, pair).tracks)
    assert not left


def test_what_a_launch_is_expected_to_do_is_never_past() -> None:
    outlook = at(Forecaster(RING), 100, [], [launch(0.0)])
    assert len(outlook.zone) > 0
    assert outlook.eta_likely_s.min() == outlook.eta_earliest_s.min() == NOW_S + 100
    soon = at(Forecaster(RING), 1, [], [launch(0.0)])
    assert soon.eta_earliest_s.min() > NOW_S + 20
