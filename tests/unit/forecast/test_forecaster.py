from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Collection
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.earth.zone_points import points_of
from tocsin.forecast import posterior
from tocsin.forecast.columns import rows_of
from tocsin.forecast.forecaster import Forecaster
from tocsin.forecast.limits import LIMITS
from tocsin.forecast.prior import prior_of
from tocsin.forecast.reach import path_m, seconds_to
from tocsin.forecast.settings import ForecastSettings
from tocsin.forecast.track_row import BEGIN_EAST_M, CIRCLING, FLOWN_M, LEG_SIGMA_RAD
from tocsin.model.identity import launch_track
from tocsin.model.observation import Launch
from tocsin.model.threat import Outlook
from tocsin.model.track import Track
from tocsin.model.value import time_of


def _worlds() -> Any:
    path = Path(__file__).with_name("worlds.py")
    spec = importlib.util.spec_from_file_location("forecast_worlds", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["forecast_worlds"] = module
    spec.loader.exec_module(module)
    return module


worlds = _worlds()
NOW_S = worlds.NOW_S


@pytest.fixture(scope="module")
def index() -> ZoneIndex:
    return worlds.grid()


def _zone(outlook: Outlook, index: ZoneIndex, name: str, column: str = "probability") -> float:
    rows = outlook.zone == index.number[name]
    values = getattr(outlook, column)[rows]
    return float(values[0]) if len(values) else 0.0


def test_a_drone_flying_at_a_town_endangers_it_more_than_towns_beside_and_behind(index: ZoneIndex) -> None:
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    ahead = _zone(outlook, index, "r4c4")
    assert ahead > 3 * _zone(outlook, index, "r4c0")
    assert ahead > 3 * _zone(outlook, index, "r0c4")


def test_probabilities_of_one_track_never_sum_above_one(index: ZoneIndex) -> None:
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    assert 0.2 < outlook.probability.sum() <= 1.0


def test_the_earliest_is_never_after_the_likely_arrival_and_never_in_the_past(index: ZoneIndex) -> None:
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    assert len(outlook.zone) > 1
    assert np.all(some(outlook.eta_earliest_s <= outlook.eta_likely_s))
    assert np.all(some(outlook.eta_earliest_s >= NOW_S))


def test_a_drone_15_km_away_is_likely_there_when_its_speed_says(index: ZoneIndex) -> None:
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    assert _zone(outlook, index, "r4c4", "eta_likely_s") - NOW_S == pytest.approx(300, abs=60)


@pytest.mark.parametrize(
    ("status", "sensors", "believed"), [("tentative", 1, False), ("tentative", 2, False), ("confirmed", 1, True)]
)
def test_an_arc_is_believed_once_it_is_confirmed_and_a_pair_of_plots_of_two_radars_is_none(
    index: ZoneIndex, status: Any, sensors: int, believed: bool
) -> None:
    arc = worlds.flying(
        index, 0, -60_000, threat="ballistic_missile", altitude_m=40_000, speed_mps=900, climb_mps=-400,
        status=status, sensors=sensors,
    )  # fmt: skip
    assert (len(Forecaster(index).outlook(NOW_S, [arc], []).zone) > 0) == believed


def test_an_airliner_that_says_who_it_is_endangers_nobody(index: ZoneIndex) -> None:
    track = worlds.flying(index, 0, -15_000, threat="civil", cooperative=True)
    assert len(Forecaster(index).outlook(NOW_S, [track], []).zone) == 0


def test_a_lost_drone_still_endangers_the_town_it_flew_at(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    later = forecaster.outlook(NOW_S + 60, [], [])
    assert _zone(later, index, "r4c4") > 0.01


def test_a_lost_drone_is_let_go_when_it_cannot_be_there_any_more(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    gone = NOW_S + 4 * LIMITS["drone"].lost_s
    assert len(forecaster.outlook(gone, [], []).zone) == 0


def test_a_drone_found_again_under_another_name_is_one_drone(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    forecaster.outlook(NOW_S + 10, [], [])
    found = forecaster.outlook(NOW_S + 30, [worlds.flying(index, 0, -13_500, NOW_S + 30, id="T2")], [])
    assert found.tracks == ("T2",)


def test_a_pair_of_false_plots_beside_a_lost_drone_takes_nothing_from_what_it_endangers(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000, newest="east")], [])
    alone = forecaster.outlook(NOW_S + 29, [], [])
    pair = worlds.flying(
        index,
        0,
        -13_500,
        NOW_S + 30,
        id="T2",
        status="tentative",
        heading_deg=180.0,
        newest="north",
        others=time_of(NOW_S),
    )
    beside = forecaster.outlook(NOW_S + 30, [pair], [])
    assert "T1" in beside.tracks
    rows = beside.zone == index.number["r4c4"]
    assert beside.probability[rows].max() > 0.9 * _zone(alone, index, "r4c4")
    # Confirmed by one radar that never saw the lost one it is still that one's word; borne out by two it is found.
    for others, stands in ((None, True), (time_of(NOW_S + 34), False)):
        one = worlds.flying(index, 0, -13_300, NOW_S + 34, id="T2", newest="north", others=others)
        assert ("T1" in forecaster.outlook(NOW_S + 34, [one], []).tracks) == stands


def test_what_one_radar_leads_away_stays_where_the_others_saw_it_last_for_a_while(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    seen = worlds.flying(index, 0, -15_000, newest="east")
    assert forecaster.outlook(NOW_S, [seen], []).apart is None
    for after_s in range(5, 65, 5):
        at_s = NOW_S + after_s
        led = worlds.flying(
            index, 60.0 * after_s, -15_000, at_s, heading_deg=90.0, newest="liar", others=time_of(NOW_S), sensors=2
        )
        outlook = forecaster.outlook(at_s, [led], [])
    assert outlook.apart is not None
    assert _zone(outlook.apart, index, "r4c4") > 0.003
    assert Forecaster.load(forecaster.dump(), index).dump() == forecaster.dump()
    # Nobody else says anything: in the end there is nothing left to hold.
    late_s = NOW_S + 2 * LIMITS["drone"].lost_s
    assert forecaster.outlook(late_s, [], []).apart is None


def test_a_launch_alone_endangers_the_towns_in_its_direction_at_once(index: ZoneIndex) -> None:
    lat, lon = index.frame.to_geodetic(0.0, -40_000.0)
    launch = Launch(
        id="L1", time=time_of(NOW_S), lat=float(lat), lon=float(lon), sigma_m=1_000, threat="rocket", azimuth_deg=0.0
    )
    outlook = Forecaster(index).outlook(NOW_S + 1, [], [launch])
    assert outlook.tracks == (launch_track(launch),)
    ahead = _zone(outlook, index, "r4c4")
    assert ahead > 0
    assert ahead > 3 * _zone(outlook, index, "r4c0")
    assert 0 < outlook.probability.sum() <= 1.0


def test_two_sources_launches_of_one_id_are_two_and_neither_hides_the_other(index: ZoneIndex) -> None:
    lat, lon = index.frame.to_geodetic(np.array([0.0, 40_000.0]), np.array([-40_000.0, 0.0]))
    honest, other = (
        Launch(
            id="1", source=source, time=time_of(NOW_S), lat=float(lat[k]), lon=float(lon[k]), sigma_m=1_000,
            threat="rocket", azimuth_deg=azimuth,
        )
        for k, (source, azimuth) in enumerate((("watch", 0.0), ("stranger", 90.0)))
    )  # fmt: skip
    alone, both = (Forecaster(index).outlook(NOW_S + 1, [], launches) for launches in ([honest], [honest, other]))
    assert len(both.tracks) == 2
    own = both.track == both.tracks.index(alone.tracks[0])
    assert both.zone[own].tolist() == alone.zone.tolist()
    assert both.probability[own].tolist() == alone.probability.tolist()


def test_a_ballistic_track_endangers_where_it_falls_not_where_it_is(index: ZoneIndex) -> None:
    track = worlds.flying(
        index, 0, -60_000, threat="ballistic_missile", altitude_m=40_000, speed_mps=900, climb_mps=-400,
        covariance=tuple(np.diag([50.0**2] * 3 + [5.0**2] * 3)[np.triu_indices(6)].tolist()),
    )  # fmt: skip
    outlook = Forecaster(index).outlook(NOW_S, [track], [])
    assert 0 < outlook.probability.sum() <= 1.0
    assert np.all(some(outlook.eta_likely_s > NOW_S + 20))


def test_what_an_arc_endangers_is_what_is_newly_known_of_it_and_stays_while_nothing_is(index: ZoneIndex) -> None:
    def missile(seen_s: float, north_m: float) -> Track:
        fields = {"threat": "ballistic_missile", "altitude_m": 40_000, "speed_mps": 900, "climb_mps": -400}
        one: Track = worlds.flying(index, 0, north_m, NOW_S + seen_s, **fields)
        return one

    def expected(forecaster: Forecaster, at_s: float, track: Track) -> list[tuple[int, float, float]]:
        outlook = forecaster.outlook(NOW_S + at_s, [track], [])
        columns = (outlook.zone, outlook.probability, outlook.eta_likely_s)
        return list(zip(*(some(column.tolist()) for column in columns), strict=True))

    forecaster = Forecaster(index)
    first = expected(forecaster, 0, missile(0, -60_000))
    assert expected(forecaster, 4, missile(0, -60_000)) == first
    # It was farther south than was thought.
    again = expected(forecaster, 5, missile(5, -80_000))
    assert again == expected(Forecaster(index), 5, missile(5, -80_000)) != first


def test_a_restored_forecaster_goes_on_bit_for_bit(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    for second in range(0, 60, 5):
        forecaster.outlook(NOW_S + second, [worlds.flying(index, 0, -15_000 + 50 * second, NOW_S + second)], [])
    again = Forecaster.load(forecaster.dump(), index)
    assert again.dump() == forecaster.dump()
    first, other = forecaster.outlook(NOW_S + 70, [], []), again.outlook(NOW_S + 70, [], [])
    assert first.probability.tobytes() == other.probability.tobytes()
    assert len(first.probability) > 0


def test_turning_round_costs_half_a_circle() -> None:
    assert path_m(-1_000.0, 500.0, 250.0, 0.0) > np.hypot(1_000.0, 500.0)
    assert path_m(1_000.0, 0.0, 250.0, 0.0) == pytest.approx(1_000.0)


def test_time_over_a_path_counts_speeding_up() -> None:
    assert seconds_to(1_000.0, 50.0, 1.0, 50.0) == pytest.approx(20.0)
    assert 1_000 / 75 < seconds_to(1_000.0, 50.0, 1.0, 75.0) < 20.0


def test_a_drone_past_the_middle_of_a_town_still_endangers_what_lies_ahead_in_it(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    outlook = forecaster.outlook(NOW_S, [worlds.flying(index, 0, 1_000)], [])
    assert _zone(outlook, index, "r4c4") > 5 * _zone(outlook, index, "r3c4")


def _circling(index: ZoneIndex, forecaster: Forecaster, radius_m: float = 5_000.0, seconds: int = 300) -> Outlook:
    """A jet goes round the middle of the grid; the outlook when it last flies straight away from the middle's east."""
    for second in range(0, seconds, 5):
        angle = 260.0 * second / radius_m
        jet = worlds.flying(
            index, radius_m * np.cos(angle), radius_m * np.sin(angle), NOW_S + second, threat="jet", speed_mps=260.0,
            heading_deg=float(np.degrees(-angle) % 360),
        )  # fmt: skip
        outlook = forecaster.outlook(NOW_S + second, [jet], [])
    return outlook


def test_a_jet_that_circles_a_town_endangers_that_town_whichever_way_it_points(index: ZoneIndex) -> None:
    circled = _circling(index, Forecaster(index))
    towns = [_zone(circled, index, name) for name in ("r4c4", "r0c0", "r8c0", "r0c8", "r8c8")]
    assert towns[0] > 2 * max(towns[1:])


def test_what_a_jet_flew_at_stays_in_danger_for_a_while_when_it_turns_away(index: ZoneIndex) -> None:
    def later(released: int) -> tuple[float, float]:
        forecaster = Forecaster(index)
        for second in range(0, 40, 5):
            way = {"threat": "jet", "speed_mps": 260.0}
            jet = worlds.flying(index, 0, -18_000 + 260 * second, NOW_S + second, **way)
            before = forecaster.outlook(NOW_S + second, [jet], [])
        south_m = -8_000 - 200 * released
        away = worlds.flying(index, 0, south_m, NOW_S + 40 + released, heading_deg=180.0, **way)
        return _zone(before, index, "r4c4"), _zone(forecaster.outlook(NOW_S + 40 + released, [away], []), index, "r4c4")

    before, soon = later(released=10)
    assert before / 3 < soon < before
    assert later(released=240)[1] < before / 10


def interpreted() -> Any:
    """`outlook_rows` as plain Python, with the library's exponential."""
    names = dict(vars(posterior))
    for name, value in vars(posterior).items():
        if hasattr(value, "py_func"):
            names[name] = FunctionType(value.py_func.__code__, names)
    names["_exp"] = math.exp
    return names["outlook_rows"]


@pytest.mark.parametrize("seed", range(3))
def test_compiled_and_interpreted_forecasts_are_the_same(seed: int) -> None:
    rng, index, settings = np.random.default_rng(seed), worlds.grid(), ForecastSettings()
    tracks = [
        worlds.flying(
            index, *rng.uniform(-60_000, 60_000, 2), id=f"T{k}", threat=threat, speed_mps=float(speed),
            heading_deg=float(rng.uniform(0, 360)), sigma_m=float(rng.uniform(50, 3_000)),
        )
        for k, (threat, speed) in enumerate(
            [("drone", 50), ("jet", 260), ("cruise_missile", 240), ("helicopter", 0)] * 3
        )
    ]  # fmt: skip
    rows = rows_of(tracks, index.frame, settings)
    flown = rng.uniform(0, 200_000, len(rows))
    rows[:, BEGIN_EAST_M] += rng.uniform(-0.9, 0.9, len(rows)) * flown
    rows[:, FLOWN_M] = np.where(rng.random(len(rows)) < 0.3, 0.0, flown)
    rows[:, LEG_SIGMA_RAD] = rng.uniform(0, 0.5, len(rows))
    rows[:, CIRCLING] = np.maximum(0.0, rng.uniform(-1, 1, len(rows)))
    radius = np.sqrt([outline.area / math.pi for outline in index.outlines])
    zone_m = np.vstack([index.east_m, index.north_m, radius, index.radius_m])
    told = (rows, zone_m, points_of(index, posterior.POINTS), prior_of(index, settings), 900.0, 240.0, 0.002)
    columns, zone, ends = posterior.outlook_rows(*told)
    slow_columns, slow_zone, slow_ends = interpreted()(*told)
    assert len(zone) > 100
    np.testing.assert_array_equal(zone, slow_zone)
    np.testing.assert_array_equal(ends, slow_ends)
    np.testing.assert_allclose(columns[0], slow_columns[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(columns[1:], slow_columns[1:], rtol=1e-9, atol=1e-6)


def test_the_exponential_is_right_over_all_that_it_is_asked() -> None:
    for x in some(np.linspace(-20.0, 5.0, 5_001).tolist()):
        assert posterior._exp(x) == pytest.approx(math.exp(x), rel=1e-12)


def test_one_angle_is_the_sum_of_the_angle_to_the_circles_middle_and_of_that_to_the_tangent() -> None:
    rng = np.random.default_rng(1)
    for ahead, abeam, radius in some(rng.uniform((-9_000, 0, 10), (9_000, 9_000, 4_000), (2_000, 3)).tolist()):
        across = abeam - radius
        straight = math.sqrt(max(ahead**2 + across**2 - radius**2, 0.0))
        turn = (math.atan2(across, ahead) + math.atan2(radius, straight)) % math.tau
        wanted = math.hypot(ahead, abeam) if straight == 0.0 else radius * turn + straight
        assert path_m(ahead, abeam, radius, 0.0) == pytest.approx(wanted, rel=1e-9)


def _weaving(index: ZoneIndex, legs_s: int, noise_deg: float = 4.0, **way: Any) -> Outlook:
    """The outlook of a drone that has flown north for so long, its course as noisy as a tracker's."""
    forecaster = Forecaster(index)
    for second in range(0, legs_s + 1, 5):
        heading = noise_deg * math.sin(second / 7.0) % 360
        drone = worlds.flying(index, 0, -15_000 - 50 * (legs_s - second), NOW_S + second, heading_deg=heading, **way)
        outlook = forecaster.outlook(NOW_S + second, [drone], [])
    return outlook


def test_the_longer_a_drone_flies_straight_the_surer_is_where_it_is_bound(index: ZoneIndex) -> None:
    beside = {legs_s: _zone(_weaving(index, legs_s), index, "r4c5") for legs_s in (10, 200)}
    ahead = {legs_s: _zone(_weaving(index, legs_s), index, "r4c4") for legs_s in (10, 200)}
    assert ahead[200] / beside[200] > 2 * ahead[10] / beside[10]


def test_a_turn_begins_a_new_leg_at_once(index: ZoneIndex) -> None:
    forecaster = Forecaster(index)
    for second in range(0, 200, 5):
        forecaster.outlook(NOW_S + second, [worlds.flying(index, 0, -20_000 + 50 * second, NOW_S + second)], [])
    for second in range(200, 225, 5):
        east_m = 50.0 * (second - 200)
        drone = worlds.flying(index, east_m, -10_000, NOW_S + second, heading_deg=90.0)
        outlook = forecaster.outlook(NOW_S + second, [drone], [])
    assert _zone(outlook, index, "r3c6") > 5 * _zone(outlook, index, "r3c2")


def test_what_is_lost_in_full_view_has_rather_come_down_than_what_is_lost_where_nobody_looks(index: ZoneIndex) -> None:
    def lost(blind: Collection[str]) -> float:
        forecaster = Forecaster(index)
        forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
        return _zone(forecaster.outlook(NOW_S + 60, [], [], blind), index, "r4c4")

    blind = {zone.id for zone in index.zones}
    assert 0 < lost(()) < 0.5 * lost(blind)


def test_a_jet_that_flies_home_over_a_town_endangers_it_less_than_one_that_comes(index: ZoneIndex) -> None:
    def southwards(first_m: float, turns_s: int) -> float:
        forecaster, north_m = Forecaster(index), first_m
        for second in range(0, 400, 5):
            turned = second >= turns_s
            jet = worlds.flying(
                index, 0, north_m, NOW_S + second, threat="jet", speed_mps=260.0, heading_deg=180.0 if turned else 0.0
            )
            outlook = forecaster.outlook(NOW_S + second, [jet], [])
            north_m += (-5 if turned else 5) * 260.0
        return _zone(outlook, index, "r0c4")

    came, comes = southwards(-61_000, turns_s=240), southwards(73_000, turns_s=0)
    assert 0 < came < 0.5 * comes


def test_a_missile_that_is_lost_is_expected_until_it_has_fallen_and_not_much_longer(index: ZoneIndex) -> None:
    def falling(second: float) -> Track:
        return worlds.flying(
            index, 0, -100_000 + 900 * second, NOW_S + second, threat="ballistic_missile", altitude_m=90_000.0,
            speed_mps=900, climb_mps=0.0,
            covariance=tuple(np.diag([50.0**2] * 3 + [5.0**2] * 3)[np.triu_indices(6)].tolist()),
        )  # fmt: skip

    forecaster = Forecaster(index)
    falls_s = float(forecaster.outlook(NOW_S, [falling(0)], []).eta_likely_s.max()) - NOW_S
    assert falls_s > LIMITS["ballistic_missile"].lost_s
    assert len(forecaster.outlook(NOW_S + falls_s - 5, [], []).zone) > 0
    assert len(forecaster.outlook(NOW_S + falls_s + 30, [], []).zone) == 0
