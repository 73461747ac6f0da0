"""Stretches of time as sorted columns: joined where they touch, and what meets what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Stretches(NamedTuple):
    """Stretches in order that do not touch: begin_s and end_s, POSIX seconds, float64 [N]."""

    begin_s: Floats
    end_s: Floats

    @property
    def length_s(self) -> Floats:
        """How long each lasts."""
        return self.end_s - self.begin_s


def joined(begin_s: Iterable[float], end_s: Iterable[float]) -> Stretches:
    """Stretches in any order as ones that do not touch.

    >>> [part.tolist() for part in joined([5, 0, 2], [6, 3, 4])]
    [[0.0, 5.0], [4.0, 6.0]]
    """
    begin, end = np.fromiter(begin_s, float), np.fromiter(end_s, float)
    order = np.argsort(begin, kind="stable")
    begin, reach = begin[order], np.maximum.accumulate(end[order])
    first = np.append(True, begin[1:] > reach[:-1])[: len(begin)]
    last = np.append(np.flatnonzero(first)[1:] - 1, len(begin) - 1)[: int(first.sum())]
    return Stretches(begin[first], reach[last])


def meets(one: Stretches, other: Stretches) -> NDArray[np.bool_]:
    """Which stretches of the first meet any of the second, bool [N]."""
    if not len(other.begin_s):
        return np.zeros(len(one.begin_s), bool)
    last = np.searchsorted(other.begin_s, one.end_s, side="right") - 1
    return np.asarray((last >= 0) & (other.end_s[np.maximum(last, 0)] >= one.begin_s))


def clipped(one: Stretches, begin_s: float, end_s: float) -> Stretches:
    """The parts of stretches that lie between two moments."""
    inside = (one.end_s > begin_s) & (one.begin_s < end_s)
    return Stretches(np.maximum(one.begin_s[inside], begin_s), np.minimum(one.end_s[inside], end_s))
