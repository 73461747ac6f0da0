"""Acts that wait for a second person, and warnings that cannot go on under another configuration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.engine.engine import Engine
from tocsin.model.effect import Effect, Picture, Refused
from tocsin.model.errors import BadValue
from tocsin.model.event import Action, ActRules, Configuration, OperatorAct, Tick
from tocsin.model.observation import Alert, Impact
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def zone(name: str, south: float) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name=name, population=10_000.0, polygons=((ring,),))


ZONES = tuple(zone(name, 46.0 + 0.2 * number) for number, name in enumerate(("home", "away", "far")))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def configuration(seconds: float = 0, **more: Any) -> Configuration:
    fields: dict[str, Any] = {"id": f"c{seconds}", "time": after(seconds), "zones": ZONES}
    return Configuration(**fields | more)


def started(**more: Any) -> Engine:
    engine = Engine()
    engine.step(configuration(**more))
    engine.step(Tick(time=after(1)))
    return engine


def act(seconds: float, action: Action, zones: Sequence[str] = ("home",), **more: Any) -> OperatorAct:
    fields: dict[str, Any] = {"id": f"a{seconds}", "operator": "desk"}
    return OperatorAct(time=after(seconds), action=action, zones=tuple(zones), **fields | more)


def approve(seconds: float, of: str, operator: str = "chief") -> OperatorAct:
    return act(seconds, "approve", (), act=of, act_of="desk", operator=operator)


def warned(effects: Sequence[Effect]) -> list[tuple[str, str, bool]]:
    return [(one.zone, one.level, one.drill) for one in effects if isinstance(one, Warning)]


def refused(effects: Sequence[Effect]) -> list[str]:
    return [one.reason for one in effects if isinstance(one, Refused)]


CANCELS = ActRules(second_person=("cancel",), waits_s=60.0)


def test_a_cancel_waits_for_a_second_person_and_then_does_what_it_says() -> None:
    engine = started(acts=CANCELS)
    engine.step(act(2, "raise"))
    assert warned(engine.step(Tick(time=after(3)))) == [("home", "take_cover", False)]
    assert engine.step(act(4, "cancel", reason="cranes")) == []
    assert warned(engine.step(Tick(time=after(5)))) == []
    (waiting,) = engine.orders().waiting
    assert (waiting.act, waiting.operator, waiting.ends) == ("a4", "desk", after(64))
    assert engine.step(approve(6, "a4")) == []
    effects = engine.step(Tick(time=after(7)))
    assert warned(effects) == [("home", "all_clear", False)]
    assert "desk with chief: cranes" in next(one.reason for one in effects if isinstance(one, Warning))
    assert engine.orders().waiting == ()
    assert [(one.operator, one.approved_by) for one in engine.orders().standing] == [("desk", "chief")]


def test_nobody_approves_his_own_act_nor_one_that_does_not_wait() -> None:
    engine = started(acts=CANCELS)
    engine.step(act(2, "cancel"))
    assert "cannot approve" in refused(engine.step(approve(3, "a2", operator="desk")))[0]
    assert "no act other" in refused(engine.step(approve(4, "other")))[0]
    assert len(engine.orders().waiting) == 1
    assert "no act a2" in refused(engine.step(approve(63, "a2")))[0], "its time was over before the next tick"


def test_an_act_that_nobody_approves_is_let_go_and_that_is_said() -> None:
    engine = started(acts=CANCELS)
    engine.step(act(2, "cancel"))
    assert refused(engine.step(Tick(time=after(61)))) == []
    assert "nobody approved this cancel" in refused(engine.step(Tick(time=after(62))))[0]
    assert engine.orders().waiting == ()


@pytest.mark.parametrize(
    ("rules", "zones", "waits"),
    [
        (ActRules(second_person=("wide",), wide_zones=2), ("home", "away"), False),
        (ActRules(second_person=("wide",), wide_zones=2), ("home", "away", "far"), True),
        (ActRules(second_person=("wide",), wide_people=20_000.0), ("home", "away"), False),
        (ActRules(second_person=("wide",), wide_people=19_999.0), ("home", "away"), True),
        (ActRules(wide_zones=1), ("home", "away", "far"), False),
        (ActRules(second_person=("cancel",)), ("home",), False),
    ],
)
def test_a_raise_waits_where_it_is_wider_than_the_rules_let_one_person_decide(
    rules: ActRules, zones: tuple[str, ...], waits: bool
) -> None:
    engine = started(acts=rules)
    engine.step(act(2, "raise", zones))
    assert (len(engine.orders().waiting) == 1) == waits
    assert (len(warned(engine.step(Tick(time=after(3))))) == 0) == waits


def test_a_restart_and_a_twin_hold_the_same_acts() -> None:
    engine = started(acts=CANCELS)
    engine.step(act(2, "raise"))
    engine.step(Tick(time=after(3)))
    engine.step(act(4, "cancel"))
    again = Engine.restore(engine.snapshot())
    assert again.orders() == engine.orders()
    for one in (engine, again):
        one.step(approve(5, "a4"))
    tick = Tick(time=after(6))
    assert again.step(tick) == engine.step(tick)
    assert again.snapshot() == engine.snapshot()


@pytest.mark.parametrize("drill", [True, False])
def test_a_switch_between_drill_and_live_ends_what_stands_as_it_was_issued_and_real_danger_raises_anew(
    drill: bool,
) -> None:
    engine = started(drill=drill)
    alert = Alert(id="n", time=after(2), cap="<alert/>", zones=("away",), level="take_cover", expires=after(3_000))
    engine.step(act(2, "raise"))
    engine.step(alert)
    assert warned(engine.step(Tick(time=after(3)))) == [("home", "take_cover", drill), ("away", "take_cover", drill)]
    effects = engine.step(configuration(4, drill=not drill))
    assert warned(effects) == [("home", "all_clear", drill), ("away", "all_clear", drill)]
    picture = next(one for one in effects if isinstance(one, Picture))
    assert {(state.level, state.drill) for state in picture.zones} == {("none", not drill)}
    assert warned(engine.step(Tick(time=after(5)))) == [("away", "take_cover", not drill)]
    assert engine.orders().standing == (), "an order in a drill is none outside it"


@pytest.mark.parametrize("drill", [True, False])
def test_what_was_ordered_in_a_drill_and_not_carried_out_yet_is_no_order_outside_it_nor_the_reverse(
    drill: bool,
) -> None:
    engine = started(drill=drill, acts=CANCELS)
    engine.step(act(2, "raise"))
    engine.step(act(3, "cancel"))
    engine.step(configuration(4, drill=not drill, acts=CANCELS))
    assert engine.orders().waiting == ()
    assert warned(engine.step(Tick(time=after(5)))) == []


def test_what_fell_and_where_nobody_sees_are_the_same_in_a_drill_and_outside_it() -> None:
    engine = started()
    engine.step(Impact(id="i", time=after(2), lat=46.05, lon=8.05, sigma_m=50))
    engine.step(Tick(time=after(3)))
    picture = next(one for one in engine.step(configuration(4, drill=True)) if isinstance(one, Picture))
    assert [state.degraded for state in picture.zones] == [True] * 3
    assert warned(engine.step(Tick(time=after(5)))) == [("home", "take_cover", True)]


def test_a_zone_that_leaves_the_file_is_told_so_first_and_its_ids_never_repeat() -> None:
    engine = started()
    engine.step(act(2, "raise", ("home", "away")))
    issued = [one for one in engine.step(Tick(time=after(3))) if isinstance(one, Warning)]
    effects = engine.step(configuration(4, zones=ZONES[1:]))
    ended = [one for one in effects if isinstance(one, Warning)]
    assert [(one.zone, one.level, one.replaces) for one in ended] == [("home", "all_clear", issued[0].id)]
    assert "no longer warned" in ended[0].reason
    assert [one.zone for one in engine.standing()] == ["away"]
    engine.step(Tick(time=after(5)))
    engine.step(configuration(6, zones=ZONES))
    engine.step(act(7, "raise"))
    (anew,) = [one for one in engine.step(Tick(time=after(8))) if isinstance(one, Warning)]
    assert anew.id not in {one.id for one in (*issued, *ended)}


def test_a_configuration_that_is_refused_ends_nothing() -> None:
    engine = started()
    engine.step(act(2, "raise"))
    engine.step(Tick(time=after(3)))
    effects = engine.step(configuration(4, zones=ZONES[1:], policy={"nonsense": 1}))
    assert warned(effects) == []
    assert [one.zone for one in engine.standing()] == ["home"]


def test_an_act_without_a_zone_and_an_approval_of_nothing_are_no_acts() -> None:
    with pytest.raises(BadValue, match="zones is empty"):
        act(1, "raise", ())
    with pytest.raises(BadValue, match="approves"):
        act(1, "approve", ())


def drills(effects: Sequence[Effect]) -> set[bool]:
    """Of the zones shown, which are a drill's and which are not."""
    return {zone.drill for one in effects if isinstance(one, Picture) for zone in one.zones}


SWITCHES = ActRules(second_person=("drill",), waits_s=60.0)


def approve_switch(seconds: float, of: str, operator: str = "chief") -> OperatorAct:
    return act(seconds, "approve", (), act=of, act_of="settings", operator=operator)


@pytest.mark.parametrize("asks", ["before", "new"])
def test_a_switch_between_drill_and_live_waits_for_a_second_person_and_relabels_nothing_until_then(asks: str) -> None:
    rules = {"before": SWITCHES if asks == "before" else ActRules(), "new": SWITCHES if asks == "new" else ActRules()}
    engine = started(acts=rules["before"])
    engine.step(act(2, "raise"))
    engine.step(Tick(time=after(3)))
    effects = engine.step(configuration(5, drill=True, acts=rules["new"], zones=ZONES[:2]))
    assert (warned(effects), drills(effects)) == ([], {False})
    assert len(engine.standing()) == 1
    # All but the label holds at once, and a restart forgets nothing of it.
    assert engine.configuration is not None and len(engine.configuration.zones) == 2
    engine = Engine.restore(engine.snapshot())
    (waiting,) = engine.orders().waiting
    assert (waiting.act, waiting.action, waiting.operator, waiting.level) == ("c5", "switch", "settings", None)
    effects = engine.step(approve_switch(10, "c5"))
    # What stands is ended first, labelled as it was.
    assert warned(effects) == [("home", "all_clear", False)]
    assert drills(effects) == {True}
    assert engine.orders().waiting == ()
    assert engine.configuration is not None and engine.configuration.drill


def test_a_switch_that_nobody_approves_in_time_is_let_go_and_a_later_approval_finds_nothing() -> None:
    engine = started(acts=SWITCHES)
    engine.step(configuration(5, drill=True, acts=SWITCHES))
    assert refused(engine.step(Tick(time=after(64)))) == []
    assert refused(engine.step(Tick(time=after(66)))) == ["nobody approved the switch to drill in time"]
    assert refused(engine.step(approve_switch(67, "c5"))) == ["no act c5 of settings waits for a second person"]
    assert engine.configuration is not None and not engine.configuration.drill
    # Nor does one of a switch that another start has taken the place of.
    engine.step(configuration(70, drill=True, acts=SWITCHES))
    engine.step(configuration(80, acts=SWITCHES))
    assert engine.orders().waiting == ()
    assert refused(engine.step(approve_switch(81, "c70"))) == ["no act c70 of settings waits for a second person"]


def test_without_that_rule_the_settings_switch_alone() -> None:
    engine = started(acts=CANCELS)
    assert drills(engine.step(configuration(5, drill=True, acts=CANCELS))) == {True}
    assert engine.orders().waiting == ()
