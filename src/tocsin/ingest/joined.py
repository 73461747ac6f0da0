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
