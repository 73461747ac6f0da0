"""From the sector's frame to degrees, many points at once: polynomials fitted to the exact projection.

A row per track and second goes this way, and the geodesic itself would cost more than the filter.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.kernels import kernel

Floats = NDArray[np.float64]

# Within this of the origin degree 8 is right to a centimetre; beyond, and nearer the poles, the geodesic is asked.
NEAR_M = 500_000.0
LATITUDE_MAX_DEG = 60.0
DEGREE = 8
TERMS = (DEGREE + 1) * (DEGREE + 2) // 2
# Points are taken so many at a time: what is worked on stays in the processor's nearest cache.
BLOCK = 256


def degrees_of(frame: LocalFrame, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats, Floats]:
    """(lat, lon, turn_rad) of points [N] in the frame; turn: clockwise from the frame's north to true north."""
    if abs(frame.lat) > LATITUDE_MAX_DEG:
        return _exact(frame, east_m, north_m)
    lat, apart, turn, far = evaluated(_fitted(frame), east_m, north_m)
    lon = once_round(apart + frame.lon + 180.0) - 180.0
    if far.any():
        lat[far], lon[far], turn[far] = _exact(frame, east_m[far], north_m[far])
    return lat, lon, turn


def once_round(angle_deg: Floats) -> Floats:
    """The same angles in 0 to 360: the remainder, of which NumPy's own takes several times as long."""
    return np.asarray(angle_deg - 360.0 * np.floor(angle_deg / 360.0), float)


def _exact(frame: LocalFrame, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats, Floats]:
    lat, lon = frame.to_geodetic(east_m, north_m)
    return lat, lon, convergence(east_m, north_m, math.radians(frame.lat))


def convergence(east_m: Floats, north_m: Floats, origin_rad: float) -> Floats:
    """Clockwise turn from the frame's north to true north at points of the frame, radians.

    A ray from the origin keeps its direction in the frame and bends against the meridians as a great circle does
    (Snyder, Map Projections, 1987, eq. 5-4b); the Earth's flattening changes that by a few parts in a thousand.
    """
    ray = np.arctan2(east_m, north_m)
    far = np.hypot(east_m, north_m) / EARTH_RADIUS_M
    course = np.arctan2(
        np.sin(ray) * math.cos(origin_rad),
        np.cos(far) * math.cos(origin_rad) * np.cos(ray) - np.sin(far) * math.sin(origin_rad),
    )
    return np.asarray(ray - course, float)


@lru_cache(maxsize=16)
def _fitted(frame: LocalFrame) -> Floats:
    """[TERMS, 3] of latitude, longitude less the origin's, and turn; least squares over the whole disc."""
    ring = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    # Towards the rim as Chebyshev's points are, or the fit would swing there.
    distance = NEAR_M * np.sin(np.linspace(0.02, 1, 24) * np.pi / 2)
    east, north = (distance[:, None] * np.sin(ring)).ravel(), (distance[:, None] * np.cos(ring)).ravel()
    lat, lon, turn = _exact(frame, east, north)
    x, y = east / NEAR_M, north / NEAR_M
    powers = np.stack([x**i * y**j for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)], axis=1)
    wanted = np.stack([lat, (lon - frame.lon + 180.0) % 360.0 - 180.0, (turn + np.pi) % (2 * np.pi) - np.pi], axis=1)
    solution, *_ = np.linalg.lstsq(powers, wanted, rcond=None)
    return np.ascontiguousarray(solution)


@kernel
def evaluated(fit: Floats, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """The three polynomials at points [N], and which points lie too far out for them."""
    n = len(east_m)
    found, far = np.zeros((3, n)), np.empty(n, np.bool_)
    x, y, inner = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    for start in range(0, n, BLOCK):
        count = min(BLOCK, n - start)
        for p in range(count):
            x[p], y[p] = east_m[start + p] / NEAR_M, north_m[start + p] / NEAR_M
            far[start + p] = x[p] * x[p] + y[p] * y[p] > 1.0
        for f in range(3):
            value, k = found[f, start : start + count], TERMS
            for i in range(DEGREE, -1, -1):
                inner[:count] = 0.0
                for _ in range(DEGREE + 1 - i):
                    k -= 1
                    term = fit[k, f]
                    # Innermost, over the points: the processor takes eight at once.
                    for p in range(count):
                        inner[p] = inner[p] * y[p] + term
                for p in range(count):
                    value[p] = value[p] * x[p] + inner[p]
    return found[0], found[1], found[2], far
