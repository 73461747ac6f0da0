"""Sightings of one sensor joined into things that move: the nearest in a gate, a straight course, and nothing else.

Each sensor by itself, so that no bias between two of them matters. This is no tracker: it says where something flew.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A rocket's 1,200 m/s and a little more; what falls from space is followed once its course is known.
FASTEST_MPS, SLOWEST_MPS, TURNS_MPS2, SIGMA_MIN_M = 1_300.0, 15.0, 30.0, 100.0
# Three sightings in a row are something, four where much leads nowhere, eight in a flood: with 20 false plots a scan in
# 100 km, chance makes a chain of four once in a day. By how many single sightings of a sensor wait for three scans.
HITS, BUSY, FLOODED = 3, 30, 300
GAP_SCANS, NEAR, FAR_M = 3.0, 6, 1e8
# Seen is what was at four looks of its own pace, at most 20 s ago. For 36 looks, at most 3 minutes, it may be hidden
# and come on; what is so fast may climb out of sight, and come down within ten minutes.
FRESH_LOOKS, FRESH_S, HIDDEN_LOOKS, LOST_S, ARC_MPS, ARC_S = 4.0, 20.0, 36.0, 180.0, 400.0, 600.0
# It may come here within ten minutes if it holds about its course (73 degrees to either side, hidden 35), or within two
# and a half whatever it does; about to be here is what flies through the zone in a quarter of a minute.
AHEAD_S, AHEAD_COS, STRAIGHT_COS, LATE, LATE_S, ANYWHERE_S = 600.0, 0.3, 0.82, 1.2, 30.0, 150.0
COVER_S = 15.0
LONE_MAX, KNOWN_MAX = 6_000, 3_000
LAST, EAST, NORTH, SENSOR, SIGMA, SCAN_S, FIRST, EAST_MPS, NORTH_MPS, COUNT = range(10)


class Chains:
    """Columns of chains, float64 [10, K]: the last sighting (POSIX seconds, east_m, north_m, whose, sigma_m, seconds
    between two looks), when it was first seen, its speed, and how many sightings they are."""

    def __init__(self, of: Floats | None = None) -> None:
        self.of: Floats = np.empty((10, 0)) if of is None else of

    def join(self, now_s: float, seen: Floats) -> None:
        """Let go of what was not seen again, and take in sightings, float64 [6, N]: as a chain's first six columns."""
        if not self.of.shape[1] and not seen.shape[1]:
            return
        hidden_s = np.minimum(HIDDEN_LOOKS * _pace_s(self.of), LOST_S)
        hidden_s = np.where(np.hypot(self.of[EAST_MPS], self.of[NORTH_MPS]) >= ARC_MPS, ARC_S, hidden_s)
        gone_s = np.where(self._sure(), np.maximum(hidden_s, FRESH_S), GAP_SCANS * self.of[SCAN_S] + 2.0)
        self.of = self.of[:, now_s - self.of[LAST] <= gone_s]
        since_s = seen[LAST].min(initial=np.inf)
        seen = self._extend(self._extend(seen, self.of[COUNT] > 1), self.of[COUNT] == 1)
        self.of = self.of[:, ~_carried_on(self.of, since_s)]
        begun = np.vstack([seen, seen[:1], 0.0 * seen[:2], 0.0 * seen[:1] + 1.0])
        known, lone = self.of[:, self.of[COUNT] > 1], np.hstack([self.of[:, self.of[COUNT] == 1], begun])
        # A flood pushes out what was seen once, never what was followed for longer.
        longest = np.sort(np.argsort(-known[COUNT], kind="stable")[:KNOWN_MAX])
        self.of = np.hstack([known[:, longest], lone[:, -LONE_MAX:]])

    def _extend(self, seen: Floats, which: Bools) -> Floats:
        """Give each chain of these the nearest sighting in its gate; returns the sightings that none took."""
        rows = np.flatnonzero(which)
        if not len(rows) or not seen.shape[1]:
            return seen
        of, dt = self.of[:, rows], seen[LAST].max() - self.of[LAST, rows]
        there = np.stack([of[EAST] + dt * of[EAST_MPS], of[NORTH] + dt * of[NORTH_MPS], of[SENSOR] * FAR_M], -1)
        asked = np.stack([seen[EAST], seen[NORTH], seen[SENSOR] * FAR_M], -1)
        _, near = cKDTree(there).query(asked, k=range(1, NEAR + 1), distance_upper_bound=4e4)
        s, k = np.nonzero(near < len(rows))
        c = near[s, k]
        was, new = of[:, c], seen[:, s]
        dt, life = new[LAST] - was[LAST], np.maximum(was[LAST] - was[FIRST], 1.0)
        errors = [new[place] - was[place] - dt * was[speed] for place, speed in ((EAST, EAST_MPS), (NORTH, NORTH_MPS))]
        doubt = 4.0 * np.maximum(new[SIGMA], SIGMA_MIN_M) * (1.0 + np.minimum(dt / life, 2.0))
        gate = doubt + np.where(was[COUNT] == 1, FASTEST_MPS * dt, 0.5 * TURNS_MPS2 * np.minimum(dt, 10.0) ** 2)
        off = np.hypot(*errors)
        order = np.argsort(off / gate, kind="stable")
        order = order[((dt > 0.3) & (off <= gate))[order]]
        order = order[np.sort(np.unique(s[order], return_index=True)[1])]
        order = order[np.unique(c[order], return_index=True)[1]]
        s, c, dt, n = s[order], rows[c[order]], dt[order], was[COUNT, order] + 1.0
        # Expanding memory (Brookner, Tracking and Kalman Filtering Made Easy, 1998, table 1.3-1), with a floor.
        alpha, beta = np.maximum(2 * (2 * n - 1) / (n * (n + 1)), 0.5), np.maximum(6 / (n * (n + 1)), 0.15)
        for place, speed, error in ((EAST, EAST_MPS, errors[0][order]), (NORTH, NORTH_MPS, errors[1][order])):
            self.of[place, c] += dt * self.of[speed, c] + alpha * error
            self.of[speed, c] += beta * error / dt
        self.of[LAST, c], self.of[COUNT, c] = seen[LAST, s], n
        return np.delete(seen, s, axis=1)

    def _sure(self) -> Bools:
        """Which were seen often enough to be something, given how many of their sensor's sightings led nowhere."""
        _, number = np.unique(self.of[SENSOR], return_inverse=True)
        waiting = np.bincount(number, self.of[COUNT] == 1, minlength=1)[number]
        return np.asarray(self.of[COUNT] >= HITS + (waiting > BUSY) + 4 * (waiting > FLOODED), bool)

    def holding(self, now_s: float, zones: Floats) -> tuple[Bools, Bools, Floats]:
        """Which chains [C] speak against an all clear in which zones [Z], and against less than cover; whose they are.

        zones   float64 [3, Z]: east_m, north_m, radius_m
        """
        of = self.of[:, self._sure() & (np.hypot(self.of[EAST_MPS], self.of[NORTH_MPS]) >= SLOWEST_MPS)]
        speed, age = np.hypot(of[EAST_MPS], of[NORTH_MPS]), now_s - of[LAST]
        fresh = age <= np.clip(FRESH_LOOKS * _pace_s(of), 5.0, FRESH_S)
        kept = fresh | ~_found_again(of, age, speed, fresh)
        of, age, speed, fresh = of[:, kept], age[kept, None], speed[kept, None], fresh[kept, None]
        east, north = zones[0] - of[EAST][:, None], zones[1] - of[NORTH][:, None]
        away, along = np.hypot(east, north), east * of[EAST_MPS][:, None] + north * of[NORTH_MPS][:, None]
        left_s = np.maximum(away - zones[2], 0.0) / speed
        comes = (along > AHEAD_COS * away * speed) & (left_s <= AHEAD_S)
        straight = (along >= STRAIGHT_COS * away * speed) | (left_s <= FRESH_S)
        bound = comes & straight & (age <= LATE * left_s + LATE_S)
        clear = np.where(fresh, comes | (left_s <= ANYWHERE_S), bound)
        beside = np.sqrt(np.maximum(away**2 - (along / speed) ** 2, 0.0)) <= zones[2]
        return clear, fresh & comes & beside & (left_s <= COVER_S), of[SENSOR]


def _carried_on(of: Floats, since_s: float) -> Bools:
    """Which fast chains are the climb of one that was seen for the third time just now: one each, bool [C].

    The same sensor lost it before the other began, and it could be there by then; of several the longest lost. No
    sensor lets go of what another saw.
    """
    found, speed = np.zeros(of.shape[1], bool), np.hypot(of[EAST_MPS], of[NORTH_MPS])
    fast = (speed >= ARC_MPS) & (of[COUNT] >= HITS)
    for heir in np.flatnonzero(fast & (of[COUNT] == HITS) & (of[LAST] >= since_s)).tolist():
        away = np.hypot(of[EAST] - of[EAST, heir], of[NORTH] - of[NORTH, heir])
        reach_m = LATE * np.maximum(speed, speed[heir]) * (of[LAST, heir] - of[LAST])
        mine = fast & (of[SENSOR] == of[SENSOR, heir]) & (of[LAST] < of[FIRST, heir]) & (away <= reach_m) & ~found
        if mine.any():
            found[np.argmin(np.where(mine, of[LAST], np.inf))] = True
    return found


def _pace_s(of: Floats) -> Floats:
    """Seconds between two sightings of each chain, float64 [C]."""
    return np.asarray((of[LAST] - of[FIRST]) / np.maximum(of[COUNT] - 1.0, 1.0))


def _found_again(of: Floats, age: Floats, speed: Floats, fresh: Bools) -> Bools:
    """Which chains another that is seen now may well go on from, bool [C]."""
    away = np.hypot(of[EAST][:, None] - of[EAST][fresh], of[NORTH][:, None] - of[NORTH][fresh])
    alike = np.abs(np.log(speed[:, None] / speed[fresh])) < 0.5
    return np.asarray((alike & (away <= speed[:, None] * age[:, None] + 1_000.0)).any(axis=1), bool)
