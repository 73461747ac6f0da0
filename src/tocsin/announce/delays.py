"""How long something took, of thousands: counted in steps of a tenth, so that no number of them fills the memory."""

from __future__ import annotations

import math

# From a millisecond in steps of 10 % to a day.
FIRST_S, STEP = 0.001, 1.1
LAST = math.ceil(math.log(86_400 / FIRST_S, STEP))
# After so many the older half is let go, so that a bad hour is not hidden by a good year.
WINDOW = 10_000


class Delays:
    """Shares of the newest 10,000 to 20,000 deliveries by how long they took. One that never came counts, too."""

    def __init__(self) -> None:
        self._now = _Window()
        self._before = _Window()

    def note(self, took_s: float, number: int = 1) -> None:
        """So many took so long."""
        step = 0 if took_s <= FIRST_S else min(LAST, math.ceil(math.log(took_s / FIRST_S, STEP)))
        self._now.steps[step] = self._now.steps.get(step, 0) + number
        self._counted(number)

    def never(self, number: int = 1) -> None:
        """So many did not come at all."""
        self._counted(number)

    def _counted(self, number: int) -> None:
        self._now.total += number
        if self._now.total >= WINDOW:
            self._now, self._before = _Window(), self._now

    @property
    def total(self) -> int:
        """How many are counted now."""
        return self._now.total + self._before.total

    def time_to(self, share: float) -> float | None:
        """Seconds by which this share had come, at most a tenth too long; None: that many have not come."""
        wanted, found = math.ceil(share * self.total), 0
        if not wanted:
            return None
        steps = self._now.steps.keys() | self._before.steps.keys()
        for step in sorted(steps):
            found += self._now.steps.get(step, 0) + self._before.steps.get(step, 0)
            if found >= wanted:
                return FIRST_S * STEP**step
        return None


class _Window:
    __slots__ = ("steps", "total")

    def __init__(self) -> None:
        self.steps: dict[int, int] = {}
        self.total = 0
