"""The service's clock: it never goes backwards, and a drill may run it faster."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """UTC now, anchored once to the wall clock and then driven by the monotonic one.

    A wall clock that jumps while we run is not followed: the engine's time must never go back. A journal whose last
    tick is later than the wall clock (the machine woke up with a wrong one) is carried on from.

    speed   world seconds per real second; 1 except in drills
    """

    def __init__(self, start: datetime | None = None, *, speed: float = 1.0) -> None:
        self.speed = speed
        self._start = start or datetime.now(UTC)
        self._anchor_s = time.monotonic()

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._anchor_s) * self.speed)

    def not_before(self, earliest: datetime) -> None:
        """Move the clock forward to a time it may not be before."""
        if self.now() < earliest:
            self._start += earliest - self.now()

    def wall_offset_s(self) -> float:
        """How far this clock is ahead of the machine's: large values mean that one of them is wrong."""
        return (self.now() - datetime.now(UTC)).total_seconds()
