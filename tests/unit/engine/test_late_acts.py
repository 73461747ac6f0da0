"""Acts of an officer who was cut off, told long after: his orders stand, and what he never saw is not taken back."""

from __future__ import annotations

import pytest

from tests.unit.engine.test_orders import act, after, approve, refused, started, warned
from tocsin.engine.engine import Engine
from tocsin.engine.late_acts import LATE_S
from tocsin.model.event import Action, ActRules, Tick
from tocsin.model.observation import Impact
from tocsin.model.order import Orders

HOUR_S = 3_600.0


def struck(second: float) -> Impact:
    return Impact(id=f"hit{second}", time=after(second), source="post", lat=46.05, lon=8.05, sigma_m=50.0)


def covered() -> Engine:
    """Something has just fallen in a zone, an hour after the officer was cut off."""
    engine = started()
    engine.step(struck(HOUR_S))
    assert warned(engine.step(Tick(time=after(HOUR_S + 1)))) == [("home", "take_cover", False)]
    return engine


@pytest.mark.parametrize("action", ["cancel", "release"])
def test_a_cancel_of_an_hour_ago_does_not_clear_what_fell_since(action: Action) -> None:
    engine = covered()
    told = engine.step(act(10, action))
    assert any("look, and act again" in reason for reason in refused(told))
    assert warned(engine.step(Tick(time=after(HOUR_S + 2)))) == []
    assert engine.kept()[0].level == "take_cover"


def test_a_cancel_that_a_second_person_approved_an_hour_ago_does_not_clear_what_fell_since() -> None:
    engine = started(acts=ActRules(second_person=("cancel",), waits_s=7_200))
    engine.step(struck(HOUR_S))
    engine.step(Tick(time=after(HOUR_S + 1)))
    for late in (act(10, "cancel"), approve(20, "a10")):
        engine.step(late)
    assert warned(engine.step(Tick(time=after(HOUR_S + 2)))) == []


def test_a_cancel_that_comes_at_once_clears() -> None:
    engine = covered()
    engine.step(act(HOUR_S + 1 - LATE_S, "cancel"))
    assert warned(engine.step(Tick(time=after(HOUR_S + 2)))) == [("home", "all_clear", False)]


@pytest.mark.parametrize("action", ["cancel", "release"])
def test_what_was_raised_and_taken_back_while_cut_off_does_not_stand_afterwards(action: Action) -> None:
    engine = started()
    engine.step(Tick(time=after(HOUR_S)))
    engine.step(act(10, "raise"))
    engine.step(act(20, action))
    engine.step(Tick(time=after(HOUR_S + 1)))
    assert engine.orders() == Orders()


def test_a_raise_of_an_hour_ago_stands_for_what_is_left_of_its_time() -> None:
    engine = started()
    engine.step(Tick(time=after(HOUR_S)))
    assert refused(engine.step(act(10, "raise", lasts_s=600.0)))
    engine.step(act(20, "raise", ("away",), lasts_s=HOUR_S + 600.0))
    engine.step(act(30, "raise", ("far",)))
    assert warned(engine.step(Tick(time=after(HOUR_S)))) == [
        ("away", "take_cover", False),
        ("far", "take_cover", False),
    ]
    ends = {one.zone: one.ends for one in engine.orders().standing}
    assert ends == {"away": after(HOUR_S + 620), "far": None}


def test_a_confirmation_of_an_hour_ago_confirms_nothing() -> None:
    engine = started()
    engine.step(Tick(time=after(HOUR_S)))
    (reason,) = refused(engine.step(act(10, "confirm")))
    assert "look at what is proposed now" in reason
