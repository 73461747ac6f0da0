"""CAP's own way of writing times and areas (CAP-v1.2 section 3.2.4 and 3.3), as numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tocsin.model.errors import BadValue

# (lat, lon) in degrees, closed.
Ring = tuple[tuple[float, float], ...]
# Alerts draw coasts with a few thousand corners; nobody needs more to know where they are meant.
CORNERS_MAX = 50_000

_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d[T ]24:00(:00(\.0+)?)?([+-].{1,6}|Z)?", re.ASCII)
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


def ring_of(text: str, *, lenient: bool = False) -> Ring:
    """A `polygon`: at least four points `lat,lon`, the last one the first again. Raises BadValue.

    lenient   an open ring of three points or more is closed, and numbers parted in another way are read all the same
              where they cannot mean anything else: blanks about commas, commas or blanks alone, semicolons
    """
    points = _points(text) if lenient else text.split()
    if len(points) > CORNERS_MAX:
        raise BadValue(f"a polygon of {len(points)} points; at most {CORNERS_MAX} are read")
    if lenient and len(points) > 2 and points[0] != points[-1]:
        points.append(points[0])
    if len(points) < 4:
        raise BadValue(f"a polygon of {len(points)} points; there must be at least 4, the last like the first")
    ring = tuple(point_of(point) for point in points)
    if ring[0] != ring[-1]:
        raise BadValue(f"a polygon that begins at {points[0]} and ends at {points[-1]}; it must end where it begins")
    return ring


def is_open(text: str) -> bool:
    """Whether a `polygon` of three points or more does not end where it begins."""
    points = _points(text)
    return len(points) > 2 and points[0] != points[-1]


def circle_of(text: str, *, lenient: bool = False) -> tuple[float, float, float]:
    """A `circle`: (lat, lon, radius in kilometres). Raises BadValue.

    lenient   its three numbers may be parted by commas or blanks as they like
    """
    parts = text.split()
    if lenient and len(numbers := text.replace(",", " ").split()) == 3:
        parts = [",".join(numbers[:2]), numbers[2]]
    if len(parts) != 2:
        raise BadValue(f"the circle {text[:60]!r} is not `lat,lon radius`")
    lat, lon = point_of(parts[0])
    radius_km = _number(parts[1], "a radius")
    if not 0 <= radius_km <= 20_100:
        raise BadValue(f"a circle's radius is {radius_km:g} km; it must lie between 0 and half way round the Earth")
    return lat, lon, radius_km


def _points(text: str) -> list[str]:
    """Points `lat,lon` out of numbers parted in any one way; as they stand where it might mean several things."""
    joined = ",".join(part.strip() for part in text.replace(";", " ").split(","))
    points = [point for part in joined.split() if (point := part.strip(","))]
    if len(points) != 1 and any("," in point for point in points):
        return points
    numbers = joined.replace(",", " ").split()
    if len(numbers) % 2:
        return points
    return [f"{lat},{lon}" for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)]


def time_from_cap(text: str) -> datetime:
    """The time of a CAP element, in UTC; one without a time zone is refused. Raises BadValue.

    24:00:00 is the midnight that ends the day (XML Schema part 2, 3.2.7.1).
    """
    written, days = text.strip(), 0
    if _MIDNIGHT.fullmatch(written):
        written, days = f"{written[:11]}00{written[13:]}", 1
    try:
        time = datetime.fromisoformat(written)
        if time.tzinfo is not None:
            return (time + timedelta(days=days)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValue(f"{text[:60]!r} is not a date and time") from error
    raise BadValue(f"the time {text[:60]!r} has no time zone; end it with an offset such as -00:00")
