"""What the other sensors said last of a track that only one still sees: no one sensor's word takes it back.

A track is what all sensors say together, so one that lies can lead it away, or be believed to have found again what
was lost. What the others said until then is kept beside it, and fades as if the track had been lost there. It calls for
nothing: people are warned by what is tracked. It only holds an all clear back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from tocsin.forecast.footprint import Footprint
from tocsin.forecast.memory import Memory, memory_of, plain_memory
from tocsin.model.threat import ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import seconds_of

# Three turns of a radar: what was said since is as good as new. No policy clears a zone that was in reach so lately.
NEW_S = 15.0
# As many as lost tracks; beyond it what was said longest ago is let go.
TOLD_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """What was expected of a track when a sensor last saw it.

    name       id of the track then
    seen_s     when that sensor saw it, POSIX seconds
    memory     as if the track had been lost then
    """

    name: str
    seen_s: float
    memory: Memory

    @property
    def since_s(self) -> float:
        """POSIX time it was told."""
        assert self.memory.lost_s is not None, "told of a track that is still followed"
        return self.memory.lost_s


class Apart:
    """What was told of each track by others than its newest sensor, and by that one; by the id it has now."""

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}
        self._newest: dict[str, Told] = {}

    def hear(self, now_s: float, tracks: Sequence[Track], memories: Mapping[str, Memory]) -> None:
        """Note what is expected of the tracks that are followed now, with their memories.

        When another sensor becomes the newest, what was told before its word came in is what the others say.
        """
        newest: dict[str, Told] = {}
        for track in tracks:
            if track.status == "tentative":
                continue
            memory, was, own = memories[track.id], self._told.get(track.id), self._newest.get(track.id)
            others_s = -math.inf if track.others is None else seconds_of(track.others)
            seen_s = seconds_of(track.updated)
            if own is None or seen_s > own.seen_s:
                newest[track.id] = Told(track.id, seen_s, memory.lost_at(now_s))
            else:
                newest[track.id] = own
            if own is not None and own.memory.newest != memory.newest:
                self._told[track.id] = Told(own.name, max(own.seen_s, others_s), own.memory)
            elif others_s > (-math.inf if was is None else was.seen_s):
                self._told[track.id] = Told(track.id, others_s, newest[track.id].memory)
        self._newest = newest

    def forget(self, name: str) -> None:
        """A track that was lost is found again, as several sensors say: what was told of it is over."""
        self._told.pop(name, None)

    def expected(self, now_s: float, in_view: Callable[[Memory], bool]) -> list[tuple[str, ThreatClass, Footprint]]:
        """What is still expected of what was told, under the ids of then; what is over is let go."""
        parts, over = [], []
        for name, told in self._told.items():
            if now_s - told.since_s <= NEW_S:
                continue
            if now_s > told.memory.over_s():
                over.append(name)
            else:
                parts.append((told.name, told.memory.threat, told.memory.still(now_s, in_view(told.memory))))
        for name in over:
            del self._told[name]
        if len(self._told) > TOLD_MAX:
            oldest = sorted(self._told, key=lambda name: self._told[name].since_s)
            for name in oldest[: len(oldest) - TOLD_MAX]:
                del self._told[name]
        return parts

    def dump(self) -> dict[str, Any]:
        """As plain containers, for a snapshot."""
        return {"told": _plain(self._told), "newest": _plain(self._newest)}

    def load(self, state: dict[str, Any], renumber: NDArray[Any]) -> None:
        """Take over what `dump` gave, over zones numbered anew."""
        self._told, self._newest = (_told(state[part], renumber) for part in ("told", "newest"))


def _plain(told: Mapping[str, Told]) -> dict[str, Any]:
    return {name: (one.name, one.seen_s, plain_memory(one.memory)) for name, one in told.items()}


def _told(state: dict[str, Any], renumber: NDArray[Any]) -> dict[str, Told]:
    return {name: Told(then, seen_s, memory_of(plain, renumber)) for name, (then, seen_s, plain) in state.items()}
