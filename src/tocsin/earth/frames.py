"""Frames: geodetic WGS 84, Earth-centred (ECEF), and a flat frame for one sector.

The sector frame is the azimuthal equidistant projection about the sector's origin: distances and bearings from the
origin are exact; across a sector of 400 km a length anywhere is right to 0.07 %. Height stays a coordinate of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

# WGS 84 (NIMA TR8350.2): semi-major axis, flattening.
WGS84_A_M = 6_378_137.0
WGS84_F = 1 / 298.257223563
WGS84_B_M = WGS84_A_M * (1 - WGS84_F)
WGS84_E2 = WGS84_F * (2 - WGS84_F)

Floats = NDArray[np.float64]

# The projection is the geodesic itself: azimuth and distance from the origin. Asking for it directly costs a frame
# nothing to make, and impacts make one each.
_GEODESIC = Geod(ellps="WGS84")


@dataclass(frozen=True)
class LocalFrame:
    """A sector's flat frame: east_m, north_m from an origin in degrees."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        assert -90.0 <= self.lat <= 90.0 and -180.0 <= self.lon <= 180.0, f"a frame about {self.lat}, {self.lon}"

    def to_local(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
        """(east_m, north_m) float64 arrays of points in degrees; same shape as the input."""
        lats, lons = np.asarray(lat, float), np.asarray(lon, float)
        azimuth_deg, _, distance_m = _GEODESIC.inv(
            np.full(lons.shape, self.lon), np.full(lats.shape, self.lat), lons, lats
        )
        azimuth = np.radians(azimuth_deg)
        return np.asarray(distance_m * np.sin(azimuth), float), np.asarray(distance_m * np.cos(azimuth), float)

    def to_geodetic(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
        """(lat, lon) in degrees of points in the frame; same shape as the input."""
        east, north = np.asarray(east_m, float), np.asarray(north_m, float)
        lon, lat, _ = _GEODESIC.fwd(
            np.full(east.shape, self.lon),
            np.full(north.shape, self.lat),
            np.degrees(np.arctan2(east, north)),
            np.hypot(east, north),
        )
        return np.asarray(lat, float), np.asarray(lon, float)


def frame_around(lat: ArrayLike, lon: ArrayLike) -> LocalFrame:
    """The frame whose origin is the middle of the points' bounding box, rounded to 0.01 degree (about 1 km).

    Longitudes are taken the short way round, so a sector may straddle the date line.
    """
    lats, lons = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
    turned = (lons - lons[0] + 180) % 360 - 180
    middle = lons[0] + (turned.min() + turned.max()) / 2
    return LocalFrame(round(float(lats.min() + lats.max()) / 2, 2), round(float((middle + 180) % 360 - 180), 2))


def ecef_of(lat: ArrayLike, lon: ArrayLike, altitude_m: ArrayLike) -> Floats:
    """Earth-centred coordinates [..., 3] in metres of geodetic points; altitude above the ellipsoid."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    height = np.asarray(altitude_m, float)
    normal = WGS84_A_M / np.sqrt(1 - WGS84_E2 * np.sin(phi) ** 2)
    return np.stack(
        np.broadcast_arrays(
            (normal + height) * np.cos(phi) * np.cos(lam),
            (normal + height) * np.cos(phi) * np.sin(lam),
            (normal * (1 - WGS84_E2) + height) * np.sin(phi),
        ),
        axis=-1,
    )


def geodetic_of(ecef_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """(lat, lon, altitude_m) of Earth-centred points [..., 3].

    Bowring's method (Survey Review 23:181, 1976), iterated three times: below 1 mm up to 2,000 km of altitude.
    """
    x, y, z = np.moveaxis(np.asarray(ecef_m, float), -1, 0)
    p = np.hypot(x, y)
    beta = np.arctan2(z * WGS84_A_M, p * WGS84_B_M)
    second = WGS84_E2 / (1 - WGS84_E2)
    phi = beta
    for _ in range(3):
        phi = np.arctan2(z + second * WGS84_B_M * np.sin(beta) ** 3, p - WGS84_E2 * WGS84_A_M * np.cos(beta) ** 3)
        beta = np.arctan2((1 - WGS84_F) * np.sin(phi), np.cos(phi))
    sin = np.sin(phi)
    height = p * np.cos(phi) + z * sin - WGS84_A_M * np.sqrt(1 - WGS84_E2 * sin**2)
    return np.degrees(phi), np.degrees(np.arctan2(y, x)), height


def enu_axes(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Rows east, north, up as Earth-centred unit vectors, [..., 3, 3]: `axes @ ecef` turns a vector into ENU."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    sp, cp, sl, cl = np.sin(phi), np.cos(phi), np.sin(lam), np.cos(lam)
    zero = np.zeros_like(sp * sl)
    east = np.stack(np.broadcast_arrays(-sl, cl, zero), axis=-1)
    north = np.stack(np.broadcast_arrays(-sp * cl, -sp * sl, cp), axis=-1)
    up = np.stack(np.broadcast_arrays(cp * cl, cp * sl, sp), axis=-1)
    return np.stack([east, north, up], axis=-2)


def destination(lat: float, lon: float, azimuth_deg: ArrayLike, distance_m: ArrayLike) -> tuple[Floats, Floats]:
    """(lat, lon) reached from a point along an initial azimuth over a ground distance (WGS 84 geodesic)."""
    return LocalFrame(lat, lon).to_geodetic(
        np.asarray(distance_m, float) * np.sin(np.radians(azimuth_deg)),
        np.asarray(distance_m, float) * np.cos(np.radians(azimuth_deg)),
    )
