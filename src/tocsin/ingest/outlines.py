"""Outlines as zones hold them: WGS 84, six decimals, right-handed, cut at the date line, valid."""

from __future__ import annotations

import shapely
from shapely.affinity import translate

from tocsin.model.zone import Polygon

# 0.1 m: finer than any outline is known, coarse enough that neighbours keep the very same corners.
DECIMALS = 6
_WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)


def polygons_of(outline: shapely.Geometry) -> tuple[Polygon, ...]:
    """The polygons of a valid outline in degrees, as RFC 7946 wants them: outer rings counter-clockwise, cut in two at
    the date line (3.1.9). Longitudes may lie up to a turn outside -180..180. Lines and points in it are dropped.
    """
    parts: list[Polygon] = []
    for turn_deg in (-360.0, 0.0, 360.0):
        piece = translate(outline, turn_deg)
        west, south, east, north = piece.bounds
        if not (west < 180 and east > -180):
            continue
        if west < -180 or east > 180 or south < -90 or north > 90:
            piece = shapely.intersection(piece, _WORLD)
        # Rounding corners one by one may let an outline touch itself; GEOS rounds and keeps it valid.
        piece = shapely.set_precision(piece, 10.0**-DECIMALS)
        parts += [
            (_ring(polygon.exterior), *(_ring(hole) for hole in polygon.interiors))
            for polygon in shapely.get_parts(shapely.orient_polygons(piece))
            if polygon.geom_type == "Polygon" and not polygon.is_empty
        ]
    return tuple(parts)


def _ring(line: shapely.LinearRing) -> tuple[tuple[float, float], ...]:
    return tuple((round(lon, DECIMALS), round(lat, DECIMALS)) for lon, lat in shapely.get_coordinates(line).tolist())
