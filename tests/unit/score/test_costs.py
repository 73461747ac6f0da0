"""What is noticed, who is told, what for, and when it came: a drone flies north into one of two towns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import ThreatClass
from tocsin.model.value import time_of
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone
from tocsin.replay.knowing import Flight, policy_that_knows
from tocsin.score.cover import cover_of_rows, cover_of_warnings
from tocsin.score.episodes import counts, in_vain, named
from tocsin.score.knowing import knowing_covers, true_sightings
from tocsin.score.noticed import arrivals_of, noticed
from tocsin.score.sightings import sightings_of
from tocsin.score.spread import most_covered, people_near
from tocsin.score.strikes import Struck, struck_of
from tocsin.score.truth import FlownObject, Path4, Strike, Truth, path_of
from tocsin.score.windows import Came, Windows, came, figures, joined
from tocsin.warn.policy import Policy

NOW_S = 1_767_225_600.0
STRUCK_S = NOW_S + 550
# Degrees of latitude of a metre, near enough.
DEG = 1 / 111_195


def _zone(name: str, lat: float, high: float = 0.1, people: int = 1_000) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + high), (20.0, lat + high), (20.0, lat))
    return Zone(id=name, name=name, population=people, polygons=((ring,),))


# "a" is struck in its middle; "b" is 56 km farther north.
INDEX = ZoneIndex([_zone("a", 50.0), _zone("b", 50.6, people=500)])
STRIKE = Strike(time=time_of(STRUCK_S), lat=50.05, lon=20.05, zone="a", threat="drone", object="d1")


def _flown(name: str = "d1", threat: ThreatClass = "drone", lon: float = 20.05) -> Path4:
    """North at 0.001 degrees (111 m) a second, until it strikes "a" 550 s later."""
    path = tuple((time_of(NOW_S + t), 49.5 + 0.001 * t, lon, 300.0) for t in range(0, 551, 50))
    return path_of(FlownObject(object=name, threat=threat, path=path))


TRUTH = Truth((STRIKE,), (_flown(),))


def _struck(truth: Truth = TRUTH) -> Struck:
    return struck_of(truth, sightings_of(np.empty((0, 7)), INDEX), INDEX)


def _told(level: Level, at_s: float, zone: str = "a", threat: ThreatClass = "drone") -> Warning:
    return Warning(
        id=f"{zone}/{at_s:.0f}", zone=zone, level=level, time=time_of(NOW_S + at_s), threat=threat,
        expires=time_of(NOW_S + at_s + 300),
    )  # fmt: skip


# People in "a" must start 90 s before the strike: at 460 s; the four minutes before begin at 220 s.
@pytest.mark.parametrize(
    ("reports_s", "often_enough"),
    [
        ((220, 300, 460), True),
        ((219, 300, 460), False),
        ((220, 300, 461), False),
        ((220, 300), False),
        ((10, 20, 30, 40), False),
    ],
)
def test_an_attacker_is_noticed_when_three_reports_of_it_arrive_in_the_four_minutes_before_people_must_start(
    reports_s: tuple[float, ...], often_enough: bool
) -> None:
    reported = arrivals_of([("d1", time_of(NOW_S + at_s)) for at_s in reversed(reports_s)])
    assert noticed(_struck(), reported).tolist() == [often_enough]


def test_reports_of_another_object_are_not_reports_of_this_one() -> None:
    assert noticed(_struck(), arrivals_of([("d2", time_of(NOW_S + 300))] * 3)).tolist() == [False]


def test_who_knows_sees_each_attacker_where_it_is_and_as_it_flies() -> None:
    airliner = _flown("airliner", "civil")
    rows = true_sightings(Truth((STRIKE,), (airliner, _flown())), INDEX)
    assert len(rows.time_s) == 550 and set(rows.track.tolist()) == {1}, "a second each, and nothing civil"
    assert rows.speed_mps == pytest.approx(0.001 / DEG, rel=0.01)
    # The frame's north is not quite the meridian's, away from its middle.
    assert np.abs((rows.heading_deg + 180) % 360 - 180).max() < 0.5


def test_a_cone_that_knows_covers_the_struck_town_for_its_seconds_and_not_the_one_out_of_reach() -> None:
    found = {(name, flight_s): cover for name, flight_s, cover in knowing_covers(TRUTH, INDEX)}
    assert set(found) == {("cone", 200.0), ("cone", 120.0), ("circle", 200.0)}
    leads_s = {key: float(_struck().leads_s(cover)[0]) for key, cover in found.items()}
    # The rule counts to the edge of a disc of the zone's area, 5 km (45 s) from the middle where it strikes.
    assert leads_s["cone", 200.0] == pytest.approx(245, abs=10)
    assert leads_s["cone", 120.0] == pytest.approx(165, abs=10)
    assert all(set(cover.zone.tolist()) == {0} for cover in some(found.values()))


def test_a_town_behind_an_attacker_is_in_the_circle_that_knows_and_not_in_the_cone() -> None:
    past = ZoneIndex([*INDEX.zones, _zone("behind", 49.3)])
    found = {(name, flight_s): cover for name, flight_s, cover in knowing_covers(TRUTH, past)}
    assert 2 in found["circle", 200.0].zone
    assert 2 not in found["cone", 200.0].zone


def test_the_policy_on_perfect_tracks_covers_who_is_struck_in_time_and_nobody_once_the_attacker_has_passed() -> None:
    struck, cover = _struck(), policy_that_knows(TRUTH, INDEX, Policy())
    assert struck.leads_s(cover)[0] >= struck.shelter_s[0]
    beyond = ZoneIndex([_zone("behind", 49.45, 0.02), _zone("a", 50.0)])
    cover = policy_that_knows(TRUTH, beyond, Policy())
    passed = cover.zone == beyond.number["behind"]
    assert np.all(some(cover.end_s[passed] < NOW_S + 120)), "it flew away from there all the time"


def test_the_policy_on_perfect_tracks_covers_nobody_when_nothing_hostile_flies() -> None:
    civil = Truth((), (_flown("c1", "civil"),))
    assert not len(policy_that_knows(civil, INDEX, Policy()).zone)


def test_the_policy_on_perfect_tracks_knows_nothing_of_a_missile_whose_motor_still_burns() -> None:
    boost = tuple((time_of(NOW_S + t), 49.0, 20.0 + 1e-5 * t**2, 5.0 * t**2) for t in range(0, 61, 10))
    coast = tuple((time_of(NOW_S + t), 49.0, 20.036 + 0.001 * (t - 60), 18_000.0) for t in range(70, 121, 10))
    missile = path_of(FlownObject(object="m1", threat="ballistic_missile", path=(*boost, *coast)))
    assert Flight(missile, INDEX).begin_s == NOW_S + 61


def test_the_peak_is_when_most_are_under_cover_and_who_comes_out_goes_before_who_goes_in() -> None:
    rows = [(0, 0.0, 100.0), (1, 50.0, 60.0), (1, 100.0, 200.0)]
    assert most_covered(cover_of_rows(rows), INDEX) == 1_500
    assert most_covered(cover_of_rows([rows[0], rows[2]]), INDEX) == 1_000
    assert most_covered(cover_of_rows([]), INDEX) == 0


def test_who_lives_near_a_strike_is_the_share_of_the_zone_within_5_km_of_it() -> None:
    area = INDEX.outlines[0].area
    whole = people_near(TRUTH, INDEX, 3_000)
    assert whole == pytest.approx(1_000 * np.pi * 3_000**2 / area, rel=0.01)
    twice = Truth((STRIKE, STRIKE), TRUTH.paths)
    assert people_near(twice, INDEX, 3_000) == pytest.approx(whole), "nobody is counted twice"
    airliner = replace(TRUTH, strikes=(Strike(time=time_of(STRUCK_S), lat=50.05, lon=20.05, threat="civil"),))
    assert people_near(airliner, INDEX) == 0


@given(st.floats(0.01, 0.09), st.floats(50.0, 50.1), st.floats(20.0, 20.1))
@settings(deadline=None)
def test_cutting_a_zone_in_two_changes_nothing_of_who_lives_near(cut: float, lat: float, lon: float) -> None:
    truth = Truth((Strike(time=time_of(STRUCK_S), lat=lat, lon=lon, threat="drone"),), ())
    halves = (_zone("south", 50.0, cut, 10_000), _zone("north", 50.0 + cut, 0.1 - cut, 10_000))
    shares = np.array([cut, 0.1 - cut]) / 0.1
    one = people_near(truth, ZoneIndex([_zone("a", 50.0, people=10_000)]), 4_000)
    near = [people_near(truth, ZoneIndex([half]), 4_000) for half in halves]
    assert float(np.dot(near, shares)) == pytest.approx(one, rel=0.02, abs=5)


# The drone passes 5 km south of "a", 49.955 degrees, 455 s on; from then on it is near.
@pytest.mark.parametrize(
    ("begin_s", "end_s", "vain"),
    [(100, 320, True), (100, 340, False), (500, 520, False), (560, 700, True), (540, 560, False)],
)
def test_an_episode_is_in_vain_when_nothing_came_within_5_km_until_two_minutes_after(
    begin_s: float, end_s: float, vain: bool
) -> None:
    cover = cover_of_rows([(0, NOW_S + begin_s, NOW_S + end_s)])
    assert in_vain(cover, TRUTH, INDEX).tolist() == [vain]


def test_of_two_episodes_each_is_judged_by_its_own_window_and_its_own_zone() -> None:
    rows = [(0, 100.0, 200.0), (0, 500.0, 600.0), (1, 500.0, 600.0)]
    cover = cover_of_rows([(zone, NOW_S + begin, NOW_S + end) for zone, begin, end in rows])
    assert in_vain(cover, TRUTH, INDEX).tolist() == [True, False, True]


def test_of_many_zones_each_is_judged_by_what_came_near_itself() -> None:
    towns = ZoneIndex([_zone(str(k), lat) for k, lat in enumerate((48.0, 49.6, 50.0, 52.0))])
    cover = cover_of_rows([(k, NOW_S, NOW_S + 600) for k in range(4)])
    assert in_vain(cover, TRUTH, towns).tolist() == [True, False, False, True]


def test_what_struck_without_a_known_path_came_and_what_is_civil_did_not() -> None:
    cover = cover_of_rows([(0, NOW_S + 500, NOW_S + 600)])
    assert in_vain(cover, Truth((STRIKE,), ()), INDEX).tolist() == [False]
    assert in_vain(cover, Truth((), (_flown("airliner", "civil"),)), INDEX).tolist() == [True]
    assert in_vain(cover_of_rows([]), TRUTH, INDEX).tolist() == []


def test_an_episode_is_of_the_class_that_began_it_whatever_a_renewal_says() -> None:
    warnings = [
        _told("prepare", 0, threat="unknown"), _told("take_cover", 100, threat="jet"), _told("take_cover", 300),
        _told("all_clear", 320), _told("take_cover", 500), _told("all_clear", 600),
        _told("take_cover", 500, "elsewhere", "rocket"),
    ]  # fmt: skip
    cover = cover_of_warnings(warnings, INDEX.number, NOW_S + 1_000)
    classes = named(cover, warnings, INDEX)
    assert classes == ["jet", "drone"]
    assert counts(classes, in_vain(cover, TRUTH, INDEX)) == {
        "jet": {"episodes": 1, "in_vain": 1},
        "drone": {"episodes": 1, "in_vain": 0},
    }


def _windows(*rows: tuple[float, int, float, float, float, float]) -> Windows:
    """From (at_s, zone, metres off to the east, low_s, likely_s, high_s) of tracks called cruise missiles."""
    at_s, zone, off_m, low_s, likely_s, high_s = np.array(rows, float).T
    return Windows(
        at_s=NOW_S + at_s, zone=zone.astype(np.int64), threat=np.full(len(rows), "cruise_missile"),
        seen_s=NOW_S + at_s - 2, lat=49.5 + 0.001 * (at_s - 2), lon=20.05 + off_m / 71_700,
        sigma_m=np.full(len(rows), 100.0), low_s=NOW_S + low_s, likely_s=NOW_S + likely_s, high_s=NOW_S + high_s,
    )  # fmt: skip


def test_a_window_is_judged_by_when_the_attacker_that_its_track_followed_struck_the_zone() -> None:
    nan = float("nan")
    rows = _windows(
        (100, 0, 0, 400, 530, 600),
        (200, 0, 2_000, 560, 580, nan),
        (300, 1, 0, 400, 500, 600),  # another zone
        (300, 0, 9_000, 400, 500, 600),  # a track of something else
        (560, 0, 0, 570, 580, 600),  # afterwards
    )
    assert came(rows, _struck(), TRUTH, INDEX, 900.0) == [
        Came("cruise_missile", 150.0, 20.0, 50.0),
        Came("cruise_missile", -10.0, -30.0, None),
    ]
    assert len(came(rows, _struck(), TRUTH, INDEX, 400.0)) == 1, "the strike was beyond the horizon of the other"


@pytest.mark.parametrize(("at_s", "horizon_s", "came_true"), [(100, 450, True), (99, 450, False), (550, 900, False)])
def test_a_window_is_of_a_strike_after_it_was_stated_up_to_the_horizon(
    at_s: float, horizon_s: float, came_true: bool
) -> None:
    assert bool(came(_windows((at_s, 0, 0, 400, 530, 600)), _struck(), TRUTH, INDEX, horizon_s)) == came_true


def test_a_track_of_two_wingmen_is_judged_by_the_one_that_struck_first() -> None:
    later = Strike(time=time_of(STRUCK_S + 20), lat=50.05, lon=20.051, zone="a", threat="drone", object="d2")
    truth = Truth((STRIKE, later), (_flown(), _flown("d2", lon=20.051)))
    (one,) = came(_windows((100, 0, 0, 400, 550, 600)), _struck(truth), truth, INDEX, 900.0)
    assert one.error_s == 0.0


def test_coverage_is_the_share_within_windows_that_state_both_ends() -> None:
    rows = [
        Came("jet", 10.0, 5.0, 10.0),
        Came("jet", -1.0, -20.0, 30.0),
        Came("jet", 50.0, 40.0, -1.0),
        Came("jet", 5.0, 1.0, 0.0),
        Came("jet", 5.0, 2.0, None),
    ]
    found = figures(rows)
    assert (found["rows"], found["begun"], found["coverage"], found["error_p50_s"]) == (5, 0.8, 0.5, 2.0)
    assert figures([]) == {
        "rows": 0, "begun": None, "coverage": None, "error_p10_s": None, "error_p50_s": None, "error_p90_s": None,
    }  # fmt: skip


def test_windows_of_many_moments_are_joined_and_none_are_none() -> None:
    one = _windows((100, 0, 0, 400, 530, 600))
    assert joined([one, one]).at_s.tolist() == [NOW_S + 100] * 2
    assert came(joined([]), _struck(), TRUTH, INDEX, 900.0) == []
