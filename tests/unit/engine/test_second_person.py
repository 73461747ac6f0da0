"""Who may let whose act take effect, and for how long it waits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.engine.test_orders import act, after, approve, configuration, refused, started, warned
from tocsin.engine import second_person
from tocsin.engine.second_person import switch_held
from tocsin.model.event import ActRules, Tick

CANCELS = ActRules(second_person=("cancel",), waits_s=60.0)


@pytest.mark.parametrize(("seconds", "lets"), [(62.0, True), (62.1, False)])
def test_an_act_is_approved_until_its_time_is_over_and_not_after(seconds: float, lets: bool) -> None:
    engine = started(acts=CANCELS)
    engine.step(act(2, "cancel"))
    assert (engine.step(approve(seconds, "a2")) == []) == lets


@pytest.mark.parametrize(("seconds", "lets"), [(65.0, True), (65.1, False)])
def test_a_switch_is_approved_until_its_time_is_over_and_not_after(seconds: float, lets: bool) -> None:
    rules = ActRules(second_person=("drill",), waits_s=60.0)
    engine = started(acts=rules)
    engine.step(configuration(5, drill=True, acts=rules))
    engine.step(act(seconds, "approve", (), act="c5", act_of="settings", operator="chief"))
    assert engine.configuration is not None and engine.configuration.drill == lets


def test_of_two_rules_about_a_switch_the_longer_time_holds() -> None:
    short, long = (ActRules(second_person=("drill",), waits_s=waits_s) for waits_s in (10.0, 60.0))
    for before, wanted in ((short, long), (long, short)):
        held = switch_held(configuration(0, acts=before), configuration(5, acts=wanted, drill=True))
        assert held is not None and held.until_s - held.since_s == 60.0
        assert (held.waiting().since, held.waiting().ends) == (after(5), after(65))
        assert "a switch to drill" in held.waiting().why


@pytest.mark.parametrize(("rule", "waits"), [("raise", ["raise"]), ("release", ["release"]), ("cancel", ["cancel"])])
def test_a_rule_about_one_act_is_one_about_no_other(rule: Any, waits: list[str]) -> None:
    engine = started(acts=ActRules(second_person=(rule,)))
    for number, action in enumerate(("raise", "release", "cancel", "confirm")):
        engine.step(act(2 + number, action))  # type: ignore[arg-type]
    assert [one.action for one in engine.orders().waiting] == waits
    assert f"every {rule} needs a second person" == engine.orders().waiting[0].why


def test_a_wide_act_counts_each_zone_once_and_none_that_is_not_ours() -> None:
    rules = ActRules(second_person=("wide",), wide_zones=2, wide_people=1e9)
    engine = started(acts=rules)
    engine.step(act(2, "raise", ("home", "home", "away", "elsewhere")))
    assert engine.orders().waiting == ()
    engine.step(act(3, "release", ("home", "away", "far")))
    (waiting,) = engine.orders().waiting
    assert waiting.why == "3 zones with 30000 people need a second person"
    assert (waiting.since, waiting.ends, waiting.zones) == (after(3), after(303), ("home", "away", "far"))


def test_two_acts_that_wait_are_told_apart_by_id_and_operator() -> None:
    engine = started(acts=CANCELS)
    engine.step(act(2, "raise"))
    engine.step(Tick(time=after(3)))
    engine.step(act(4, "cancel", ("away",), id="same", operator="other"))
    engine.step(act(5, "cancel", id="same"))
    assert engine.step(approve(6, "same")) == []
    assert [one.operator for one in engine.orders().waiting] == ["other"]
    assert warned(engine.step(Tick(time=after(7)))) == [("home", "all_clear", False)]


def test_more_acts_than_can_wait_are_refused_rather_than_older_ones_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_person, "WAITING_MAX", 2)
    engine = started(acts=CANCELS)
    told = [refused(engine.step(act(second, "cancel"))) for second in (2, 3, 4)]
    assert told[:2] == [[], []] and "2 acts wait for a second person already" in told[2][0]
    assert [one.act for one in engine.orders().waiting] == ["a2", "a3"]
