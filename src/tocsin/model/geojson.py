"""Zones as GeoJSON (RFC 7946): the contracts' `zones.geojson`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.value import UNREADABLE, time_text
from tocsin.model.wire import in_words
from tocsin.model.zone import Polygon, Ring, Zone

# The largest real set (1,449 zones, 70,164 vertices) is 2 MB; whole countries in full resolution are 4 MB.
ZONES_BYTES_MAX = 200_000_000


class _Polygon(msgspec.Struct, tag="Polygon", tag_field="type"):
    coordinates: list[list[list[float]]]


class _MultiPolygon(msgspec.Struct, tag="MultiPolygon", tag_field="type"):
    coordinates: list[list[list[list[float]]]]


class _Feature(msgspec.Struct):
    geometry: _Polygon | _MultiPolygon
    properties: dict[str, Any]


class _Collection(msgspec.Struct, tag="FeatureCollection", tag_field="type"):
    # Each is looked at by itself: one that is none must not hide the others.
    features: list[msgspec.Raw]


class _Named(msgspec.Struct):
    properties: dict[str, Any] | None = None


_decoder = msgspec.json.Decoder(_Collection)
_feature = msgspec.json.Decoder(_Feature)
_named = msgspec.json.Decoder(_Named)
_encoder = msgspec.json.Encoder(order="deterministic")
_PROPERTIES = tuple(name for name in Zone.__struct_fields__ if name != "polygons")


def _polygon(rings: list[list[list[float]]]) -> Polygon:
    outline: list[Ring] = []
    for ring in rings:
        if any(len(point) < 2 for point in ring):
            raise BadValue("a point with fewer than two numbers")
        outline.append(tuple((point[0], point[1]) for point in ring))
    return tuple(outline)


def zones_from_geojson(text: bytes) -> tuple[Zone, ...]:
    """The zones of a FeatureCollection of Polygons and MultiPolygons.

    Raises BadRecord naming the feature that is wrong, also when two zones valid at the same time share an id.
    """
    zones, wrong = zones_and_wrong(text)
    if wrong:
        raise BadRecord(" ".join(wrong[0]))
    return zones


def zones_and_wrong(text: bytes) -> tuple[tuple[Zone, ...], tuple[tuple[str, str], ...]]:
    """The zones of a FeatureCollection; and which features are none, and why. Raises BadRecord for another text."""
    if len(text) > ZONES_BYTES_MAX:
        raise BadRecord(f"a zones file of {len(text)} bytes; at most {ZONES_BYTES_MAX} are read")
    try:
        collection = _decoder.decode(text)
    except UNREADABLE as error:
        raise BadRecord(f"not a GeoJSON FeatureCollection of polygons: {error}") from error
    zones: list[Zone] = []
    wrong: list[tuple[str, str]] = []
    starts: set[tuple[str, object]] = set()
    for number, raw in enumerate(collection.features):
        which = f"feature {number}"
        try:
            feature = _feature.decode(raw)
            which = f"feature {number} ({feature.properties.get('id')!r})"
            zone = _zone(feature)
        except (*UNREADABLE, BadValue) as error:
            named = which if which[-1] == ")" else f"{which}{_id_said(raw)}"
            wrong.append((named, f"is not a zone: {in_words(error)}"))
            continue
        if (zone.id, zone.valid_from) in starts:
            wrong.append((which, "is a second zone of this id from the same time; ids must be unique"))
            continue
        starts.add((zone.id, zone.valid_from))
        zones.append(zone)
    return tuple(zones), tuple(wrong)


def _zone(feature: _Feature) -> Zone:
    """Raises msgspec.ValidationError, BadValue."""
    geometry = feature.geometry
    parts = [geometry.coordinates] if isinstance(geometry, _Polygon) else geometry.coordinates
    fields = {name: feature.properties[name] for name in _PROPERTIES if feature.properties.get(name) is not None}
    return msgspec.convert({**fields, "polygons": tuple(_polygon(rings) for rings in parts)}, Zone)


def _id_said(raw: msgspec.Raw) -> str:
    """The id of a feature that cannot be read, as far as it has one."""
    try:
        properties = _named.decode(raw).properties or {}
    except UNREADABLE:
        return ""
    return f" ({properties.get('id')!r})"


def zones_to_geojson(zones: Iterable[Zone]) -> bytes:
    """Zones as a FeatureCollection; what `zones_from_geojson` reads back unchanged."""
    features = []
    for zone in zones:
        properties = {name: getattr(zone, name) for name in _PROPERTIES if getattr(zone, name) not in (None, {}, ())}
        for name in ("valid_from", "valid_to"):
            if name in properties:
                properties[name] = time_text(properties[name])
        if len(zone.polygons) == 1:
            geometry = {"type": "Polygon", "coordinates": zone.polygons[0]}
        else:
            geometry = {"type": "MultiPolygon", "coordinates": zone.polygons}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return _encoder.encode({"type": "FeatureCollection", "features": features})
