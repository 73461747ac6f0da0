"""The coarse gate: which rows of a batch may be a track's, before the track is carried anywhere.

Rows lie sorted by east, and a circle about each track is cut out of them, so that a look costs as much as what is near.
A circle, not a square: turning the world turns the tracks.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.track.bank import MODELS, STATUS, TAKEN, TIME, Bank
from tocsin.track.motion import ARC
from tocsin.track.report_rows import TIME as ROW_TIME
from tocsin.track.sensors.measure import ACROSS, ALONG, SLOPE, Z_EAST, Z_NORTH
from tocsin.track.state import E_E, E_N, EAST, N_N, NORTH, V_EAST, V_NORTH, VE_VE, VE_VN, VN_VN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIGMAS = 5.0
# A row that other tracks explain this surely is nobody else's.
FREE_MIN = 0.01


class Look(NamedTuple):
    """One look of one sensor: n rows close in time.

    rows      float64 [n, report_rows.WIDTH]
    z         float64 [n, MEASUREMENT] of the rows
    order     int64 [n]: rows by east
    clutter   float64 [n]: log density of false plots there
    free      float64 [n]: probability that no track explains the row yet
    clear     float64 [n]: the same, counting only tracks that are good enough to be believed
    """

    rows: Floats
    z: Floats
    order: Ints
    clutter: Floats
    free: Floats
    clear: Floats


class Near(NamedTuple):
    """Tracks that have rows near by, as columns.

    who      int64: place in the bank
    nearest  int64: the row nearest to where the track is foreseen
    rows     int64: how many rows lie in the circle
    first, stop   int64: these rows are among order[first:stop]
    circle   float64 [N, 3]: east and north of the middle, radius
    """

    who: Ints
    nearest: Ints
    rows: Ints
    first: Ints
    stop: Ints
    circle: Floats


@leaf
def widest(a: float, b: float, c: float) -> float:
    """The variance of (a, b; b, c) in the direction where it is greatest: the same however the frame is turned."""
    return (a + c) / 2.0 + math.sqrt(((a - c) / 2.0) ** 2 + b * b)


@leaf
def widest_row(z: Floats, height_var: float) -> float:
    """The greatest variance among measurements z [n, MEASUREMENT], to heights of that variance."""
    widest_var = 0.0
    for j in range(z.shape[0]):
        widest_var = max(widest_var, z[j, ALONG] + z[j, SLOPE] ** 2 * height_var, z[j, ACROSS])
    return widest_var


@leaf
def circle_of(bank: Bank, i: int, dt: float, row_var: float, circle: Floats) -> None:
    """Where track i may be dt seconds after its state, as a report of that variance would show it: circle [3]."""
    east, north, var, speed2 = 0.0, 0.0, 0.0, 0.0
    for m in range(MODELS):
        w, x, p = bank.mu[i, m], bank.x[i, m], bank.p[i, m]
        if w == 0.0:
            continue
        east += w * (x[EAST] + x[V_EAST] * dt)
        north += w * (x[NORTH] + x[V_NORTH] * dt)
        speed2 = max(speed2, x[V_EAST] ** 2 + x[V_NORTH] ** 2)
        if w > 1e-3:
            # A speed nobody knows yet opens the gate widest: 3.5 sigma for what flies; few fall from space, so two
            # sigma for those.
            part = 0.16 if m == ARC else 0.5
            var = max(var, widest(p[E_E], p[E_N], p[N_N]) + part * widest(p[VE_VE], p[VE_VN], p[VN_VN]) * dt * dt)
    circle[0], circle[1] = east, north
    # What a turn or a burst of speed may add, and the spread of the row's own times.
    circle[2] = SIGMAS * math.sqrt(var + row_var + 500.0 * abs(dt) ** 3) + 1.5 * math.sqrt(speed2) + 15.0 * dt * dt


@leaf
def inside(circle: Floats, z: Floats) -> bool:
    """Whether a measurement lies in a circle."""
    return bool((z[Z_EAST] - circle[0]) ** 2 + (z[Z_NORTH] - circle[1]) ** 2 <= circle[2] * circle[2])


@kernel
def near(status: int, bank: Bank, look: Look, height_var: float) -> tuple[int, Near]:
    """The tracks of a status that have rows near by, oldest first: how many, and columns with room for all."""
    at, z, order, free = look.rows[0, ROW_TIME], look.z, look.order, look.free
    n, tracks = z.shape[0], bank.tally[TAKEN]
    who, nearest, rows = np.empty(tracks, np.int64), np.empty(tracks, np.int64), np.empty(tracks, np.int64)
    first, stop = np.empty(tracks, np.int64), np.empty(tracks, np.int64)
    circles = np.empty((tracks, 3))
    row_var = widest_row(z, height_var)
    east = np.empty(n)
    for k in range(n):
        east[k] = z[order[k], Z_EAST]
    found = 0
    for i in range(tracks):
        if bank.tag[i, STATUS] != status:
            continue
        circle = circles[found]
        circle_of(bank, i, at - bank.life[i, TIME], row_var, circle)
        lo, hi = 0, n
        while lo < hi:
            middle = (lo + hi) // 2
            if east[middle] < circle[0] - circle[2]:
                lo = middle + 1
            else:
                hi = middle
        k, count, best, best2 = lo, 0, -1, math.inf
        while k < n and east[k] <= circle[0] + circle[2]:
            j = order[k]
            if free[j] > FREE_MIN and inside(circle, z[j]):
                count += 1
                d2 = (z[j, Z_EAST] - circle[0]) ** 2 + (z[j, Z_NORTH] - circle[1]) ** 2
                if d2 < best2:
                    best, best2 = j, d2
            k += 1
        if count:
            who[found], nearest[found], rows[found], first[found], stop[found] = i, best, count, lo, k
            found += 1
    return found, Near(who, nearest, rows, first, stop, circles)
