"""The reports of the late window as rows in order of time, with room for those to come.

A country's radars make two hundred thousand of them; nearly all that is new comes after what is there. So only what is
not older than the earliest new one is put in order anew, and nothing is copied to make room for a few.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.track.report_rows import TIME, WIDTH, ordered

Floats = NDArray[np.float64]

# So many times the rows there are is room made for; beyond so many times it is given back.
GROWTH, LEFT = 1.5, 4.0


class Window:
    """Rows in the order that `ordered` gives.

    rows   float64 [N, WIDTH]; it lies in room that is written to later, so whoever keeps it keeps a copy
    """

    def __init__(self, rows: Floats | None = None) -> None:
        self._room = np.empty((0, WIDTH)) if rows is None else rows
        self._begin, self._end = 0, len(self._room)

    @property
    def rows(self) -> Floats:
        """All of them."""
        return self._room[self._begin : self._end]

    def __len__(self) -> int:
        return self._end - self._begin

    def until(self, time_s: float) -> int:
        """How many are of that time or before it."""
        # Not NumPy's: that copies the whole column first.
        return bisect_right(self.rows[:, TIME], time_s)

    def add(self, new: Sequence[Sequence[float]]) -> float:
        """Put more rows among them; the earliest time of these, or infinity."""
        if not new:
            return math.inf
        more = np.array(new)
        earliest_s = float(more[:, TIME].min())
        before = bisect_left(self.rows[:, TIME], earliest_s)
        after = ordered(np.concatenate([self.rows[before:], more]))
        if self._begin + before + len(after) > len(self._room):
            self._move(before + len(after))
        at = self._begin + before
        self._end = at + len(after)
        self._room[at : self._end] = after
        return earliest_s

    def drop(self, count: int) -> None:
        """Let the first ones go."""
        assert 0 <= count <= len(self), f"{count} of {len(self)} rows"
        self._begin += count
        if len(self._room) > LEFT * len(self):
            self._move(len(self))

    def _move(self, rows: int) -> None:
        """Into room for that many, and for more to come."""
        room = np.empty((int(GROWTH * rows), WIDTH))
        room[: len(self)] = self.rows
        self._begin, self._end, self._room = 0, len(self), room
