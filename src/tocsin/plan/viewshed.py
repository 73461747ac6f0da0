"""A viewshed on all cores: the rays of one eye, shared out among threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.sight import EFFECTIVE_RADIUS_FACTOR
from tocsin.earth.terrain.around import Sweep


def viewshed_m(
    elevation: Elevation,
    eye: tuple[float, float, float],
    reach_m: float,
    refraction: float = EFFECTIVE_RADIUS_FACTOR,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """`earth.sight.lowest_seen_m` of an eye (latitude, longitude, metres above sea level), by threads: one per core.

    The same to the last digit, however many threads there are.
    """
    count = threads or len(os.sched_getaffinity(0))
    sweep = Sweep(elevation, eye, reach_m, refraction)
    with ThreadPoolExecutor(count) as pool:
        for done, parts in sweep.steps(count):
            list(pool.map(done, parts))
    return sweep.lowest_m()
