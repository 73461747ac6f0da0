"""How far a radar or an eye sees over a smooth Earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.earth.physics import EARTH_RADIUS_M

# Standard atmosphere bends radio waves as if the Earth's radius were 4/3 as large (ITU-R P.453, P.834).
EFFECTIVE_RADIUS_FACTOR = 4 / 3


def horizon_m(antenna_m: ArrayLike, target_m: ArrayLike) -> NDArray[np.float64]:
    """The ground distance at which a target drops below an antenna's horizon; heights in metres, below 0 is 0.

    sqrt(2 k R h) for each side: 4.12 (sqrt h1 + sqrt h2) km for k = 4/3.

    >>> round(float(horizon_m(10, 100)) / 1000, 1)
    54.3
    """
    reach = np.sqrt(2 * EFFECTIVE_RADIUS_FACTOR * EARTH_RADIUS_M)
    antenna, target = np.maximum(antenna_m, 0.0), np.maximum(target_m, 0.0)
    return np.asarray(reach * (np.sqrt(antenna) + np.sqrt(target)), float)
