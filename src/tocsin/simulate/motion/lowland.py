"""Along low ground: the cheapest walk over a grid that costs by height, smoothed to what can be flown.

Terrain-following attackers prefer valleys and rivers, which hide them and show the way. Rivers are drawn as the nodal
lines of a random field of plane waves (Longuet-Higgins 1957): winding, branching, nowhere parallel. The walk is
Dijkstra's (1959).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from tocsin.earth.frames import Floats
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.motion.curves import FINE_M, every, flown, sharpest
from tocsin.simulate.motion.way import Order, Way

GRID_M = 1_000.0
# The grid never has more than about this many points to a side; a longer way is walked over a coarser one.
SIDE_MAX = 160
MARGIN_M = 20_000.0
WAVES = 24
WAVE_M = (18_000.0, 70_000.0)
# A metre over the highest ground costs as much as this many along a river.
HIGH_COST = 6.0
# Neighbours of a grid point: its eight, and a knight's move away.
MOVES = np.array([(0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1)])
SMOOTHINGS = 12


def terrain(order: Order) -> tuple[Way, ...]:
    """One object's way."""
    speed_mps = order.speed_mps()
    radius_m = speed_mps**2 / order.kind.turn_mps2
    walk = walk_m(order.field, order.start_m, order.aims_m[0])
    return (flown(order, smoothed(walk, radius_m), speed_mps),)


def height(field: Field, east_m: Floats, north_m: Floats) -> Floats:
    """How high the ground lies, from 0 (a river, a valley's floor) to 1; the same for everybody of one night."""
    rng = stream(0, "rivers", *field.ground.phases)
    length, angle = WAVE_M[0] * (WAVE_M[1] / WAVE_M[0]) ** rng.random(WAVES), rng.uniform(0, 2 * np.pi, WAVES)
    phase = rng.uniform(0, 2 * np.pi, WAVES)
    wave = np.zeros_like(east_m)
    for l_m, a, p in zip(length, angle, phase, strict=True):
        wave += np.cos(2 * np.pi * (east_m * np.sin(a) + north_m * np.cos(a)) / l_m + p)
    river: Floats = np.clip(np.abs(wave) / np.sqrt(WAVES / 2), 0.0, 1.0)
    relief_m = field.ground.terrain.relief_m
    if not relief_m:
        return river
    return np.asarray(0.3 * river + 0.7 * field.ground.height_m(east_m, north_m) / relief_m)


def walk_m(field: Field, start_m: Floats, aim_m: Floats) -> Floats:
    """The cheapest walk [P, 2] from the start to the aim."""
    low, high = np.minimum(start_m, aim_m) - MARGIN_M, np.maximum(start_m, aim_m) + MARGIN_M
    grid_m = max(GRID_M, float((high - low).max()) / SIDE_MAX)
    columns, rows = (int(one) for one in np.ceil((high - low) / grid_m) + 1)
    row, column = np.mgrid[:rows, :columns]
    east, north = low[0] + column * grid_m, low[1] + row * grid_m
    ground = height(field, east, north)
    begins, ends, costs = [], [], []
    for down, right in MOVES:
        near = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        far = (slice(down, rows), slice(max(0, right), columns + min(0, right)))
        begins.append((row[near] * columns + column[near]).ravel())
        ends.append((row[far] * columns + column[far]).ravel())
        mean = 0.5 * (ground[near] + ground[far]).ravel()
        costs.append(np.hypot(down, right) * grid_m * (1.0 + (HIGH_COST - 1.0) * mean))
    nodes = rows * columns
    edges = (np.concatenate(costs), (np.concatenate(begins), np.concatenate(ends)))
    first, last = (_node(one, low, grid_m, columns) for one in (start_m, aim_m))
    _, before = dijkstra(coo_array(edges, (nodes, nodes)).tocsr(), False, first, return_predecessors=True)
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    inner = [(east.flat[node], north.flat[node]) for node in path[-2:0:-1]]
    return np.array([start_m, *inner, aim_m])


def _node(place_m: Floats, low_m: Floats, grid_m: float, columns: int) -> int:
    column, row = np.round((place_m - low_m) / grid_m).astype(int)
    return int(row * columns + column)


def smoothed(walk_m: Floats, radius_m: float) -> Floats:
    """The walk [P, 2] without its corners, both ends kept, nowhere tighter than `radius_m`."""
    fine = every(walk_m, FINE_M)
    width_m = max(radius_m, GRID_M)
    for _ in range(SMOOTHINGS):
        # Mirrored through its ends the curve keeps them, and the wider the filter the straighter it is.
        pad = len(fine) - 1
        whole = np.vstack([2 * fine[0] - fine[pad:0:-1], fine, 2 * fine[-1] - fine[-2::-1][:pad]])
        curve = every(gaussian_filter1d(whole, width_m / FINE_M, axis=0)[pad : pad + len(fine)], FINE_M)
        if sharpest(curve) * radius_m < 1.0:
            return curve
        width_m *= 1.4
    return np.stack([walk_m[0], walk_m[-1]])
