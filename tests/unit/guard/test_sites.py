"""What launches, posts and silent radars say against an all clear: how far, how long and which way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.guard.sites import Sites, launched, reported
from tocsin.model.event import Configuration
from tocsin.model.observation import Launch, Plot, Presence, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.model.zone import Zone

BEGIN_S = 1_772_000_000.0
Floats = NDArray[np.float64]


def zone_at(away_m: float, bearing_deg: float = 0.0, radius_m: float = 0.0) -> Floats:
    """A zone from the origin."""
    bearing = math.radians(bearing_deg)
    return np.array([[away_m * math.sin(bearing)], [away_m * math.cos(bearing)], [radius_m]])


def launch(reach_m: float, course_deg: float = math.nan) -> Floats:
    """One at the origin at time zero."""
    return np.array([[0.0], [0.0], [0.0], [1.0], [reach_m], [course_deg]])


@pytest.mark.parametrize("course_deg", [0.0, 10.0, 180.0, 350.0, math.nan])
@pytest.mark.parametrize("off_deg", [-31.0, -29.0, 0.0, 29.0, 31.0, 180.0])
def test_a_launch_endangers_thirty_degrees_to_either_side_of_its_course_and_all_round_where_none_is_known(
    course_deg: float, off_deg: float
) -> None:
    zone = zone_at(40_000, (0.0 if math.isnan(course_deg) else course_deg) + off_deg)
    flies = bool(launched(60.0, launch(60_000, course_deg), zone)[0])
    assert flies == (math.isnan(course_deg) or abs(off_deg) < 30)


@pytest.mark.parametrize(("away_m", "held"), [(64_000, True), (66_000, False)])
def test_a_launch_reaches_the_edge_of_a_zone(away_m: float, held: bool) -> None:
    assert bool(launched(60.0, launch(60_000, 0.0), zone_at(away_m, radius_m=5_000))[0]) == held


@pytest.mark.parametrize(("away_m", "held"), [(9_000, True), (11_000, False)])
def test_a_launch_endangers_the_zones_beside_it_whichever_way_it_goes(away_m: float, held: bool) -> None:
    assert bool(launched(30.0, launch(60_000, 0.0), zone_at(away_m, 180.0, radius_m=5_000))[0]) == held


@pytest.mark.parametrize("away_m", [10_000.0, 300_000.0])
def test_a_launch_is_over_when_a_lofted_one_must_have_come_down(away_m: float) -> None:
    # The arc of least energy over a distance takes the root of twice the distance over g; a quarter more, and a minute.
    down_s = 1.25 * math.sqrt(2 * away_m / 9.80665) + 60.0
    for at_s, held in ((down_s - 1, True), (down_s + 1, False)):
        assert bool(launched(at_s, launch(800_000), zone_at(away_m))[0]) == held


def posts(*reports: tuple[float, float, float], speed_mps: float = 75.0) -> Floats:
    """Reports at (seconds, north_m, voice)."""
    return np.array([(at, 0.0, north, voice, speed_mps, 5.0) for at, north, voice in reports], float).reshape(-1, 6).T


THREE = ((0.0, 0.0, 1.0), (0.0, 100.0, 2.0), (0.0, 200.0, 2.0))


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        (THREE, True),
        (THREE[:2], False),
        (((0.0, 0.0, 1.0), (0.0, 100.0, 1.0), (0.0, 200.0, 1.0)), False),
        (((0.0, 0.0, 1.0), (0.0, 0.0, 2.0), (0.0, 9_900.0, 2.0)), True),
        (((0.0, 0.0, 1.0), (0.0, 0.0, 2.0), (0.0, 10_100.0, 2.0)), False),
        (((0.0, 0.0, 1.0), (-179.0, 0.0, 2.0), (-100.0, 0.0, 2.0)), True),
        (((0.0, 0.0, 1.0), (-181.0, 0.0, 2.0), (-181.0, 0.0, 2.0)), False),
    ],
    ids=["three of two", "two of two", "three of one", "within 10 km", "beyond", "within three minutes", "before"],
)  # fmt: skip
def test_three_reports_by_two_about_one_place_and_time_are_something(
    reports: Sequence[tuple[float, float, float]], told: bool
) -> None:
    assert bool(reported(0.0, posts(*reports), zone_at(0.0))[0]) == told


@pytest.mark.parametrize(("at_s", "held"), [(30, True), (31, False)])
def test_reports_hold_for_half_a_minute(at_s: float, held: bool) -> None:
    assert bool(reported(at_s, posts(*THREE), zone_at(0.0))[0]) == held


@pytest.mark.parametrize("speed_mps", [75.0, 300.0])
def test_reports_hold_the_zones_that_what_they_tell_of_reaches_meanwhile(speed_mps: float) -> None:
    reach_m = 200.0 + 4_000 + 30 * speed_mps + 2_000
    for away_m, held in ((reach_m - 50, True), (reach_m + 50, False)):
        found = reported(0.0, posts(*THREE, speed_mps=speed_mps), zone_at(away_m, radius_m=2_000))
        assert bool(found[0]) == held


LAT, LON = 50.0, 20.0
FRAME = LocalFrame(LAT, LON)


def radar(name: str, **fields: object) -> Sensor:
    values = {"lat": LAT, "lon": LON, "altitude_m": 100, "range_m": 100_000, "scan_s": 5.0} | fields
    return Sensor(id=name, kind="radar", **values)  # type: ignore[arg-type]


def square(name: str, north_m: float) -> Zone:
    """A kilometre wide."""
    corners = [(x, north_m + y) for x, y in ((-500, -500), (500, -500), (500, 500), (-500, 500), (-500, -500))]
    lat, lon = FRAME.to_geodetic([x for x, _ in corners], [y for _, y in corners])
    return Zone(id=name, name=name, polygons=((tuple(zip(lon.tolist(), lat.tolist(), strict=True)),),))


ZONES = (square("near", 10_000), square("far", 60_000), square("beyond", 120_000))


def sites(*radars: Sensor, **more: object) -> Sites:
    configuration = Configuration(id="c", time=time_of(BEGIN_S), sensors=radars, zones=ZONES, **more)  # type: ignore[arg-type]
    return Sites(configuration, ZoneIndex(ZONES, FRAME))


def test_a_radar_watches_what_lies_in_its_range_above_its_horizon_or_what_its_sight_says() -> None:
    heard, late = {"one": 0.0}, 100.0
    assert sites(radar("one")).dark(late, heard).tolist() == [True, True, False]
    # From the level of the sea what flies at 300 m is seen 71 km off.
    assert sites(radar("one", range_m=30_000)).dark(late, heard).tolist() == [True, False, False]
    assert sites(radar("one", range_m=200_000, altitude_m=0)).dark(late, heard).tolist() == [True, True, False]
    seen = sites(radar("one"), sight={"one": ("far",)})
    assert seen.dark(late, heard).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("scan_s", "age_s", "dark"),
    [(5.0, 30, False), (5.0, 31, True), (5.0, 600, True), (5.0, 601, False), (10.0, 40, False), (10.0, 41, True)],
)
def test_a_radar_is_silent_after_four_scans_and_half_a_minute_for_ten_minutes(
    scan_s: float, age_s: float, dark: bool
) -> None:
    assert bool(sites(radar("one", scan_s=scan_s)).dark(age_s, {"one": 0.0})[0]) == dark


def test_where_another_radar_works_or_none_was_ever_heard_nothing_is_dark() -> None:
    both = sites(radar("one"), radar("two", range_m=30_000))
    assert both.dark(100.0, {"one": 0.0, "two": 100.0}).tolist() == [False, True, False]
    assert both.dark(100.0, {"one": 100.0, "two": 0.0}).tolist() == [False, False, False]
    assert both.dark(100.0, {"two": 100.0}).tolist() == [False, False, False]


def placed(one: object, *radars: Sensor) -> list[float]:
    made = sites(*(radars or (radar("one"),)))
    return made.placed([made.row(one)])[:, 0].tolist()  # type: ignore[arg-type]


def plot(**fields: object) -> Plot:
    values = {"id": "p", "time": time_of(BEGIN_S), "source": "one", "sensor": "one", "azimuth_deg": 0.0} | fields
    return Plot(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("azimuth_deg", "east_m", "north_m"), [(0.0, 0, 1), (90.0, 1, 0), (225.0, -0.7071, -0.7071)])
def test_a_plot_lies_below_what_its_radar_sees(azimuth_deg: float, east_m: float, north_m: float) -> None:
    # Five kilometres off and three above: four over the ground.
    at, east, north, _, _, scan = placed(plot(range_m=5_000, azimuth_deg=azimuth_deg, altitude_m=3_100))
    assert [east, north] == pytest.approx([4_000 * east_m, 4_000 * north_m], abs=2)
    assert (at, scan) == (BEGIN_S, 5.0)
    flat = placed(plot(range_m=5_000, altitude_m=3_100), radar("one", range_kind="ground"))
    assert flat[2] == pytest.approx(5_000, abs=2)
    assert placed(plot(range_m=5_000))[2] == pytest.approx(5_000, abs=2), "of unknown height: as high as the radar"
    below = placed(plot(range_m=5_000, altitude_m=100), radar("one", altitude_m=3_100))
    assert below[2] == pytest.approx(4_000, abs=2), "or as far below it"


def test_the_error_of_a_plot_is_that_of_its_range_and_across_it() -> None:
    one = radar("one", sigma_range_m=30.0, sigma_azimuth_deg=0.5)
    near, far = (placed(plot(range_m=range_m), one)[4] for range_m in (1_000, 100_000))
    assert near == pytest.approx(math.hypot(30, 8.7), abs=0.1)
    assert far == pytest.approx(math.hypot(30, 872.7), abs=0.1)


def test_nothing_is_seen_after_it_reached_us() -> None:
    early = plot(range_m=5_000, time=time_of(BEGIN_S + 60), received=time_of(BEGIN_S + 1))
    assert placed(early)[0] == BEGIN_S + 1
    late = plot(range_m=5_000, received=time_of(BEGIN_S + 60))
    assert placed(late)[0] == BEGIN_S


@pytest.mark.parametrize(("threat", "speed_mps"), [("drone", 75.0), ("helicopter", 75.0), ("cruise_missile", 300.0)])
def test_what_is_reported_flies_as_its_class_does(threat: str, speed_mps: float) -> None:
    at = time_of(BEGIN_S)
    told = Sighting(id="s", time=at, source="p", lat=LAT, lon=LON, threat=threat)  # type: ignore[arg-type]
    assert placed(told)[4] == speed_mps
    heard = Presence(id="h", time=at, source="p", sensor="one", threat=threat)  # type: ignore[arg-type]
    assert placed(heard)[4] == speed_mps


@pytest.mark.parametrize(("threat", "reach_m"), [("rocket", 60_000.0), ("ballistic_missile", 800_000.0)])
def test_a_rocket_reaches_sixty_kilometres_and_all_else_eight_hundred(threat: str, reach_m: float) -> None:
    fields = {"id": "l", "time": time_of(BEGIN_S), "source": "p", "lat": LAT, "lon": LON, "threat": threat}
    said = placed(Launch(**fields, sigma_m=100, azimuth_deg=123.0))  # type: ignore[arg-type]
    assert said[4:] == [reach_m, 123.0]
    assert math.isnan(placed(Launch(**fields, sigma_m=100))[5])  # type: ignore[arg-type]
