"""The sector's frame compiled: the geodesic between its origin and a point, for kernels that cannot call a projection.

Vincenty's direct and inverse solutions on WGS 84 (Survey Review 23:88, 1975): below a millimetre for any distance a
sector spans. Angles in radians.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import WGS84_A_M, WGS84_B_M, WGS84_E2, WGS84_F
from tocsin.kernels import leaf

Floats = NDArray[np.float64]

# A sector is hundreds of kilometres across: four rounds settle a tenth of a millimetre, twenty anything not antipodal.
ROUNDS = 20
CLOSE_RAD = 1e-12


@leaf
def wrapped(angle: float) -> float:
    """The same angle between -pi and pi."""
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


@leaf
def _series(cos2_alpha: float) -> tuple[float, float, float]:
    """Vincenty's A, B and C."""
    u2 = cos2_alpha * (WGS84_A_M**2 - WGS84_B_M**2) / WGS84_B_M**2
    a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)))
    b = u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)))
    c = WGS84_F / 16.0 * cos2_alpha * (4.0 + WGS84_F * (4.0 - 3.0 * cos2_alpha))
    return a, b, c


@leaf
def _bend(b: float, sin: float, cos: float, middle: float) -> float:
    """The series' correction of the arc."""
    inner = cos * (-1.0 + 2.0 * middle**2)
    inner -= b / 6.0 * middle * (-3.0 + 4.0 * sin**2) * (-3.0 + 4.0 * middle**2)
    return b * sin * (middle + b / 4.0 * inner)


@leaf
def to_frame(lat0: float, lon0: float, lat: float, lon: float) -> tuple[float, float, float]:
    """(east_m, north_m, turn) of a point in the frame about (lat0, lon0).

    turn   clockwise turn from the frame's north to true north at the point
    """
    u1 = math.atan((1.0 - WGS84_F) * math.tan(lat0))
    u2 = math.atan((1.0 - WGS84_F) * math.tan(lat))
    s1, c1, s2, c2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    apart = wrapped(lon - lon0)
    turned = apart
    sin, cos, arc, middle, cos2_alpha = 0.0, 1.0, 0.0, 0.0, 1.0
    for _ in range(ROUNDS):
        sl, cl = math.sin(turned), math.cos(turned)
        sin = math.sqrt((c2 * sl) ** 2 + (c1 * s2 - s1 * c2 * cl) ** 2)
        if sin < 1e-15:
            return 0.0, 0.0, 0.0
        cos = s1 * s2 + c1 * c2 * cl
        arc = math.atan2(sin, cos)
        sin_alpha = c1 * c2 * sl / sin
        cos2_alpha = 1.0 - sin_alpha**2
        middle = cos - 2.0 * s1 * s2 / cos2_alpha if cos2_alpha > 1e-15 else 0.0
        _, _, c = _series(cos2_alpha)
        before = turned
        inner = middle + c * cos * (-1.0 + 2.0 * middle**2)
        turned = apart + (1.0 - c) * WGS84_F * sin_alpha * (arc + c * sin * inner)
        if abs(turned - before) < CLOSE_RAD:
            break
    a, b, _ = _series(cos2_alpha)
    distance = WGS84_B_M * a * (arc - _bend(b, sin, cos, middle))
    sl, cl = math.sin(turned), math.cos(turned)
    ray = math.atan2(c2 * sl, c1 * s2 - s1 * c2 * cl)
    course = math.atan2(c1 * sl, -s1 * c2 + c1 * s2 * cl)
    return distance * math.sin(ray), distance * math.cos(ray), wrapped(ray - course)


@leaf
def from_frame(lat0: float, lon0: float, east_m: float, north_m: float) -> tuple[float, float]:
    """(lat, lon) of a point of the frame about (lat0, lon0)."""
    distance, ray = math.hypot(east_m, north_m), math.atan2(east_m, north_m)
    tan1 = (1.0 - WGS84_F) * math.tan(lat0)
    c1 = 1.0 / math.sqrt(1.0 + tan1**2)
    s1 = tan1 * c1
    sr, cr = math.sin(ray), math.cos(ray)
    start = math.atan2(tan1, cr)
    sin_alpha = c1 * sr
    cos2_alpha = 1.0 - sin_alpha**2
    a, b, c = _series(cos2_alpha)
    straight = distance / (WGS84_B_M * a)
    arc = straight
    sin, cos, middle = 0.0, 1.0, 0.0
    for _ in range(ROUNDS):
        sin, cos, middle = math.sin(arc), math.cos(arc), math.cos(2.0 * start + arc)
        before = arc
        arc = straight + _bend(b, sin, cos, middle)
        if abs(arc - before) < CLOSE_RAD:
            break
    sin, cos, middle = math.sin(arc), math.cos(arc), math.cos(2.0 * start + arc)
    side = s1 * sin - c1 * cos * cr
    lat = math.atan2(s1 * cos + c1 * sin * cr, (1.0 - WGS84_F) * math.hypot(sin_alpha, side))
    turned = math.atan2(sin * sr, c1 * cos - s1 * sin * cr)
    inner = middle + c * cos * (-1.0 + 2.0 * middle**2)
    return lat, lon0 + turned - (1.0 - c) * WGS84_F * sin_alpha * (arc + c * sin * inner)


@leaf
def geodetic(x: float, y: float, z: float) -> tuple[float, float, float]:
    """(lat, lon, height_m) of an Earth-centred point: Bowring's method, as `frames.geodetic_of`."""
    p = math.hypot(x, y)
    beta = math.atan2(z * WGS84_A_M, p * WGS84_B_M)
    second = WGS84_E2 / (1.0 - WGS84_E2)
    phi = beta
    for _ in range(2):
        phi = math.atan2(z + second * WGS84_B_M * math.sin(beta) ** 3, p - WGS84_E2 * WGS84_A_M * math.cos(beta) ** 3)
        beta = math.atan2((1.0 - WGS84_F) * math.sin(phi), math.cos(phi))
    sin = math.sin(phi)
    return phi, math.atan2(y, x), p * math.cos(phi) + z * sin - WGS84_A_M * math.sqrt(1.0 - WGS84_E2 * sin**2)


@leaf
def centred(lat: float, lon: float, height_m: float, out: Floats) -> None:
    """Earth-centred coordinates of a geodetic point into out [3]."""
    sin, cos = math.sin(lat), math.cos(lat)
    normal = WGS84_A_M / math.sqrt(1.0 - WGS84_E2 * sin * sin)
    out[0] = (normal + height_m) * cos * math.cos(lon)
    out[1] = (normal + height_m) * cos * math.sin(lon)
    out[2] = (normal * (1.0 - WGS84_E2) + height_m) * sin


@leaf
def axes_of(lat: float, lon: float, out: Floats) -> None:
    """East, north and up at a point as the rows of out [3, 3], Earth-centred."""
    sp, cp, sl, cl = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    out[0, 0], out[0, 1], out[0, 2] = -sl, cl, 0.0
    out[1, 0], out[1, 1], out[1, 2] = -sp * cl, -sp * sl, cp
    out[2, 0], out[2, 1], out[2, 2] = cp * cl, cp * sl, sp
