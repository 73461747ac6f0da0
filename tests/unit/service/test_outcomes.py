"""What the engine made of one event reaches whoever waits for it: the right one, and not before it is so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.bench.virtual_time import played
from tocsin.model.effect import Refused
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Alert, Impact
from tocsin.service import outcomes as outcomes_module
from tocsin.service.outcomes import WAIT_FOR_DECISION_S, WAIT_S, Made, Outcomes
from tocsin.service.worker import Step

NOW = datetime(2026, 3, 1, tzinfo=UTC)
USED = Made(True)


def impact(name: str, source: str = "x") -> Impact:
    return Impact(id=name, source=source, time=NOW, lat=46.0, lon=8.0, sigma_m=50)


def alert(name: str, source: str = "x") -> Alert:
    return Alert(id=name, source=source, time=NOW, cap="<alert/>")


def said(event: Impact | Alert, reason: str, *, used: bool = False) -> Refused:
    return Refused(id=event.id, source=event.source, reason=reason, used=used)


def step(seq: int, event: Event, *effects: Refused) -> Step:
    return Step(seq, event, effects, 0.0)


def tick(seq: int, *effects: Refused) -> Step:
    return step(seq, Tick(time=NOW + timedelta(seconds=seq)), *effects)


def asked(outcomes: Outcomes, events: dict[int, Event]) -> tuple[dict[int, Made], float]:
    """What is answered, and after how many seconds of waiting."""

    async def story() -> tuple[dict[int, Made], float]:
        found = await outcomes.of(events)
        return found, asyncio.get_running_loop().time()

    return played(story())


def test_each_is_told_what_became_of_its_own() -> None:
    outcomes = Outcomes()
    events: dict[int, Event] = {1: impact("a"), 2: impact("b"), 3: impact("c")}
    outcomes.note(step(1, events[1]))
    outcomes.note(step(2, events[2], said(impact("b"), "too far"), said(impact("b"), "too old")))
    outcomes.note(step(3, events[3], said(impact("c"), "it is far", used=True)))
    found, waited_s = asked(outcomes, events)
    assert waited_s == 0.0
    assert found == {1: USED, 2: Made(True, ("too far", "too old")), 3: Made(True, noted=("it is far",))}


def test_what_the_engine_has_not_come_to_is_waited_for_and_then_not_claimed() -> None:
    outcomes = Outcomes()
    outcomes.note(step(1, impact("a")))
    found, waited_s = asked(outcomes, {1: impact("a"), 2: impact("b")})
    assert found == {1: USED, 2: Made(False)}
    assert waited_s == pytest.approx(WAIT_S)


def test_an_alert_is_judged_by_the_decision_after_it_and_no_earlier_one() -> None:
    outcomes = Outcomes()
    outcomes.note(tick(1))
    outcomes.note(step(2, alert("a")))
    assert asked(outcomes, {2: alert("a")})[1] == pytest.approx(WAIT_FOR_DECISION_S)
    outcomes.note(tick(3, said(alert("a"), "no room")))
    found, waited_s = asked(outcomes, {2: alert("a")})
    assert (found, waited_s) == ({2: Made(True, ("no room",), dropped=True)}, 0.0)


def test_what_was_refused_at_once_was_not_dropped_and_what_was_dropped_stays_so() -> None:
    outcomes = Outcomes()
    outcomes.note(step(1, alert("a"), said(alert("a"), "unsigned")))
    found, _ = asked(outcomes, {1: alert("a")})
    assert found == {1: Made(True, ("unsigned",))}
    outcomes.note(tick(2, said(alert("a"), "no room"), said(alert("a"), "none at all")))
    found, _ = asked(outcomes, {1: alert("a")})
    assert found == {1: Made(True, ("unsigned", "no room", "none at all"), dropped=True)}


def test_a_decision_speaks_of_the_alerts_since_the_last_one_by_name_and_source() -> None:
    outcomes = Outcomes()
    outcomes.note(step(1, alert("a")))
    outcomes.note(step(2, alert("a", "other")))
    outcomes.note(tick(3, said(alert("a", "other"), "no room")))
    # Told again at a later decision it is of no event that anybody waits for.
    outcomes.note(tick(4, said(alert("a"), "lapsed")))
    found, _ = asked(outcomes, {1: alert("a"), 2: alert("a", "other")})
    assert found == {1: USED, 2: Made(True, ("no room",), dropped=True)}


def test_whoever_waits_is_answered_when_it_is_so() -> None:
    outcomes = Outcomes()

    async def story() -> None:
        waiting = asyncio.create_task(outcomes.of({1: impact("a"), 2: alert("b")}))
        for one in (step(1, impact("a")), step(2, alert("b"), said(alert("b"), "far"))):
            outcomes.note(one)
            await asyncio.sleep(0.01)
            assert not waiting.done()
        outcomes.note(tick(3))
        assert await waiting == {1: USED, 2: Made(True, ("far",))}
        assert asyncio.get_running_loop().time() < 0.1

    played(story())


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes_module, "KEPT_MAX", 2)
    outcomes = Outcomes()
    for number in range(1, 4):
        outcomes.note(step(number, impact(f"i{number}"), said(impact(f"i{number}"), "no")))
    found, _ = asked(outcomes, {number: impact(f"i{number}") for number in range(1, 4)})
    # Of the oldest it is forgotten; what is forgotten is not claimed to be refused.
    assert [bool(found[number].reasons) for number in range(1, 4)] == [False, True, True]


def test_nothing_asked_is_answered_at_once() -> None:
    assert asked(Outcomes(), {}) == ({}, 0.0)
