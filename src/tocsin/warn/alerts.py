"""Neighbours' alerts: kept by source, sender and identifier; the gravest in force is a zone's floor.

A message ends only what the same sender said through the same source: what it names, and, where it is an all clear,
what was sent before it in its areas. In which order messages arrive changes nothing in the end, and a message told
again changes nothing at all. Nothing that another source says takes anything away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.model.effect import Refused
from tocsin.model.observation import Alert
from tocsin.model.value import SENT_AHEAD_S, seconds_of
from tocsin.warn.told import CODES, Part, Source, Told, Triple

# A stated end is believed, but no further ahead than this: a mistyped year must not keep a town in its cellars.
ENDS_WITHIN_S = 7 * 86_400.0
# The busiest day of the archives has 73 alerts in force at once, one barrage warned 1,449 zones one by one.
MESSAGES_MAX, MESSAGES_OF_ONE_MAX = 16_000, 4_000
# Zones counted once for every message that names them: 500 messages about a whole country.
PLACES_MAX, PLACES_OF_ONE_MAX = 4_000_000, 1_000_000
SOURCES_MAX = 1_000
# Messages that a Cancel names, told in a sentence.
NAMED_MAX = 5

Floor = Literal["prepare", "take_cover"]
_FLOORS: tuple[Floor | None, ...] = (None, "prepare", "take_cover")


class Alerts:
    """What neighbours warn of, by zone; zones are the rows of the index it was made for."""

    def __init__(self, number: Mapping[str, int], alert_max_s: float) -> None:
        self._number, self._alert_max_s = number, alert_max_s
        self._sources: dict[str, Source] = {}
        self._floor = np.zeros(len(number), np.int8)
        self._next_end_s, self._stale, self._count = np.inf, False, 0
        # What was in force when it was last settled: whose, and where.
        self.parts: tuple[tuple[str, Part], ...] = ()

    def floor(self, z: int) -> Floor | None:
        """The gravest that is in force in a zone."""
        return _FLOORS[int(self._floor[z])]

    def take(self, alerts: Sequence[Alert]) -> tuple[Refused, ...]:
        """Take in what arrived, in order; what there was no room for. `settle` brings the floors up to date."""
        return tuple(refused for alert in alerts for refused in self._take(alert))

    def take_back(self, zones: Sequence[int]) -> None:
        """What is in force in these zones is over there, however often it is told again; a new message raises."""
        for source in self._sources.values():
            source.take_back(np.array(sorted(zones), np.int32))
        self._stale = True

    def settle(self, now_s: float) -> list[int]:
        """Let go of what has ended by now; the zones whose floor is another than before, in order."""
        if not self._stale and now_s < self._next_end_s:
            return []
        for source in self._sources.values():
            source.lapse(now_s)
        assert len(self._floor) == len(self._number), "floors of other zones"
        floor = np.zeros_like(self._floor)
        told = [one for source in self._sources.values() for one in source.held.values()]
        self.parts = tuple((one.source, part) for one in told for part in one.parts)
        for _, part in self.parts:
            floor[part.rows] = np.maximum(floor[part.rows], part.code)
        changed = np.flatnonzero(floor != self._floor).tolist()
        self._floor, self._stale = floor, False
        self._next_end_s = min((part.until_s for _, part in self.parts), default=np.inf)
        return changed

    def _take(self, alert: Alert) -> list[Refused]:
        if _key(alert) not in self._sources and not self._admit(_key(alert)):
            return [_refused(alert, f"{SOURCES_MAX} sources already have alerts in force")]
        source, sent_s = self._sources[_key(alert)], _sent_s(alert)
        name = (alert.sender, alert.identifier or alert.id)
        parts = self._parts(alert)
        asked = bool(parts) or not alert.asked
        # What had expired when it arrived changes nothing, and what could not be wholly read takes nothing's place.
        replaces = alert.message != "Cancel" and alert.complete and asked
        warned = [part for part in parts if part.code]
        # An end from a clock that is ahead ends nothing that its sender has yet to send.
        came_s = np.inf if warned and alert.message != "Cancel" else seconds_of(alert.received_at)
        ended = 0
        if alert.message == "Cancel" or (alert.message == "Update" and replaces):
            for identifier in alert.ends:
                if (alert.sender, identifier) != name or alert.message == "Cancel":
                    ended += source.end((alert.sender, identifier), (sent_s, 1), came_s)
        anew = source.end(name, (sent_s, 0), came_s) if replaces else 0
        self._stale = True
        rows = _rows([part for part in parts if not part.code])
        if len(rows):
            cleared = np.setdiff1d(rows, _rows(warned))
            ended += source.clear(alert.sender, sent_s, cleared, seconds_of(alert.received_at))
        if not asked and not len(rows):
            return [_refused(alert, "it had ended when it came")]
        if alert.message == "Cancel":
            return [] if ended or not alert.acts else [_refused(alert, _untouched(alert))]
        noted = [_noted(alert, _ANEW)] if anew and alert.message == "Alert" else []
        return [*noted, *self._hold(alert, (*name, sent_s), warned)] if warned else noted

    def _parts(self, alert: Alert) -> list[Part]:
        """Its parts in our zones, without those that had ended when it arrived; an all clear does not grow old."""
        arrived_s = seconds_of(alert.received_at)
        parts = []
        for part in alert.asked:
            rows = np.array(sorted({self._number[zone] for zone in part.zones if zone in self._number}), np.int32)
            end_s = seconds_of(alert.time) + self._alert_max_s if part.expires is None else seconds_of(part.expires)
            code = CODES[part.level]
            if len(rows) and (end_s > arrived_s or not code):
                parts.append(Part(code, min(end_s, arrived_s + ENDS_WITHIN_S), rows))
        return parts

    def _hold(self, alert: Alert, triple: Triple, parts: list[Part]) -> list[Refused]:
        """Keep it, unless it is over or known already; what had to be refused for want of room."""
        source = self._sources[_key(alert)]
        if triple in source.held:
            return [_refused(alert, _AGAIN)]
        parts = source.still(triple, parts, seconds_of(alert.received_at))
        if not parts:
            return [
                _refused(alert, "it is over: a later message of its sender says so, or it came before and has ended")
            ]
        told = Told(alert.id, alert.source, self._count, parts)
        if source.messages >= MESSAGES_OF_ONE_MAX or source.places + told.places > PLACES_OF_ONE_MAX:
            return [_refused(alert, f"{alert.source} has {source.messages} alerts in force; no more are kept of one")]
        refused: list[Refused] = []
        while (measure := self._full(told.places)) is not None:
            most = max(self._sources, key=lambda name: measure(self._sources[name]))
            share = sum(map(measure, self._sources.values())) / sum(
                bool(other.held) for other in self._sources.values()
            )
            if most == _key(alert) or measure(source) >= share:
                return [*refused, _refused(alert, "there is no room for more alerts, and its source has its share")]
            gone = self._sources[most].shed()
            refused.append(
                Refused(id=gone.id, source=gone.source, reason="shed: others need the room its source has taken")
            )
        self._count += 1
        source.hold(triple, told)
        assert source.messages <= MESSAGES_OF_ONE_MAX and source.places <= PLACES_OF_ONE_MAX, "more than its share"
        return refused

    def _full(self, places: int) -> Callable[[Source], int] | None:
        """By what measure there is no room for a message that names so many zones; None: there is room."""
        sources = self._sources.values()
        if sum(map(_messages, sources)) >= MESSAGES_MAX:
            return _messages
        return _places if sum(map(_places, sources)) + places > PLACES_MAX else None

    def _admit(self, name: str) -> bool:
        """Make a place for a source; the oldest that has nothing in force makes room."""
        if len(self._sources) >= SOURCES_MAX:
            idle = next((other for other, source in self._sources.items() if not source.held), None)
            if idle is None:
                return False
            del self._sources[idle]
        self._sources[name] = Source()
        assert len(self._sources) <= SOURCES_MAX, "more sources than there is room for"
        return True

    def dump(self) -> dict[str, Any]:
        """All of it in plain containers; rows are those of the index it was made for."""
        sources = {name: source.dump() for name, source in self._sources.items()}
        return {"count": self._count, "floor": self._floor, "sources": sources}

    @classmethod
    def load(
        cls, state: dict[str, Any], rows: NDArray[np.int32], number: Mapping[str, int], alert_max_s: float
    ) -> Alerts:
        """From a dump: `rows` says which row each of the dump's rows is now, or -1."""
        alerts = cls(number, alert_max_s)
        alerts._count, alerts._stale = state["count"], True
        alerts._floor[rows[rows >= 0]] = state["floor"][rows >= 0]
        alerts._sources = {name: Source.load(plain, rows) for name, plain in state["sources"].items()}
        return alerts


def _rows(parts: Sequence[Part]) -> NDArray[np.int32]:
    rows: NDArray[np.int32] = np.unique(np.concatenate([part.rows for part in parts] or [np.empty(0, np.int32)]))
    return rows


def _key(alert: Alert) -> str:
    """Who tells it, and who passed it on: names have no blanks."""
    return f"{alert.via or alert.source} {alert.source}"


def _sent_s(alert: Alert) -> float:
    """When it was sent, in POSIX seconds; of one from the future, when it came.

    It orders what a sender says: a mistyped year in an all clear would silence its sender until then.
    """
    sent_s, came_s = seconds_of(alert.sent or alert.time), seconds_of(alert.received_at)
    return sent_s if sent_s <= came_s + SENT_AHEAD_S else came_s


_ANEW = (
    "it takes the place of what its sender sent before under the same identifier; give another event an identifier of "
    "its own"
)
_AGAIN = (
    "a message of its sender with this identifier and time of sending is in force already, and this one changes "
    "nothing; give another event an identifier of its own"
)


def _untouched(alert: Alert) -> str:
    """Why a Cancel did nothing."""
    if not alert.ends:
        return "it cancels nothing: nothing that its sender sent by this source is in force in its areas"
    named = ", ".join(repr(identifier[:80]) for identifier in alert.ends[:NAMED_MAX])
    return (
        f"it cancels nothing: no message {named} that its sender sent by this source is in force; one that comes later "
        "and was sent before it will be over"
    )


def _messages(source: Source) -> int:
    return source.messages


def _places(source: Source) -> int:
    return source.places


def _refused(alert: Alert, reason: str) -> Refused:
    return Refused(id=alert.id, source=alert.source, reason=reason)


def _noted(alert: Alert, reason: str) -> Refused:
    """Something to know of an alert that is used all the same."""
    return Refused(id=alert.id, source=alert.source, reason=reason, used=True)
