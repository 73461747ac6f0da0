"""Observations: a sensor's is tracked or decided on, anybody else's is weighed as a report."""

from __future__ import annotations

import msgspec

from tocsin.engine.lines import asked_by, nothing_asked
from tocsin.engine.state import State
from tocsin.model.access import Word
from tocsin.model.effect import Effect, Refused
from tocsin.model.incident import Incident
from tocsin.model.observation import (
    Alert,
    Bearing,
    ChannelReport,
    Impact,
    Launch,
    Observation,
    Plot,
    Position,
    Presence,
    Sighting,
    Status,
)
from tocsin.model.value import clipped
from tocsin.warn.alert_rights import allowed

# More launches at once than any archive shows; beyond it the oldest is forgotten and its warning stands on its own.
LAUNCHES_MAX = 2_000


def observe(state: State, observation: Observation) -> list[Effect]:
    """Take an observation in: a sensor's is tracked or decided on, anybody else's is weighed as a report."""
    observation = _not_after_arrival(observation)
    if isinstance(observation, Alert):
        may, over = allowed(observation, state.access, state.index)
        state.waiting.alerts.append(may)
        return [
            *(noted(observation, why) for why in observation.noted),
            *(effect for why in (*observation.unused, *over) for effect in _refused(observation, why)),
        ]
    if isinstance(observation, ChannelReport):
        return _channel(state, observation)
    incident: list[Effect] = [_incident(state, observation)] if isinstance(observation, Impact) else []
    word = state.access.word(observation)
    if not word.measured:
        return incident + _refused(observation, _reported(state, observation, word))
    if isinstance(observation, Launch):
        return _keep(state, observation)
    if isinstance(observation, Impact):
        state.waiting.impacts.append(observation)
        return incident
    return _refused(observation, state.tracker.observe(observation))


def _not_after_arrival(observation: Observation) -> Observation:
    """An observation cannot have been made after it reached us: a fast clock is set back to the time of arrival."""
    if observation.time <= observation.received_at:
        return observation
    return msgspec.structs.replace(observation, time=observation.received_at)


def _channel(state: State, line: ChannelReport) -> list[Effect]:
    """Take a channel's line in: what it says is a person's report, and a launch what its source's launches are."""
    word = state.access.word(line)
    authority, effects = word.authority, list[Effect]()
    voice = word.voice
    if state.access.trusting or authority.vouches:
        voice = f"{word.voice} {line.channel}"
    state.told.note(line, voice)
    asked, used = list(asked_by(line)), False
    for report, told in asked:
        if isinstance(report, Impact):
            effects.append(_incident(state, report))
        if isinstance(report, Launch) and state.access.word(report).measured:
            effects += _keep(state, report)
            why = None
        else:
            why = state.reported.take(report, voice, alone=told.threat in authority.alone, line=told)
        used = used or why is None
        effects += _noted_once(effects, line, why)
    reasons = line.unused if asked or line.unused or not line.told else (nothing_asked(line),)
    return effects + [Refused(id=line.id, source=line.source, reason=reason, used=used) for reason in reasons]


def _noted_once(before: list[Effect], line: ChannelReport, why: str | None) -> list[Effect]:
    """That something of a line is not used; of a hundred towns with the same reason, once."""
    said = [] if why is None else [noted(line, why)]
    return [one for one in said if one not in before]


def _keep(state: State, launch: Launch) -> list[Effect]:
    """Keep a launch; where there are too many, its answer says which one was forgotten for it."""
    forgotten = state.launches[: -LAUNCHES_MAX + 1]
    state.launches = [*state.launches[-LAUNCHES_MAX + 1 :], launch]
    assert len(state.launches) <= LAUNCHES_MAX, "more launches than are kept"
    why = f"{LAUNCHES_MAX} launches are kept at a time; the oldest one is forgotten for it: "
    return [noted(launch, clipped(why + one.id)) for one in forgotten]


def _reported(state: State, observation: Observation, word: Word) -> str | None:
    """Take in what is nobody's measurement. Returns why it is not used, or None."""
    authority = word.authority
    # What a flood is made of comes first: asking a value whether it is of another kind costs a tenth of taking it in.
    if isinstance(observation, Position) and observation.cooperative:
        if authority.identifies:
            return state.transponders.note(observation, word.voice)
        return f"source {authority.id} speaks for no aircraft; an operator can let it by `identifies`"
    if isinstance(observation, Sighting):
        return state.reported.take(observation, word.voice, alone=observation.threat in authority.alone)
    if isinstance(observation, (Plot, Bearing, Presence, Status)):
        return f"its source may not speak for {observation.sensor}"
    return state.reported.take(observation, word.voice, alone=False)


def _refused(observation: Observation, reason: str | None) -> list[Effect]:
    return [] if reason is None else [Refused(id=observation.id, source=observation.source, reason=reason)]


def noted(observation: Observation, reason: str) -> Refused:
    return Refused(id=observation.id, source=observation.source, reason=reason, used=True)


def _incident(state: State, impact: Impact) -> Incident:
    _, zones = state.index.at(impact.lat, impact.lon)
    return Incident(
        id=impact.id,
        time=impact.time,
        lat=impact.lat,
        lon=impact.lon,
        sigma_m=impact.sigma_m,
        threat=impact.threat or "unknown",
        zone=state.index.zones[zones[0]].id if len(zones) else None,
        drill=state.configuration.drill,
    )
