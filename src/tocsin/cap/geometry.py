"""CAP's own way of writing times and areas (CAP-v1.2 section 3.2.4 and 3.3), as numbers."""

from __future__ import annotations

import re
from datetime import datetime

from tocsin.model.errors import BadValue

# (lat, lon) in degrees, closed.
Ring = tuple[tuple[float, float], ...]
# Alerts draw coasts with a few thousand corners; nobody needs more to know where they are meant.
CORNERS_MAX = 50_000

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def _number(text: str, what: str) -> float:
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise BadValue(f"{what} is {text[:40]!r}, not a number")
    return float(text)


def point_of(text: str) -> tuple[float, float]:
    """`lat,lon` in degrees. Raises BadValue."""
    parts = text.split(",")
    if len(parts) != 2:
        raise BadValue(f"the point {text[:60]!r} is not lat,lon")
    lat, lon = _number(parts[0], "a latitude"), _number(parts[1], "a longitude")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadValue(f"the point {text[:60]!r} is not on Earth; write lat,lon in degrees")
    return lat, lon


def ring_of(text: str, *, closing: bool = False) -> Ring:
    """A `polygon`: at least four points `lat,lon`, the last one the first again. Raises BadValue.

    closing   an open ring of three points or more is closed instead of refused
    """
    points = text.split()
    if len(points) > CORNERS_MAX:
        raise BadValue(f"a polygon of {len(points)} points; at most {CORNERS_MAX} are read")
    if closing and len(points) > 2 and points[0] != points[-1]:
        points.append(points[0])
    if len(points) < 4:
        raise BadValue(f"a polygon of {len(points)} points; there must be at least 4, the last like the first")
    ring = tuple(point_of(point) for point in points)
    if ring[0] != ring[-1]:
        raise BadValue(f"a polygon that begins at {points[0]} and ends at {points[-1]}; it must end where it begins")
    return ring


def circle_of(text: str) -> tuple[float, float, float]:
    """A `circle`: (lat, lon, radius in kilometres). Raises BadValue."""
    parts = text.split()
    if len(parts) != 2:
        raise BadValue(f"the circle {text[:60]!r} is not `lat,lon radius`")
    lat, lon = point_of(parts[0])
    radius_km = _number(parts[1], "a radius")
    if not 0 <= radius_km <= 20_100:
        raise BadValue(f"a circle's radius is {radius_km:g} km; it must lie between 0 and half way round the Earth")
    return lat, lon, radius_km


def time_from_cap(text: str) -> datetime:
    """The time of a CAP element; one without a time zone is refused. Raises BadValue."""
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadValue(f"{text[:60]!r} is not a date and time") from error
    if time.tzinfo is None:
        raise BadValue(f"the time {text[:60]!r} has no time zone; end it with an offset such as -00:00")
    return time
