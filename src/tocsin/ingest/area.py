"""The area of which a source may speak: circles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from tocsin.earth.frames import LocalFrame
from tocsin.model.access import Circle


def holds(area: Sequence[Circle], lat: float, lon: float) -> bool:
    """Whether a place lies in one of some circles; their edges belong to them."""
    return any(_holds(circle, lat, lon) for circle in area)


def from_middle(circle: Circle, lat: float, lon: float) -> tuple[float, float]:
    """(east_m, north_m) of a place from a circle's middle."""
    east, north = _frame(circle.lat, circle.lon).to_local(lat, lon)
    return float(east), float(north)


def at(circle: Circle, east_m: float, north_m: float) -> tuple[float, float]:
    """(lat, lon) of a place so far from a circle's middle."""
    lat, lon = _frame(circle.lat, circle.lon).to_geodetic(east_m, north_m)
    return float(lat), float(lon)


def _holds(circle: Circle, lat: float, lon: float) -> bool:
    if abs(lat - circle.lat) * 110_000.0 > circle.radius_m:
        return False
    return math.hypot(*from_middle(circle, lat, lon)) <= circle.radius_m


@lru_cache(maxsize=1_000)
def _frame(lat: float, lon: float) -> LocalFrame:
    return LocalFrame(lat, lon)
