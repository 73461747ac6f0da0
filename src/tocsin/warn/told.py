"""What one source has told of alerts: what is in force, and what of it is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.model.observation import AlertLevel

Rows = NDArray[np.int32]
Name = tuple[str, str]
Triple = tuple[str, str, float]
# (POSIX time, 1) is over with all that was sent until then, (POSIX time, 0) with all that was sent before.
Until = tuple[float, int]

# An all clear raises nothing.
CODES: dict[AlertLevel, int] = {"all_clear": 0, "prepare": 1, "take_cover": 2}
# Ends are remembered for alerts that come after them. Forgetting the oldest can only let an alert stand that was over.
ENDS_MAX, CLEARS_MAX = 10_000, 1_000


class Part(NamedTuple):
    """A level in some zones (rows, ascending) until a POSIX time."""

    code: int
    until_s: float
    rows: Rows


class Told:
    """A message in force: its observation's id and source, a number that grows with each, and its parts."""

    def __init__(self, observation: str, source: str, number: int, parts: list[Part]) -> None:
        self.id, self.source, self.number, self.parts = observation, source, number, parts

    @property
    def places(self) -> int:
        """How many zones it holds, each as often as it does."""
        return sum(len(part.rows) for part in self.parts)


class Source:
    """One source: `held` by (sender, identifier, sent)."""

    def __init__(self) -> None:
        self.held: dict[Triple, Told] = {}
        self.places = 0
        self._sent_s: dict[Name, list[float]] = {}
        self._ended: dict[Name, Until] = {}
        self._clears: list[tuple[str, float, Rows]] = []
        # Ends from a clock that is ahead, as it says; above they stand as of their arrival.
        self._ended_ahead: dict[Name, Until] = {}
        self._clears_ahead: list[tuple[str, float, Rows]] = []

    @property
    def messages(self) -> int:
        """How many messages are in force."""
        return len(self.held)

    def hold(self, triple: Triple, told: Told) -> None:
        """Keep a message in force."""
        assert triple not in self.held, "a message is held once"
        self.held[triple] = told
        self._sent_s.setdefault(triple[:2], []).append(triple[2])
        self.places += told.places

    def still(self, triple: Triple, parts: Sequence[Part], came_s: float = np.inf) -> list[Part]:
        """What of a message just heard is not over. One sent ahead of `came_s` obeys ends that are ahead as well."""
        sender, identifier, sent_s = triple
        ahead = sent_s > came_s
        for ended in (self._ended, self._ended_ahead)[: 1 + ahead]:
            if ended.get((sender, identifier), (-np.inf, 0)) >= (sent_s, 1):
                return []
        for clearer, cleared_s, rows in self._clears + (self._clears_ahead if ahead else []):
            if clearer == sender and cleared_s > sent_s:
                parts = _without(parts, rows)
        return list(parts)

    def end(self, name: Name, until: Until, came_s: float = np.inf) -> int:
        """A message is over, now or when it comes. How many that were in force are over now.

        One that is sent after `came_s` is not: who sends an end ahead of the clock has not heard of it.
        """
        over = [sent_s for sent_s in self._sent_s.get(name, ()) if until >= (sent_s, 1)]
        # What is over now may have been sent ahead as well, and stays over when it is told again.
        _remember(self._ended, name, max([min(until, (came_s, until[1])), *((sent_s, 1) for sent_s in over)]))
        if until[0] > came_s:
            _remember(self._ended_ahead, name, until)
        for sent_s in over:
            self._drop((*name, sent_s))
        return len(over)

    def clear(self, sender: str, sent_s: float, rows: Rows, came_s: float = np.inf) -> int:
        """All that a sender sent before is over in these zones, what is still to come as far as it is sent by `came_s`.

        How many messages in force that touches.
        """
        self._clears = [*self._clears[1 - CLEARS_MAX :], (sender, min(sent_s, came_s), rows)]
        if sent_s > came_s:
            self._clears_ahead = [*self._clears_ahead[1 - CLEARS_MAX :], (sender, sent_s, rows)]
        touched = 0
        for triple, told in list(self.held.items()):
            if triple[0] == sender and triple[2] < sent_s:
                touched += any(np.isin(part.rows, rows).any() for part in told.parts)
                self._keep(triple, told, _without(told.parts, rows))
        return touched

    def take_back(self, rows: Rows) -> None:
        """What is in force in these zones is over there, whoever sent it."""
        for triple, told in list(self.held.items()):
            if any(np.isin(part.rows, rows).any() for part in told.parts):
                self._keep(triple, told, _without(told.parts, rows))

    def lapse(self, now_s: float) -> None:
        """Let go of what has ended by itself."""
        for triple, told in list(self.held.items()):
            if any(part.until_s <= now_s for part in told.parts):
                self._keep(triple, told, [part for part in told.parts if part.until_s > now_s])

    def shed(self) -> Told:
        """Let go of the message that came last."""
        return self._drop(max(self.held, key=lambda one: self.held[one].number))

    def _keep(self, triple: Triple, told: Told, parts: list[Part]) -> None:
        """Of a message in force only these parts; when nothing is left it is over, however often it is told again."""
        self._drop(triple)
        if parts:
            self.hold(triple, Told(told.id, told.source, told.number, parts))
        else:
            _remember(self._ended, triple[:2], (triple[2], 1))

    def _drop(self, triple: Triple) -> Told:
        told = self.held.pop(triple)
        self.places -= told.places
        assert self.places >= 0 and (self.held or not self.places), "places of a message that is not held"
        self._sent_s[triple[:2]].remove(triple[2])
        if not self._sent_s[triple[:2]]:
            del self._sent_s[triple[:2]]
        return told

    def dump(self) -> dict[str, Any]:
        """In plain containers."""
        return {
            "held": [(*triple, told.id, told.source, told.number, told.parts) for triple, told in self.held.items()],
            "ended": [(*name, *until) for name, until in self._ended.items()],
            "clears": self._clears,
            "ended_ahead": [(*name, *until) for name, until in self._ended_ahead.items()],
            "clears_ahead": self._clears_ahead,
        }

    @classmethod
    def load(cls, state: dict[str, Any], rows: Rows) -> Source:
        """From a dump: `rows` says which row each of the dump's rows is now, or -1."""
        source = cls()
        for sender, identifier, sent_s, observation, name, number, plain in state["held"]:
            parts = [Part(code, until_s, now) for code, until_s, then in plain if len(now := _moved(then, rows))]
            if parts:
                source.hold((sender, identifier, sent_s), Told(observation, name, number, parts))
        # Dumps of before there were clocks ahead have none of theirs.
        source._ended, source._ended_ahead = (
            {(sender, identifier): (at_s, last) for sender, identifier, at_s, last in state.get(key, ())}
            for key in ("ended", "ended_ahead")
        )
        source._clears, source._clears_ahead = (
            [(sender, sent_s, _moved(then, rows)) for sender, sent_s, then in state.get(key, ())]
            for key in ("clears", "clears_ahead")
        )
        return source


def _remember(ended: dict[Name, Until], name: Name, until: Until) -> None:
    ended[name] = max(until, ended.pop(name, until))
    if len(ended) > ENDS_MAX:
        del ended[next(iter(ended))]


def _without(parts: Sequence[Part], rows: Rows) -> list[Part]:
    left = [part._replace(rows=np.setdiff1d(part.rows, rows)) for part in parts]
    return [part for part in left if len(part.rows)]


def _moved(then: Rows, rows: Rows) -> Rows:
    now = rows[then]
    return np.sort(now[now >= 0])
