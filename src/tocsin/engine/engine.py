"""The deterministic core: `step(event)` gives effects. Same events, same effects, byte for byte."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.engine.decision_basis import Moment
from tocsin.engine.late_acts import as_it_came, late_said, lateness_s
from tocsin.engine.lines import asked_by, nothing_asked
from tocsin.engine.rounding import for_people, health_for_people
from tocsin.engine.second_person import (
    SETTINGS,
    WAITING_MAX,
    approved,
    ended,
    hold,
    second_needed,
    switch_held,
)
from tocsin.engine.state import State, first_state, packed, reconfigured, unpacked
from tocsin.forecast.heard import Heard
from tocsin.model.access import Word
from tocsin.model.effect import Degraded, Effect, Picture, Refused
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.event import Configuration, Event, KeptZone, Loss, OperatorAct, Tick
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
from tocsin.model.order import Orders
from tocsin.model.sensor import SensorHealth
from tocsin.model.value import clipped, seconds_of, time_text
from tocsin.model.warning import Warning
from tocsin.track.told_repute import Repute
from tocsin.warn.alert_rights import allowed
from tocsin.warn.behind import Behind
from tocsin.warn.blindness import Blindness

# The longest flight a launch report alone can announce: a 1,000 km ballistic missile takes about 10 minutes.
LAUNCH_KEPT_S = 900.0
# More launches at once than any archive shows; beyond it the oldest is forgotten and its warning stands on its own.
LAUNCHES_MAX = 2_000
# Whose raise it is that holds what stood before a loss; and why a zone of which something was lost may be blind.
RECORD = "record"
LOST = str(Blindness("lost"))
# Operators are reminded for a day of a sensor that is no longer in the file.
REMOVED_TOLD_S = 86_400.0


class Engine:
    """One sector's decisions. Feed it the journal's events in order; carry out the effects.

    Observations change what is believed; ticks are when it decides. Nothing here looks at a clock.
    """

    def __init__(self, state: State | None = None) -> None:
        self._state = state

    @property
    def now(self) -> datetime | None:
        """Time of the last tick; None before the first."""
        return None if self._state is None else self._state.now

    def step(self, event: Event) -> list[Effect]:
        """Take in one event and return what the world must be told.

        Raises BadRecord for anything before the first configuration.
        """
        if isinstance(event, Configuration):
            return self._configure(event)
        if self._state is None:
            raise BadRecord("the journal does not begin with a configuration; it cannot be replayed")
        if isinstance(event, Tick):
            if self._state.now is not None and event.time < self._state.now:
                return [_stale(event)]
            return [*self._outlines(event.time), *_tick(self._state, event.time)]
        if isinstance(event, Loss):
            _lose(self._state, event)
            return []
        if isinstance(event, OperatorAct):
            if _approves_switch(self._state, event):
                return self._switch(event)
            return _act(self._state, event)
        return _observe(self._state, _not_after_arrival(event))

    def orders(self) -> Orders:
        """What operators ordered, what waits for them, and what for a second of them; for operators only."""
        if self._state is None:
            return Orders()
        warner, held = self._state.warner, self._state.held
        waiting = [one.waiting() for one in held]
        if self._state.switch is not None:
            waiting.append(self._state.switch.waiting())
        return Orders(standing=warner.orders(), proposals=warner.proposals(), waiting=tuple(waiting))

    def standing(self) -> tuple[Warning, ...]:
        """The warnings in force; none before the first configuration."""
        return () if self._state is None else self._state.warner.standing()

    def kept(self) -> tuple[KeptZone, ...]:
        """How the zones stand that were ever warned, for whoever goes on after a loss; none before a configuration."""
        return () if self._state is None else self._state.warner.kept()

    @property
    def loss(self) -> str | None:
        """What was lost and in how many zones no operator has released it yet, in a sentence; None: nothing."""
        return self.loss_in(None)

    def loss_in(self, zones: Collection[str] | None) -> str | None:
        """The same of some zones; None: of all."""
        state = self._state
        held = 0 if state is None else sum(zones is None or zone in zones for zone in state.lost)
        if state is None or not held:
            return None
        until = f"what stands in {held} zones is held, and none is cleared, until an operator releases them"
        return f"{state.lost_reason}; {until}"

    def picture(self) -> Picture | None:
        """Every zone's state as of the last tick, for whoever begins to show them; None before the first."""
        if self._state is None or self._state.now is None:
            return None
        return Picture(time=self._state.now, zones=self._state.warner.states())

    @property
    def moment(self) -> Moment | None:
        """What the last decision rested on; None before the first, and after a restore until the next."""
        return None if self._state is None else self._state.moment

    def behind(self) -> Behind | None:
        """What stands behind the warnings in force; None before the first decision, after a restore until the next."""
        if self._state is None or self._state.moment is None:
            return None
        pressure = self._state.moment.decision.pressure
        return None if pressure is None else self._state.warner.behind(pressure)

    @property
    def told(self) -> tuple[Sequence[Heard], Sequence[Launch]]:
        """The reports that count, and the launches that may still be in the air."""
        return ((), ()) if self._state is None else (self._state.reported.kept, self._state.launches)

    @property
    def voices(self) -> dict[str, Repute]:
        """How each channel has done, by its voice; none before it told of something."""
        return {} if self._state is None else self._state.told.reputes.known()

    @property
    def health(self) -> tuple[SensorHealth, ...]:
        """How every sensor did at the last tick; none before the first, and after a restore until the next."""
        return () if self._state is None else self._state.health

    @property
    def configuration(self) -> Configuration | None:
        """What it was last configured with."""
        return None if self._state is None else self._state.configuration

    def snapshot(self) -> bytes:
        """Everything the engine knows, as bytes. Raises BadRecord before the first configuration."""
        if self._state is None:
            raise BadRecord("there is nothing to snapshot before the first configuration")
        return packed(self._state)

    @classmethod
    def restore(cls, data: bytes) -> Engine:
        """An engine that goes on exactly where the snapshot was taken. Raises BadRecord for another version's."""
        return cls(unpacked(data))

    def _configure(self, configuration: Configuration) -> list[Effect]:
        over: list[Effect] = []
        try:
            if self._state is None:
                self._state = first_state(configuration)
            else:
                time, before = self._state.now or configuration.time, self._state.configuration
                switch = switch_held(before, configuration)
                if switch is not None:
                    # Everything else holds from now on.
                    configuration = msgspec.structs.replace(configuration, drill=before.drill)
                self._state, over = reconfigured(self._state, configuration, time)
                self._state.switch = switch
        except BadSettings as error:
            # What stood before goes on: a service that stops over a typo is itself a danger.
            if self._state is None:
                raise
            return [Refused(id=configuration.id, source="configuration", reason=clipped(str(error)))]
        return [*over, Picture(time=configuration.time, zones=self._state.warner.states())]

    def _switch(self, approval: OperatorAct) -> list[Effect]:
        """Change between drill and live, as the settings asked and a second person has approved."""
        assert self._state is not None and self._state.switch is not None
        configuration = msgspec.structs.replace(self._state.configuration, drill=self._state.switch.drill)
        self._state, over = reconfigured(self._state, configuration, self._state.now or approval.time)
        self._state.switch = None
        return [*over, Picture(time=approval.time, zones=self._state.warner.states())]

    def _outlines(self, time: datetime) -> list[Effect]:
        """Bring the zones to those whose outlines hold at a time; what that ends."""
        assert self._state is not None
        over: list[Effect] = []
        if _outlines_change(self._state, time):
            self._state, over = reconfigured(self._state, self._state.configuration, time)
        return over


def _stale(tick: Tick) -> Effect:
    return Refused(
        id=f"tick:{time_text(tick.time)}", source="clock", reason="the clock went backwards; the earlier time stands"
    )


def _outlines_change(state: State, time: datetime) -> bool:
    """Whether a zone begins or ceases to hold between the last tick and this time."""
    last = state.now or state.configuration.time
    return bisect_right(state.edges, last) < bisect_right(state.edges, time)


def _not_after_arrival(observation: Observation) -> Observation:
    """An observation cannot have been made after it reached us: a fast clock is set back to the time of arrival."""
    if observation.time <= observation.received_at:
        return observation
    return msgspec.structs.replace(observation, time=observation.received_at)


def _approves_switch(state: State, act: OperatorAct) -> bool:
    """Whether an act approves the change between drill and live that waits."""
    switch, named = state.switch, (act.action, act.act, act.act_of)
    return switch is not None and named == ("approve", switch.id, SETTINGS) and seconds_of(act.time) <= switch.until_s


def _lose(state: State, loss: Loss) -> None:
    """Hold every zone at what it stood at before events were lost, and let none be thought seen, until released."""
    state.lost = frozenset(zone.id for zone in state.index.zones)
    state.lost_reason = loss.reason
    state.warner.skip_episodes({one.zone: one.episode for one in loss.zones})
    levels: tuple[Literal["prepare", "take_cover"], ...] = ("prepare", "take_cover")
    for level in levels:
        zones = tuple(one.zone for one in loss.zones if one.level == level)
        if zones:
            # By the hand of the record itself, which needs no second person.
            order = OperatorAct(
                id=loss.id,
                time=loss.time,
                operator=RECORD,
                action="raise",
                zones=zones,
                level=level,
                reason=loss.reason,
            )
            state.waiting.acts.append(order)


def _obey(state: State, act: OperatorAct) -> None:
    """Let an act take effect at the next tick."""
    state.waiting.acts.append(act)
    if act.action == "release" and not act.late:
        state.lost = state.lost.difference(act.zones)


def _act(state: State, act: OperatorAct) -> list[Effect]:
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


def _observe(state: State, observation: Observation) -> list[Effect]:
    """Take an observation in: a sensor's is tracked or decided on, anybody else's is weighed as a report."""
    if isinstance(observation, Alert):
        may, over = allowed(observation, state.access, state.index)
        state.waiting.alerts.append(may)
        return [
            *(_noted(observation, why) for why in observation.noted),
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
    said = [] if why is None else [_noted(line, why)]
    return [one for one in said if one not in before]


def _keep(state: State, launch: Launch) -> list[Effect]:
    """Keep a launch; where there are too many, its answer says which one was forgotten for it."""
    forgotten = state.launches[: -LAUNCHES_MAX + 1]
    state.launches = [*state.launches[-LAUNCHES_MAX + 1 :], launch]
    assert len(state.launches) <= LAUNCHES_MAX, "more launches than are kept"
    why = f"{LAUNCHES_MAX} launches are kept at a time; the oldest one is forgotten for it: "
    return [_noted(launch, clipped(why + one.id)) for one in forgotten]


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


def _noted(observation: Observation, reason: str) -> Refused:
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


def _tick(state: State, now: datetime) -> list[Effect]:
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
    left_out = [_noted(report, why) for report, why in state.reported.left_out]
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
