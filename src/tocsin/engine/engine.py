"""The deterministic core: `step(event)` gives effects. Same events, same effects, byte for byte."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from tocsin.engine.acts import approves_switch, take_act
from tocsin.engine.decision_basis import Moment
from tocsin.engine.loss import lose, unreleased
from tocsin.engine.observations import observe
from tocsin.engine.second_person import switch_held
from tocsin.engine.snapshot import packed, unpacked
from tocsin.engine.state import State, first_state, reconfigured
from tocsin.engine.tick import decide
from tocsin.forecast.heard import Heard
from tocsin.model.effect import Effect, Picture, Refused
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.event import Configuration, Event, KeptZone, Loss, OperatorAct, Tick
from tocsin.model.observation import Launch
from tocsin.model.order import Orders
from tocsin.model.sensor import SensorHealth
from tocsin.model.value import clipped, time_text
from tocsin.model.warning import Warning
from tocsin.track.told_repute import Repute
from tocsin.warn.behind import Behind

# Ticks come each second: after a longer pause it was not running.
STOPPED = timedelta(minutes=1)


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
            return [*self._outlines(event.time), *decide(self._state, event.time)]
        if isinstance(event, Loss):
            lose(self._state, event)
            return []
        if isinstance(event, OperatorAct):
            if approves_switch(self._state, event):
                return self._switch(event)
            return take_act(self._state, event)
        return observe(self._state, event)

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
        return None if self._state is None else unreleased(self._state, zones)

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
                time, before = _moment(self._state.now, configuration.time), self._state.configuration
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


def _moment(last_tick: datetime | None, configured: datetime) -> datetime:
    """When a configuration holds from: after a stop from when it was taken, for what it ends must still be news."""
    if last_tick is None or configured - last_tick > STOPPED:
        return configured
    return last_tick


def _stale(tick: Tick) -> Effect:
    return Refused(
        id=f"tick:{time_text(tick.time)}", source="clock", reason="the clock went backwards; the earlier time stands"
    )


def _outlines_change(state: State, time: datetime) -> bool:
    """Whether a zone begins or ceases to hold between the last tick and this time."""
    last = state.now or state.configuration.time
    return bisect_right(state.edges, last) < bisect_right(state.edges, time)
