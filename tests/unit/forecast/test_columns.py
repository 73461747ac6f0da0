"""What is believed of a track before it is known where it goes: whether it is real, what it is and what it can."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.forecast.worlds import flying, grid
from tocsin.forecast import track_row
from tocsin.forecast.columns import belief, course_sigma_rad, fastest_mps, is_arc, likeliest, rows_of
from tocsin.forecast.limits import LIMITS
from tocsin.forecast.settings import ForecastSettings
from tocsin.model.errors import BadValue
from tocsin.model.threat import THREAT_CLASSES, ThreatClass
from tocsin.model.track import Arc, Track
from tocsin.simulate.kinds import KINDS

INDEX = grid(3, 3)
SETTINGS = ForecastSettings()


def track(**fields: Any) -> Track:
    return flying(INDEX, 0.0, -15_000.0, **fields)


def test_a_tentative_track_of_two_sensors_counts_a_quarter_and_of_one_not_at_all() -> None:
    sure = belief(track(), SETTINGS)
    assert sure == 1.0
    assert belief(track(status="coasted"), SETTINGS) == sure
    assert belief(track(status="tentative", sensors=2), SETTINGS) == 0.25 * sure
    assert belief(track(status="tentative", sensors=1), SETTINGS) == 0.0
    assert belief(track(sensors=1), SETTINGS) == sure


def test_whoever_says_who_he_is_means_no_harm() -> None:
    assert belief(track(cooperative=True), SETTINGS) == 0.0
    assert belief(track(threat="civil", classes={"civil": 1.0}), SETTINGS) == 0.0


def test_how_likely_a_track_attacks_at_all_is_the_mean_over_what_it_may_be() -> None:
    mixed = track(threat="jet", classes={"jet": 0.4, "aircraft": 0.4})
    assert belief(mixed, SETTINGS) == pytest.approx((0.9 + 0.3) / 2)
    assert belief(track(threat="helicopter", classes={}), SETTINGS) == pytest.approx(0.7)
    assert belief(track(threat="unknown", classes={"unknown": 0.5}), SETTINGS) == pytest.approx(0.6)
    assert belief(track(classes={"drone": 0.0}), SETTINGS) == 0.0


@pytest.mark.parametrize(
    ("fields", "falls"),
    [
        ({}, False),
        ({"threat": "rocket"}, True),
        ({"arc": Arc(beta_kg_m2=8_000.0, beta_factor=2.0)}, True),
        ({"threat": "jet", "classes": {"jet": 0.51, "rocket": 0.24, "ballistic_missile": 0.25}}, False),
        ({"threat": "jet", "classes": {"jet": 0.50, "rocket": 0.25, "ballistic_missile": 0.25}}, True),
        ({"threat": "unknown", "speed_mps": 890.0}, False),
        ({"threat": "unknown", "speed_mps": 901.0}, True),
        # Straight down is as fast.
        ({"threat": "unknown", "speed_mps": 10.0, "climb_mps": -901.0}, True),
    ],
)
def test_what_is_thrown_or_faster_than_anything_flies_falls_along_an_arc(fields: dict[str, Any], falls: bool) -> None:
    assert is_arc(track(**fields)) == falls


def test_what_may_mean_harm_is_taken_for_that_even_where_it_is_likelier_harmless() -> None:
    assert likeliest(track(threat="civil", classes={"civil": 0.6, "jet": 0.3, "drone": 0.1})) == "jet"
    assert likeliest(track(threat="civil", classes={"civil": 0.91, "jet": 0.09})) == "unknown"
    assert likeliest(track(threat="civil", classes={"civil": 0.9, "jet": 0.1})) == "jet"
    assert likeliest(track(threat="rocket", classes={"rocket": 0.6, "drone": 0.4})) == "drone"
    assert likeliest(track(threat="rocket", classes={"rocket": 1.0})) == "unknown"
    assert likeliest(track(threat="helicopter", classes={})) == "helicopter"
    assert likeliest(track(threat="jet", classes={"jet": 0.4, "drone": 0.4})) == "drone", "alike: by name"


def test_a_track_may_be_as_fast_as_the_fastest_that_it_may_well_be_and_as_it_is() -> None:
    slow, fast = LIMITS["drone"].speed_max_mps, LIMITS["jet"].speed_max_mps
    assert fastest_mps(track(), LIMITS["drone"]) == slow == 75.0
    assert fastest_mps(track(classes={"drone": 0.89, "jet": 0.1}), LIMITS["drone"]) == fast == 450.0
    assert fastest_mps(track(classes={"drone": 0.91, "jet": 0.09}), LIMITS["drone"]) == slow
    assert fastest_mps(track(classes={"drone": 0.5, "civil": 0.5}), LIMITS["drone"]) == slow
    assert fastest_mps(track(classes={"drone": 0.5, "unknown": 0.5}), LIMITS["drone"]) == slow
    assert fastest_mps(track(classes={"drone": 0.5, "rocket": 0.5}), LIMITS["drone"]) == slow
    assert fastest_mps(track(classes={}), LIMITS["jet"]) == fast
    assert fastest_mps(track(speed_mps=200.0), LIMITS["drone"]) == pytest.approx(204.0)


@given(st.floats(1.0, 400.0), st.floats(0.0, 360.0, exclude_max=True), st.floats(0.1, 40.0), st.floats(0.1, 40.0))
def test_the_doubt_about_a_course_is_that_of_the_velocity_across_it(
    speed_mps: float, heading_deg: float, along_mps: float, across_mps: float
) -> None:
    # Drawn by its two axes, along and across the course, and turned there.
    heading = math.radians(heading_deg)
    ahead, abeam = np.array([math.sin(heading), math.cos(heading)]), np.array([math.cos(heading), -math.sin(heading)])
    spread = along_mps**2 * np.outer(ahead, ahead) + across_mps**2 * np.outer(abeam, abeam)
    full = np.diag([100.0**2] * 6)
    full[3:5, 3:5] = spread
    one = track(speed_mps=speed_mps, heading_deg=heading_deg, covariance=tuple(full[np.triu_indices(6)].tolist()))
    assert course_sigma_rad(one) == pytest.approx(min(math.pi, across_mps / speed_mps), rel=1e-6, abs=1e-9)


def test_what_hardly_moves_may_go_anywhere_and_a_course_of_unknown_doubt_is_six_degrees() -> None:
    assert course_sigma_rad(track(speed_mps=0.9)) == math.pi
    assert course_sigma_rad(track()) == 0.1


def test_a_row_says_where_a_track_is_how_it_flies_and_what_its_class_can() -> None:
    row = rows_of([track(heading_deg=30.0, speed_mps=40.0, sigma_m=321.0)], INDEX.frame, SETTINGS)[0]
    said = {name: row[getattr(track_row, name)] for name in dir(track_row) if name.isupper() and name != "WIDTH"}
    course = math.radians(30.0)
    assert said == pytest.approx(
        {
            "EAST_M": 0.0, "NORTH_M": -15_000.0, "EAST_MPS": 20.0, "NORTH_MPS": 40.0 * math.cos(course),
            "SPEED_MPS": 40.0, "SPEED_MIN_MPS": 25.0, "SPEED_MAX_MPS": 75.0, "SIGMA_M": 321.0,
            "COURSE_SIGMA_RAD": 0.1, "ACCEL_MPS2": 1.0, "TURN_MPS2": 9.80665, "BEGIN_EAST_M": 0.0,
            "BEGIN_NORTH_M": -15_000.0, "FLOWN_M": 0.0, "LEG_M": 90.0 * 50.0, "LEG_EAST": 0.5,
            "LEG_NORTH": math.cos(course), "LEG_SIGMA_RAD": 0.1, "DETOUR": 0.1, "WANDER_RAD": math.radians(25.0),
            "STRAIGHT_M": 30_000.0, "NOWHERE": 0.1 / 0.9, "TURNS_BACK_PER_S": 1e-4, "STANDOFF_M": 0.0,
            "TURNING": 0.15, "BELIEF": 1.0, "CIRCLING": 0.0,
        },
        abs=1e-3,
    )  # fmt: skip
    fast = rows_of([track(speed_mps=70.0)], INDEX.frame, SETTINGS)[0]
    assert fast[track_row.LEG_M] == 90.0 * 70.0, "who flies faster than his class mostly does flies longer legs"
    still = rows_of([track(threat="helicopter", speed_mps=0.0)], INDEX.frame, SETTINGS)[0]
    assert (still[track_row.SPEED_MPS], still[track_row.SPEED_MIN_MPS]) == (0.1, 5.0)
    assert rows_of([], INDEX.frame, SETTINGS).shape == (0, 27)


def test_nothing_that_is_simulated_is_faster_or_turns_tighter_than_its_class_is_thought_able_to() -> None:
    powered = set(KINDS) - {"ballistic_missile", "rocket"}
    assert len(powered) >= 5
    for name in powered:
        limits, flies = LIMITS[name], KINDS[name]
        assert limits.speed_min_mps <= flies.speed_mps[0], name
        assert limits.speed_max_mps >= flies.speed_mps[1], name
        assert limits.turn_mps2 >= flies.turn_mps2, name
        assert limits.speed_min_mps < limits.speed_mps < limits.speed_max_mps, name
        assert limits.speed_max_mps <= 2.0 * flies.speed_mps[1], f"{name}: everybody far away would be in reach"


def test_what_each_class_is_thought_able_to_is_as_it_was_chosen_and_measured() -> None:
    # Speeds, turns and habits that the figures of docs/why/forecast.md were measured with; who changes one measures.
    wanted: dict[ThreatClass, tuple[float, ...]] = {
        "drone": (25, 75, 50, 1.0, 9.80665, 0, 1.0, 1e-4, 0.0, 0.1, 25, 30_000, 600),
        "cruise_missile": (150, 300, 235, 3.0, 29.41995, 0, 1.0, 2e-4, 0.0, 0.1, 20, 30_000, 240),
        "jet": (100, 450, 260, 10.0, 49.03325, 8_000, 0.9, 8e-4, 1.5, 0.15, 20, 100_000, 300),
        "helicopter": (0, 95, 60, 3.0, 14.709975, 3_000, 0.7, 3e-4, 1.5, 0.25, 25, 30_000, 300),
        "aircraft": (40, 320, 200, 4.0, 24.516625, 3_000, 0.3, 5e-4, 1.5, 0.2, 25, 60_000, 300),
        "unknown": (20, 400, 150, 6.0, 29.41995, 0, 0.6, 5e-4, 0.3, 0.2, 25, 40_000, 300),
        "ballistic_missile": (300, 4_000, 1_500, 60.0, 0.0, 0, 1.0, 0.0, 0.0, 0.0, 5, 100_000, 120),
        "rocket": (100, 1_200, 500, 200.0, 0.0, 0, 1.0, 0.0, 0.0, 0.0, 5, 100_000, 60),
    }
    assert {name: pytest.approx(dataclasses.astuple(LIMITS[name])) for name in wanted} == wanted
    assert set(LIMITS) == set(THREAT_CLASSES)
    assert LIMITS["civil"].hostile == 0.0


def test_settings_that_make_no_sense_are_refused() -> None:
    assert ForecastSettings(even_weight=0.7, area_weight=0.3) is not None
    with pytest.raises(BadValue, match=r"sum to 1\.1"):
        ForecastSettings(even_weight=0.8, area_weight=0.3)

    def set_to(key: str, table: dict[str, float]) -> ForecastSettings:
        keys: dict[str, Any] = {key: table}
        return ForecastSettings(**keys)

    for table in ("sensitive", "past_strikes"):
        assert set_to(table, {"r0c0": 1_000_000.0, "r0c1": 0.0}) is not None
        for number in (-0.1, 1_000_001.0, math.nan):
            with pytest.raises(BadValue, match=table):
                set_to(table, {"r0c0": number})


def test_defaults_of_the_forecast_are_those_its_figures_were_measured_with() -> None:
    assert (SETTINGS.horizon_s, SETTINGS.reach_s, SETTINGS.keep_probability) == (900.0, 240.0, 0.002)
    assert (SETTINGS.population_power, SETTINGS.even_weight, SETTINGS.area_weight) == (1.0, 0.0, 0.3)
    assert (SETTINGS.past_strike_weight, SETTINGS.nowhere, SETTINGS.tentative) == (1.0, 0.1, 0.25)
