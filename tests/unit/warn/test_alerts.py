"""Neighbours' alerts: what ends what, until when, and what happens when there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import pytest

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import OperatorAct
from tocsin.model.observation import Alert, AlertLevel, AlertPart
from tocsin.model.threat import Outlook
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.warn import alerts as alerts_module
from tocsin.warn.alerts import Alerts
from tocsin.warn.policy import Policy
from tocsin.warn.told import CLEARS_MAX
from tocsin.warn.warner import Decision, Warner

NOW_S = 1_767_225_600.0
NUMBER = {"A": 0, "B": 1, "C": 2}
HOUR_S, WEEK_S = 3_600.0, 604_800.0


def told(
    identifier: str = "n1", zones: Sequence[str] = ("A",), level: AlertLevel = "take_cover", *, sent: float = 0.0,
    came: float | None = None, ends_s: float | None = None, kind: Literal["Alert", "Update", "Cancel"] = "Alert",
    ends: Sequence[str] = (), sender: str = "n", source: str = "north", complete: bool = True,
) -> Alert:  # fmt: skip
    """An alert sent, come and ending so many seconds after NOW_S."""
    end = None if ends_s is None else time_of(NOW_S + ends_s)
    parts = (AlertPart(level=level, zones=tuple(zones), expires=end),) if zones else ()
    return Alert(
        id=f"{identifier}-{sent}-{came}", time=time_of(NOW_S + sent), received=time_of(NOW_S + (came or sent)), cap="",
        source=source, sender=sender, identifier=identifier, sent=time_of(NOW_S + sent), message=kind, ends=tuple(ends),
        parts=parts, complete=complete,
    )  # fmt: skip


def after(*heard: Alert, at: float = 100.0) -> list[str | None]:
    """The floors of A, B and C when all of it has come."""
    alerts = Alerts(NUMBER, HOUR_S)
    alerts.take(heard)
    alerts.settle(NOW_S + at)
    return [alerts.floor(z) for z in range(3)]


COVER, PREPARE = "take_cover", "prepare"


def test_an_older_message_that_comes_late_ends_nothing() -> None:
    newer = told("n2", kind="Update", ends=["n1"], ends_s=HOUR_S)
    older = told("n1", sent=-HOUR_S, came=50.0, ends_s=-60.0)
    assert after(newer, older) == after(newer) == [COVER, None, None]


def test_what_had_ended_when_it_came_changes_nothing() -> None:
    alert = told("n1", ends_s=HOUR_S)
    assert after(alert, told("n2", sent=50.0, kind="Update", ends=["n1"], ends_s=40.0)) == [COVER, None, None]
    alerts = Alerts(NUMBER, HOUR_S)
    (refused,) = alerts.take([told("n1", came=50.0, ends_s=40.0)])
    assert "ended" in refused.reason


def test_an_end_from_a_clock_that_is_ahead_ends_nothing_that_is_sent_after_it_came() -> None:
    first = told("n1", ends_s=HOUR_S)
    clear, same = (
        told("n2", sent=55.0, came=10.0, level="all_clear"),
        told("n1", sent=55.0, came=10.0, level="all_clear"),
    )
    named = told("n3", (), sent=55.0, came=10.0, kind="Cancel", ends=["n1"])
    unnamed = told("n3", sent=55.0, came=10.0, kind="Cancel", level="all_clear")
    update = told("n4", sent=55.0, came=10.0, kind="Update", ends=["n1"], level="all_clear")
    for end in some((clear, same, named, unnamed, update)):
        assert after(first, end) == [None, None, None], "what came before is over"
        for identifier in ("n1", "n9"):
            following = told(identifier, sent=20.0, ends_s=HOUR_S)
            assert after(first, end, following) == [COVER, None, None], (end, identifier)
            alerts = Alerts(NUMBER, HOUR_S)
            alerts.take([end])
            alerts = Alerts.load(alerts.dump(), np.arange(3, dtype=np.int32), NUMBER, HOUR_S)
            alerts.take([following])
            alerts.settle(NOW_S + 100)
            assert alerts.floor(0) == COVER, (end, identifier)
        assert after(end, told("n1", sent=50.0, came=11.0, ends_s=HOUR_S)) == [None, None, None], "by the same clock"


def test_what_a_clock_that_is_ahead_sent_and_ended_stays_over_when_it_is_told_again() -> None:
    alert = told("n1", sent=45.0, came=0.0, ends_s=HOUR_S)
    for end in (
        told("n2", sent=55.0, came=10.0, level="all_clear"),
        told("n3", (), sent=55.0, came=10.0, kind="Cancel", ends=["n1"]),
    ):
        assert after(alert, end, alert) == [None, None, None]


def test_one_neighbour_never_clears_another() -> None:
    alert = told("n1", ends_s=HOUR_S)
    others: list[dict[str, Any]] = [{"source": "south"}, {"sender": "s"}]
    for other in some(others):
        assert after(alert, told("x", sent=60.0, level="all_clear", **other)) == [COVER, None, None]
        assert after(alert, told("x", (), sent=60.0, kind="Cancel", ends=["n1"], **other)) == [COVER, None, None]
        assert after(alert, told("x", ("B",), sent=60.0, kind="Update", ends=["n1"], **other))[0] == COVER
        assert after(alert, told("n1", level="prepare", sent=60.0, **other)) == [COVER, None, None]


def test_a_weaker_alert_never_lowers_a_graver_one() -> None:
    assert after(told("n1"), told("n2", level="prepare", sent=60.0, source="south")) == [COVER, None, None]
    assert after(told("n1"), told("n2", level="prepare", sent=60.0)) == [COVER, None, None]


def test_an_all_clear_ends_what_its_sender_said_before_in_its_areas_alone() -> None:
    alerts = told("n1", ("A", "B")), told("n2", ("B",), "prepare", sent=10.0)
    clear = told("n3", ("A",), "all_clear", sent=60.0)
    assert after(*alerts, clear) == after(clear, *alerts) == [None, COVER, None]
    for other in (told("n4", sent=70.0), told("n4", sent=60.0)):
        assert after(other, clear) == after(clear, other) == [COVER, None, None]


def test_a_cancel_ends_what_it_names_whichever_comes_first() -> None:
    alert, cancel = told("n1", ("A", "B"), ends_s=HOUR_S), told("n2", (), sent=60.0, kind="Cancel", ends=["n1"])
    assert after(alert, cancel) == after(cancel, alert) == [None, None, None]
    at_once = told("n2", (), kind="Cancel", ends=["n1"])
    assert after(alert, at_once) == after(at_once, alert) == [None, None, None], "in the same second too"


def test_a_cancel_older_than_what_it_names_ends_nothing() -> None:
    assert after(told("n1", sent=60.0), told("n2", (), sent=50.0, kind="Cancel", ends=["n1"])) == [COVER, None, None]


def test_an_update_moves_an_alert() -> None:
    moved = told("n2", ("B",), sent=60.0, kind="Update", ends=["n1"])
    assert after(told("n1"), moved) == after(moved, told("n1")) == [None, COVER, None]


def test_an_update_that_could_not_be_wholly_read_only_adds() -> None:
    moved = told("n2", ("B",), sent=60.0, kind="Update", ends=["n1"], complete=False)
    assert after(told("n1"), moved) == after(moved, told("n1")) == [COVER, COVER, None]


def test_a_message_sent_anew_under_its_name_takes_its_own_place() -> None:
    anew = told("n1", ("B",), sent=60.0)
    assert after(told("n1"), anew) == after(anew, told("n1")) == [None, COVER, None]


def test_a_message_told_again_does_nothing() -> None:
    alerts = Alerts(NUMBER, HOUR_S)
    alerts.take([told("n1")])
    alerts.settle(NOW_S)
    again = told("n1", came=HOUR_S - 1)
    alerts.take([again])
    assert alerts.settle(NOW_S + HOUR_S - 1) == [] and alerts.settle(NOW_S + HOUR_S) == [0]
    (refused,) = alerts.take([told("n1", came=HOUR_S + 60)])
    assert "ended" in refused.reason and alerts.settle(NOW_S + HOUR_S + 60) == []


@pytest.mark.parametrize("ends_s", [1.0, HOUR_S, 8 * HOUR_S, WEEK_S])
def test_a_stated_end_is_believed_to_the_second(ends_s: float) -> None:
    alert = told("n1", ends_s=ends_s)
    assert after(alert, at=ends_s - 0.001) == [COVER, None, None] and after(alert, at=ends_s) == [None, None, None]


def test_no_end_is_believed_beyond_a_week_and_no_end_is_an_hour() -> None:
    assert after(told("n1", ends_s=10 * WEEK_S), at=WEEK_S) == [None, None, None]
    assert after(told("n1"), at=HOUR_S - 0.001) == [COVER, None, None] and after(told("n1"), at=HOUR_S)[0] is None


def test_the_gravest_in_force_is_the_floor_and_what_is_left_stands_after_it() -> None:
    both = told("n1", ends_s=500.0), told("n2", level="prepare", ends_s=900.0, source="south")
    assert [after(*both, at=at)[0] for at in (499.0, 500.0, 899.0, 900.0)] == [COVER, PREPARE, PREPARE, None]


def test_an_alert_of_an_old_journal_is_heeded() -> None:
    alert = Alert(id="c", time=time_of(NOW_S), cap="", zones=("A",), level="take_cover", expires=time_of(NOW_S + 500))
    assert after(alert) == [COVER, None, None]
    clear = Alert(id="d", time=time_of(NOW_S + 50), cap="", zones=("A",), level="all_clear")
    assert after(alert, clear) == [None, None, None]


def test_a_flood_of_one_source_costs_itself_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts_module, "MESSAGES_OF_ONE_MAX", 5)
    alerts = Alerts(NUMBER, HOUR_S)
    refused = alerts.take([told(f"f{k}", ("B",), source="flood") for k in range(9)])
    assert len(refused) == 4 and {one.source for one in refused} == {"flood"}


@pytest.mark.parametrize("bound", ["MESSAGES_MAX", "PLACES_MAX"])
def test_a_flood_of_others_never_takes_the_room_of_who_says_little(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(alerts_module, bound, 12)
    flood = [told(f"f{k}", ("B",), source=f"flood-{k % 3}") for k in range(40)]
    alerts = Alerts(NUMBER, HOUR_S)
    refused = alerts.take([*flood[:20], told("n1"), *flood[20:], told("n2", ("C",))])
    alerts.settle(NOW_S)
    assert [alerts.floor(z) for z in range(3)] == [COVER, COVER, COVER]
    assert len(refused) == 40 + 2 - 12 and all(one.source.startswith("flood") for one in some(refused))


def test_what_is_remembered_of_all_clears_is_bounded() -> None:
    alerts = Alerts(NUMBER, HOUR_S)
    alerts.take([told(f"c{k}", level="all_clear", sent=float(k)) for k in range(2 * CLEARS_MAX)])
    assert len(alerts.dump()["sources"]["north north"]["clears"]) == CLEARS_MAX


# Through the warner.


def _zone(name: str, lat: float) -> Zone:
    ring = ((20.0, lat), (20.1, lat), (20.1, lat + 0.1), (20.0, lat + 0.1), (20.0, lat))
    return Zone(id=name, name=name, population=1_000, polygons=((ring,),))


INDEX = ZoneIndex([_zone("A", 50.0), _zone("B", 50.2), _zone("C", 50.4)])


def _outlook(at_s: float, probability: float = 0.0) -> Outlook:
    rows = int(probability > 0)
    return Outlook(
        at_s=at_s, zone=np.zeros(rows, np.int32), track=np.zeros(rows, np.int32),
        probability=np.full(rows, probability), eta_earliest_s=np.full(rows, at_s + 60.0),
        eta_likely_s=np.full(rows, at_s + 120.0), tracks=("T1",), classes=("drone",),
    )  # fmt: skip


def _decide(
    warner: Warner,
    second: float,
    alerts: Sequence[Alert] = (),
    acts: Sequence[OperatorAct] = (),
    probability: float = 0.0,
) -> Decision:
    at_s = NOW_S + second
    return warner.decide(at_s, _outlook(at_s, probability), [], impacts=(), alerts=alerts, acts=acts, blind={})


def test_the_quiet_time_begins_only_when_an_alert_has_ended() -> None:
    policy = Policy()
    warner = Warner(INDEX, policy, drill=False)
    clears = []
    for second in range(500):
        alerts = [told("n1", ends_s=300.0)] if second == 0 else []
        clears += [second for w in _decide(warner, float(second), alerts).warnings if w.level == "all_clear"]
    assert clears == [300 + policy.clear_quiet_s]


@pytest.mark.parametrize("who", ["neighbour", "operator"])
def test_what_an_operator_or_neighbour_asks_for_never_lowers_what_the_policy_holds(who: str) -> None:
    warner = Warner(INDEX, Policy(), drill=False)
    act = OperatorAct(id="a", time=time_of(NOW_S), operator="desk", action="raise", zones=("A",), level="prepare")
    _decide(warner, 0.0, probability=0.9)
    assert warner.states()[0].level == COVER
    alerts, acts = ([told("n1", level="prepare")], []) if who == "neighbour" else ([], [act])
    _decide(warner, 1.0, alerts, acts, probability=0.9)
    for second in range(2, 60):
        _decide(warner, float(second), probability=0.9)
        assert warner.states()[0].level == COVER


def test_an_alert_goes_on_through_a_snapshot_and_under_other_zones() -> None:
    warner = Warner(INDEX, Policy(), drill=False)
    _decide(warner, 0.0, [told("n1", ("A", "C"), ends_s=100.0), told("n2", (), kind="Cancel", ends=["n9"])])
    fewer = ZoneIndex([INDEX.zones[2], INDEX.zones[1]], INDEX.frame)
    again = Warner.load(warner.dump(), fewer, Policy(), drill=False)
    _decide(again, 1.0, [told("n9", ("B",))])
    assert [state.level for state in again.states()] == [COVER, "none"]
    levels = [again.states()[0].level for second in range(2, 400) if _decide(again, float(second))]
    assert levels[90] == COVER and levels[99] == PREPARE and levels[-1] in ("all_clear", "none")


def test_an_alert_that_ends_between_a_snapshot_and_the_next_decision_is_over() -> None:
    warner = Warner(INDEX, Policy(), drill=False)
    _decide(warner, 0.0, [told("n1", ends_s=100.0)])
    again = Warner.load(warner.dump(), INDEX, Policy(), drill=False)
    assert again.dump() == warner.dump()
    _decide(again, 200.0)
    assert again.states()[0].level == PREPARE


def said(*heard: Alert) -> list[tuple[str, bool]]:
    """What is told of the last of them, and whether it is used all the same."""
    alerts = Alerts(NUMBER, HOUR_S)
    alerts.take(heard[:-1])
    return [(one.reason, one.used) for one in alerts.take(heard[-1:])]


def test_a_cancel_that_touches_nothing_says_so_and_one_that_does_says_nothing() -> None:
    alert, cancel = told("n1", ends_s=HOUR_S), told("n2", (), sent=60.0, kind="Cancel", ends=["n0", "n1"])
    assert said(alert, cancel) == []
    others: list[dict[str, Any]] = [{"source": "south"}, {"sender": "s"}]
    for other in others:
        ((reason, used),) = said(alert, told("n2", (), sent=60.0, kind="Cancel", ends=["n1"], **other))
        assert "it cancels nothing: no message 'n1'" in reason and not used
    ((reason, _),) = said(alert, cancel, told("n3", (), sent=70.0, kind="Cancel", ends=["n1"]))
    assert "it cancels nothing" in reason, "it was cancelled before"
    assert said(alert, told("n2", ("A",), "all_clear", sent=60.0, kind="Cancel")) == []
    ((reason, _),) = said(alert, told("n2", ("B",), "all_clear", sent=60.0, kind="Cancel"))
    assert "it cancels nothing" in reason


@pytest.mark.parametrize("ahead_s", [86_400.0, 3e9])
def test_a_year_mistyped_in_an_end_silences_nobody_and_in_an_alert_keeps_it_from_no_end(ahead_s: float) -> None:
    later = told("n3", sent=60.0)
    for end in (
        told("n2", ("A",), "all_clear", sent=ahead_s, came=30.0),
        told("n2", (), sent=ahead_s, came=30.0, kind="Cancel", ends=["n3"]),
        told("n3", ("B",), sent=ahead_s, came=30.0, kind="Update", ends=["n3"]),
    ):
        assert after(end, later)[0] == COVER, "it was sent when that end had come"
    alert = told("n1", sent=ahead_s, came=0.1, ends_s=HOUR_S)
    assert after(alert) == [COVER, None, None]
    assert after(alert, told("n2", (), sent=60.0, kind="Cancel", ends=["n1"])) == [None, None, None]


def test_a_senders_clock_may_run_a_minute_ahead_and_its_order_still_holds() -> None:
    alert, clear = told("n1", sent=59.0, came=0.1), told("n2", level="all_clear", sent=60.0, came=0.1)
    assert after(alert, clear) == after(clear, alert) == [None, None, None]
    # A second farther, and what it says counts as of when it came: not after what was sent a minute ahead.
    assert after(alert, told("n2", level="all_clear", sent=61.0, came=0.5)) == [COVER, None, None]


def test_what_ends_the_moment_it_comes_changes_nothing() -> None:
    assert after(told("n1", came=50.0, ends_s=50.0), at=50.0) == [None, None, None]
    assert after(told("n1", came=50.0, ends_s=50.001), at=50.0) == [COVER, None, None]


def parted(*parts: tuple[AlertLevel, tuple[str, ...]], sent: float) -> Alert:
    """One message that asks for several things."""
    asked = tuple(AlertPart(level=level, zones=zones) for level, zones in parts)
    return msgspec.structs.replace(told("p", sent=sent), parts=asked)


def test_a_message_that_clears_one_place_and_warns_another_does_both_and_clears_nothing_that_it_warns_of() -> None:
    before = told("n1", ("A", "B"), "take_cover")
    both = parted(("all_clear", ("A", "B")), ("prepare", ("B", "C")), sent=10.0)
    assert after(before, both) == after(both, before) == [None, COVER, PREPARE]


def test_of_two_levels_in_one_message_the_graver_holds_whichever_comes_first() -> None:
    for parts in ((("prepare", ("A",)), ("take_cover", ("A",))), (("take_cover", ("A",)), ("prepare", ("A",)))):
        assert after(parted(*parts, sent=0.0)) == [COVER, None, None]


def test_what_is_told_of_other_peoples_zones_changes_nothing_here() -> None:
    assert after(told("n1", ("X",))) == [None, None, None]
    assert after(told("n1", ("X", "A"))) == [COVER, None, None]
    assert after(told("n1"), told("n2", ("X",), "all_clear", sent=60.0)) == [COVER, None, None]


def test_the_oldest_source_that_has_nothing_in_force_makes_room_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts_module, "SOURCES_MAX", 2)
    alerts = Alerts(NUMBER, HOUR_S)
    assert alerts.take([told("n1", source="a", ends_s=100.0), told("n1", ("B",), source="b", ends_s=500.0)]) == ()
    (refused,) = alerts.take([told("n1", ("C",), source="c")])
    assert refused.source == "c" and "2 sources already have alerts in force" in refused.reason
    alerts.settle(NOW_S + 100.0)
    assert alerts.take([told("n2", ("C",), source="c")]) == ()
    alerts.settle(NOW_S + 101.0)
    assert [alerts.floor(z) for z in range(3)] == [None, COVER, COVER]


def test_an_identifier_used_for_another_event_is_told() -> None:
    ((reason, used),) = said(told("n1"), told("n1", ("B",), sent=60.0))
    assert "takes the place" in reason and used
    ((reason, used),) = said(told("n1"), told("n1", ("B",), came=60.0))
    assert "identifier of its own" in reason and not used
    assert said(told("n1"), told("n2", ("B",), sent=60.0)) == []
    assert said(told("n1"), told("n2", ("B",), sent=60.0, kind="Update", ends=["n1"])) == []
