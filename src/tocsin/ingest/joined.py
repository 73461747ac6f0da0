"""What a transponder says in messages of their own (callsign, motion), kept for the place that comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# What is older is of another moment: an aircraft turns right round within a minute.
JOIN_S_MAX = 60.0
# Three times what the best receiver hears; the whole world has 14,000 aircraft in the air.
AIRCRAFT_MAX = 20_000
# From so many places a second on, an aircraft's next one within this time is left out.
BUSY_PER_S, SPARE_S = 200, 0.8
SPARED = "a second place of an aircraft within a second, of a receiver that hears many"


@dataclass(slots=True)
class Joined:
    """What one aircraft has said beside its place, and when."""

    callsign: str | None = None
    callsign_s: float = 0.0
    motion: dict[str, float] = field(default_factory=dict)
    motion_s: float = 0.0

    def called(self, callsign: str | None, now_s: float) -> None:
        """Keep a callsign, if it is one."""
        if callsign is not None:
            self.callsign, self.callsign_s = callsign, now_s

    def moved(self, motion: dict[str, float], now_s: float) -> None:
        """Keep a speed and a course, if there are any."""
        if motion:
            self.motion, self.motion_s = motion, now_s

    def at(self, now_s: float) -> dict[str, Any]:
        """The fields of a position that are young enough to be of now."""
        said: dict[str, Any] = dict(self.motion) if now_s - self.motion_s <= JOIN_S_MAX else {}
        if self.callsign is not None and now_s - self.callsign_s <= JOIN_S_MAX:
            said["callsign"] = self.callsign
        return said


class Busy:
    """Which places of a busy receiver are left out: transponders say theirs twice a second, one a second is enough.

    What a source may send is counted in places: without this, 250 aircraft would take all of it.
    """

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._second = -1
        self._number = 0

    def spare(self, icao24: str, now_s: float) -> bool:
        """Whether a place can be spared; one that cannot is counted as told."""
        if int(now_s) != self._second:
            self._second = int(now_s)
            self._told = {one: at_s for one, at_s in self._told.items() if 0 <= now_s - at_s < SPARE_S}
            self._number = 0
        told_s = self._told.get(icao24)
        if self._number >= BUSY_PER_S and told_s is not None and 0 <= now_s - told_s < SPARE_S:
            return True
        self._number += 1
        self._told[icao24] = now_s
        return False


class Recent(Generic[T]):
    """Something of each aircraft by its address; of too many the one heard least recently is forgotten."""

    def __init__(self, make: Callable[[], T], most: int = AIRCRAFT_MAX) -> None:
        self._make = make
        self._most = most
        self._kept: dict[str, T] = {}

    def of(self, icao24: str) -> T:
        """What is kept of an aircraft; new where nothing is."""
        kept = self._kept.pop(icao24, None) or self._make()
        if len(self._kept) >= self._most:
            # Dictionaries keep the order of insertion.
            del self._kept[next(iter(self._kept))]
        self._kept[icao24] = kept
        return kept
