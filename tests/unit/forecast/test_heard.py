"""What one report tells by itself: where, how surely, which way; and the bounds within which reports count."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.forecast.worlds import NOW_S, grid
from tocsin.forecast import heard, reported
from tocsin.forecast.heard import Columns, Heard, Said, endangers, heard_of, within
from tocsin.forecast.limits import LIMITS
from tocsin.model.observation import Impact, Launch, Position, Sighting
from tocsin.model.threat import THREAT_CLASSES, ThreatClass
from tocsin.model.value import time_of

INDEX = grid(3, 3)
LAT, LON = INDEX.frame.to_geodetic(1_000.0, -2_000.0)
HERE: dict[str, Any] = {"lat": float(LAT), "lon": float(LON)}
WHEN = time_of(NOW_S)
ANGLES = st.floats(-10.0, 10.0)


def of(report: Sighting | Position | Launch | Impact, alone: bool = False) -> Heard:
    (one,) = heard_of([Said(0, 1, "anna", NOW_S, alone, report)], INDEX.frame)
    return one


@given(st.lists(ANGLES, min_size=1, max_size=20), st.lists(st.tuples(ANGLES, st.floats(0.0, 3.0)), max_size=8))
def test_a_bearing_lies_in_a_sector_wherever_north_is(
    bearings: list[float], sectors: list[tuple[float, float]]
) -> None:
    course, half = np.array([course for course, _ in sectors]), np.array([half for _, half in sectors])
    found = within(np.array(bearings), course, half)
    for bearing, inside in zip(bearings, found.tolist(), strict=True):
        off = [abs(math.remainder(bearing - course, math.tau)) - half for course, half in sectors]
        if not off or min(off) < -1e-9:
            assert inside
        elif min(off) > 1e-9:
            assert not inside


def test_a_sighting_tells_a_place_as_far_off_as_it_says_and_as_sure_as_people_are() -> None:
    north = of(Sighting(id="s", time=WHEN, threat="drone", bearing_deg=90.0, distance_m=2_000.0, **HERE))
    assert (north.east_m, north.north_m) == pytest.approx((3_000.0, -2_000.0), abs=1.0)
    assert (north.post_east_m, north.post_north_m) == pytest.approx((1_000.0, -2_000.0), abs=1.0)
    assert north.sigma_m == 1_000.0, "half of its distance, which is more than ten degrees of it"
    near = of(Sighting(id="s", time=WHEN, threat="drone", bearing_deg=90.0, distance_m=100.0, **HERE))
    assert near.sigma_m == 300.0
    around = of(Sighting(id="s", time=WHEN, threat="drone", distance_m=2_500.0, **HERE))
    assert (around.east_m, around.sigma_m) == pytest.approx((1_000.0, 2_500.0), abs=1.0)
    for sense, far_m in (("seen", 3_000.0), ("heard", 2_000.0), ("both", 2_500.0)):
        usual = of(Sighting(id="s", time=WHEN, threat="drone", bearing_deg=180.0, sense=sense, **HERE))  # type: ignore[arg-type]
        assert usual.north_m == pytest.approx(-2_000.0 - far_m, abs=1.0)
    far = of(Sighting(id="s", time=WHEN, threat="drone", bearing_deg=0.0, distance_m=20_000.0, **HERE))
    assert far.sigma_m == 8_000.0, "no place less sure than that is one"


def test_what_fell_endangers_a_kilometre_and_two_sigma_about_it() -> None:
    assert of(Impact(id="i", time=WHEN, sigma_m=400.0, **HERE)).sigma_m == 1_800.0
    assert of(Impact(id="i", time=WHEN, sigma_m=9_000.0, **HERE)).sigma_m == 19_000.0, "and that has no bound of places"
    assert of(Impact(id="i", time=WHEN, sigma_m=400.0, **HERE)).fell
    assert not of(Launch(id="l", time=WHEN, sigma_m=400.0, **HERE)).fell


def test_a_report_tells_a_course_where_it_says_one_and_flies_as_fast_as_its_class() -> None:
    for told, course_deg in (
        (Sighting(id="s", time=WHEN, threat="jet", heading_deg=350.0, **HERE), 350.0),
        (Position(id="p", time=WHEN, altitude_m=900.0, heading_deg=10.0, **HERE), 10.0),
        (Launch(id="l", time=WHEN, sigma_m=500.0, threat="rocket", azimuth_deg=270.0, **HERE), 270.0),
    ):
        one = of(told)
        assert one.course_rad == pytest.approx(math.radians(course_deg))
        assert one.speed_mps == LIMITS[one.threat].speed_mps
    for silent in (Sighting(id="s", time=WHEN, **HERE), Launch(id="l", time=WHEN, sigma_m=500.0, **HERE)):
        assert math.isnan(of(silent).course_rad)
    assert of(Position(id="p", time=WHEN, altitude_m=900.0, **HERE)).threat == "unknown"
    assert of(Position(id="p", time=WHEN, altitude_m=900.0, **HERE)).sigma_m == 500.0
    assert of(Sighting(id="s", time=WHEN, **HERE), alone=True).alone
    assert heard_of([], INDEX.frame) == []


def test_what_says_who_it_is_or_is_civil_endangers_nobody() -> None:
    assert endangers(Sighting(id="s", time=WHEN, **HERE)) and endangers(Launch(id="l", time=WHEN, sigma_m=1.0, **HERE))
    assert not endangers(Sighting(id="s", time=WHEN, threat="civil", **HERE))
    assert endangers(Position(id="p", time=WHEN, altitude_m=900.0, **HERE))
    assert not endangers(Position(id="p", time=WHEN, altitude_m=900.0, cooperative=True, **HERE))


def columns(*places: tuple[float, float, float], threat: ThreatClass = "drone") -> Columns:
    """Reports of different voices at (seconds, east, north), 300 m sure, each told from its own place."""
    told = [
        Heard(f"v{k}", at_s, east, north, 300.0, east, north, threat, math.nan, 50.0, False, False)
        for k, (at_s, east, north) in enumerate(places)
    ]
    return Columns.of(told, range(len(told)))


def test_where_two_reports_lead_is_their_line_and_35_degrees_and_what_they_are_unsure_of_on_either_side() -> None:
    pair = columns((0.0, 0.0, 0.0), (100.0, 3_000.0, 4_000.0))
    course, half = pair.courses(1, np.array([0]), math.nan)
    assert course.tolist() == pytest.approx([math.atan2(3, 4)])
    assert half.tolist() == pytest.approx([math.radians(35.0) + math.atan2(600.0, 5_000.0)])
    course, half = pair.courses(1, np.array([0]), 1.5)
    assert (course[1], half[1]) == (1.5, pytest.approx(math.radians(35.0))), "its own word counts beside that"
    near = columns((0.0, 0.0, 0.0), (100.0, 0.0, 600.0), (110.0, 0.0, 601.0))
    assert len(near.courses(1, np.array([0]), math.nan)[0]) == 0, "no farther than both are unsure: anywhere"
    assert len(near.courses(2, np.array([0]), math.nan)[0]) == 1
    assert near.courses(1, np.array([0]), 0.5)[0].tolist() == [0.5]


@pytest.mark.parametrize(
    ("at_s", "north_m", "fits"),
    # A drone flies 75 m/s at most, and each of the two is sure to 300 m.
    [(100.0, 8_000.0, True), (100.0, 8_200.0, False), (-100.0, 8_000.0, True), (300.0, 600.0, True),
     (300.1, 600.0, False)],
)  # fmt: skip
def test_two_reports_fit_where_one_thing_can_have_flown_from_one_to_the_other(
    at_s: float, north_m: float, fits: bool
) -> None:
    assert (columns((0.0, 0.0, 0.0), (at_s, 0.0, north_m)).fitting(1).tolist() == [0]) == fits


def test_people_confuse_drones_with_helicopters_and_jets_with_missiles_and_nothing_else() -> None:
    kin = [{"drone", "helicopter"}, {"jet", "cruise_missile", "aircraft"}, {"ballistic_missile", "rocket"}]
    for one in THREAT_CLASSES:
        for other in THREAT_CLASSES:
            alike = one == other or "unknown" in (one, other) or any({one, other} <= both for both in kin)
            told = [
                Heard(
                    f"v{k}", 10.0 * k, 0.0, 1_000.0 * k, 600.0, 0.0, 1_000.0 * k, threat, math.nan, 50.0, False, False
                )
                for k, threat in enumerate((one, other))
            ]
            assert (len(Columns.of(told, [0, 1]).fitting(1)) == 1) == alike, (one, other)


def test_reports_count_within_the_bounds_that_are_written_down() -> None:
    assert (reported.PREPARE_S, reported.AHEAD_S, reported.AHEAD_M_MAX) == (600.0, 300.0, 40_000.0)
    assert (reported.EARLY_S, reported.TAIL_S, reported.FELL_S) == (60.0, 180.0, 180.0)
    assert (reported.PER_VOICE_MAX, reported.PER_TICK_MAX, reported.KEPT_MAX) == (20, 100, 10_000)
    assert (reported.WAITING_MAX, reported.STRANGERS_MAX) == (2_000, 2_000)
    assert (reported.LATE_PER_TICK_MAX, reported.LATE_PER_VOICE_MAX) == (50, 200)
    assert (heard.PAIR_S, heard.APART_M) == (300.0, 500.0)
