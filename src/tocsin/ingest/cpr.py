"""Compact position reporting of ADS-B in the air (ICAO Doc 9871; RTCA DO-260): a place from two half messages.

Latitude is cut into 60 zones by even messages and 59 by odd ones, and each tells only where in its zone an aircraft is;
the two together say which zone. Longitude is cut into fewer zones the nearer the pole.
"""

from __future__ import annotations

import math
from typing import NamedTuple

# An aircraft at 1,000 m/s flies 10 km in this time, far less than a zone: the standard's bound.
PAIR_S_MAX = 10.0
_ZONES = 15
_STEPS = 1 << 17


class Half(NamedTuple):
    """Where in its zone an aircraft is: 17 bits north and east, of an odd or even message, and when it came."""

    odd: bool
    north: int
    east: int
    at_s: float


def place_of(newer: Half, older: Half) -> tuple[float, float] | None:
    """Degrees north and east where the newer of two halves was said; None where they do not go together.

    >>> even, odd = Half(False, 93000, 51372, 1.0), Half(True, 74158, 50194, 0.0)
    >>> [round(degrees, 5) for degrees in place_of(even, odd)]
    [52.2572, 3.91937]
    """
    if newer.odd == older.odd or not 0 <= newer.at_s - older.at_s <= PAIR_S_MAX:
        return None
    even, odd = (older, newer) if newer.odd else (newer, older)
    north = even.north / _STEPS, odd.north / _STEPS
    east = even.east / _STEPS, odd.east / _STEPS
    zone = math.floor(59 * north[0] - 60 * north[1] + 0.5)
    lat_even, lat_odd = _half_turn(6.0 * (zone % 60 + north[0])), _half_turn(360.0 / 59.0 * (zone % 59 + north[1]))
    if max(abs(lat_even), abs(lat_odd)) > 90:
        return None
    around = zones_around(lat_even)
    # Over a border between the two, longitude cannot be told.
    if around != zones_around(lat_odd):
        return None
    count = max(around - newer.odd, 1)
    strip = math.floor(east[0] * (around - 1) - east[1] * around + 0.5)
    lon = 360.0 / count * (strip % count + east[newer.odd])
    return (lat_odd if newer.odd else lat_even), _half_turn(lon)


def zones_around(lat: float) -> int:
    """Into how many zones of longitude the even messages cut a circle of latitude.

    >>> [zones_around(lat) for lat in (0.0, 10.0, 52.25, -52.25, 87.0, 87.1, 90.0)]
    [59, 59, 36, 36, 2, 1, 1]
    """
    if abs(lat) > 87:
        return 1
    if abs(lat) == 87:
        return 2
    share = (1 - math.cos(math.pi / (2 * _ZONES))) / math.cos(math.radians(lat)) ** 2
    return math.floor(2 * math.pi / math.acos(1 - share))


def _half_turn(degrees: float) -> float:
    return degrees - 360 if degrees >= 180 else degrees
