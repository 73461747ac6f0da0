"""KML (OGC 12-007), and KMZ, which is KML in a zip: placemarks with their outlines and their extended data.

Quality: entities are never read; what is packed is unpacked up to a bound; folders are passed through, links to other
files and pictures are counted and not followed; a placemark that cannot be read costs itself only.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray

from tocsin.cap.xml import BadXml, parse
from tocsin.ingest.maps.geojson import polygon
from tocsin.ingest.maps.table import NESTED_MAX, Drawn, Table, columns_of, few_enough, one_line
from tocsin.model.errors import BadFile
from tocsin.model.utf8 import as_utf8

# A country's districts in full resolution are 20 MB of KML; a zip of a kilobyte can hold a thousand times that.
KML_BYTES_MAX = 100_000_000
KML_ELEMENTS_MAX = 5_000_000
PACKED_FILES_MAX = 10_000
_NAMED_MAX = 5
# Each way of packing fails in its own way.
_NOT_UNPACKED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, OSError, EOFError, ValueError,
)  # fmt: skip
_ABOUT_COMMAS = re.compile(r"\s*,\s*")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track", "MultiTrack")
_NOT_READ = ("NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay", "Tour")


def read_kml(body: bytes, where: str) -> Table:
    """The placemarks of a KML text. Raises BadFile where it is none."""
    try:
        root = parse(as_utf8(body), bytes_max=KML_BYTES_MAX, elements_max=KML_ELEMENTS_MAX)
    except BadXml as error:
        raise BadFile(f"{where} is no KML: {error}") from error
    if etree.QName(root).localname not in ("kml", "Document", "Folder", "Placemark"):
        raise BadFile(f"{where} is no KML: its root is {etree.QName(root).localname!r}")
    placemarks = list(root.iter("{*}Placemark"))
    few_enough(len(placemarks), where)
    table = Table(
        where,
        [_drawn(placemark) for placemark in placemarks],
        columns_of([_row(placemark) for placemark in placemarks]),
        crs="EPSG:4326",
    )
    table.passed_over = Counter(
        etree.QName(one).localname for one in root.iter(*(f"{{*}}{name}" for name in _NOT_READ))
    )
    return table


def read_kmz(body: bytes, where: str) -> Table:
    """The placemarks of a KMZ. Of one without a `doc.kml` the first KML is read, and the others are named.

    Raises BadFile where there is none.
    """
    table = read_kml(unpacked(body, where), where)
    with zipfile.ZipFile(BytesIO(body)) as packed:
        first, *others = (file.filename for file in _kml_files(packed.infolist(), where))
    if others and not _is_main(first):
        table.passed_over["KML file of a KMZ beside the one that is read"] += len(others)
        listed = ", ".join(others[:_NAMED_MAX]) + (", …" if others[_NAMED_MAX:] else "")
        table.notes.append(f"{first} is read, and {listed} not; unpack it and import each")
    return table


def unpacked(body: bytes, where: str) -> bytes:
    """The KML in a KMZ: its `doc.kml`, or the first one. Raises BadFile."""
    try:
        with (
            zipfile.ZipFile(BytesIO(body)) as packed,
            packed.open(_kml_files(packed.infolist(), where)[0]) as stream,
        ):
            kml = stream.read(KML_BYTES_MAX + 1)
    except _NOT_UNPACKED as error:
        raise BadFile(f"{where} cannot be unpacked: {error}") from error
    if len(kml) > KML_BYTES_MAX:
        raise BadFile(f"{where} holds more than {KML_BYTES_MAX} bytes of KML, packed into {len(body)}")
    return kml


def _kml_files(files: list[zipfile.ZipInfo], where: str) -> list[zipfile.ZipInfo]:
    """Those that are KML, `doc.kml` before all; at least one. Raises BadFile."""
    if len(files) > PACKED_FILES_MAX:
        raise BadFile(f"{where} holds {len(files)} files; at most {PACKED_FILES_MAX} are read")
    found = [file for file in files if file.filename.lower().endswith(".kml")]
    if not found:
        raise BadFile(f"{where} holds no .kml")
    return sorted(found, key=lambda file: not _is_main(file.filename))


def _is_main(name: str) -> bool:
    return name.lower().rpartition("/")[2] == "doc.kml"


def _row(placemark: etree._Element) -> dict[str, Any]:
    """Its id and name, and its extended data by their names."""
    row: dict[str, Any] = {"id": placemark.get("id"), "name": _text(placemark.find("{*}name"))}
    for data in placemark.iterfind("{*}ExtendedData/{*}Data"):
        row[data.get("name") or ""] = _text(data.find("{*}value"))
    for data in placemark.iterfind("{*}ExtendedData/{*}SchemaData/{*}SimpleData"):
        row[data.get("name") or ""] = _text(data)
    return row


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else "".join(element.itertext()).strip() or None


def _drawn(placemark: etree._Element) -> Drawn:
    try:
        shapes = [_shape(child, 0) for child in _shapes_in(placemark)]
    except (ValueError, shapely.GEOSException) as error:
        return Drawn(fault=f"has an outline that cannot be read: {one_line(error)}")
    return Drawn(None if not shapes else shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes))


def _shapes_in(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element.iterchildren(tag=etree.Element) if etree.QName(child).localname in _SHAPES)


def _shape(element: etree._Element, depth: int) -> shapely.Geometry:
    """Raises ValueError."""
    kind = etree.QName(element).localname
    if kind == "MultiGeometry":
        if depth > NESTED_MAX:
            raise ValueError(f"more than {NESTED_MAX} geometries inside each other")
        return shapely.GeometryCollection([_shape(child, depth + 1) for child in _shapes_in(element)])
    if kind == "Polygon":
        outer = [_points(ring) for ring in element.iterfind("{*}outerBoundaryIs/{*}LinearRing")]
        holes = [_points(ring) for ring in element.iterfind("{*}innerBoundaryIs/{*}LinearRing")]
        if len(outer) > 1:
            raise ValueError(f"a Polygon with {len(outer)} outer boundaries; it may have one")
        return polygon([*outer, *holes]) if outer else shapely.Polygon()
    # Models and tracks have points of another kind; they are no areas all the same.
    points = _points(element) if kind in ("Point", "LineString", "LinearRing") else np.empty((0, 2))
    if kind == "Point" or len(points) < 2:
        return shapely.Point(points[0]) if len(points) else shapely.Point(0, 0)
    return shapely.LineString(points)


def _points(element: etree._Element) -> NDArray[np.float64]:
    """Float64 [N, 2]: longitude and latitude. Raises ValueError."""
    text = _ABOUT_COMMAS.sub(",", _text(element.find("{*}coordinates")) or "")
    tuples = [point.split(",") for point in text.split()]
    if wrong := next((point for point in tuples if len(point) < 2), None):
        raise ValueError(f"the point {','.join(wrong)[:60]!r} is not longitude,latitude")
    points = np.array([point[:2] for point in tuples], float).reshape(-1, 2)
    if not np.isfinite(points).all():
        raise ValueError("a coordinate that is no number")
    return points
