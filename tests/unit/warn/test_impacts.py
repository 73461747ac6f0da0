"""Which track an impact ended: the nearest that could have come down there, and only until it is seen flying again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.warn.worlds import NOW_S, decided, outlook_of, track_of, zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.observation import Impact
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.warn.impacts import ended_by
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

LAT, LON = 50.0, 20.0
# By the ellipsoid, at 50 degrees north.
LAT_M = 111_229.0


def impact(sigma_m: float = 50.0) -> Impact:
    return Impact(id="i", time=time_of(NOW_S), lat=LAT, lon=LON, sigma_m=sigma_m)


def track(name: str, away_m: float, *, seen_s: float = 0.0, **fields: Any) -> Track:
    """A track so far north of the impact, last seen so many seconds after it."""
    usual: dict[str, Any] = {"lat": LAT + away_m / LAT_M, "lon": LON, "speed_mps": 0.0, "sigma_m": 100.0}
    return track_of(NOW_S + seen_s, name, **usual | fields)


def ended(*tracks: Track, sigma_m: float = 50.0, **before: float) -> str | None:
    return ended_by(impact(sigma_m), {one.id: one for one in tracks}, before)


@pytest.mark.parametrize(
    ("room_m", "sigma_m", "fields"),
    [
        (1_500.0 + 3 * 50.0 + 2 * 100.0, 50.0, {}),
        (1_500.0 + 3 * 400.0 + 2 * 100.0, 400.0, {}),
        (1_500.0 + 3 * 50.0 + 2 * 700.0, 50.0, {"sigma_m": 700.0}),
        # The time of an impact may be off by 20 s, and what was lost a minute before it flew on until then.
        (1_850.0 + 20 * 50.0, 50.0, {"speed_mps": 50.0}),
        (1_850.0 + 20 * 50.0 + 60 * 50.0, 50.0, {"speed_mps": 50.0, "seen_s": -60.0}),
        (1_850.0 + 20 * 50.0, 50.0, {"speed_mps": 50.0, "seen_s": 60.0}),
    ],
)
def test_what_falls_falls_as_near_as_errors_and_its_flight_since_allow(
    room_m: float, sigma_m: float, fields: dict[str, Any]
) -> None:
    assert ended(track("T", room_m - 10.0, **fields), sigma_m=sigma_m) == "T"
    assert ended(track("T", room_m + 10.0, **fields), sigma_m=sigma_m) is None
    assert ended() is None


@pytest.mark.parametrize(
    ("fields", "falls"),
    [
        ({}, True),
        ({"seen_s": -180.0}, True),
        ({"seen_s": -180.5}, False),
        ({"seen_s": 180.5}, False),
        ({"cooperative": True}, False),
        ({"threat": "jet"}, False),
        ({"threat": "helicopter"}, False),
        ({"threat": "civil"}, False),
        ({"threat": "cruise_missile"}, True),
        ({"threat": "unknown"}, True),
    ],
)
def test_what_drops_things_and_flies_on_or_was_lost_long_ago_did_not_come_down(
    fields: dict[str, Any], falls: bool
) -> None:
    assert ended(track("T", 100.0, **fields)) == ("T" if falls else None)


def test_of_two_the_nearer_came_down_and_none_twice() -> None:
    near, far = track("near", 200.0), track("far", -900.0)
    assert ended(near, far) == ended(far, near) == "near"
    assert ended(near, far, near=NOW_S) == "far"
    # Nearer for the errors with which it is known.
    assert ended(near, track("vague", -900.0, sigma_m=50_000.0)) == "vague"


def test_one_that_would_have_flown_just_there_by_now_is_as_near_as_one_that_was_seen_there() -> None:
    flew_on = track("flew-on", 6_000.0, speed_mps=50.0, seen_s=-120.0)
    assert ended(flew_on, track("other", 600.0)) == "flew-on"
    assert ended(track("not-so-far", 3_000.0, speed_mps=50.0, seen_s=-120.0), track("other", 600.0)) == "other"


SOUTH = ZoneIndex([zone("south", 50.0)])


def fallen(seconds: float, *, seen_s: float) -> bool:
    """Whether a track counts for nothing so long after the impact, when it was last seen so long after it."""
    # The zone is 11 km from where it fell.
    one = Warner(SOUTH, Policy(linger_s=0, min_on_s=0, impact_radius_m=0), drill=False)
    where: dict[str, Any] = {"lat": 49.9, "lon": 20.05, "heading_deg": 180.0}
    fell = Impact(id="i", time=time_of(NOW_S), lat=49.9, lon=20.05, sigma_m=50)
    levels = []
    for at_s, arrived in ((NOW_S, [fell]), (NOW_S + 5.0, []), (NOW_S + seconds, [])):
        last = track_of(at_s, updated=time_of(min(at_s, NOW_S + seen_s)), **where)
        decided(one, at_s, outlook_of(at_s, (0, 0.9, 60)), [last], impacts=arrived)
        levels.append(one.states()[0].level)
    assert levels[:2] == ["take_cover"] * 2
    return levels[2] != "take_cover"


@pytest.mark.parametrize(
    ("seconds", "seen_s", "gone"),
    [(11.9, 0.0, False), (12.0, 0.0, True), (12.0, 2.0, True), (12.0, 2.1, False), (60.0, 2.0, True)],
)
def test_what_fell_counts_for_nothing_once_two_turns_of_a_radar_have_not_seen_it(
    seconds: float, seen_s: float, gone: bool
) -> None:
    assert fallen(seconds, seen_s=seen_s) == gone


@pytest.mark.parametrize(
    ("away_m", "sigma_m", "covered"), [(590, 50, True), (610, 50, False), (5_400, 9_000, True), (5_600, 9_000, False)]
)
def test_cover_around_an_impact_reaches_as_far_as_the_policy_says_and_twice_its_error(
    away_m: float, sigma_m: float, covered: bool
) -> None:
    one = Warner(SOUTH, Policy(impact_radius_m=500.0), drill=False)
    fell = Impact(id="i", time=time_of(NOW_S), lat=50.0 - away_m / LAT_M, lon=20.05, sigma_m=sigma_m)
    decided(one, NOW_S, impacts=[fell])
    assert (one.states()[0].level == "take_cover") == covered


@pytest.mark.parametrize(("late_s", "until_s"), [(0.0, 120.0), (100.0, 140.0), (119.0, 159.0), (120.0, None)])
def test_an_impact_that_is_told_late_sends_people_in_for_the_shortest_time_and_one_too_late_does_not(
    late_s: float, until_s: float | None
) -> None:
    one = Warner(SOUTH, Policy(impact_hold_s=120.0, min_on_s=40.0), drill=False)
    fell, covered = Impact(id="i", time=time_of(NOW_S), lat=50.05, lon=20.05, sigma_m=50), []
    for second in range(300):
        decided(one, NOW_S + second, impacts=[fell] if second == late_s else [])
        if one.states()[0].level == "take_cover":
            covered.append(float(second))
    assert (covered[0], covered[-1] + 1) == (late_s, until_s) if until_s is not None else covered == []


@pytest.mark.parametrize(("late_s", "ends"), [(299.0, True), (301.0, False)])
def test_where_tracks_were_is_remembered_for_five_minutes_for_an_impact_that_is_told_late(
    late_s: float, ends: bool
) -> None:
    policy = Policy(impact_radius_m=0, impact_hold_s=0)
    one = Warner(SOUTH, policy, drill=False)
    decided(one, NOW_S, outlook_of(NOW_S, (0, 0.9, 600)), [track_of(NOW_S, lat=49.9, lon=20.05)])
    one = Warner.load(one.dump(), SOUTH, policy, drill=False)
    fell = Impact(id="i", time=time_of(NOW_S), lat=49.9, lon=20.05, sigma_m=50)
    for at_s, arrived in ((NOW_S + late_s, [fell]), (NOW_S + late_s + 1.0, [])):
        decision = decided(one, at_s, outlook_of(at_s, (0, 0.9, 600)), impacts=arrived)
    assert (decision.probability[0] == 0.0) == ends


def test_a_second_impact_lengthens_cover_and_an_older_one_that_comes_later_does_not_shorten_it() -> None:
    one = Warner(SOUTH, Policy(impact_hold_s=120.0, min_on_s=0.0), drill=False)
    arrives = {0: 0.0, 50: 50.0, 60: -30.0}
    levels = []
    for second in range(200):
        fell = [
            Impact(id=f"i{second}", time=time_of(NOW_S + arrives[second]), lat=50.05, lon=20.05, sigma_m=50)
            for _ in range(second in arrives)
        ]
        decided(one, NOW_S + second, impacts=fell)
        levels.append(one.states()[0].level)
    assert levels.index("prepare") == 170
