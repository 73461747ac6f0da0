"""How one zone stands: what is asked of it, until when, and what of that ends."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tests.unit.warn.worlds import NOW_S
from tocsin.model.event import OperatorAct
from tocsin.model.threat import Floor
from tocsin.model.value import time_of
from tocsin.warn.policy import Policy
from tocsin.warn.standing import Standing

POLICY = Policy(cancel_s=100)


def floor(level: Any, lasts_s: float, threat: Any = "drone") -> Floor:
    return Floor(np.array([0], np.int32), level, NOW_S + lasts_s, threat)


def act(action: Any, at_s: float = 0.0, **fields: Any) -> OperatorAct:
    return OperatorAct(
        id=f"{action}-{at_s}", time=time_of(NOW_S) + timedelta(seconds=at_s), operator="desk", action=action,
        zones=("south",), **fields,
    )  # fmt: skip


@tried(100, nightly=10_000)
@given(st.lists(st.tuples(st.sampled_from(["prepare", "take_cover"]), st.integers(1, 900)), min_size=1, max_size=6))
def test_what_reports_ask_for_lasts_as_long_as_the_longest_of_them_and_cover_never_longer_than_caution(
    told: list[tuple[str, int]],
) -> None:
    standing = Standing()
    for level, lasts_s in told:
        standing.tell(floor(level, lasts_s))
    assert standing.told_prepare_until_s == NOW_S + max(lasts_s for _, lasts_s in told)
    covers = [lasts_s for level, lasts_s in told if level == "take_cover"]
    assert standing.told_cover_until_s == (NOW_S + max(covers) if covers else 0.0)


@pytest.mark.parametrize(("asks", "now_s", "already"), [
    ("prepare", 99, True), ("prepare", 100, False), ("take_cover", 49, True), ("take_cover", 50, False),
])  # fmt: skip
def test_a_report_asks_for_nothing_new_until_what_others_asked_for_is_over(
    asks: Any, now_s: float, already: bool
) -> None:
    standing = Standing()
    assert not standing.asked(floor(asks, 1), NOW_S)
    standing.tell(floor("take_cover", 50))
    standing.tell(floor("prepare", 100))
    assert standing.asked(floor(asks, 900), NOW_S + now_s) == already


def test_everything_that_is_asked_for_ends_at_its_time_and_not_before() -> None:
    ends = {"told_cover_until_s": 30.0, "told_prepare_until_s": 40.0, "impact_until_s": 50.0}
    for name, end_s in ends.items():
        standing = Standing()
        setattr(standing, name, NOW_S + end_s)
        assert standing.lapses_s() == NOW_S + end_s
        standing.let_go(NOW_S + end_s - 1)
        assert getattr(standing, name) == NOW_S + end_s
        standing.let_go(NOW_S + end_s)
        assert getattr(standing, name) == 0.0 and standing.lapses_s() == math.inf
    standing = Standing(level="prepare")
    standing.obey(act("raise", level="take_cover", lasts_s=60.0), NOW_S, POLICY)
    assert standing.lapses_s() == NOW_S + 60
    standing.let_go(NOW_S + 59)
    assert standing.raised is not None
    standing.let_go(NOW_S + 60)
    assert standing.raised is None
    standing.obey(act("cancel"), NOW_S, POLICY)
    assert standing.lapses_s() == NOW_S + 100
    standing.let_go(NOW_S + 99)
    assert standing.cancelled is not None
    standing.let_go(NOW_S + 100)
    assert standing.cancelled is None


@pytest.mark.parametrize(("lasts_s", "until_s"), [(None, 100), (50.0, 50), (500.0, 100)])
def test_a_cancel_ends_by_itself_and_no_later_than_the_policy_says(lasts_s: float | None, until_s: float) -> None:
    standing = Standing(level="take_cover")
    standing.obey(act("cancel", lasts_s=lasts_s), NOW_S, POLICY)
    assert standing.cancelled is not None and standing.cancelled.ends_s == NOW_S + until_s


@pytest.mark.parametrize(
    "lasting", [{"impact_until_s": NOW_S + 1}, {"told_prepare_until_s": NOW_S + 1}, {"own": "prepare"}]
)
def test_what_is_shown_is_a_neighbours_alone_as_long_as_nothing_of_ours_has_joined_it(lasting: dict[str, Any]) -> None:
    standing = Standing(alert="prepare")
    standing.rest(NOW_S)
    assert standing.relayed
    standing.level = "prepare"
    standing.alert = None
    standing.rest(NOW_S)
    assert standing.relayed, "it began with it"
    for name, value in lasting.items():
        setattr(standing, name, value)
    standing.rest(NOW_S)
    assert not standing.relayed
    standing = Standing(level="prepare", alert="prepare")
    standing.rest(NOW_S)
    assert not standing.relayed, "it began with something else"
    standing = Standing(alert="prepare", **{name: NOW_S for name in lasting if name != "own"})
    standing.rest(NOW_S)
    assert standing.relayed, "what has ended by now is nothing of ours"


def test_the_policys_own_cover_and_all_clear_begin_when_they_are_decided_and_not_when_they_are_repeated() -> None:
    standing = Standing()
    standing.hold(NOW_S, "take_cover", None, confirmed=False)
    standing.hold(NOW_S + 10, "take_cover", None, confirmed=True)
    assert (standing.covered_s, standing.cleared_s, standing.confirmed) == (NOW_S, -1e18, True)
    standing.hold(NOW_S + 20, "all_clear", None, confirmed=False)
    standing.hold(NOW_S + 30, "all_clear", None, confirmed=False)
    assert (standing.covered_s, standing.cleared_s) == (NOW_S, NOW_S + 20)
    standing.hold(NOW_S + 40, "prepare", NOW_S + 40, confirmed=False)
    assert (standing.covered_s, standing.cleared_s, standing.proposed_s) == (NOW_S, NOW_S + 20, NOW_S + 40)


@pytest.mark.parametrize("action", ["cancel", "release"])
@pytest.mark.parametrize(("ordered_s", "stands"), [(9.0, False), (10.0, False), (11.0, True)])
def test_an_act_that_comes_late_takes_back_what_was_ordered_until_then_and_no_later(
    action: Any, ordered_s: float, stands: bool
) -> None:
    standing = Standing(level="take_cover", own="take_cover")
    standing.obey(act("raise", ordered_s, level="prepare"), NOW_S + ordered_s, POLICY)
    standing.obey(act(action, 10.0, late=True), NOW_S + 20, POLICY)
    assert (standing.raised is not None) == stands
    assert (standing.own, standing.cancelled) == ("take_cover", None), "and nothing of what has come since"


def test_a_late_release_ends_a_cancel_that_was_given_before_it() -> None:
    for cancelled_s, stands in ((9.0, False), (10.0, False), (11.0, True)):
        standing = Standing(level="take_cover")
        standing.obey(act("cancel", cancelled_s), NOW_S + cancelled_s, POLICY)
        standing.obey(act("release", 10.0, late=True), NOW_S + 20, POLICY)
        assert (standing.cancelled is not None) == stands
        standing = Standing(level="take_cover")
        standing.obey(act("cancel", 9.0), NOW_S + 9, POLICY)
        standing.obey(act("cancel", 10.0, late=True), NOW_S + 20, POLICY)
        assert standing.cancelled is not None, "a late cancel takes back no cancel"


def test_a_confirmation_of_nothing_confirms_nothing() -> None:
    standing = Standing()
    standing.obey(act("confirm"), NOW_S, POLICY)
    assert not standing.confirmed
    standing.proposed_s = NOW_S
    standing.obey(act("confirm"), NOW_S, POLICY)
    assert standing.confirmed


def test_a_cancel_where_nothing_stands_takes_nothing_back_but_raises_and_where_something_does_everything() -> None:
    standing = Standing(impact_until_s=NOW_S + 50)
    standing.obey(act("cancel"), NOW_S, POLICY)
    assert standing.cancelled is None and standing.impact_until_s == NOW_S + 50
    for fields in ({"level": "prepare"}, {"proposed_s": NOW_S}):
        standing = Standing(own="prepare", confirmed=True, impact_until_s=NOW_S + 50, **fields)
        standing.tell(floor("take_cover", 50))
        standing.obey(act("cancel"), NOW_S, POLICY)
        assert standing.cancelled is not None
        assert standing.cancelled.cover == ("proposed_s" in fields)
        assert (standing.own, standing.proposed_s, standing.confirmed) == ("none", None, False)
        assert standing.impact_until_s == standing.told_prepare_until_s == standing.told_cover_until_s == 0.0


def test_what_an_operator_tells_the_public_stands_in_what_he_ordered_and_in_no_later_all_clear() -> None:
    standing = Standing(level="take_cover")
    standing.obey(act("raise", level="take_cover", public_reason="stay inside"), NOW_S, POLICY)
    assert standing.said("take_cover", NOW_S + 5) == "stay inside"
    standing.obey(act("cancel", 9.0, public_reason="a test"), NOW_S + 9, POLICY)
    assert standing.said("all_clear", NOW_S + 9) == "a test"
    assert standing.said("all_clear", NOW_S + 10) == ""
    assert standing.said("prepare", NOW_S + 9) == ""
