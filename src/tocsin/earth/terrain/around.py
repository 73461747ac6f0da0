"""One eye's look around a grid, in parts that many threads may take at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.earth.sight import EFFECTIVE_RADIUS_FACTOR, curvature_pm, stood
from tocsin.earth.terrain.sweep import EAST, NORTH, OWN_ROW, SOUTH, WEST, Fan, join, spread, stands, sweep, turn
from tocsin.model.errors import BadValue

# Rays for each post along the border. Of 36,000 posts around six eyes in the Pyrenees, targets on the ground, lines of
# sight judge one in 5,000 otherwise with half as many rays, one in 9,000 with these, one in 18,000 with twice as many.
RAYS_A_POST = 1.0
# From 10 km up, over the sea, 400 km are the horizon: no sensor on the ground looks farther at what flies lower.
REACH_MAX_M = 500_000.0
# Two arrays of heights and two of what is seen, for the north and the south, and for the east and the west.
BYTES_A_POST = 16


class Sweep:
    """The least height at which an eye sees, for every post.

    It is made in `steps`, one after the other, each of parts that may be done at once: none writes to another's posts.

    eye   latitude, longitude and metres above sea level; below the ground it is taken to stand on it
    """

    def __init__(
        self,
        elevation: Elevation,
        eye: tuple[float, float, float],
        reach_m: float,
        refraction: float = EFFECTIVE_RADIUS_FACTOR,
    ) -> None:
        if not bool(elevation.holds(eye[0], eye[1])):
            raise BadValue(f"an eye at {eye[0]}, {eye[1]} stands beside the elevation; give some that it stands on")
        if not 0 < reach_m <= REACH_MAX_M:
            raise BadValue(f"a reach of {reach_m} m; more than 0 and at most {REACH_MAX_M:g}")
        lat, lon, height = stood(elevation, [eye])[0].tolist()
        self._eye, self._grid = (lat, lon, height), elevation.grid
        self._reach_m, self._curve = reach_m, curvature_pm(refraction)
        shape = elevation.heights_m.shape
        self._upright = (np.ascontiguousarray(elevation.heights_m), np.full(shape, np.inf, np.float32))
        self._turned = (np.empty(shape[::-1], np.float32), np.full(shape[::-1], np.inf, np.float32))

    def steps(self, count: int) -> Sequence[tuple[Callable[[Any], None], Sequence[Any]]]:
        """What to call, and with what: `count` parts of rows, then of each quarter, then of rows again."""
        ends = [round(len(self._upright[0]) * k / count) for k in range(count + 1)]
        strips = [(first, last) for first, last in pairwise(ends) if last > first]
        return (self._turn, strips), (self._run, self._parts(count)), (self._join, strips)

    def lowest_m(self) -> NDArray[np.float32]:
        """float32 [R, C], metres above the ground, inf beyond reach; once every step was done."""
        row, col = stands(self._grid, self._eye, NORTH)
        if abs(row - round(row)) < OWN_ROW and abs(col - round(col)) < OWN_ROW:
            self._upright[1][round(row), round(col)] = 0.0
        return self._upright[1]

    def _parts(self, count: int) -> list[Fan]:
        found: list[Fan] = []
        for quarter in (NORTH, EAST, SOUTH, WEST):
            far = self._far(quarter)
            if far < OWN_ROW:
                continue
            apart = 1 / (RAYS_A_POST * far)
            most = spread(self._grid, self._eye, quarter, far) + 2 / far
            rays = 1 + math.ceil(2 * most / apart)
            ends = [round(rays * k / count) for k in range(count + 1)]
            # Posts are filled between two rays: the first of a part is the last of the one before.
            found += [
                (quarter, max(0, first - 1), last, -most, apart) for first, last in pairwise(ends) if last > first
            ]
        return found

    def _far(self, quarter: int) -> float:
        """How many rows a quarter's rays cross, until the border or the reach."""
        along, _ = stands(self._grid, self._eye, quarter)
        border = along if quarter in (NORTH, WEST) else len(self._arrays(quarter)[0]) - 1 - along
        row = self._grid[2] if quarter in (NORTH, SOUTH) else self._grid[3] * math.cos(self._eye[0])
        return min(border, 1.1 * self._reach_m / (row * EARTH_RADIUS_M) + 2)

    def _arrays(self, quarter: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self._upright if quarter in (NORTH, SOUTH) else self._turned

    def _turn(self, strip: tuple[int, int]) -> None:
        turn(self._upright[0], self._turned[0], *strip)

    def _run(self, part: Fan) -> None:
        heights, lowest = self._arrays(part[0])
        sweep(heights, lowest, self._grid, self._eye, part, self._reach_m, self._curve)

    def _join(self, strip: tuple[int, int]) -> None:
        join(self._upright[1], self._turned[1], *strip)
