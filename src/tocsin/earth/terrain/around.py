"""One eye's look around a grid, in parts that many threads may take at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.sight import EFFECTIVE_RADIUS_FACTOR, curvature_pm, stood
from tocsin.earth.terrain.sweep import EAST, NORTH, OWN_ROW, SOUTH, WEST, Fan, spread, stands, sweep
from tocsin.model.errors import BadValue

# Rays for each post along the border.
RAYS_A_POST = 2.0
# From 10 km up, over the sea, 400 km are the horizon: no sensor on the ground looks farther at what flies lower.
REACH_MAX_M = 500_000.0


class Sweep:
    """The least height at which an eye sees, for every post: made in `parts`, of which none writes to another's posts.

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
        self._upright = (elevation.heights_m, np.full(elevation.heights_m.shape, np.inf, np.float32))
        turned = np.ascontiguousarray(elevation.heights_m.T)
        self._turned = (turned, np.full(turned.shape, np.inf, np.float32))

    def parts(self, count: int) -> Sequence[Fan]:
        """What to give to `run`: each quarter in `count` parts."""
        found: list[Fan] = []
        for quarter in (NORTH, EAST, SOUTH, WEST):
            far = self._far(quarter)
            if far <= 0:
                continue
            apart = 1 / (RAYS_A_POST * far)
            most = spread(self._grid, self._eye, quarter, far) + 2 / far
            rays = 1 + math.ceil(2 * most / apart)
            ends = [round(rays * k / count) for k in range(count + 1)]
            # Posts are filled between two rays: the first of a part is the last of the one before.
            found += [(quarter, max(0, start - 1), end, -most, apart) for start, end in pairwise(ends) if end > start]
        return found

    def _far(self, quarter: int) -> float:
        """How many rows a quarter's rays cross, until the border or the reach."""
        along, _ = stands(self._grid, self._eye, quarter)
        rows = self._arrays(quarter)[0].shape[0]
        border = along if quarter in (NORTH, WEST) else rows - 1 - along
        apart = self._grid[2] if quarter in (NORTH, SOUTH) else self._grid[3] * math.cos(self._eye[0])
        return min(border, 1.1 * self._reach_m / (apart * 6.3e6) + 2)

    def _arrays(self, quarter: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self._upright if quarter in (NORTH, SOUTH) else self._turned

    def run(self, part: Fan) -> None:
        """Fill the posts of a part."""
        heights, lowest = self._arrays(part[0])
        sweep(heights, lowest, self._grid, self._eye, part, self._reach_m, self._curve)

    def lowest_m(self) -> NDArray[np.float32]:
        """float32 [R, C], metres above the ground, inf beyond reach; once every part was run."""
        lowest = np.minimum(self._upright[1], self._turned[1].T)
        row, col = stands(self._grid, self._eye, NORTH)
        if abs(row - round(row)) < OWN_ROW and abs(col - round(col)) < OWN_ROW:
            lowest[round(row), round(col)] = 0.0
        return lowest
