"""From the sector's frame to degrees, many points at once: polynomials fitted to the exact projection.

A row per track and second goes this way, and the geodesic itself would cost more than the filter.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import EARTH_RADIUS_M, LocalFrame
from tocsin.kernels import kernel

Floats = NDArray[np.float64]

# Within this of the origin degree 8 is right to a centimetre; beyond, and nearer the poles, the geodesic is asked.
NEAR_M = 500_000.0
LATITUDE_MAX_DEG = 60.0
DEGREE = 8
TERMS = (DEGREE + 1) * (DEGREE + 2) // 2


def degrees_of(frame: LocalFrame, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats, Floats]:
    """(lat, lon, turn_rad) of points [N] in the frame; turn: clockwise from the frame's north to true north."""
    if abs(frame.lat) > LATITUDE_MAX_DEG:
        return _exact(frame, east_m, north_m)
    lat, apart, turn, far = evaluated(_fitted(frame), east_m, north_m)
    lon = (apart + frame.lon + 180.0) % 360.0 - 180.0
    if far.any():
        lat[far], lon[far], turn[far] = _exact(frame, east_m[far], north_m[far])
    return lat, lon, turn


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
    lat, lon, turn, far = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n, np.bool_)
    for p in range(n):
        x, y = east_m[p] / NEAR_M, north_m[p] / NEAR_M
        far[p] = x * x + y * y > 1.0
        k = TERMS
        for i in range(DEGREE, -1, -1):
            a, b, c = 0.0, 0.0, 0.0
            for _ in range(DEGREE + 1 - i):
                k -= 1
                a, b, c = a * y + fit[k, 0], b * y + fit[k, 1], c * y + fit[k, 2]
            lat[p], lon[p], turn[p] = lat[p] * x + a, lon[p] * x + b, turn[p] * x + c
    return lat, lon, turn, far
