"""What tracks call for, in numbers that were worked out by hand."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from tests.some import some
from tests.unit.warn.worlds import NOW_S, decided, outlook_of, track_of
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.model.zone import Zone
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure, pressure_of
from tocsin.warn.stakes import harm_s, need_s
from tocsin.warn.warner import Warner


def square(name: str, lat: float, population: float, **more: Any) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.1), (20.0, lat + 0.1), (20.0, lat))
    return Zone(id=name, name=name, population=population, polygons=((ring,),), **more)


INDEX = ZoneIndex([square("a", 50.0, 1_000.0, shelter_s=60.0), square("b", 50.1, 3_000.0)])


def pressed(outlook: Outlook, *tracks: Any, down: dict[str, float] | None = None, **policy: Any) -> Pressure:
    rules = Policy(**policy)
    known = {track.id: track for track in tracks}
    return pressure_of(outlook, known, down or {}, INDEX, rules, need_s(INDEX, rules), harm_s(INDEX, rules))


def test_people_need_their_way_to_shelter_the_time_until_they_hear_and_a_margin() -> None:
    assert need_s(INDEX, Policy(margin_s=7.0, delivery_s=5.0)).tolist() == [72.0, 102.0]


def test_a_strike_weighs_by_the_share_of_people_it_endangers_and_the_minutes_each_would_give() -> None:
    # Both zones have as much ground: of 30 % of strikes that fall anywhere each draws half. 0.3 / 0.7 of 4,000, halved.
    ground = 0.3 / 0.7 * 4_000 / 2
    harm = harm_s(INDEX, Policy(miss_minutes=50.0, struck_people=20.0))
    assert harm == pytest.approx([60 * 50 * 20 / (1_000 + ground), 60 * 50 * 20 / (3_000 + ground)], rel=3e-3)
    assert harm_s(INDEX, Policy(miss_minutes=50.0, struck_people=20.0, area_share=0.0)) == pytest.approx([60.0, 20.0])


def test_a_factor_of_a_region_counts_there_and_one_of_a_zone_before_that_of_its_region() -> None:
    cut = [square(name, 50.0 + 0.1 * n, 1_000.0, parent="east") for n, name in enumerate("ab")]
    index = ZoneIndex([*cut, square("c", 50.2, 1_000.0)])
    plain = harm_s(index, Policy())
    weighed = harm_s(index, Policy(region_factor={"east": 3.0, "b": 0.5, "nowhere": 9.0}))
    assert weighed / plain == pytest.approx([3.0, 0.5, 1.0])
    assert harm_s(index, Policy(region_factor={"c": 2.0})) / plain == pytest.approx([1.0, 1.0, 2.0])


def test_where_nobody_was_counted_every_zone_is_as_populous_as_a_usual_one() -> None:
    empty = ZoneIndex([square("a", 50.0, 0.0), square("b", 50.1, 0.0)])
    assert harm_s(empty, Policy(area_share=0.0, miss_minutes=50.0, struck_people=20.0)) == pytest.approx([12.0, 12.0])
    # And one of which only its neighbours' people are known counts as if one person lived there.
    alone = ZoneIndex([square("a", 50.0, 0.0), square("b", 50.1, 1_000.0)])
    assert harm_s(alone, Policy(area_share=0.0, miss_minutes=50.0, struck_people=20.0)) == pytest.approx(
        [60_000.0, 60.0]
    )


def test_tracks_add_up_to_a_probability_and_to_a_call_for_prepare() -> None:
    outlook = outlook_of(NOW_S, (0, 0.2, 300.0), (0, 0.3, 900.0), (0, 0.1, 901.0), (1, 0.05, 100.0))
    found = pressed(outlook, prepare_probability=0.1, prepare_s=900.0)
    assert found.probability == pytest.approx([1 - 0.8 * 0.7 * 0.9, 0.05])
    # How many times the evidence of one attack of 10 %; what comes later than 900 s does not count.
    wanted = [math.log(0.8 * 0.7) / math.log(0.9), math.log(0.95) / math.log(0.9)]
    assert found.prepare == pytest.approx(wanted)
    assert found.likely_s[1] == NOW_S + 100.0


def test_what_is_certain_counts_and_a_policy_that_prepares_for_nothing_less_than_everything_too() -> None:
    found = pressed(outlook_of(NOW_S, (0, 1.0, 300.0)))
    assert found.probability[0] == pytest.approx(0.999) and some(np.isfinite(found.prepare)).all()
    assert some(np.isfinite(pressed(outlook_of(NOW_S, (0, 0.5, 300.0)), prepare_probability=0.0).prepare)).all()


def test_cover_is_what_waiting_another_second_loses() -> None:
    # A drone whose likely time is just what is needed; widened by how much people's times differ.
    spread, need = math.hypot(0.2, 0.1), 105.0
    odds = math.exp((0.0 + 0.05) / spread)
    chance, density = odds / (1 + odds), odds / (1 + odds) ** 2 / (spread * (need + 15.0))
    harm = 60 * 40_000.0 * 100 / 1_000.0
    found = pressed(outlook_of(NOW_S, (0, 0.01, need)), area_share=0.0, false_cover_s=0.0)
    assert found.cover[0] == pytest.approx(0.01 * harm * (density + chance / need))
    dear = pressed(outlook_of(NOW_S, (0, 0.01, need)), area_share=0.0, false_cover_s=need)
    assert dear.cover[0] == pytest.approx(found.cover[0] / 2)
    warhead = pressed(outlook_of(NOW_S, (0, 0.01, need)), area_share=0.0, warhead={"drone": 4.0})
    assert warhead.cover[0] == pytest.approx(found.cover[0] * 4)


def test_what_waits_for_a_confirmation_is_told_from_what_does_not() -> None:
    classes: tuple[ThreatClass, ...] = ("drone", "jet", "rocket")
    parts = []
    for threat in classes:
        found = pressed(outlook_of(NOW_S, (0, 0.1, 100.0), threat=threat), mode={"drone": "confirm", "jet": "manual"})
        parts.append((found.automatic[0] == found.cover[0], found.lapsing[0] == found.cover[0]))
        assert found.cover[0] > 0 and found.automatic[0] in (0.0, found.cover[0])
    assert parts == [(False, True), (False, False), (True, True)]


def test_what_came_down_counts_for_nothing() -> None:
    outlook = outlook_of(NOW_S, (0, 0.2, 100.0), (1, 0.3, 100.0))
    found = pressed(outlook, track_of(NOW_S, "T1"), track_of(NOW_S, "T2"), down={"T1": NOW_S - 20})
    assert found.probability.tolist() == pytest.approx([0.0, 0.3])
    assert found.cover[0] == found.prepare[0] == 0.0 and not found.reachable[0] and found.reachable[1]
    assert found.sky.shape == (4, 1)


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"status": "tentative"}, False),
        ({"status": "coasted"}, True),
        ({"cooperative": True}, False),
        ({"classes": {"civil": 0.69}}, True),
        ({"classes": {"civil": 0.7}}, False),
    ],
)
def test_whoever_is_surely_no_danger_holds_no_all_clear_back(fields: dict[str, Any], holds: bool) -> None:
    for threat in ("drone", "rocket"):
        found = pressed(outlook_of(NOW_S, (0, 0.2, 100.0), threat=threat), track_of(NOW_S, "T1", **fields))
        assert bool(found.reachable[0]) == holds == bool(found.sky.shape[1])
        assert found.arcs == (holds and threat == "rocket")


def renamed(
    plain: Outlook, names: tuple[str, ...], classes: tuple[ThreatClass, ...], apart: Outlook | None = None
) -> Outlook:
    """The same rows, of other tracks."""
    columns = (plain.zone, plain.track, plain.probability, plain.eta_earliest_s, plain.eta_likely_s)
    return Outlook(NOW_S, *columns, names, classes, apart)


@pytest.mark.parametrize(
    ("probability", "likely_s", "seen", "reached"),
    [
        # It flies too far off to be here at its utmost: what it likely does decides.
        (0.001, 600.0, True, True),
        (0.001, 600.1, True, False),
        (0.00099, 600.0, True, False),
        # What was lost may have turned: a fifth of that is enough.
        (0.0002, 600.0, False, True),
        (0.0002, 600.1, False, False),
        (0.00019, 600.0, False, False),
    ],
)
def test_no_all_clear_within_reach_of_what_is_bound_for_here_with_some_intent(
    probability: float, likely_s: float, seen: bool, reached: bool
) -> None:
    tracks = [track_of(NOW_S, "T1")] if seen else []
    outlook = outlook_of(NOW_S, (0, probability, likely_s))
    assert bool(pressed(outlook, *tracks, clear_probability=0.001).reachable[0]) == reached
    # And as others than the newest sensor said last: as if it was lost there.
    apart = renamed(outlook_of(NOW_S), ("T1",), ("drone",), apart=outlook)
    for down, counts in (({}, not seen and reached), ({"T1": NOW_S - 20}, False)):
        if not seen:
            assert bool(pressed(apart, clear_probability=0.001, down=down).reachable[0]) == counts


@pytest.mark.parametrize(("earliest_s", "reached"), [(210.0, True), (210.1, False)])
def test_no_all_clear_within_reach_of_what_could_be_here_at_its_utmost(earliest_s: float, reached: bool) -> None:
    outlook = outlook_of(NOW_S, (0, 1e-9, earliest_s / 0.7))
    assert bool(pressed(outlook, track_of(NOW_S, "T1")).reachable[0]) == reached
    # Of what was lost the utmost is no longer known.
    assert not pressed(outlook).reachable[0]


@pytest.mark.parametrize("lost", ["rocket", "launch"])
def test_something_ballistic_that_was_lost_is_still_in_the_air(lost: str) -> None:
    threat: ThreatClass = "rocket" if lost == "rocket" else "unknown"
    plain = outlook_of(NOW_S, (0, 1e-9, 3_000.0), threat=threat)
    names = ("launch:1",) if lost == "launch" else ("T1",)
    columns = {
        name: getattr(plain, name) for name in ("zone", "track", "probability", "eta_earliest_s", "eta_likely_s")
    }
    outlook = Outlook(at_s=NOW_S, **columns, tracks=names, classes=(threat,))
    assert pressed(outlook).arcs
    assert not pressed(outlook, down={names[0]: NOW_S - 20}).arcs


@pytest.mark.parametrize(
    ("heading_deg", "nears"),
    [(0.0, True), (80.0, True), (100.0, False), (180.0, False), (260.0, False), (280.0, True), (360.0, True)],
)
def test_a_track_that_flies_half_towards_a_zone_comes_nearer(heading_deg: float, nears: bool) -> None:
    south = track_of(NOW_S, lat=49.9, lon=20.05, speed_mps=50.0, heading_deg=heading_deg)
    assert pressed(outlook_of(NOW_S), south).approached(0, 600.0) == nears


def test_a_track_counts_as_near_when_it_could_be_at_the_edge_in_time() -> None:
    away_m = math.hypot(INDEX.east_m[0], INDEX.north_m[0])
    assert away_m < 10_000
    south = track_of(NOW_S, lat=49.9, lon=20.05, speed_mps=50.0)
    east, north = (float(part) for part in INDEX.frame.to_local(south.lat, south.lon))
    away_m = math.hypot(INDEX.east_m[0] - east, INDEX.north_m[0] - north)
    just_s = (away_m - INDEX.radius_m[0]) / 50.0
    found = pressed(outlook_of(NOW_S), south)
    assert found.approached(0, just_s + 0.1) and not found.approached(0, just_s - 0.1)


def test_only_what_is_seen_renews_a_call() -> None:
    outlook = outlook_of(NOW_S, (0, 0.2, 100.0))
    assert pressed(outlook, track_of(NOW_S, "T1")).live[0]
    assert not pressed(outlook, track_of(NOW_S, "T1", status="coasted")).live[0]
    assert not pressed(outlook).live[0]
    assert not pressed(outlook, track_of(NOW_S, "T2")).live[0]


def test_the_most_pressing_track_says_when_and_of_equals_the_first() -> None:
    found = pressed(outlook_of(NOW_S, (0, 0.2, 100.0), (0, 0.2, 100.0), (0, 0.1, 60.0), (1, 1e-7, 100.0)))
    assert found.likely_s[0] in (NOW_S + 100.0, NOW_S + 60.0) and math.isnan(found.likely_s[1])
    warning = decided(
        Warner(INDEX, Policy(), drill=False), NOW_S, outlook_of(NOW_S, (0, 0.5, 100.0), (0, 0.01, 60.0))
    ).warnings[0]
    assert warning.eta_likely is not None and warning.eta_likely.timestamp() == NOW_S + 100.0


def test_a_sky_of_which_nothing_is_expected_presses_like_one_that_threatens_no_zone() -> None:
    track = track_of(NOW_S)
    idle = replace(outlook_of(NOW_S), tracks=("T9",), classes=("drone",))
    nothing, little = pressed(outlook_of(NOW_S), track), pressed(idle, track)
    for one in some(fields(Pressure)):
        if one.name != "index":
            columns = np.asarray(getattr(nothing, one.name)), np.asarray(getattr(little, one.name))
            assert columns[0].dtype == columns[1].dtype, one.name
            np.testing.assert_array_equal(*columns, err_msg=one.name)
    assert nothing.sky.shape == (4, 1)
