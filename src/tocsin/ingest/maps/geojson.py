"""GeoJSON (RFC 7946 and its forerunner of 2008): collections, single features and geometries, and one feature a line.

Read here and not through GDAL: a value is kept as it is written, where a reader that makes columns of one type turns
the parent 1 beside a null into 1.0; and a feature that is no feature costs itself only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
import shapely
from msgspec import UNSET, Raw, UnsetType

from tocsin.ingest.maps.table import NESTED_MAX, Drawn, Table, columns_of, few_enough, one_line
from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE

# Heights are passed over, also where they are null.
_Point = list[float | None]
_FEATURE, _COLLECTION = "Feature", "FeatureCollection"
_SHOWN_CHARS = 60
# Written by Python and by hand; JSON has none of them. A text that looks like one is left alone; one that does not end
# is taken to where it breaks off, or every quotation mark in it would be tried.
_NO_NUMBER = re.compile(rb'("(?:[^"\\]|\\.)*+"?)|-?\b(?:NaN|nan|Infinity)\b')
_RECORD_SEPARATOR = b"\x1e"


class _Document(msgspec.Struct):
    type: str
    features: list[Raw] | UnsetType | None = UNSET
    crs: Any = None


class _Feature(msgspec.Struct):
    type: str
    geometry: Raw = Raw(b"null")
    properties: dict[str, Raw] | None = None
    id: Raw = Raw(b"null")


class _Shape(msgspec.Struct):
    type: str
    coordinates: Raw = Raw(b"[]")
    geometries: list[Raw] | None = None


_documents = msgspec.json.Decoder(_Document)
_features = msgspec.json.Decoder(_Feature)
_shapes = msgspec.json.Decoder(_Shape)
_points = msgspec.json.Decoder(_Point)
_lines = msgspec.json.Decoder(list[_Point])
_polygons = msgspec.json.Decoder(list[list[_Point]])
_many_polygons = msgspec.json.Decoder(list[list[list[_Point]]])


def read_geojson(text: bytes, where: str) -> Table:
    """The features of a GeoJSON text in UTF-8. Raises BadFile where it is none."""
    document, features = _features_in(text, where)
    few_enough(len(features), where)
    drawn, rows = [], []
    for raw in features:
        one, row = _feature(bytes(raw))
        drawn.append(one)
        rows.append(row)
    return Table(where, drawn, columns_of(rows), _crs(document, where))


def type_of(text: bytes) -> str | None:
    """The `type` of a JSON object, by which GeoJSON and TopoJSON are known; None where it has none."""
    try:
        return msgspec.json.decode(_plain(text), type=_Document).type
    except UNREADABLE:
        return None


def _plain(text: bytes) -> bytes:
    """JSON without NaN and infinities, which stand where there is no value."""
    if b"NaN" in text or b"nan" in text or b"Infinity" in text:
        return _NO_NUMBER.sub(lambda found: found[1] or b"null", text)
    return text


def _features_in(text: bytes, where: str) -> tuple[_Document, list[Raw]]:
    text = _plain(text)
    try:
        document = _documents.decode(text)
    except UNREADABLE as error:
        if lines := _one_a_line(text):
            return _Document(_COLLECTION), lines
        raise BadFile(f"{where} is no GeoJSON: {error}") from error
    if document.type == _COLLECTION:
        if not isinstance(document.features, list):
            raise BadFile(f"{where} is a FeatureCollection without a list of features")
        return document, document.features
    if document.type == _FEATURE:
        return document, [Raw(text)]
    if document.type in _READ or document.type == "GeometryCollection":
        return document, [Raw(b'{"type":"Feature","geometry":' + text + b"}")]
    raise BadFile(f"{where} is of type {document.type[:_SHOWN_CHARS]!r}, which is no GeoJSON with areas")


def _one_a_line(text: bytes) -> list[Raw]:
    """The features of a text of lines; empty where the first is none."""
    lines = [line.strip(b" \t\r" + _RECORD_SEPARATOR) for line in text.split(b"\n")]
    lines = [line for line in lines if line]
    return [Raw(line) for line in lines] if lines and type_of(lines[0]) == _FEATURE else []


def _crs(document: _Document, where: str) -> str | None:
    """What the forerunner of RFC 7946 says of the projection; by the RFC itself it is WGS 84."""
    if document.crs is None:
        return "EPSG:4326"
    match document.crs:
        case {"type": "name", "properties": {"name": str(name)}}:
            return name
        case {"type": "EPSG", "properties": {"code": int(code)}}:
            return f"EPSG:{code}"
    shown = msgspec.json.encode(document.crs).decode()[:_SHOWN_CHARS]
    raise BadFile(f"{where} has a projection that cannot be looked up: {shown}; turn it to WGS 84 first")


def _feature(raw: bytes) -> tuple[Drawn, dict[str, Any]]:
    """What is drawn, and the row of its columns; the feature's own id where its properties have none."""
    try:
        feature = _features.decode(raw)
    except UNREADABLE as error:
        return Drawn(fault=f"is no feature: {one_line(error)}"), {}
    if feature.type != _FEATURE:
        return Drawn(fault=f"is of type {feature.type[:_SHOWN_CHARS]!r}, which is no feature"), {}
    try:
        row = {name: value_of(bytes(value)) for name, value in (feature.properties or {}).items()}
        if row.get("id") is None and (own := value_of(bytes(feature.id))) is not None:
            row["id"] = own
    except UNREADABLE as error:
        return Drawn(fault=f"has a property that cannot be read: {one_line(error)}"), {}
    try:
        return Drawn(_geometry(bytes(feature.geometry))), row
    except (*UNREADABLE, ValueError, shapely.GEOSException) as error:
        return Drawn(fault=f"has an outline that cannot be read: {one_line(error)}"), row


def value_of(raw: bytes) -> Any:
    """A JSON value as text: a number and an object as they are written, a string without quotes; lists as lists."""
    raw = raw.strip()
    if raw == b"null":
        return None
    if raw[:1] in (b'"', b"["):
        return msgspec.json.decode(raw)
    return raw.decode()


def _geometry(raw: bytes, depth: int = 0) -> shapely.Geometry | None:
    """A geometry; None where there is none. Raises ValueError and what the decoders raise."""
    if raw.strip() == b"null":
        return None
    if depth > NESTED_MAX:
        raise ValueError(f"more than {NESTED_MAX} collections inside each other")
    shape = _shapes.decode(raw)
    if shape.type == "GeometryCollection":
        parts = [_geometry(bytes(part), depth + 1) for part in shape.geometries or ()]
        return shapely.GeometryCollection([part for part in parts if part is not None])
    if shape.type not in _READ:
        raise ValueError(f"{shape.type[:_SHOWN_CHARS]!r} is no type of geometry")
    return _READ[shape.type](bytes(shape.coordinates))


def _flat(points: Iterable[_Point]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Float64 [N, 2]: longitude and latitude, or east and north, without heights."""
    pairs = [point[:2] for point in points]
    if any(len(pair) < 2 or None in pair for pair in pairs):
        raise ValueError("a point with fewer than two numbers")
    return np.array(pairs, float).reshape(-1, 2)


def polygon(rings: Iterable[np.ndarray[Any, np.dtype[np.float64]]]) -> shapely.Geometry:
    """A polygon of rings [N, 2]; of fewer than three points one encloses nothing, and what is left is empty."""
    outer, *holes = [*rings] or [np.empty((0, 2))]
    if len(outer) < 3:
        return shapely.Polygon()
    return shapely.Polygon(outer, [hole for hole in holes if len(hole) > 2])


def _polygon(rings: list[list[_Point]]) -> shapely.Geometry:
    return polygon(_flat(ring) for ring in rings)


def _line(points: list[_Point]) -> shapely.Geometry:
    return shapely.LineString(_flat(points)) if len(points) > 1 else shapely.LineString()


_READ: dict[str, Callable[[bytes], shapely.Geometry]] = {
    "Point": lambda raw: shapely.Point(*_flat([point])) if (point := _points.decode(raw)) else shapely.Point(),
    "MultiPoint": lambda raw: shapely.MultiPoint(_flat(_lines.decode(raw))),
    "LineString": lambda raw: _line(_lines.decode(raw)),
    "MultiLineString": lambda raw: shapely.MultiLineString([_line(line) for line in _polygons.decode(raw)]),
    "Polygon": lambda raw: _polygon(_polygons.decode(raw)),
    "MultiPolygon": lambda raw: shapely.MultiPolygon([_polygon(one) for one in _many_polygons.decode(raw)]),
}
