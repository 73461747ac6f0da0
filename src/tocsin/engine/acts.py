"""Operators' acts: each takes effect at the next tick, or waits for a second person."""

from __future__ import annotations

import msgspec

from tocsin.engine.late_acts import as_it_came, late_said, lateness_s
from tocsin.engine.second_person import SETTINGS, WAITING_MAX, approved, hold, second_needed
from tocsin.engine.state import State
from tocsin.model.effect import Effect, Refused
from tocsin.model.event import OperatorAct
from tocsin.model.value import seconds_of


def take_act(state: State, act: OperatorAct) -> list[Effect]:
    """Let an act take effect at the next tick, or wait for a second person, or stop waiting."""
    if act.action == "approve":
        found = approved(state.held, act)
        if isinstance(found, Refused):
            return [found]
        state.held = [one for one in state.held if one is not found]
        late = found.act.late or lateness_s(act, state.now) > 0.0
        _obey(state, msgspec.structs.replace(found.act, approved_by=act.operator, late=late))
        return []
    came = as_it_came(act, state.now)
    if isinstance(came, Refused):
        return [came]
    act, told = came, list[Effect]([late_said(came)] if came.late else [])
    why = second_needed(act, state.configuration.acts, state.index)
    if why is None:
        _obey(state, act)
        return told
    one = hold(state.held, act, state.configuration.acts, why)
    if isinstance(one, Refused):
        return [one]
    state.held = [*state.held, one]
    assert len(state.held) <= WAITING_MAX, "more acts wait than may"
    return told


def approves_switch(state: State, act: OperatorAct) -> bool:
    """Whether an act approves the change between drill and live that waits."""
    switch, named = state.switch, (act.action, act.act, act.act_of)
    return switch is not None and named == ("approve", switch.id, SETTINGS) and seconds_of(act.time) <= switch.until_s


def _obey(state: State, act: OperatorAct) -> None:
    """Let an act take effect at the next tick."""
    state.waiting.acts.append(act)
    if act.action == "release" and not act.late:
        state.lost = state.lost.difference(act.zones)
