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
FASTEST_MPS, SLOWEST_MPS, TURNS_MPS2 = 1_300.0, 15.0, 30.0
# Three sightings in a row are something, four where much leads nowhere, eight in a flood: with 20 false plots a scan in
# 100 km, chance makes a chain of four once in a day. By how many single sightings of a sensor wait for three scans.
HITS, BUSY, FLOODED = 3, 30, 300
GAP_SCANS, NEAR, FAR_M = 3.0, 6, 1e8
# Seen is what was at four looks of its own pace, at most 20 s ago. For 36 looks, at most 3 minutes, it may be hidden
# and come on.
FRESH_LOOKS, FRESH_S, HIDDEN_LOOKS, LOST_S = 4.0, 20.0, 36.0, 180.0
# It may come here within ten minutes if it holds about its course (73 degrees to either side, hidden 35), or within two
# and a half whatever it does; about to be here is what flies through the zone in a quarter of a minute.
AHEAD_S, AHEAD_COS, STRAIGHT_COS, LATE, LATE_S, ANYWHERE_S = 600.0, 0.3, 0.82, 1.2, 30.0, 150.0
COVER_S = 15.0
CIVIL_SHARE = 0.75
LONE_MAX, KNOWN_MAX = 6_000, 3_000
SENSOR, FIRST, LAST, EAST, NORTH, EAST_MPS, NORTH_MPS, COUNT, CIVIL = range(9)
AT, SEEN_EAST, SEEN_NORTH, SIGMA, SEEN_CIVIL = range(1, 6)


class Chains:
    """Columns of chains, float64 [9, K]: which sensor, first and last POSIX seconds, place and speed, sightings, and
    how many of them were beside an aircraft that identified itself."""

    def __init__(self, of: Floats | None = None) -> None:
        self.of: Floats = np.empty((9, 0)) if of is None else of

    def join(self, seen: Floats) -> None:
        """Take in sightings, float64 [6, N]: sensor, POSIX seconds, east_m, north_m, sigma_m, beside a civil one."""
        seen = self._extend(self._extend(seen, self.of[COUNT] > 1), self.of[COUNT] == 1)
        zero, one = np.zeros(seen.shape[1]), np.ones(seen.shape[1])
        begun = np.stack([seen[0], seen[AT], seen[AT], seen[2], seen[3], zero, zero, one, seen[SEEN_CIVIL]])
        known, lone = self.of[:, self.of[COUNT] > 1], np.hstack([self.of[:, self.of[COUNT] == 1], begun])
        # A flood pushes out what was seen once, never what was followed for longer.
        longest = np.sort(np.argsort(-known[COUNT], kind="stable")[:KNOWN_MAX])
        self.of = np.hstack([known[:, longest], lone[:, -LONE_MAX:]])

    def _extend(self, seen: Floats, which: Bools) -> Floats:
        """Give each chain of these the nearest sighting in its gate; returns the sightings that none took."""
        rows = np.flatnonzero(which)
        if not len(rows) or not seen.shape[1]:
            return seen
        of, dt = self.of[:, rows], seen[AT].max() - self.of[LAST, rows]
        there = np.stack([of[EAST] + dt * of[EAST_MPS], of[NORTH] + dt * of[NORTH_MPS], of[SENSOR] * FAR_M], -1)
        asked = np.stack([seen[SEEN_EAST], seen[SEEN_NORTH], seen[0] * FAR_M], -1)
        _, near = cKDTree(there).query(asked, k=range(1, NEAR + 1), distance_upper_bound=4e4)
        s, k = np.nonzero(near < len(rows))
        c = near[s, k]
        dt, life = seen[AT, s] - of[LAST, c], np.maximum(of[LAST, c] - of[FIRST, c], 1.0)
        east, north = seen[SEEN_EAST, s] - of[EAST, c], seen[SEEN_NORTH, s] - of[NORTH, c]
        off = np.hypot(east - dt * of[EAST_MPS, c], north - dt * of[NORTH_MPS, c])
        doubt = 4.0 * seen[SIGMA, s] * (1.0 + np.minimum(dt / life, 2.0))
        gate = doubt + np.where(of[COUNT, c] == 1, FASTEST_MPS * dt, 0.5 * TURNS_MPS2 * np.minimum(dt, 10.0) ** 2)
        order = np.argsort(off / gate, kind="stable")
        order = order[((dt > 0.3) & (off <= gate))[order]]
        order = order[np.sort(np.unique(s[order], return_index=True)[1])]
        order = order[np.unique(c[order], return_index=True)[1]]
        s, c, dt = s[order], c[order], dt[order]
        # Expanding memory (Brookner, Tracking and Kalman Filtering Made Easy, 1998, table 1.3-1), with a floor.
        n = of[COUNT, c] + 1.0
        alpha, beta = np.maximum(2 * (2 * n - 1) / (n * (n + 1)), 0.5), np.maximum(6 / (n * (n + 1)), 0.15)
        for place, speed, off_m in ((EAST, EAST_MPS, east[order]), (NORTH, NORTH_MPS, north[order])):
            error = off_m - dt * of[speed, c]
            self.of[place, rows[c]] += dt * of[speed, c] + alpha * error
            self.of[speed, rows[c]] += beta * error / dt
        self.of[LAST, rows[c]], self.of[COUNT, rows[c]] = seen[AT, s], n
        self.of[CIVIL, rows[c]] += seen[SEEN_CIVIL, s]
        return np.delete(seen, s, axis=1)

    def forget(self, now_s: float, scan_s: Floats) -> None:
        """Let go of what was not seen again; `scan_s` by number of sensor."""
        gone_s = np.where(self._sure(), LOST_S, GAP_SCANS * scan_s[self.of[SENSOR].astype(int)] + 2.0)
        self.of = self.of[:, now_s - self.of[LAST] <= gone_s]

    def _sure(self) -> Bools:
        """Which were seen often enough to be something, given how many of their sensor's sightings led nowhere."""
        number, lone = self.of[SENSOR].astype(int), self.of[COUNT] == 1
        waiting = np.bincount(number[lone], minlength=1 + number.max(initial=0))[number]
        return np.asarray(self.of[COUNT] >= HITS + (waiting > BUSY) + 4 * (waiting > FLOODED), bool)

    def holding(self, now_s: float, zones: Floats) -> tuple[Bools, Bools, Floats]:
        """Which chains [C] speak against an all clear in which zones [Z], and against less than cover; whose they are.

        zones   float64 [3, Z]: east_m, north_m, radius_m
        """
        of = self.of[:, self._sure() & (self.of[CIVIL] < CIVIL_SHARE * self.of[COUNT])]
        of = of[:, np.hypot(of[EAST_MPS], of[NORTH_MPS]) >= SLOWEST_MPS]
        speed, age = np.hypot(of[EAST_MPS], of[NORTH_MPS]), now_s - of[LAST]
        pace_s = (of[LAST] - of[FIRST]) / (of[COUNT] - 1.0)
        fresh = age <= np.clip(FRESH_LOOKS * pace_s, 5.0, FRESH_S)
        kept = fresh | (~_found_again(of, age, speed, fresh) & (age <= HIDDEN_LOOKS * pace_s))
        of, age, speed, fresh = of[:, kept], age[kept, None], speed[kept, None], fresh[kept, None]
        east, north = zones[0] - of[EAST][:, None], zones[1] - of[NORTH][:, None]
        away, along = np.hypot(east, north), east * of[EAST_MPS][:, None] + north * of[NORTH_MPS][:, None]
        left_s = np.maximum(away - zones[2], 0.0) / speed
        comes = (along > AHEAD_COS * away * speed) & (left_s <= AHEAD_S)
        straight = (along >= STRAIGHT_COS * away * speed) | (left_s <= FRESH_S)
        bound = comes & straight & (age <= np.minimum(LATE * left_s + LATE_S, LOST_S))
        clear = np.where(fresh, comes | (left_s <= ANYWHERE_S), bound)
        beside = np.sqrt(np.maximum(away**2 - (along / speed) ** 2, 0.0)) <= zones[2]
        return clear, fresh & comes & beside & (left_s <= COVER_S), of[SENSOR]


def _found_again(of: Floats, age: Floats, speed: Floats, fresh: Bools) -> Bools:
    """Which chains another that is seen now may well go on from, bool [C]."""
    away = np.hypot(of[EAST][:, None] - of[EAST][fresh], of[NORTH][:, None] - of[NORTH][fresh])
    alike = np.abs(np.log(speed[:, None] / speed[fresh])) < 0.5
    return np.asarray((alike & (away <= speed[:, None] * age[:, None] + 1_000.0)).any(axis=1), bool)
