"""Sightings joined into things that move: the gates, the straight line through them, and where they may come."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.guard.chains import COUNT, EAST, EAST_MPS, NORTH, NORTH_MPS, Chains

Place = tuple[float, float, float]


def seen(*places: Place, whose: float = 1.0, sigma_m: float = 50.0, scan_s: float = 5.0) -> NDArray[np.float64]:
    """Sightings of one sensor at (seconds, east_m, north_m), as columns."""
    rows = [(*place, whose, sigma_m, scan_s) for place in places]
    return np.array(rows, float).reshape(-1, 6).T


def chains(*places: Place, **fields: float) -> Chains:
    """What comes of sightings, one after the other."""
    made = Chains()
    for place in places:
        made.join(place[0], seen(place, **fields))
    return made


def flown(speed_mps: float, looks: int = 10, pace_s: float = 5.0) -> list[Place]:
    """Something that flies north and is now at the origin, at time zero."""
    return [(k * pace_s, 0.0, k * pace_s * speed_mps) for k in range(1 - looks, 1)]


def holds(
    made: Chains, at_s: float, away_m: float, bearing_deg: float = 0.0, radius_m: float = 0.0
) -> tuple[bool, bool]:
    """Whether a zone there is held from an all clear, and from less than cover."""
    bearing = math.radians(bearing_deg)
    zone = np.array([[away_m * math.sin(bearing)], [away_m * math.cos(bearing)], [radius_m]])
    clear, cover, _ = made.holding(at_s, zone)
    return bool(clear.any()), bool(cover.any())


@pytest.mark.parametrize(("away_s", "held"), [(590, True), (610, False)])
def test_what_could_be_here_within_ten_minutes_holds_and_what_comes_later_does_not(away_s: float, held: bool) -> None:
    assert holds(chains(*flown(100.0)), 0.0, 100.0 * away_s) == (held, False)
    # To the edge of the zone, and not to its middle.
    assert holds(chains(*flown(100.0)), 0.0, 100.0 * away_s + 5_000, radius_m=5_000) == (held, False)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("off_deg", "held"), [(70.0, True), (75.0, False), (180.0, False)])
def test_what_is_seen_holds_the_zones_within_seventy_three_degrees_of_its_course(
    off_deg: float, held: bool, side: int
) -> None:
    assert holds(chains(*flown(100.0)), 0.0, 30_000.0, side * off_deg) == (held, False)


@pytest.mark.parametrize(("away_s", "held"), [(145, True), (155, False)])
def test_what_is_so_near_holds_whichever_way_it_flies(away_s: float, held: bool) -> None:
    assert holds(chains(*flown(100.0)), 0.0, 100.0 * away_s, 180.0) == (held, False)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("off_deg", "held"), [(33.0, True), (37.0, False)])
def test_what_is_hidden_holds_only_the_zones_about_straight_ahead(off_deg: float, held: bool, side: int) -> None:
    assert holds(chains(*flown(100.0)), 30.0, 30_000.0, side * off_deg)[0] == held


def test_what_is_hidden_and_was_close_holds_to_the_sides_too() -> None:
    assert [holds(chains(*flown(100.0)), 21.0, away_m, 60.0)[0] for away_m in (1_900.0, 2_100.0)] == [True, False]


@pytest.mark.parametrize(("age_s", "held"), [(149, True), (151, False)])
def test_what_is_hidden_holds_until_it_would_be_here_late(age_s: float, held: bool) -> None:
    # A hundred seconds away: a fifth more for the way, and half a minute.
    assert holds(chains(*flown(100.0)), age_s, 10_000.0)[0] == held


@pytest.mark.parametrize(
    ("pace_s", "age_s", "fresh"),
    [(5.0, 20, True), (5.0, 21, False), (3.0, 12, True), (3.0, 13, False), (1.0, 5, True), (1.0, 5.5, False)],
)
def test_seen_is_what_was_at_four_looks_of_its_own_pace_and_twenty_seconds_at_most(
    pace_s: float, age_s: float, fresh: bool
) -> None:
    # Only what is seen holds whatever it flies away from.
    assert holds(chains(*flown(100.0, pace_s=pace_s)), age_s, 10_000.0, 180.0)[0] == fresh


@pytest.mark.parametrize(
    ("away_s", "aside_m", "cover"), [(14, 0, True), (16, 0, False), (14, 2_900, True), (14, 3_100, False)]
)
def test_cover_stands_where_it_will_fly_through_within_a_quarter_of_a_minute(
    away_s: float, aside_m: float, cover: bool
) -> None:
    away_m = 100.0 * away_s + 3_000.0
    along_m = math.sqrt(away_m**2 - aside_m**2)
    bearing_deg = math.degrees(math.atan2(aside_m, along_m))
    for side in (-1, 1):
        assert holds(chains(*flown(100.0)), 0.0, away_m, side * bearing_deg, radius_m=3_000.0) == (True, cover)


@pytest.mark.parametrize(("speed_mps", "held"), [(14.0, False), (16.0, True)])
def test_what_hardly_moves_holds_nothing(speed_mps: float, held: bool) -> None:
    assert holds(chains(*flown(speed_mps)), 0.0, 100.0)[0] == held


def test_a_straight_line_goes_through_what_was_seen_as_least_squares_would_lay_it() -> None:
    # The oracle is NumPy's: a polynomial of the first degree through the first five sightings.
    rng = np.random.default_rng(14)
    for many in (2, 3, 4, 5):
        at = np.arange(many) * 5.0
        east, north = 80.0 * at + rng.normal(0, 40, many), -50.0 * at + rng.normal(0, 40, many)
        made = chains(*zip(at.tolist(), east.tolist(), north.tolist(), strict=True))
        assert made.of.shape[1] == 1
        for values, place, speed in ((east, EAST, EAST_MPS), (north, NORTH, NORTH_MPS)):
            slope, begin = np.polyfit(at, values, 1)
            assert made.of[[place, speed], 0] == pytest.approx([begin + slope * at[-1], slope], abs=1e-6)


def test_what_has_been_followed_for_long_still_follows_a_turn() -> None:
    made = chains(*flown(100.0, looks=40))
    made.join(5.0, seen((5.0, 400.0, 500.0)))
    # Half of the way to what was seen, and of the speed three twentieths.
    assert made.of[[EAST, NORTH], 0] == pytest.approx([200.0, 500.0], abs=0.1)
    assert made.of[[EAST_MPS, NORTH_MPS], 0] == pytest.approx([12.0, 100.0], abs=0.1)
    # Right round in three minutes, on a circle of 2.9 km.
    made = chains(*flown(100.0, looks=40))
    for k in range(1, 37):
        turned = math.radians(10.0 * k)
        made.join(5.0 * k, seen((5.0 * k, 2_865.0 * (1 - math.cos(turned)), 2_865.0 * math.sin(turned))))
    assert made.of[COUNT].tolist() == [76.0]


@pytest.mark.parametrize(("away_m", "joined"), [(7_600.0, True), (7_800.0, False)])
def test_two_sightings_are_one_thing_where_a_rocket_could_have_flown_between_them(away_m: float, joined: bool) -> None:
    # 1,300 m/s for five seconds, and three times four sigmas of a hundred metres.
    made = chains((0.0, 0.0, 0.0), (5.0, away_m, 0.0))
    assert (made.of[COUNT].max() == 2) == joined


@pytest.mark.parametrize(("sigma_m", "most_m"), [(50.0, 2_020.0), (200.0, 2_540.0)])
def test_what_is_followed_may_turn_by_three_g_for_ten_seconds_and_no_more(sigma_m: float, most_m: float) -> None:
    # Followed for 65 s, and hidden for 20: four sigmas, and as much more as it was hidden of that; a hundred metres at
    # least. And half of 30 m/s2 times 100 s2.
    doubt_m = 4 * max(sigma_m, 100.0) * (1 + 20 / 65)
    assert 1_500 + doubt_m == pytest.approx(most_m, abs=10)
    for off_m, joined in ((1_500 + doubt_m - 5, True), (1_500 + doubt_m + 5, False)):
        made = chains(*flown(100.0, looks=14), sigma_m=sigma_m, scan_s=20.0)
        made.join(20.0, seen((20.0, off_m, 2_000.0), sigma_m=sigma_m, scan_s=20.0))
        assert (made.of[COUNT].max() == 15) == joined


def test_what_is_followed_takes_a_sighting_before_what_was_seen_once() -> None:
    made = chains(*flown(100.0))
    # A false plot nearer to the next sighting than where the thing was to be expected.
    made.join(1.0, seen((1.0, 310.0, 500.0)))
    made.join(5.0, seen((5.0, 300.0, 500.0)))
    assert sorted(made.of[COUNT].tolist()) == [1.0, 11.0]


def test_a_sighting_goes_to_what_it_fits_best_and_not_to_what_is_merely_nearest() -> None:
    # Of what was followed for long more is known, so that 500 m off is more than 600 m off what has just been found.
    young = [(k, 1_100.0, 100.0 * k) for k in (-5.0, 0.0)]
    made = chains(*flown(100.0, looks=18))
    for place in young:
        made.join(place[0], seen(place))
    count = [18.0, 2.0]
    assert sorted(made.of[COUNT].tolist(), reverse=True) == count
    made.join(5.0, seen((5.0, 500.0, 500.0)))
    assert sorted(made.of[COUNT].tolist(), reverse=True) == [18.0, 3.0]


def test_each_of_two_takes_the_sighting_that_is_nearest_to_it_and_none_takes_another_sensors() -> None:
    made = Chains()
    for k in range(6):
        both = [(5.0 * k, 0.0, 500.0 * k), (5.0 * k, 1_000.0, 500.0 * k)]
        made.join(5.0 * k, seen(*(both if k % 2 else both[::-1])))
    assert made.of[COUNT].tolist() == [6.0, 6.0]
    assert sorted(np.round(made.of[EAST]).tolist()) == [0.0, 1_000.0]
    made.join(30.0, seen((30.0, 0.0, 3_000.0), whose=2.0))
    assert sorted(made.of[COUNT].tolist()) == [1.0, 6.0, 6.0]


@pytest.mark.parametrize(("dt_s", "joined"), [(0.3, False), (0.4, True)])
def test_two_plots_of_one_turn_are_not_one_thing_that_moves(dt_s: float, joined: bool) -> None:
    assert (chains((0.0, 0.0, 0.0), (dt_s, 30.0, 0.0)).of[COUNT].max() == 2) == joined


def crowd(many: int, at_s: float) -> list[Place]:
    """Single plots far apart from each other and from all else."""
    return [(at_s, 100_000.0 + 20_000.0 * k, 20_000.0 * (k % 7)) for k in range(many)]


@pytest.mark.parametrize(
    ("lone", "looks", "sure"),
    [
        (0, 2, False),
        (0, 3, True),
        (30, 3, True),
        (31, 3, False),
        (31, 4, True),
        (300, 4, True),
        (301, 7, False),
        (301, 8, True),
    ],
)
def test_the_more_leads_nowhere_the_more_sightings_make_a_thing(lone: int, looks: int, sure: bool) -> None:
    made = chains(*flown(100.0, looks=looks))
    made.join(0.0, seen(*crowd(lone, 0.0)))
    assert holds(made, 0.0, 5_000.0)[0] == sure
    # What another sensor sees in vain says nothing about this one.
    other = chains(*flown(100.0, looks=looks))
    other.join(0.0, seen(*crowd(lone, 0.0), whose=2.0))
    assert holds(other, 0.0, 5_000.0)[0] == (looks >= 3)


@pytest.mark.parametrize(
    ("speed_mps", "pace_s", "last_s"),
    [(100.0, 5.0, 180.0), (100.0, 2.0, 72.0), (100.0, 10.0, 180.0), (450.0, 5.0, 600.0)],
)
def test_what_is_not_seen_again_is_let_go_after_its_time(speed_mps: float, pace_s: float, last_s: float) -> None:
    made = chains(*flown(speed_mps, pace_s=pace_s), scan_s=pace_s)
    made.join(last_s, seen())
    assert made.of.shape[1] == 1
    made.join(last_s + 1, seen())
    assert made.of.shape[1] == 0


def test_a_single_plot_is_let_go_after_three_turns_of_its_radar() -> None:
    made = chains((0.0, 0.0, 0.0), scan_s=10.0)
    made.join(32.0, seen())
    assert made.of.shape[1] == 1
    made.join(32.5, seen())
    assert made.of.shape[1] == 0


@pytest.mark.parametrize(("speed_mps", "away_m", "again"), [
    (100.0, 4_400.0, True), (100.0, 4_600.0, False), (160.0, 3_000.0, True), (170.0, 3_000.0, False),
    (62.0, 3_000.0, True), (59.0, 3_000.0, False),
])  # fmt: skip
def test_what_is_hidden_holds_no_more_once_it_may_well_be_what_is_seen_now(
    speed_mps: float, away_m: float, again: bool
) -> None:
    """As fast to a factor of the root of e, and no farther than it would have flown, and a kilometre."""
    made = chains(*flown(100.0))
    found = [(at_s, away_m, 500.0 + speed_mps * (at_s - 35.0)) for at_s in (20.0, 25.0, 30.0, 35.0)]
    for place in found:
        made.join(place[0], seen(place, whose=2.0))
    whose = made.holding(35.0, np.array([[0.0], [8_000.0], [0.0]]))[2]
    assert (1.0 in whose.tolist()) == (not again)


def test_a_flood_pushes_out_what_was_seen_once_and_never_what_was_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.guard.chains.LONE_MAX", 5)
    monkeypatch.setattr("tocsin.guard.chains.KNOWN_MAX", 2)
    made = Chains()
    for k in range(6):
        things = [(5.0 * k, 30_000.0 * n, 500.0 * k) for n in range(3) if k >= n]
        made.join(5.0 * k, seen(*things))
    # Of three that were followed the two that were for longest; the third is a lone plot again and again.
    followed = made.of[:, made.of[COUNT] > 1]
    assert followed[COUNT].tolist() == [6.0, 5.0]
    made.join(26.0, seen(*crowd(9, 26.0)))
    lone = made.of[:, made.of[COUNT] == 1]
    assert lone[EAST].tolist() == [place[1] for place in crowd(9, 26.0)[-5:]]
    assert made.of[COUNT].max() == 6


def test_a_course_is_the_same_all_round_the_compass() -> None:
    for degrees in range(0, 360, 15):
        course = math.radians(degrees)
        at = [(5.0 * k, 500.0 * k * math.sin(course), 500.0 * k * math.cos(course)) for k in range(-9, 1)]
        made = chains(*at)
        assert holds(made, 0.0, 30_000.0, degrees)[0]
        assert not holds(made, 0.0, 30_000.0, degrees + 90.0)[0]
        assert not holds(made, 0.0, 30_000.0, degrees + 180.0)[0]
