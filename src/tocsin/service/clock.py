"""The service's clock: it never goes backwards, follows the machine's only when that is believed, and a drill runs it
faster."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def machine_time() -> datetime:
    """What the machine's clock says."""
    return datetime.now(UTC)


class Clock:
    """UTC now, anchored once and then driven by the monotonic clock.

    A machine's clock that jumps while we run is not followed by itself: `time_witness` weighs who is right.

    start   the time it begins at; None: the machine's, and it is weighed from then on
    speed   world seconds per real second; 1 except in drills
    wall    what the machine's clock says
    """

    def __init__(
        self, start: datetime | None = None, *, speed: float = 1.0, wall: Callable[[], datetime] = machine_time
    ) -> None:
        self.speed = speed
        self.weighed = start is None
        self.wall = wall
        self._start = start or wall()
        self._anchor_s = time.monotonic()
        self._latest = self._start

    def now(self) -> datetime:
        """The time, aware UTC; after it was set back it stands until that time has come again."""
        self._latest = max(self._latest, self._start + timedelta(seconds=self.elapsed_s() * self.speed))
        return self._latest

    def elapsed_s(self) -> float:
        """Real seconds since it began."""
        return time.monotonic() - self._anchor_s

    def begin_at(self, time: datetime) -> None:
        """Go on from another time than it began at, earlier or later: for whoever has not been asked yet."""
        self._start = self._latest = time
        self._anchor_s += self.elapsed_s()

    def not_before(self, earliest: datetime) -> None:
        """Move the clock forward to a time it may not be before."""
        if self.now() < earliest:
            self._start += earliest - self.now()

    def move(self, by_s: float) -> None:
        """Set it forward, or let it stand for so many seconds."""
        self._start += timedelta(seconds=by_s)

    def true_now(self) -> datetime:
        """The time as it would be shown if the clock did not stand."""
        return self._start + timedelta(seconds=self.elapsed_s() * self.speed)

    def wall_offset_s(self) -> float:
        """How far this clock is ahead of the machine's: large values mean that one of them is wrong."""
        return (self.now() - self.wall()).total_seconds()
