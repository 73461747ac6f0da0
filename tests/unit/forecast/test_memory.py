"""What is remembered of a track: the leg it flies, whether it circles or flies home, and how long it is expected."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.forecast.footprint import NOWHERE, Footprint
from tocsin.forecast.memory import Memory, memory_of, plain_memory

LEG_M = 4_500.0


def fresh(**fields: Any) -> Memory:
    """A drone seen at the middle at 0 s."""
    what: dict[str, Any] = {
        "first_s": 0.0, "first_lat": 50.0, "first_lon": 20.0, "last_s": 0.0, "speed_mps": 50.0, "east_m": 0.0,
        "north_m": 0.0, "sigma_m": 100.0, "threat": "drone", "lost_for_s": 600.0,
    }  # fmt: skip
    return Memory(**what | fields)


def lost(arc: bool, chance: float = 1.0, likely_s: float = 110.0, lost_for_s: float = 60.0) -> Memory:
    """Lost at 100 s; expected at one zone at 110 s, surely."""
    memory = fresh(last_s=100.0, threat="rocket", lost_for_s=lost_for_s, confirmed=True, lost_s=100.0)
    memory.expected = Footprint(np.zeros(1, np.int32), np.full(1, chance), np.array([109.0]), np.array([likely_s]))
    memory.arc_updated_s = 100.0 if arc else None
    return memory


def flown(memory: Memory, course_deg: float, seconds: int, step_s: float = 5.0, speed_mps: float = 50.0) -> Memory:
    """On along a course, looked at every few seconds."""
    course = math.radians(course_deg)
    for _ in range(round(seconds / step_s)):
        east = memory.east_m + speed_mps * step_s * math.sin(course)
        north = memory.north_m + speed_mps * step_s * math.cos(course)
        memory.move(memory.last_s + step_s, east, north, speed_mps, course, LEG_M)
    return memory


def begun(course_deg: float = 0.0) -> Memory:
    memory = fresh()
    memory.move(0.0, 0.0, 0.0, 50.0, math.radians(course_deg), LEG_M)
    return memory


def test_an_arc_has_struck_when_it_should_have_and_anything_else_may_be_late() -> None:
    # An arc 3 s, anything else 10 s and a fifth of what was left; then it fades over 8 s, or over 30 s.
    assert lost(arc=True).latest_s().tolist() == [113.0]
    assert lost(arc=False).latest_s().tolist() == [122.0]
    assert lost(arc=False, likely_s=90.0).latest_s().tolist() == [100.0], "what is overdue has nothing left"
    assert lost(arc=True).fading(113.0, in_view=False)[0] == 1.0
    assert lost(arc=True).fading(121.0, in_view=False)[0] == pytest.approx(math.exp(-1))
    assert lost(arc=False).fading(122.0, in_view=False)[0] == 1.0
    assert lost(arc=False).fading(152.0, in_view=False)[0] == pytest.approx(math.exp(-1))


def test_what_is_lost_in_view_halves_at_once_and_an_arc_keeps_its_probability_until_it_is_due() -> None:
    for chance in (0.2, 0.9):
        assert lost(arc=True, chance=chance).fading(112.0, in_view=True)[0] == chance
        assert lost(arc=False, chance=chance).fading(100.0, in_view=True)[0] == pytest.approx(chance / 2)
        assert lost(arc=False, chance=chance).fading(112.0, in_view=False)[0] == chance
    # Half flies on hidden, and of that a part is seen again within a minute and a half.
    hidden = 0.5 * math.exp(-18 / 90)
    assert lost(arc=False).fading(118.0, in_view=True)[0] == pytest.approx(hidden / (hidden + 0.5))


@given(st.floats(100.0, 2_000.0), st.booleans(), st.booleans(), st.floats(0.0, 1.0))
def test_danger_of_what_was_lost_only_fades_and_its_times_are_never_past(
    now_s: float, arc: bool, in_view: bool, chance: float
) -> None:
    memory = lost(arc, chance)
    still, later = memory.still(now_s, in_view), memory.still(now_s + 10.0, in_view)
    assert later.probability[0] <= still.probability[0] <= chance
    assert still.earliest_s[0] == max(109.0, now_s)
    assert still.likely_s[0] == max(110.0, now_s)


def test_danger_stands_three_quarters_of_a_minute_however_surely_it_has_struck() -> None:
    assert lost(arc=True).over_s() == 145.0
    assert lost(arc=True, likely_s=150.0).over_s() == 150.0 + 3.0 + 16.0
    nothing = lost(arc=True)
    nothing.expected = NOWHERE
    assert nothing.over_s() == 145.0


def test_a_lost_track_is_believed_in_as_long_as_its_class_and_less_the_more_of_what_it_was_bound_for_has_passed() -> (
    None
):
    assert lost(arc=False, chance=0.05, lost_for_s=600.0).over_s() == pytest.approx(100.0 + 600.0 * 0.95)
    assert lost(arc=False, chance=0.04, lost_for_s=50.0).over_s() == 100.0 + 0.96 * 50.0
    # Due at 322 s, and half a minute more.
    assert lost(arc=False, chance=0.9, likely_s=260.0, lost_for_s=250.0).over_s() == 260.0 + 32.0 + 10.0 + 30.0
    # What would arrive only later than its class is believed in says nothing.
    assert lost(arc=False, chance=0.9, likely_s=400.0, lost_for_s=240.0).over_s() == 100.0 + 240.0
    assert lost(arc=False, chance=1.0, likely_s=100.0, lost_for_s=20.0).over_s() == 145.0
    twice = lost(arc=False, lost_for_s=600.0)
    twice.expected = Footprint(np.arange(2, dtype=np.int32), np.full(2, 0.8), np.full(2, 109.0), np.full(2, 110.0))
    assert twice.over_s() == 122.0 + 30.0, "two that overlap are not arrived at more than once"


def test_the_course_of_a_leg_is_the_mean_since_the_last_turn_and_known_the_better_the_longer_it_is_flown() -> None:
    memory = begun()
    assert memory.leg_sigma_rad(0.01) == pytest.approx(0.055)
    assert memory.leg_sigma_rad(0.2) == pytest.approx(0.2)
    flown(memory, 3.0, 60)
    # Each look weighs its seconds against those flown and twelve more.
    course, straight = 0.0, 0.0
    for _ in range(12):
        straight += 5.0
        course += 5.0 / (straight + 12.0) * (math.radians(3.0) - course)
    assert memory.course_rad == pytest.approx(course)
    assert memory.straight_s == 60.0
    assert memory.leg_sigma_rad(0.1) == pytest.approx(0.1 * math.sqrt(12.0 / 72.0))
    # What strays less is known better than it was thought to be, after a while.
    steady = flown(begun(), 0.0, 300)
    assert steady.leg_sigma_rad(0.0) < 0.3 * 0.055 * math.sqrt(12.0 / 312.0)


def test_six_degrees_off_for_ten_seconds_begin_a_new_leg_and_five_do_not() -> None:
    for course_deg, turned in ((5.0, False), (8.0, True), (-8.0, True)):
        memory = flown(begun(), 0.0, 100)
        assert memory.straight_s == 100.0
        flown(memory, course_deg, 30)
        assert (memory.straight_s < 30.0) == turned
    # A right angle does so at the first look: half of it, then the other half, and the doubt is as of a new leg.
    memory = flown(flown(begun(), 0.0, 200), 90.0, 5)
    assert memory.straight_s == 0.0 and memory.off_rad == 0.0
    assert memory.course_rad == pytest.approx(math.radians(45.0))
    assert memory.leg_sigma_rad(0.0) == pytest.approx(0.055)


@pytest.mark.parametrize("course_deg", [0.0, 90.0, 180.0, 270.0])
def test_a_course_about_any_direction_is_a_mean_of_what_lies_on_both_sides_of_it(course_deg: float) -> None:
    memory = begun((course_deg + 2.0) % 360)
    for k in range(40):
        flown(memory, (course_deg + (2.0 if k % 2 else -2.0)) % 360, 5)
    assert memory.straight_s == 200.0, "no turn"
    off = math.remainder((memory.course_rad or 0.0) - math.radians(course_deg), math.tau)
    assert abs(off) < math.radians(0.5)


def test_the_path_remembered_is_four_legs_long() -> None:
    memory = begun()
    assert [tuple(anchor) for anchor in memory.anchors] == [(0.0, 0.0, 0.0)]
    flown(memory, 0.0, 85)
    assert len(memory.anchors) == 1
    flown(memory, 0.0, 5)
    assert tuple(memory.anchors[-1]) == pytest.approx((0.0, 4_500.0, 4_500.0))
    flown(memory, 0.0, 900)
    assert [anchor.flown_m for anchor in memory.anchors] == [36_000.0, 40_500.0, 45_000.0, 49_500.0]
    assert memory.flown_m == 49_500.0


def test_speed_gained_is_smoothed_over_five_seconds() -> None:
    memory = begun()
    memory.move(1.0, 0.0, 60.0, 60.0, 0.0, LEG_M)
    assert memory.gain_mps2 == pytest.approx(10.0 / 5)
    memory.move(11.0, 0.0, 700.0, 90.0, 0.0, LEG_M)
    assert memory.gain_mps2 == pytest.approx(3.0)
    assert memory.speed_mps == 90.0


def test_who_goes_round_circles_and_who_flies_straight_or_has_not_flown_a_leg_does_not() -> None:
    assert flown(begun(), 0.0, 400).circling(LEG_M) == 0.0
    memory = begun()
    for second in range(0, 80, 5):
        flown(memory, 4.5 * second % 360, 5)
    assert memory.circling(LEG_M) == 0.0, "not a leg yet"
    for second in range(80, 400, 5):
        flown(memory, 4.5 * second % 360, 5)
    assert memory.circling(LEG_M) == 1.0
    # There and half the way back: a chord of half its path lies two thirds of the way from straight to round.
    memory = flown(flown(begun(), 0.0, 120), 180.0, 40)
    memory.anchors = memory.anchors[:1]
    assert memory.circling(LEG_M) == pytest.approx((0.7 - 0.5) / 0.3)


def test_who_flies_back_to_where_he_came_from_flies_home_and_by_how_much() -> None:
    away = flown(begun(), 0.0, 200)
    assert away.homeward(LEG_M) < 1e-6
    back = flown(away, 180.0, 60)
    assert back.homeward(LEG_M) == pytest.approx(math.sqrt(math.tau) / 0.5, rel=0.01)
    for off_rad in (-0.5, 0.5):
        back.course_rad = math.pi + off_rad
        assert back.homeward(LEG_M) == pytest.approx(math.sqrt(math.tau) / 0.5 * math.exp(-0.5))
    # From less than half a leg away nobody flies home.
    near = flown(flown(begun(), 0.0, 60), 180.0, 20)
    assert math.hypot(near.east_m, near.north_m) < LEG_M / 2
    assert near.homeward(LEG_M) == 0.0
    farther = flown(flown(begun(), 0.0, 80), 180.0, 20)
    assert farther.homeward(LEG_M) > 0.1, "3 km are more than half a leg"
    assert fresh(north_m=9_000.0).homeward(LEG_M) == 0.0, "of no course nothing is known"


def test_a_memory_goes_on_as_it_was_saved() -> None:
    memory = flown(begun(), 10.0, 100)
    memory.expected, memory.found = Footprint(np.array([3], np.int32), np.ones(1), np.ones(1), np.ones(1)), "T9"
    again = memory_of(plain_memory(memory), np.arange(5, dtype=np.int32))
    assert plain_memory(again) == plain_memory(memory)
    assert memory_of(plain_memory(memory), np.full(5, -1, np.int32)).expected.zone.tolist() == []


def test_what_is_remembered_of_a_track_as_if_lost_stays_as_it_was_while_the_track_flies_on() -> None:
    memory = flown(begun(), 40.0, 400)
    then = memory.lost_at(memory.last_s)
    before = replace(then)
    assert then == replace(memory, lost_s=memory.last_s)
    flown(memory, 130.0, 400)
    assert then == before
    assert memory.lost_s is None
    assert memory.anchors != then.anchors
