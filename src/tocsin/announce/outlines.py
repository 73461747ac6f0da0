"""The zones' outlines for maps, made once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import shapely

from tocsin.announce.bodies import Geometry, Outline, OutlineProperties, Outlines
from tocsin.earth.simplify import DECIMALS, simplified
from tocsin.model.zone import Zone

# Sixty-four bits: no two cuts of one service's zones are taken for the same.
_CUT_CHARS = 16


class PublicMap:
    """The GeoJSON of GET /v1/outlines and its ETag, made once per set of zones."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._zones = tuple(zones)

    @cached_property
    def cut(self) -> str:
        """What tells one cut of the zones from another: another where an outline, a name or an id is."""
        return hashlib.sha256(msgspec.json.encode(self._zones)).hexdigest()[:_CUT_CHARS]

    @cached_property
    def geojson(self) -> bytes:
        """A FeatureCollection with id, name, shelter_s, population and parent of each zone."""
        features = tuple(
            Outline(
                properties=OutlineProperties(
                    **{name: getattr(zone, name) for name in OutlineProperties.__struct_fields__}
                ),
                geometry=_geometry(shape),
            )
            for zone, shape in zip(self._zones, self._shapes, strict=True)
        )
        return msgspec.json.encode(Outlines(cut=self.cut, features=features))

    @cached_property
    def _shapes(self) -> tuple[shapely.Geometry, ...]:
        return tuple(simplified(self._zones))

    @cached_property
    def _by_zone(self) -> dict[str, shapely.Geometry]:
        return {zone.id: shape for zone, shape in zip(self._zones, self._shapes, strict=True)}

    def parts(self, zone_id: str) -> dict[str, Any] | None:
        """A zone as a Polygon, or as a GeometryCollection of its polygons; None: it has no outline.

        Home automation knows no MultiPolygon.
        """
        shape = self._by_zone.get(zone_id)
        if shape is None:
            return None
        polygons = [msgspec.to_builtins(_geometry(part)) for part in shapely.get_parts(shape)]
        return polygons[0] if len(polygons) == 1 else {"type": "GeometryCollection", "geometries": polygons}


def _geometry(shape: shapely.Geometry) -> Geometry:
    polygons: list[Any] = [
        [np.round(shapely.get_coordinates(ring), DECIMALS).tolist() for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
    ]
    if len(polygons) == 1:
        return Geometry(type="Polygon", coordinates=polygons[0])
    return Geometry(type="MultiPolygon", coordinates=polygons)
