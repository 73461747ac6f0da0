"""Observations through the engine without a clock: as fast as it can, and the same every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.decision_basis import Moment
from tocsin.engine.engine import Engine
from tocsin.ingest.admission import Gate
from tocsin.model.effect import Effect, Picture, Refused
from tocsin.model.errors import BadInput
from tocsin.model.event import Configuration, Tick
from tocsin.model.identity import digest_of, identity_of_report
from tocsin.model.observation import Alert, ChannelReport, Observation
from tocsin.model.value import clipped
from tocsin.twins.guarded import Guarded

if TYPE_CHECKING:
    from tocsin.ingest.text.channels import Channels

# An observation sent again is recognised for at least this many observations after it.
REMEMBERED = 1_000_000
# With nothing in the air and nobody warned, only a sensor's silence can change anything: that may wait this long.
QUIET_TICK_S = 30.0
# The longer nothing was heard, the longer: a recording with a report of another decade must not last decades.
SILENCE_SHARE = 0.01
# A recording that has ended says nothing more: soon every sensor would count as silent and every zone as blind.
AFTERWARDS_S = 60.0


class Offline:
    """An engine fed with observations in order of arrival, with the ticks a live service would have made.

    counts     observations by what became of them: used, duplicate (the same source said the same under the same
               id), conflict (it said something else under that id), refused
    watchers   each is shown what every decision rested on, right after it
    profiles   source -> the profile of the channels that it brings
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        tick_s: float = 1.0,
        engine: Engine | None = None,
        profiles: Mapping[str, Path] | None = None,
    ) -> None:
        self._profiles = dict(profiles or {})
        self.engine = engine or Guarded()
        self.counts = {"used": 0, "duplicate": 0, "conflict": 0, "refused": 0}
        self.watchers: list[Callable[[Moment], None]] = []
        self.ticks = 0
        self._tick = timedelta(seconds=tick_s)
        self._quiet_tick = timedelta(seconds=max(tick_s, QUIET_TICK_S))
        self._configuration = configuration
        self._gate = Gate(configuration.sources, configuration.sensors)
        self._seen: dict[str, int] = {}
        self._warned: set[str] = set()
        self._quiet = True

    def run(self, observations: Iterable[Observation]) -> Iterator[Effect]:
        """Every effect, in order. Ends when nothing more can happen."""
        yield from self.engine.step(self._configuration)
        now = heard = self._configuration.time
        for observation in observations:
            if self._known(observation):
                continue
            arrived = max(now, observation.received_at)
            while now + self._tick <= arrived:
                now = self._next(now, arrived, now - heard)
                yield from self._decide(now)
            heard = arrived
            yield from self._take(observation)
        until = now + timedelta(seconds=AFTERWARDS_S)
        now += self._tick
        yield from self._decide(now)
        while now < until and not self._quiet:
            now += self._tick
            yield from self._decide(now)

    def _next(self, now: datetime, arrived: datetime, silence: timedelta) -> datetime:
        """The time of the next tick: one step on, or a long one towards the arrival while all is quiet."""
        if not self._quiet:
            return now + self._tick
        steps = min(max(self._quiet_tick, SILENCE_SHARE * silence), arrived - now) // self._tick
        return now + max(1, steps) * self._tick

    def _known(self, observation: Observation) -> bool:
        """Whether its source has used its id before, for the same or for something else."""
        name, digest = identity_of_report(observation), digest_of(observation)
        before = self._seen.get(name)
        if before is not None:
            self.counts["duplicate" if before == digest else "conflict"] += 1
            return True
        self._seen[name] = digest
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return False

    def _take(self, observation: Observation) -> list[Effect]:
        used, effects = False, list[Effect]()
        try:
            self._gate.check(observation)
            taken = self._understood(observation)
            effects = self.engine.step(taken)
            # Of an alert some may be used, and the rest refused with its reasons.
            used = taken.acts if isinstance(taken, Alert) else not any(map(_refused, effects))
        except BadInput as error:
            effects = [Refused(id=observation.id, source=observation.source, reason=clipped(str(error)))]
        self.counts["used" if used else "refused"] += 1
        self._quiet = False
        return effects

    def _understood(self, observation: Observation) -> Observation:
        if isinstance(observation, ChannelReport):
            return self._channels.understood(observation, self._gate.area(observation))
        return self._meant(observation) if isinstance(observation, Alert) else observation

    def _meant(self, alert: Alert) -> Alert:
        # Imported here: what reads CAP takes a moment to load, and most recordings hold no alert.
        from tocsin.ingest.neighbour import understood

        known = understood(alert, self._index)
        self._gate.check_sender(known)
        return known

    @cached_property
    def _channels(self) -> Channels:
        # Imported here, too: the words of five languages and the names of all places take seconds.
        from tocsin.ingest.text.channels import Channels
        from tocsin.ingest.text.profile import read_profile

        return Channels({source: read_profile(path) for source, path in self._profiles.items()})

    @cached_property
    def _index(self) -> ZoneIndex:
        return ZoneIndex(self._configuration.zones)

    def _decide(self, now: datetime) -> list[Effect]:
        self.ticks += 1
        effects = self.engine.step(Tick(time=now))
        if self.engine.moment is not None:
            for watch in self.watchers:
                watch(self.engine.moment)
        for effect in effects:
            if isinstance(effect, Picture):
                for state in effect.zones:
                    (self._warned.discard if state.level == "none" else self._warned.add)(state.zone)
                self._quiet = not effect.tracks and not self._warned
        return effects


def _refused(effect: Effect) -> bool:
    return isinstance(effect, Refused) and not effect.used
