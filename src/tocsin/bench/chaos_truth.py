"""How every zone stood by a record, decided by an engine that nobody cut, killed or hung."""

from __future__ import annotations

import bisect
from collections.abc import Container, Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tocsin.engine.engine import Engine
from tocsin.journal import Journal
from tocsin.model.effect import Picture
from tocsin.model.event import Event, Tick
from tocsin.model.value import seconds_of

RANK = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}


class Held(NamedTuple):
    """A zone under a warning of one rank or higher, from one time to another, POSIX seconds."""

    zone: str
    rank: int
    from_s: float
    to_s: float


class Truth:
    """What an engine makes of one record.

    ids    of every observation in it
    twice  ids that are in it twice
    ticks  when it decided, POSIX seconds
    """

    def __init__(self, events: Iterable[Event], own: Container[str] | None = None) -> None:
        """`own`: ids of the zones that count; None: all."""
        self.ids: set[str] = set()
        self.twice: set[str] = set()
        self.ticks: list[float] = []
        self._times: dict[str, list[float]] = {}
        self._ranks: dict[str, list[int]] = {}
        self._own = own
        engine = Engine()
        for event in events:
            if isinstance(event, Tick):
                self.ticks.append(seconds_of(event.time))
            elif event.id in self.ids:
                self.twice.add(event.id)
            else:
                self.ids.add(event.id)
            for effect in engine.step(event):
                if isinstance(effect, Picture):
                    self._note(effect)

    def _note(self, picture: Picture) -> None:
        at_s = seconds_of(picture.time)
        for state in picture.zones:
            if self._own is not None and state.zone not in self._own:
                continue
            self._times.setdefault(state.zone, []).append(at_s)
            self._ranks.setdefault(state.zone, []).append(RANK[state.level])

    @property
    def end_s(self) -> float:
        """When it decided last."""
        return self.ticks[-1] if self.ticks else 0.0

    def longest_pause_s(self, since_s: float) -> float:
        """The longest pause between two decisions since then, seconds."""
        return max((after - max(before, since_s) for before, after in pairwise(self.ticks)), default=0.0)

    def lowest(self, zone: str, from_s: float, to_s: float) -> int:
        """The lowest rank at which a zone stood at any moment from one time to another."""
        times, ranks = self._times.get(zone, []), self._ranks.get(zone, [])
        first = bisect.bisect_right(times, from_s)
        before = ranks[first - 1] if first else 0
        return min([before, *ranks[first : bisect.bisect_right(times, to_s)]])

    def held(self, rank: int) -> list[Held]:
        """Every stretch of time in which a zone stood at least at a rank."""
        found = []
        for zone, times in self._times.items():
            began: float | None = None
            for at_s, now in zip(times, self._ranks[zone], strict=True):
                if now >= rank and began is None:
                    began = at_s
                elif now < rank and began is not None:
                    found.append(Held(zone, rank, began, at_s))
                    began = None
            if began is not None:
                found.append(Held(zone, rank, began, self.end_s))
        return found


def truth_of(record: Path, own: Container[str] | None) -> Truth:
    """What an engine makes of a node's record, of these zones (None: of all). Raises JournalError."""
    with Journal.open(record) as journal:
        return Truth((event for _, event in journal.read()), own)
