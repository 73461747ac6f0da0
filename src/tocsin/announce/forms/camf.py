"""CAMF: a warning in 122 bits, as navigation satellites send them (EWSS Common Alert Message Format, issue 1.1).

It says in which country, by whom, what, how grave, from when, for how long, what to do, and where: an ellipse. Phones
show it in their own language from tables of their own. The bits go to whoever runs the satellites.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import shapely

from tocsin.announce.bodies import PublicWarning
from tocsin.earth.frames import LocalFrame, frame_around
from tocsin.model.errors import BadSettings
from tocsin.model.threat import ThreatClass
from tocsin.model.warning import Level
from tocsin.model.zone import Polygon, Zone

BITS = 122
# A1
_TEST, _ALERT, _UPDATE, _ALL_CLEAR = range(4)
# A4. There is no word for an attack from the air by what is not known: the air strike is the nearest.
AIR_STRIKE, MISSILE_ATTACK, SIREN_TEST = 1, 8, 13
_MISSILES: frozenset[ThreatClass] = frozenset({"cruise_missile", "ballistic_missile", "rocket"})
# A5; there is no word for the danger that has passed.
_SEVERITY: dict[Level, int] = {"take_cover": 3, "prepare": 2, "all_clear": 0}
# A11 of the international library, version 1: an entry of list A and one of list B.
_SHELTER, _STAY_IN, _TEST_ONLY, _IMPROVED = 3, 28, 29, 31
_LISTEN, _NOTHING = 7, 0
_GUIDANCE: dict[Level, tuple[int, int]] = {
    "take_cover": (_SHELTER, _LISTEN),
    "prepare": (_STAY_IN, _LISTEN),
    "all_clear": (_IMPROVED, _NOTHING),
}
_WEEK = timedelta(weeks=1)
# A8: shorter than each of these; longer is not known.
_DURATIONS = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=24))
# A12 to A16: the steps of latitude, longitude and azimuth, and 32 lengths from 216.2 m to 2,500 km.
_LAT_STEP_DEG, _LON_STEP_DEG, _AZIMUTH_STEP_DEG = 180.0 / 0xFFFF, 360.0 / 0x1FFFF, 180.0 / 64
AXES_M = 216.2 * (2_500_000.0 / 216.2) ** (np.arange(32) / 31.0)
# Outlines whose ellipses are remembered: those of a country, and of the drills beside it.
ZONES_MAX = 20_000
# Fields from A1 to A18, by their number of bits.
_WIDTHS = (2, 9, 5, 7, 2, 1, 14, 2, 1, 3, 10, 16, 17, 5, 5, 6, 2, 15)
assert sum(_WIDTHS) == BITS


@dataclass(frozen=True, slots=True)
class Provider:
    """Who warns, in CAMF's numbers: the country (A2) and its number for the authority (A3)."""

    country: int
    authority: int

    def __post_init__(self) -> None:
        if not (0 <= self.country < 512 and 0 <= self.authority < 32):
            raise BadSettings(
                f"CAMF has no country {self.country} with authority {self.authority}; take both from its tables A2 "
                "(0 to 511) and A3 (0 to 31)"
            )


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A place as CAMF's codes A12 to A16: centre, semi-axes, and the azimuth of the longer one."""

    lat: int
    lon: int
    major: int
    minor: int
    azimuth: int


def message(warning: PublicWarning, zone: Zone, provider: Provider) -> bytes:
    """The 122 bits of a warning, in 16 bytes that end in six zeros.

    The week of the onset is counted from the week in which the warning was issued; whoever sends it in another week
    sets that anew. Raises BadSettings for a zone that no ellipse holds.
    """
    onset = warning.time if warning.eta_earliest is None else max(warning.time, warning.eta_earliest)
    week, minute = _onset(onset, warning.time)
    first, second = (_TEST_ONLY, _NOTHING) if warning.drill else _GUIDANCE[warning.level]
    ellipse = around(zone.polygons)
    fields = (
        _kind(warning), provider.country, provider.authority, _hazard(warning), _SEVERITY[warning.level],
        week, minute, _duration(warning.expires - onset), 0, 0, first << 5 | second,
        ellipse.lat, ellipse.lon, ellipse.major, ellipse.minor, ellipse.azimuth, 0, 0,
    )  # fmt: skip
    bits = 0
    for value, width in zip(fields, _WIDTHS, strict=True):
        assert 0 <= value < 1 << width, f"{value} in {width} bits"
        bits = bits << width | value
    return (bits << 6).to_bytes(16, "big")


@lru_cache(maxsize=ZONES_MAX)
def around(polygons: tuple[Polygon, ...]) -> Ellipse:
    """The smallest ellipse of two kinds that holds an outline: a circle, or one along it.

    Raises BadSettings where none is wide enough.
    """
    corners = np.array([point for polygon in polygons for point in polygon[0]])
    middle = frame_around(corners[:, 1], corners[:, 0])
    east, north = middle.to_local(corners[:, 1], corners[:, 0])
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack([east, north])))
    centre = shapely.centroid(shapely.minimum_bounding_circle(hull))
    box = shapely.minimum_rotated_rectangle(hull)
    round_, along = _held(centre, 0.0, middle, corners), _held(shapely.centroid(box), _bearing(box), middle, corners)
    return min(round_, along, key=lambda one: AXES_M[one.major] * AXES_M[one.minor])


def _held(
    centre: shapely.Point, azimuth_deg: float, frame: LocalFrame, corners: np.ndarray[tuple[int, int]]
) -> Ellipse:
    """The smallest ellipse about a centre, with its longer axis at an azimuth, that holds all corners (lon, lat)."""
    lat, lon = (float(value) for value in frame.to_geodetic(centre.x, centre.y))
    codes = round((lat + 90.0) / _LAT_STEP_DEG), round((lon + 180.0) / _LON_STEP_DEG) % 0x1FFFF
    turn = round((azimuth_deg + 90.0) / _AZIMUTH_STEP_DEG) % 64
    # What receivers make of the codes, not what was meant.
    told = LocalFrame(codes[0] * _LAT_STEP_DEG - 90.0, codes[1] * _LON_STEP_DEG - 180.0)
    east, north = told.to_local(corners[:, 1], corners[:, 0])
    angle = math.radians(turn * _AZIMUTH_STEP_DEG - 90.0)
    along = np.abs(east * math.sin(angle) + north * math.cos(angle))
    across = np.abs(east * math.cos(angle) - north * math.sin(angle))
    # For each semi-minor axis [corner, axis] the semi-major axis that all corners need.
    left = 1.0 - (across[:, None] / AXES_M) ** 2
    needed_m = (along[:, None] / np.sqrt(np.where(left > 0.0, left, 1.0))).max(axis=0)
    majors = np.maximum(np.searchsorted(AXES_M, needed_m), np.arange(len(AXES_M)))
    there = (left.min(axis=0) > 0.0) & (majors < len(AXES_M))
    if not there.any():
        raise BadSettings("a zone wider than 2,500 km has no place in CAMF")
    minor = int(np.argmin(np.where(there, AXES_M[np.minimum(majors, len(AXES_M) - 1)] * AXES_M, np.inf)))
    return Ellipse(*codes, int(majors[minor]), minor, turn)


def _bearing(box: shapely.Geometry) -> float:
    """The azimuth of the longer side of a rectangle, from north, clockwise; what is no rectangle has any."""
    if box.geom_type != "Polygon":
        return 0.0
    corners = shapely.get_coordinates(box)
    sides = np.diff(corners[:3], axis=0)
    east, north = sides[np.argmax(np.hypot(sides[:, 0], sides[:, 1]))]
    return (math.degrees(math.atan2(east, north)) + 90.0) % 180.0 - 90.0


def _kind(warning: PublicWarning) -> int:
    if warning.drill:
        return _TEST
    if warning.level == "all_clear":
        return _ALL_CLEAR
    return _ALERT if warning.replaces is None else _UPDATE


def _hazard(warning: PublicWarning) -> int:
    if warning.drill:
        return SIREN_TEST
    return MISSILE_ATTACK if warning.threat in _MISSILES else AIR_STRIKE


def _onset(onset: datetime, now: datetime) -> tuple[int, int]:
    """A6 and A7: this week or the next, and the minute of that week from 1 on; (0, 0): later than both."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    week = (onset - monday) // _WEEK
    return (0, 0) if week > 1 else (week, (onset - monday - week * _WEEK) // timedelta(minutes=1) + 1)


def _duration(left: timedelta) -> int:
    """A8."""
    return next((code for code, length in enumerate(_DURATIONS, 1) if left < length), 0)
