"""What stands by somebody's word: who may end it, from when, and for how long it stands."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.guard.word import Word
from tocsin.model.access import Access, Authority
from tocsin.model.event import ActRules, OperatorAct
from tocsin.model.observation import Alert, AlertPart
from tocsin.model.value import time_of
from tocsin.model.zone import Zone

BEGIN_S = 1_772_000_000.0
RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.0))
ZONES = {
    name: Zone(id=name, name=name, population=people, parent=parent, polygons=((RING,),))
    for name, people, parent in (("a", 10_000, "north"), ("b", 20_000, "north"), ("c", 30_000, "south"))
}
TRUSTING = Access(None, ())
RULES = ActRules()
DAY_S = 86_400.0


def asked(word: Word, at_s: float) -> dict[str, str]:
    return {**word.asked(BEGIN_S + at_s, [*ZONES])}


def act(action: Any, at_s: float, *zones: str, **more: Any) -> OperatorAct:
    fields: dict[str, Any] = {"id": f"{action}-{at_s:g}", "operator": "anna", "zones": zones or ("a",)} | more
    return OperatorAct(time=time_of(BEGIN_S + at_s), action=action, **fields)


def obeyed(*acts: OperatorAct, rules: ActRules = RULES) -> Word:
    word = Word()
    for one in acts:
        word.obey(one, rules, ZONES)
    return word


def test_a_raise_stands_until_its_end_and_not_a_moment_longer() -> None:
    word = obeyed(act("raise", 10, lasts_s=50.0))
    assert (asked(word, 59.9), asked(word, 60.0)) == ({"a": "take_cover"}, {})
    assert asked(obeyed(act("raise", 10)), 1e9) == {"a": "take_cover"}


def test_the_gravest_of_what_is_asked_for_counts_whoever_asked_last() -> None:
    for levels in (("prepare", "take_cover"), ("take_cover", "prepare")):
        word = obeyed(*(act("raise", k, level=level) for k, level in enumerate(levels)))
        assert asked(word, 10) == {"a": "take_cover"}


def test_a_cancel_ends_what_was_ordered_until_then_and_lets_the_zone_out_at_one_tick_alone() -> None:
    word = obeyed(act("cancel", 20), act("raise", 20), act("raise", 21, "b"))
    assert asked(word, 30) == {"a": "take_cover", "b": "take_cover"}
    word.obey(act("cancel", 20, "a", "b"), RULES, ZONES)
    assert asked(word, 30) == {"b": "take_cover"}, "what was ordered after it stands"
    assert word.plain["cancelled"] == []
    word.turn()
    assert set(word.plain["cancelled"]) == {"a", "b"}
    word.turn()
    assert word.plain["cancelled"] == []


def test_a_release_ends_raises_and_no_neighbours_alert() -> None:
    word = obeyed(act("raise", 0, "a", "b"))
    word.alert(alert("1", 0), TRUSTING, ZONES, 3_600)
    word.obey(act("release", 5, "a"), RULES, ZONES)
    assert asked(word, 10) == {"a": "prepare", "b": "take_cover"}
    word.obey(act("cancel", 6, "a"), RULES, ZONES)
    assert asked(word, 10) == {"b": "take_cover"}


@pytest.mark.parametrize(("rules", "zones", "waits"), [
    ({"wide_zones": 2}, ("a", "b", "c"), True), ({"wide_zones": 3}, ("a", "b", "c"), False),
    ({"wide_zones": 2}, ("a", "a", "b", "nowhere"), False),
    ({"wide_people": 29_999}, ("a", "b"), True), ({"wide_people": 30_000}, ("a", "b"), False),
])  # fmt: skip
def test_what_concerns_more_zones_or_people_than_the_rules_let_one_person_decide_waits(
    rules: dict[str, Any], zones: tuple[str, ...], waits: bool
) -> None:
    wide = ActRules(second_person=("wide",), **rules)
    word = obeyed(act("raise", 0, *ZONES), rules=RULES)
    word.obey(act("release", 1, *zones), wide, ZONES)
    assert (asked(word, 2) == dict.fromkeys(ZONES, "take_cover")) == waits


@pytest.mark.parametrize("action", ["raise", "cancel", "release"])
def test_an_action_waits_where_the_rules_name_it_and_its_author_cannot_approve_it(action: Any) -> None:
    rules = ActRules(second_person=(action,), waits_s=100)
    word = obeyed(act("raise", 0), rules=RULES) if action != "raise" else Word()
    word.obey(act(action, 1), rules, ZONES)
    before = {"a": "take_cover"}
    assert asked(word, 2) == before, "a raise holds while it waits, and what would let go does not"
    assert asked(word, 102) == ({} if action == "raise" else before)
    for operator, approved in (("anna", False), ("omar", True)):
        word.obey(act("approve", 3, act=f"{action}-1", act_of="anna", operator=operator), rules, ZONES)
        assert asked(word, 102) == (
            before if (action == "raise") == approved else {} if approved or action == "raise" else before
        )


def test_of_a_wide_raise_that_ends_before_its_approval_is_due_no_more_stands_than_was_ordered() -> None:
    word = obeyed(act("raise", 0, lasts_s=50.0), rules=ActRules(second_person=("raise",), waits_s=100))
    assert (asked(word, 49), asked(word, 51)) == ({"a": "take_cover"}, {})


def alert(name: str, at_s: float, level: Any = "prepare", *zones: str, **more: Any) -> Alert:
    """A neighbour's message, sent and received at that time."""
    expires = more.pop("expires_s", 500.0)
    part = AlertPart(
        level=level, zones=zones or ("a",), expires=None if expires is None else time_of(BEGIN_S + expires)
    )
    at = time_of(BEGIN_S + at_s)
    fields: dict[str, Any] = {"parts": (part,), "sender": "s", "sent": at, "source": "n", "identifier": name} | more
    return Alert(id=f"id-{name}", time=at, cap="<alert/>", **fields)


def told(*alerts: Alert, access: Access = TRUSTING) -> Word:
    word = Word()
    for one in alerts:
        word.alert(one, access, ZONES, 3_600)
    return word


@pytest.mark.parametrize(("expires_s", "until_s"), [(500.0, 500.0), (None, 3_601.0), (2 * DAY_S, DAY_S + 1)])
def test_an_alert_stands_until_its_end_an_hour_where_it_has_none_and_a_day_at_most(
    expires_s: float | None, until_s: float
) -> None:
    word = told(alert("1", 1, expires_s=expires_s))
    assert (asked(word, until_s - 1), asked(word, until_s)) == ({"a": "prepare"}, {})


def test_an_all_clear_ends_what_its_sender_sent_before_it_in_its_zones() -> None:
    before, same, other = alert("1", 1, "prepare", "a", "b"), alert("2", 9), alert("3", 1, sender="t")
    clear = alert("4", 9, "all_clear")
    assert asked(told(before, clear), 10) == {"b": "prepare"}
    assert asked(told(same, clear), 10) == {"a": "prepare"}, "what was sent in the same second stands"
    assert asked(told(other, clear), 10) == {"a": "prepare"}
    for passed_on in ({"source": "m"}, {"via": "relay"}):
        assert asked(told(alert("1", 1, **passed_on), clear), 10) == {"a": "prepare"}
    # And where it came first.
    assert asked(told(clear, before), 10) == {"b": "prepare"}
    assert asked(told(clear, same), 10) == {"a": "prepare"}


def test_a_cancel_ends_the_messages_it_names_wherever_they_stand_and_no_others() -> None:
    one, two = alert("1", 1, "take_cover", "a", "b"), alert("2", 1, "prepare", "b", "c")
    over = alert("3", 5, parts=(), message="Cancel", ends=("1",))
    assert asked(told(one, two, over), 10) == {"b": "prepare", "c": "prepare"}
    assert asked(told(over, one, two), 10) == {"b": "prepare", "c": "prepare"}
    assert asked(told(one, alert("3", 5, parts=(), message="Cancel", ends=("1",), sender="t")), 10) == {
        "a": "take_cover", "b": "take_cover"
    }  # fmt: skip
    assert asked(told(over, alert("1", 6, "take_cover")), 10) == {"a": "take_cover"}, "sent after its end"


def test_an_update_takes_the_place_of_what_it_names_where_it_could_be_wholly_read() -> None:
    one = alert("1", 1, "take_cover", "a", "b")
    update = {"message": "Update", "ends": ("1",)}
    assert asked(told(one, alert("2", 5, "prepare", **update)), 10) == {"a": "prepare"}
    assert asked(told(one, alert("2", 5, "prepare", complete=False, **update)), 10) == dict.fromkeys("ab", "take_cover")
    assert asked(told(one, alert("2", 5, "prepare", message="Alert", ends=("1",))), 10) == dict.fromkeys(
        "ab", "take_cover"
    )
    # Under its own name it ends nothing of what it says itself.
    assert asked(told(alert("1", 5, "prepare", **update)), 10) == {"a": "prepare"}


def test_what_is_from_the_future_counts_as_sent_when_it_came() -> None:
    ahead = alert("1", 1, "all_clear", sent=time_of(BEGIN_S + 1_000))
    assert asked(told(ahead, alert("2", 5)), 10) == {"a": "prepare"}


@pytest.mark.parametrize(
    ("may", "where", "shown"),
    [
        ("none", (), {}),
        ("prepare", (), {"a": "prepare", "c": "prepare"}),
        ("take_cover", (), {"a": "take_cover", "c": "take_cover"}),
        ("take_cover", ("south",), {"c": "take_cover"}),
        ("take_cover", ("a",), {"a": "take_cover"}),
        ("prepare", ("b",), {}),
    ],
)
def test_a_source_raises_no_more_than_it_may_and_nowhere_else(
    may: Any, where: tuple[str, ...], shown: dict[str, str]
) -> None:
    access = Access([Authority(id="n", kinds=("alert",), alerts=may, alert_zones=where)], ())
    assert asked(told(alert("1", 1, "take_cover", "a", "c", "nowhere"), access=access), 10) == shown


def test_of_one_zone_the_newest_eight_count() -> None:
    first = alert("first", 0, "take_cover")
    for many, shown in ((7, "take_cover"), (8, "prepare")):
        assert asked(told(first, *(alert(f"{k}", 1) for k in range(many))), 10) == {"a": shown}


def test_the_oldest_acts_and_ends_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.guard.word.WAITING_MAX", 2)
    monkeypatch.setattr("tocsin.guard.word.OVER_MAX", 2)
    rules = ActRules(second_person=("release",))
    word = obeyed(act("raise", 0), rules=RULES)
    for k in (1, 2, 3):
        word.obey(act("release", k), rules, ZONES)
    assert [name.split("\n")[1] for name in word.plain["waiting"]] == ["release-2", "release-3"]
    ends = [alert(f"over-{k}", 5, parts=(), message="Cancel", ends=(f"{k}",)) for k in (1, 2, 1, 3)]
    forgotten = told(*ends)
    assert asked(told(*ends, alert("2", 1)), 10) == {"a": "prepare"}, "what was forgotten holds a warning"
    assert [name.split("\n")[-1] for name in forgotten.plain["over"]] == ["1", "3"]
