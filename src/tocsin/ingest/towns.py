"""Zones whose latitude and longitude were exchanged, found by the towns they are named after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.zone_index import outlines
from tocsin.ingest.gazetteer import places_by_name
from tocsin.model.zone import Zone

# One name is chance. So many zones hold a town of theirs when turned, and so many times as many as do as they are.
FOUND_MIN, FOUND_TIMES = 3, 5


def exchanged_zones(zones: Sequence[Zone]) -> str | None:
    """What to do about zones that hold the towns of their names only with lat and lon exchanged; None: nothing."""
    right, turned = towns_held(zones)
    if turned < max(FOUND_MIN, FOUND_TIMES * right):
        return None
    return (
        f"{turned} zones hold the towns of their names only with lat and lon exchanged, {right} as they are; in "
        "GeoJSON the longitude comes first: exchange them (`tocsin zones import --lat-first`)"
    )


def towns_held(zones: Sequence[Zone]) -> tuple[int, int]:
    """How many zones hold a town of their name, as they are and with lat and lon exchanged."""
    if not zones:
        return 0, 0
    areas = shapely.make_valid(outlines(zones))
    west, south, east, north = whole_box(shapely.bounds(areas))
    as_are = places_by_name(west, south, east, north)
    exchanged = places_by_name(south, west, north, east)
    right = turned = 0
    for zone, area in zip(zones, areas, strict=True):
        names = [zone.name] if isinstance(zone.name, str) else list(zone.name.values())
        keys = {name.strip().casefold() for name in (*names, *zone.spellings)}
        right += _holds(area, [place for key in keys for place in as_are.get(key, ())])
        turned += _holds(area, [(lat, lon) for key in keys for lon, lat in exchanged.get(key, ())])
    return right, turned


def whole_box(boxes: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """West, south, east and north of all boxes, float64 [N, 4] of the same."""
    (west, south), (east, north) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _holds(area: shapely.Geometry, places: list[tuple[float, float]]) -> bool:
    """Whether any of some places lies in an area."""
    west, south, east, north = area.bounds
    near = ((x, y) for x, y in places if west <= x <= east and south <= y <= north)
    return any(shapely.intersects_xy(area, x, y) for x, y in near)
