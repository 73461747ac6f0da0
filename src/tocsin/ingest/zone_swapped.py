"""Whether latitude and longitude are exchanged, of all zones or of some.

Where names tell nothing (`towns`), people do: they live in zones, not beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.ingest.country import NEAR_DEG
from tocsin.ingest.gazetteer import place_points
from tocsin.ingest.towns import FOUND_MIN, exchanged_zones, towns_held, whole_box
from tocsin.ingest.zone_problem import Problem
from tocsin.model.zone import Zone

# So many towns, and so many times as many as lie right. They may lie more densely on the other side of the mirror, so
# this is only to be looked at.
TOWNS, TOWNS_TIMES = 20, 4
# No other zone is as near as this to one that strayed: about 50 km.
ALONE_DEG = 0.5


def exchanged(zones: Sequence[Zone], degrees: NDArray[np.object_]) -> Iterator[Problem]:
    """Zones, with their outlines in degrees, whose two numbers are exchanged: all, or some far from all others."""
    if not zones:
        return
    areas = shapely.make_valid(degrees)
    boxes = shapely.bounds(areas)
    if (hint := exchanged_zones(zones)) is not None:
        yield Problem("error", "every zone", hint)
        return
    named = sum(towns_held(zones))
    right, turned = _any_towns_held(areas, boxes)
    if named < FOUND_MIN and turned >= max(TOWNS, TOWNS_TIMES * right):
        said = f"may have lat and lon exchanged: {turned} towns would lie in zones then, {right} do as they are"
        yield Problem("remark", "every zone", said)
    yield from _strays(zones, boxes)


def _any_towns_held(areas: NDArray[np.object_], boxes: NDArray[np.float64]) -> tuple[int, int]:
    """How many towns of the world lie in zones, as those are and with their two numbers exchanged."""
    west, south, east, north = whole_box(boxes)

    def held(x: NDArray[np.float64], y: NDArray[np.float64]) -> int:
        near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        # A tree of places asked for areas, not the other way: what is asked for is prepared, once an area.
        return len(np.unique(shapely.STRtree(shapely.points(x[near], y[near])).query(areas, "intersects")[1]))

    lon, lat = place_points().T
    return held(lon, lat), held(lat, lon)


def _strays(zones: Sequence[Zone], boxes: NDArray[np.float64]) -> Iterator[Problem]:
    """Zones far from every other that would be among them with their two numbers exchanged."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    tree = shapely.STRtree(shapely.box(*boxes.T))
    alone = (
        np.bincount(tree.query(shapely.points(middles), "dwithin", distance=ALONE_DEG)[0], minlength=len(zones)) == 1
    )
    among = np.unique(tree.query(shapely.points(middles[:, ::-1]), "dwithin", distance=NEAR_DEG)[0])
    for row in among:
        # One that lies where it lies turned round, too, tells nothing.
        if alone[row] and abs(middles[row, 0] - middles[row, 1]) > ALONE_DEG:
            said = "lies far from every other zone, and among them with lat and lon exchanged"
            yield Problem("error", zones[row].id, said)
