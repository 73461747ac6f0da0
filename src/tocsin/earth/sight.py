"""How far a radar or an eye sees: over a smooth Earth, and over the land as it lies.

Coverage means one thing: the planner, the warnings' blind zones and the simulated sensors all ask here. Radio waves are
bent as if the Earth were larger, so that over a plane that touches it at the eye the ground sinks by d**2 / (2 k R).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.model.errors import BadValue

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


def curvature_pm(refraction: float = EFFECTIVE_RADIUS_FACTOR) -> float:
    """1 / (2 k R) in 1/m: times a distance squared, how far the ground sinks below a plane that touches it."""
    if not 0.5 <= refraction <= 100:
        raise BadValue(f"refraction {refraction}; a factor of the Earth's radius, 0.5 to 100 (4/3 for radio waves)")
    return 1 / (2 * refraction * EARTH_RADIUS_M)


def bulge_m(distance_m: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the Earth rises above a straight line's chord, [S, N]: at shares [S] of the way over distances [N]."""
    spread = distance_m**2 * (share * (1 - share))[:, None]
    return np.asarray(spread / (2 * EFFECTIVE_RADIUS_FACTOR * EARTH_RADIUS_M), float)


def sees(
    elevation: Elevation, eye: ArrayLike, targets: ArrayLike, refraction: float = EFFECTIVE_RADIUS_FACTOR
) -> NDArray[np.bool_]:
    """bool [N]: whether an eye [3] and targets [N, 3] see each other; latitude, longitude, metres above sea level.

    Exact for the ground as it is between posts: each line is held against it wherever it crosses a row or a column.
    What lies below the ground is taken to stand on it, and ground beyond the grid to be as at its border: give a grid
    that holds both ends.
    """
    from tocsin.earth.terrain.line import seen

    one, many = stood(elevation, np.reshape(eye, (1, 3))), stood(elevation, np.reshape(targets, (-1, 3)))
    found = np.zeros(len(many), bool)
    point = (float(one[0, 0]), float(one[0, 1]), float(one[0, 2]))
    seen(elevation.heights_m, elevation.grid, point, many, curvature_pm(refraction), found)
    return found


def stood(elevation: Elevation, places: ArrayLike) -> NDArray[np.float64]:
    """Radians, and metres no lower than the ground, of places [N, 3]."""
    lat, lon, height = np.moveaxis(np.asarray(places, float), -1, 0)
    return np.stack([np.radians(lat), np.radians(lon), np.maximum(height, elevation.at(lat, lon))], axis=-1)


def lowest_seen_m(
    elevation: Elevation,
    lat: float,
    lon: float,
    eye_m: float,
    reach_m: float,
    refraction: float = EFFECTIVE_RADIUS_FACTOR,
) -> NDArray[np.float32]:
    """float32 [R, C]: metres above the ground of each post from which on a target is seen; inf beyond reach.

    eye_m   metres above sea level; an eye below the ground is taken to stand on it

    Of a thousand posts three, at most, are judged otherwise than by `sees`, which holds every line against the ground
    for itself. On one core; `plan.viewshed` does the same on all.
    """
    from tocsin.earth.terrain.around import Sweep

    sweep = Sweep(elevation, (lat, lon, eye_m), reach_m, refraction)
    for done, parts in sweep.steps(1):
        for part in parts:
            done(part)
    return sweep.lowest_m()
