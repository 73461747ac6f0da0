"""A tick: everything is brought to its time, and decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.engine.decision_basis import Moment
from tocsin.engine.loss import LOST
from tocsin.engine.observations import noted
from tocsin.engine.rounding import for_people, health_for_people
from tocsin.engine.second_person import ended
from tocsin.engine.state import State
from tocsin.model.effect import Degraded, Effect, Picture
from tocsin.model.sensor import SensorHealth
from tocsin.model.value import seconds_of

# The longest flight a launch report alone can announce: a 1,000 km ballistic missile takes about 10 minutes.
LAUNCH_KEPT_S = 900.0
# Operators are reminded for a day of a sensor that is no longer in the file.
REMOVED_TOLD_S = 86_400.0


def decide(state: State, now: datetime) -> list[Effect]:
    """Bring everything to `now` and decide."""
    now_s = seconds_of(now)
    assert state.now is None or state.now <= now, "a tick of the past is refused before it comes here"
    state.now = now
    state.launches = [launch for launch in state.launches if now - launch.time <= timedelta(seconds=LAUNCH_KEPT_S)]
    unapproved = ended(state.held, now_s)
    if state.switch is not None and state.switch.until_s <= now_s:
        unapproved.append(state.switch.unapproved())
        state.switch = None
    state.held = [one for one in state.held if one.until_s > now_s]
    tracks = state.transponders.believed(now_s, state.tracker.advance(now_s), state.called)
    degraded = _degraded(state, now)
    outlook = state.forecaster.outlook(now_s, tracks, state.launches, state.blind)
    floors = state.reported.floors(now_s, state.warner.need_s)
    left_out = [noted(report, why) for report, why in state.reported.left_out]
    waiting, state.waiting = state.waiting, type(state.waiting)()
    decision = state.warner.decide(
        now_s,
        outlook,
        tracks,
        impacts=waiting.impacts,
        alerts=waiting.alerts,
        acts=waiting.acts,
        blind=state.blind,
        floors=floors,
        unseen=state.unseen,
    )
    state.called = decision.called
    state.moment = Moment(
        now_s,
        state.index,
        outlook,
        tracks,
        waiting.impacts,
        waiting.alerts,
        waiting.acts,
        floors,
        state.blind,
        decision,
        state.unseen,
    )
    shown = (*tracks, *state.told.advance(now_s, tracks))
    picture = Picture(time=now, tracks=tuple(for_people(track) for track in shown), zones=decision.changed)
    return [*unapproved, *left_out, *decision.refused, *decision.warnings, *degraded, picture]


def _degraded(state: State, now: datetime) -> list[Effect]:
    """Bring the blind zones up to date; an effect when they, or the sensors in trouble, are others than before."""
    now_s = seconds_of(now)
    state.health = state.tracker.health(now_s)
    health = [sensor for sensor in state.health if sensor.state != "up"]
    gone = [one.id for one, at_s in state.removed if now_s - at_s < REMOVED_TOLD_S]
    health += [SensorHealth(sensor=name, state="removed") for name in gone]
    troubled: dict[str, str] = {sensor.sensor: sensor.state for sensor in health}
    blind, unseen = state.coverage.blind(health), state.coverage.unseen(health)
    if state.lost:
        every = [(zone.id, LOST if zone.id in state.lost else blind.get(zone.id)) for zone in state.index.zones]
        blind = {zone: why for zone, why in every if why is not None}
    if (troubled, blind, unseen) == (state.troubled, state.blind, state.unseen):
        return []
    state.troubled, state.blind, state.unseen = troubled, blind, unseen
    reason = (
        f"{len(health) - len(gone)} of {len(state.configuration.sensors)} sensors in trouble; "
        f"{len(blind)} zones may be blind, {len(unseen)} of them not yet seen or not watched at all"
        + (f"; {len(gone)} sensors were removed" if gone else "")
        + (f"; {state.lost_reason}" if state.lost else "")
    )
    return [Degraded(time=now, sensors=tuple(map(health_for_people, health)), zones=tuple(blind), reason=reason)]
