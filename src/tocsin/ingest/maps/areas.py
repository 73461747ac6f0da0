"""The area of whatever is drawn: every polygon of every collection, and a word on what was left out or mended.

What comes out encloses the ground that went in, or it is said by how much it differs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.ingest.maps.date_line import over_the_line
from tocsin.ingest.maps.table import NESTED_MAX, one_line
from tocsin.ingest.outlines import polygons_of
from tocsin.model.zone import Polygon

# A conversion from metres leaves a pole or an edge of the map by a rounding; farther out is no place on Earth.
_ROUNDING_DEG = 1e-6
# Of a country that is a football pitch in a thousand square kilometres: what rounding to a tenth of a metre may do.
_SAME_SHARE = 1e-5
_SAME_M2 = 5_000.0
_COLLECTIONS = frozenset({4, 5, 6, 7})


@dataclass(frozen=True)
class Area:
    """What becomes of one outline.

    polygons   as zones hold them; empty where there is no area
    said       what was left out or changed: parts of sentences about the feature
    fault      why there is no area
    no_area    what it is instead, where it never was meant as one: a point, a line
    """

    polygons: tuple[Polygon, ...] = ()
    said: tuple[str, ...] = ()
    fault: str | None = None
    no_area: str | None = None


def area_of(outline: shapely.Geometry | None) -> Area:
    """The area that an outline in degrees encloses; longitudes up to a turn outside -180..180."""
    if outline is None:
        return Area(fault="has no outline")
    # GEOS divides by what an outline spans, which may be nothing; what comes out is looked at.
    with np.errstate(all="ignore"):
        return _area_of(outline)


def _area_of(outline: shapely.Geometry) -> Area:
    parts = _parts(outline)
    if parts is None:
        return Area(fault=f"has more than {NESTED_MAX} collections inside each other")
    drawn = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    other = Counter(part.geom_type for part in parts if part.geom_type != "Polygon" and not part.is_empty)
    if not drawn:
        if other and not any(part.geom_type == "Polygon" for part in parts):
            return Area(no_area=" and ".join(sorted(other)))
        return Area(fault="has an empty outline" if not other else f"has an empty polygon beside {_listed(other)}")
    if (fault := _not_on_earth(outline)) is not None:
        return Area(fault=fault)
    said = [f"has {_listed(other)} beside its areas; left out"] if other else []
    empty = sum(part.is_empty for part in parts if part.geom_type == "Polygon")
    if empty:
        said.append(f"has {empty} parts that enclose nothing; left out")
    try:
        whole = [over_the_line(part) for part in drawn]
    except ValueError as error:
        return Area(fault=f"has an outline that is no area: {one_line(error)}")
    said += dict.fromkeys(done for _, done in whole if done is not None)
    return _sound(shapely.MultiPolygon([polygon for polygon, _ in whole]), said)


def square_m(outline: shapely.Geometry) -> float:
    """The ground inside an outline in degrees, in square metres, on a sphere; of one that crosses itself, as drawn."""

    def flat(points: np.ndarray) -> np.ndarray:
        # Lambert's cylindrical projection, which keeps areas (Snyder 1987, eq. 10-1, 10-2).
        east, north = np.radians(points[:, 0]), np.sin(np.radians(np.clip(points[:, 1], -90.0, 90.0)))
        return np.column_stack([east, north]) * EARTH_RADIUS_M

    return float(shapely.area(shapely.transform(outline, flat)))


def _parts(outline: shapely.Geometry) -> list[shapely.Geometry] | None:
    """What is in collections of collections, in order; None where they are nested too deep."""
    found = [outline]
    for _ in range(NESTED_MAX + 2):
        if not any(shapely.get_type_id(part) in _COLLECTIONS for part in found):
            return found
        found = [
            inner
            for part in found
            for inner in (shapely.get_parts(part) if shapely.get_type_id(part) in _COLLECTIONS else (part,))
        ]
    return None


def _not_on_earth(outline: shapely.Geometry) -> str | None:
    points = shapely.get_coordinates(outline)
    if not np.isfinite(points).all():
        return "reaches to where its projection has no places"
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    if west >= -360 and east <= 360 and south >= -90 - _ROUNDING_DEG and north <= 90 + _ROUNDING_DEG:
        return None
    swapped = south >= -180 and north <= 180 and west >= -90 and east <= 90
    hint = "they look swapped (--lat-first)" if swapped else "the file needs its projection"
    return (
        f"reaches from {west:g}, {south:g} to {east:g}, {north:g}; that is no longitude and latitude in degrees: {hint}"
    )


def _sound(outline: shapely.Geometry, said: list[str]) -> Area:
    """A MultiPolygon made valid and cut for keeping."""
    if not shapely.is_valid(outline):
        outline, holes = _without_holes_outside(outline)
        said += [f"has {holes} holes outside its outline; left out"] if holes else []
    before_m2 = square_m(outline)
    if not shapely.is_valid(outline):
        reason = str(shapely.is_valid_reason(outline)).split("[")[0].lower()
        outline = shapely.make_valid(outline, method="structure", keep_collapsed=False)
        said.append(
            f"crosses or overlaps itself ({reason}) and was repaired: {_km2(before_m2)} as drawn, "
            f"{_km2(square_m(outline))} now"
        )
        before_m2 = square_m(outline)
    polygons = polygons_of(outline) if not outline.is_empty and square_m(outline) > 0 else ()
    if not polygons:
        return Area(fault="has an outline that encloses nothing")
    after_m2 = sum(square_m(shapely.Polygon(ring[0], ring[1:])) for ring in polygons)
    if abs(after_m2 - before_m2) > max(_SAME_M2, _SAME_SHARE * before_m2):
        said.append(f"has {_km2(after_m2)} of the {_km2(before_m2)} that are drawn; the rest lies outside the map")
    return Area(polygons, tuple(said))


def _without_holes_outside(outline: shapely.Geometry) -> tuple[shapely.Geometry, int]:
    """The outline without holes that lie outside of what they are holes of, which a repair would fill; how many."""
    parts, outside = [], 0
    for part in shapely.get_parts(outline):
        shell = shapely.make_valid(shapely.Polygon(part.exterior))
        inside = [hole for hole in part.interiors if shapely.intersects(shell, hole)]
        outside += len(part.interiors) - len(inside)
        parts.append(shapely.Polygon(part.exterior, inside))
    return shapely.MultiPolygon(parts), outside


def _km2(area_m2: float) -> str:
    return f"{area_m2 / 1e6:,.3f} km²"


def _listed(kinds: Counter[str]) -> str:
    return " and ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in sorted(kinds.items()))
