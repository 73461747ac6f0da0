"""Observations as rows of numbers in the sector's frame, and what else they say against an all clear."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from pyproj import Geod

from tocsin.earth.physics import GRAVITY_MPS2
from tocsin.earth.sight import horizon_m
from tocsin.earth.zone_index import ZoneIndex
from tocsin.guard.chains import Bools, Floats
from tocsin.model.event import Configuration
from tocsin.model.observation import Bearing, Launch, Observation, Plot, Presence, Sighting
from tocsin.model.sensor import with_defaults
from tocsin.model.value import seconds_of

SIGMA_MIN_M, TARGET_M, SCAN_S = 100.0, 300.0, 5.0
# Three reports by two posts or people about one place, while what they tell of may be there still.
POSTS, POSTS_M, POSTS_S, HEARD_S, HEARD_M = 3, 10_000.0, 180.0, 30.0, 4_000.0
SLOW, SLOW_MPS, SWIFT_MPS = ("drone", "helicopter"), 75.0, 300.0
# How far a launch reaches, and how far aside of what was told. It is up for the time of the arc of least energy over
# that distance, sqrt(2 d / g), a quarter more for a lofted one, and a minute while its motor burns.
REACH_M, REACH_ELSE_M, ASIDE_DEG = {"rocket": 60_000.0}, 800_000.0, 30.0
LOFTED, BURNS_S, FLIGHT_S = 1.25, 60.0, 600.0
GEODESIC = Geod(ellps="WGS84")
# A radar is silent after four scans; ten minutes later whoever relies on it has long been told that he is blind.
SILENT_SCANS, SILENT_MIN_S, SILENT_S = 4.0, 30.0, 600.0


class Sites:
    """The sensors of a configuration; of each radar the zones that it watches."""

    def __init__(self, configuration: Configuration, index: ZoneIndex) -> None:
        self._frame, self.sensors = index.frame, {one.id: with_defaults(one) for one in configuration.sensors}
        self._radars = [one for one in self.sensors.values() if one.kind == "radar"]
        self._watched = np.zeros((len(self._radars), len(index)), bool)
        for number, one in enumerate(self._radars):
            east, north = index.frame.to_local(one.lat, one.lon)
            reach_m = min(one.range_m or 0.0, float(horizon_m(one.altitude_m, TARGET_M)))
            near, seen = np.hypot(index.east_m - east, index.north_m - north), configuration.sight.get(one.id)
            self._watched[number] = near <= reach_m if seen is None else np.isin([*index.number], seen)

    def row(self, one: Observation) -> tuple[float, ...]:
        """POSIX seconds (not after it reached us), lat, lon, whose it is, azimuth and ground distance from there; then
        sigma and seconds between two looks, or of a launch reach and azimuth, or of a report the speed of its threat.
        """
        name, at_s = getattr(one, "sensor", one.source), seconds_of(min(one.time, one.received_at))
        site = self.sensors.get(name)
        place: Any = one if hasattr(one, "lat") else site
        azimuth, ground_m, size, scan_s = 0.0, 0.0, getattr(one, "sigma_m", None) or 0.0, SCAN_S
        if isinstance(one, Launch):
            size = REACH_M.get(one.threat, REACH_ELSE_M)
            scan_s = math.nan if one.azimuth_deg is None else one.azimuth_deg
        elif isinstance(one, (Sighting, Bearing, Presence)):
            size = SLOW_MPS if getattr(one, "threat", None) in SLOW else SWIFT_MPS
        elif site is not None:
            scan_s = site.scan_s or SCAN_S
        if isinstance(one, Plot) and site is not None:
            rise_m = ((one.altitude_m or site.altitude_m) - site.altitude_m) * (site.range_kind == "slant")
            azimuth, ground_m = one.azimuth_deg, math.sqrt(one.range_m**2 - min(abs(rise_m), 0.98 * one.range_m) ** 2)
            size = math.hypot(site.sigma_range_m or 0.0, one.range_m * math.radians(site.sigma_azimuth_deg or 0.0))
        return at_s, place.lat, place.lon, crc32(name.encode()), azimuth, ground_m, size, scan_s

    def placed(self, rows: Sequence[Sequence[float]]) -> Floats:
        """Rows in the sector's frame, float64 [6, N]: POSIX seconds, east_m, north_m, whose, and the last two."""
        if not rows:
            return np.empty((6, 0))
        at, lat, lon, whose, azimuth, ground_m, size, scan_s = np.array(rows, float).reshape(-1, 8).T
        lon, lat, _ = GEODESIC.fwd(lon, lat, azimuth, ground_m)
        return np.stack([at, *self._frame.to_local(lat, lon), whose, size, scan_s])

    def dark(self, now_s: float, heard_s: Mapping[str, float]) -> Bools:
        """Where radars that watched have just gone silent and none is left, bool [Z]; nothing of one never heard."""
        age_s = np.array([now_s - heard_s.get(one.id, -np.inf) for one in self._radars])
        works = age_s <= [max(SILENT_SCANS * (one.scan_s or SCAN_S), SILENT_MIN_S) for one in self._radars]
        lost, left = self._watched[~works & (age_s <= SILENT_S)], self._watched[works]
        return np.asarray(lost.any(axis=0) & ~left.any(axis=0), bool)


def reported(now_s: float, posts: Floats, zones: Floats) -> Bools:
    """Where posts and people tell of something, bool [Z]; zones float64 [3, Z]: east_m, north_m, radius_m."""
    at, east, north, voice, speed, _ = posts
    near = np.hypot(east[:, None] - east, north[:, None] - north) <= POSTS_M
    near &= np.abs(at[:, None] - at) <= POSTS_S
    told = (near.sum(axis=1) >= POSTS) & (near & (voice[:, None] != voice)).any(axis=1) & (now_s - at <= HEARD_S)
    away = np.hypot(zones[0] - east[told, None], zones[1] - north[told, None]) - zones[2]
    return np.asarray((away <= HEARD_M + HEARD_S * speed[told, None]).any(axis=0), bool)


def launched(now_s: float, launches: Floats, zones: Floats) -> Bools:
    """Where something that was launched may still come down, bool [Z]."""
    at, east, north, _, reach, course = launches[:, :, None]
    away = np.hypot(zones[0] - east, zones[1] - north)
    aside = np.abs((np.degrees(np.arctan2(zones[0] - east, zones[1] - north)) - course + 180.0) % 360.0 - 180.0)
    missed = (aside > ASIDE_DEG) & (away > 2.0 * zones[2])
    flies = (away - zones[2] <= reach) & (now_s - at <= LOFTED * np.sqrt(2.0 * away / GRAVITY_MPS2) + BURNS_S)
    return np.asarray((flies & ~missed).any(axis=0), bool)
