"""Cover: which zone was under `take_cover`, from when to when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cover:
    """Stretches under cover as columns of equal length, disjoint within a zone, sorted by (zone, begin).

    zone              int64, number of the zone
    begin_s, end_s    float64, POSIX seconds
    """

    zone: NDArray[np.int64]
    begin_s: Floats
    end_s: Floats

    def around(self, zone: int, time_s: float) -> float | None:
        """When the stretch that holds a moment began; None when the zone is not under cover then."""
        first, last = np.searchsorted(self.zone, (zone, zone + 1))
        row = first + np.searchsorted(self.begin_s[first:last], time_s, side="right") - 1
        return float(self.begin_s[row]) if row >= first and time_s <= self.end_s[row] else None


def cover_of_rows(rows: Iterable[tuple[int, float, float]]) -> Cover:
    """Cover from (zone, begin_s, end_s) in any order; stretches that touch are joined, empty ones dropped."""
    joined: list[tuple[int, float, float]] = []
    for zone, begin_s, end_s in sorted(row for row in rows if row[2] > row[1]):
        if joined and joined[-1][0] == zone and begin_s <= joined[-1][2]:
            joined[-1] = (zone, joined[-1][1], max(end_s, joined[-1][2]))
        else:
            joined.append((zone, begin_s, end_s))
    columns = list(zip(*joined, strict=True)) or [(), (), ()]
    return Cover(np.array(columns[0], np.int64), np.array(columns[1], float), np.array(columns[2], float))


def cover_of_hits(zone: NDArray[np.int64], step: NDArray[np.int64], step_s: float, hold_s: float) -> Cover:
    """Cover from a rule that looks every `step_s`: each hit covers its zone for `hold_s` from the time of its step.

    zone, step   int64 [N], in any order; the time of a step is step * step_s, POSIX seconds
    """
    order = np.lexsort((step, zone))
    zone, time_s = zone[order], np.asarray(step[order] * step_s, float)
    apart = np.append(True, (np.diff(zone) != 0) | (np.diff(time_s) > hold_s))[: len(zone)]
    first = np.flatnonzero(apart)
    last = np.append(first[1:], len(zone))[: len(first)] - 1
    return Cover(zone[first], time_s[first], time_s[last] + hold_s)


def cover_of_warnings(warnings: Iterable[Warning], number: dict[str, int], end_s: float) -> Cover:
    """Cover that warnings ordered: from a `take_cover` to the zone's next warning, its expiry, or the end of the run.

    number   zone id -> number; warnings for other zones are left out
    """
    rows: list[tuple[int, float, float]] = []
    last: dict[str, Warning] = {}
    for warning in sorted(warnings, key=lambda w: seconds_of(w.time)):
        before = last.get(warning.zone)
        if before is not None and before.level == "take_cover":
            rows.append(_stretch(before, number[before.zone], seconds_of(warning.time)))
        if warning.zone in number:
            last[warning.zone] = warning
    rows += [_stretch(w, number[zone], end_s) for zone, w in last.items() if w.level == "take_cover"]
    return cover_of_rows(rows)


def _stretch(warning: Warning, zone: int, until_s: float) -> tuple[int, float, float]:
    return zone, seconds_of(warning.time), min(until_s, seconds_of(warning.expires))
