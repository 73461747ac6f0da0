from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from tocsin.forecast.forecaster import Forecaster
from tocsin.forecast.limits import LIMITS
from tocsin.forecast.reach import path_m, seconds_to
from tocsin.model.observation import Launch
from tocsin.model.value import time_of


def _worlds():
    path = Path(__file__).with_name("worlds.py")
    spec = importlib.util.spec_from_file_location("forecast_worlds", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["forecast_worlds"] = module
    spec.loader.exec_module(module)
    return module


worlds = _worlds()
NOW_S = worlds.NOW_S


@pytest.fixture(scope="module")
def index():
    return worlds.grid()


def _zone(outlook, index, name, column="probability"):
    rows = outlook.zone == index.number[name]
    values = getattr(outlook, column)[rows]
    return float(values[0]) if len(values) else 0.0


def test_a_drone_flying_at_a_town_endangers_it_more_than_towns_beside_and_behind(index):
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    ahead = _zone(outlook, index, "r4c4")
    assert ahead > 3 * _zone(outlook, index, "r4c0")
    assert ahead > 3 * _zone(outlook, index, "r0c4")


def test_probabilities_of_one_track_never_sum_above_one(index):
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    assert 0.2 < outlook.probability.sum() <= 1.0


def test_the_earliest_is_never_after_the_likely_arrival_and_never_in_the_past(index):
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    assert np.all(outlook.eta_earliest_s <= outlook.eta_likely_s)
    assert np.all(outlook.eta_earliest_s >= NOW_S)


def test_a_drone_15_km_away_is_likely_there_when_its_speed_says(index):
    outlook = Forecaster(index).outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    assert _zone(outlook, index, "r4c4", "eta_likely_s") - NOW_S == pytest.approx(300, abs=60)


def test_an_airliner_that_says_who_it_is_endangers_nobody(index):
    track = worlds.flying(index, 0, -15_000, threat="civil", cooperative=True)
    assert len(Forecaster(index).outlook(NOW_S, [track], []).zone) == 0


def test_a_lost_drone_still_endangers_the_town_it_flew_at(index):
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    later = forecaster.outlook(NOW_S + 60, [], [])
    assert _zone(later, index, "r4c4") > 0.01


def test_a_lost_drone_is_let_go_when_it_cannot_be_there_any_more(index):
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    gone = NOW_S + 4 * LIMITS["drone"].lost_s
    assert len(forecaster.outlook(gone, [], []).zone) == 0


def test_a_drone_found_again_under_another_name_is_one_drone(index):
    forecaster = Forecaster(index)
    forecaster.outlook(NOW_S, [worlds.flying(index, 0, -15_000)], [])
    forecaster.outlook(NOW_S + 10, [], [])
    found = forecaster.outlook(NOW_S + 30, [worlds.flying(index, 0, -13_500, NOW_S + 30, id="T2")], [])
    assert found.tracks == ("T2",)


def test_a_launch_alone_endangers_the_towns_in_its_direction_at_once(index):
    lat, lon = index.frame.to_geodetic(0.0, -40_000.0)
    launch = Launch(
        id="L1", time=time_of(NOW_S), lat=float(lat), lon=float(lon), sigma_m=1_000, threat="rocket", azimuth_deg=0.0
    )
    outlook = Forecaster(index).outlook(NOW_S + 1, [], [launch])
    assert outlook.tracks == ("launch:L1",)
    assert _zone(outlook, index, "r4c4") > 3 * _zone(outlook, index, "r4c0") > -1
    assert 0 < outlook.probability.sum() <= 1.0


def test_a_ballistic_track_endangers_where_it_falls_not_where_it_is(index):
    track = worlds.flying(
        index, 0, -60_000, threat="ballistic_missile", altitude_m=40_000, speed_mps=900, climb_mps=-400,
        covariance=tuple(np.diag([50.0**2] * 3 + [5.0**2] * 3)[np.triu_indices(6)]),
    )  # fmt: skip
    outlook = Forecaster(index).outlook(NOW_S, [track], [])
    assert outlook.probability.sum() <= 1.0
    assert np.all(outlook.eta_likely_s > NOW_S + 20)


def test_a_restored_forecaster_goes_on_bit_for_bit(index):
    forecaster = Forecaster(index)
    for second in range(0, 60, 5):
        forecaster.outlook(NOW_S + second, [worlds.flying(index, 0, -15_000 + 50 * second, NOW_S + second)], [])
    again = Forecaster.load(forecaster.dump(), index)
    assert again.dump() == forecaster.dump()
    first, second = forecaster.outlook(NOW_S + 70, [], []), again.outlook(NOW_S + 70, [], [])
    assert first.probability.tobytes() == second.probability.tobytes()


def test_turning_round_costs_half_a_circle():
    assert path_m(-1_000.0, 500.0, 250.0, 0.0) > np.hypot(1_000.0, 500.0)
    assert path_m(1_000.0, 0.0, 250.0, 0.0) == pytest.approx(1_000.0)


def test_time_over_a_path_counts_speeding_up():
    assert seconds_to(1_000.0, 50.0, 1.0, 50.0) == pytest.approx(20.0)
    assert 1_000 / 75 < seconds_to(1_000.0, 50.0, 1.0, 75.0) < 20.0


def test_a_drone_past_the_middle_of_a_town_still_endangers_what_lies_ahead_in_it(index):
    forecaster = Forecaster(index)
    outlook = forecaster.outlook(NOW_S, [worlds.flying(index, 0, 1_000)], [])
    assert _zone(outlook, index, "r4c4") > 5 * _zone(outlook, index, "r3c4")


def _circling(index, forecaster, radius_m=5_000.0, seconds=300):
    """A jet goes round the middle of the grid; the outlook when it last flies straight away from the middle's east."""
    outlook = None
    for second in range(0, seconds, 5):
        angle = 260.0 * second / radius_m
        jet = worlds.flying(
            index, radius_m * np.cos(angle), radius_m * np.sin(angle), NOW_S + second, threat="jet", speed_mps=260.0,
            heading_deg=float(np.degrees(-angle) % 360),
        )  # fmt: skip
        outlook = forecaster.outlook(NOW_S + second, [jet], [])
    return outlook


def test_a_jet_that_circles_a_town_endangers_that_town_whichever_way_it_points(index):
    circled = _circling(index, Forecaster(index))
    towns = [_zone(circled, index, name) for name in ("r4c4", "r0c0", "r8c0", "r0c8", "r8c8")]
    assert towns[0] > 2 * max(towns[1:])


def test_what_a_jet_flew_at_stays_in_danger_for_a_while_when_it_turns_away(index):
    def later(released):
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
