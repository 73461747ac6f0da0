"""What of every tick goes into the log, and when each sensor was heard last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from tocsin.model.effect import Effect, Refused
from tocsin.model.event import Configuration, Loss, OperatorAct
from tocsin.model.observation import Bearing, Plot, Presence, Status
from tocsin.model.sensor import SensorHealth
from tocsin.model.warning import Warning
from tocsin.service.console.kept import LogEntry, LogKind
from tocsin.service.worker import Decided, Step

ZONES_MAX = 100
FLICKER_S = 60.0
# An entry gets its number when it is kept.
_UNNUMBERED = 0
_REPORTS = (Plot, Bearing, Presence, Status)
# What is refused in somebody's name who acts.
_ACTORS = frozenset({"settings", "configuration"})


class Logbook:
    """Called with every tick, in a thread of its own.

    heard   when the newest report of each sensor was made
    """

    def __init__(self, operators: Sequence[str], *, drill: bool) -> None:
        self.heard: dict[str, datetime] = {}
        self._actors = _ACTORS | set(operators)
        self._drill = drill
        self._levels: dict[str, str] = {}
        self._states: dict[str, tuple[str, datetime | None]] = {}

    def entries(self, decided: Decided) -> list[LogEntry]:
        """What is worth a line."""
        tick = decided.steps[-1].event
        self._begin(decided.whole, tick.time)
        # What strangers call sensors would fill the memory.
        sensors = {one.sensor for one in decided.sensors}
        found: list[LogEntry] = []
        for step in decided.steps:
            event = step.event
            if not isinstance(event, _REPORTS):
                found += self._of(step)
            elif event.sensor in sensors:
                known = self.heard.get(event.sensor)
                if known is None or known < event.time:
                    self.heard[event.sensor] = event.time
        return [*found, *self._health(decided.sensors, tick.time)]

    def _begin(self, whole: Sequence[Effect], now: datetime) -> None:
        """What stood before this service began to listen is no news."""
        for one in whole:
            if isinstance(one, Warning) and one.time < now:
                self._levels.setdefault(one.zone, one.level)

    def _of(self, step: Step) -> Iterator[LogEntry]:
        event, effects = step.event, step.effects
        if isinstance(event, OperatorAct):
            self._actors |= {event.operator}
            act = event.act or event.id
            yield self._entry(event.time, "act", event.operator, event.action, _said(event), event.zones, act)
        elif isinstance(event, Configuration):
            self._drill = event.drill
            text = f"{len(event.zones)} zones, {len(event.sensors)} sensors"
            yield self._entry(event.time, "service", "settings", "configured", text)
        elif isinstance(event, Loss):
            yield self._entry(event.time, "service", "journal", "loss", event.reason)
        warnings = [effect for effect in effects if isinstance(effect, Warning)]
        yield from self._warnings(warnings)
        for effect in effects:
            if isinstance(effect, Refused) and effect.source in self._actors:
                yield self._entry(event.time, "refused", effect.source, "refused", effect.reason, act=effect.id)

    def _warnings(self, warnings: Sequence[Warning]) -> Iterator[LogEntry]:
        """Of one decision, the zones of one level together; a warning that is only renewed is no news."""
        groups: dict[tuple[str, str], list[Warning]] = {}
        for one in warnings:
            if self._levels.get(one.zone) != one.level:
                self._levels[one.zone] = one.level
                groups.setdefault((one.level, one.tracks[0] if one.tracks else ""), []).append(one)
        for (level, track), each in groups.items():
            self._drill = each[0].drill
            zones = tuple(one.zone for one in each)
            yield self._entry(each[0].time, "warning", track, level, each[0].reason, zones)

    def _health(self, sensors: Sequence[SensorHealth], time: datetime) -> Iterator[LogEntry]:
        for one in sensors:
            before, since = self._states.get(one.sensor, ("up", None))
            # One that comes and goes is told once in a while.
            if one.state != before and (since is None or (time - since).total_seconds() >= FLICKER_S):
                self._states[one.sensor] = one.state, time
                yield self._entry(time, "sensor", one.sensor, one.state, f"was {before}")

    def of_trouble(self, time: datetime, kind: LogKind, who: str, state: str, text: str) -> LogEntry:
        """Something that the event loop knows of."""
        return self._entry(time, kind, who, state, text)

    def _entry(
        self, time: datetime, kind: LogKind, who: str, state: str, text: str, zones: Sequence[str] = (),
        act: str | None = None,
    ) -> LogEntry:  # fmt: skip
        return LogEntry(
            number=_UNNUMBERED, time=time, kind=kind, who=who, state=state, text=text,
            zones=tuple(zones[:ZONES_MAX]), zone_count=len(zones), act=act, drill=self._drill,
        )  # fmt: skip


def _said(act: OperatorAct) -> str:
    level = f"{act.level}: " if act.action == "raise" else ""
    told = f" (told to everybody: {act.public_reason})" if act.public_reason else ""
    return f"{level}{act.reason}{told}"
