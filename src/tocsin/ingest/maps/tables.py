"""Outlines in tables: CSV with a column of well-known text (OGC 06-103r4), and JSON objects of name to ring."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import msgspec
import numpy as np
import shapely

from tocsin.ingest.csv_rows import csv_rows
from tocsin.ingest.maps.geojson import polygon
from tocsin.ingest.maps.table import NESTED_MAX, Drawn, Table, columns_of, few_enough, one_line
from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE

_OUTLINE_COLUMNS = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "outline", "polygon", "shape")
_SRID = re.compile(r"\s*SRID=(\d{1,9});", re.IGNORECASE)
# Well-known binary in hexadecimal, as PostGIS writes it; the extended one says its projection in its fifth octet.
_WKB = re.compile(r"0[01][0-9A-Fa-f]{16,}")
_FIRST_RING = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*\[\s*[-\d]')
_Ring = list[tuple[float, float]]


def read_csv(text: bytes, where: str) -> Table:
    """The rows of a CSV in UTF-8 with a column of outlines. Raises BadFile where it has none."""
    try:
        lines = text.decode()
    except UnicodeDecodeError as error:
        raise BadFile(f"{where} is not UTF-8: {error.reason} at byte {error.start}; save it as UTF-8") from error
    header, rows = _rows(lines, where)
    few_enough(len(rows), where)
    by_lower = {name.strip().lower(): place for place, name in enumerate(header)}
    place = next((by_lower[name] for name in _OUTLINE_COLUMNS if name in by_lower), None)
    if place is None:
        raise BadFile(f"{where} has no column with outlines; call one {_OUTLINE_COLUMNS[0]!r} (POLYGON ((lon lat, …)))")
    srids = Counter(srid for row in rows if len(row) > place and (srid := _srid(row[place])))
    most = next((srid for srid, _ in srids.most_common(1)), None)
    drawn = [_drawn(row, place, len(header), most) for row in rows]
    cells: list[dict[str, Any]] = [
        {name.strip(): row[at] or None for at, name in enumerate(header) if at != place and at < len(row)}
        for row in rows
    ]
    return Table(where, drawn, columns_of(cells), f"EPSG:{most}" if most else None)


def read_rings(text: bytes, where: str) -> Table:
    """A JSON object of name to ring [[lat, lon], …]. Raises BadFile."""
    try:
        table = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except UNREADABLE as error:
        raise BadFile(f"{where} is not an object of name to ring of [lat, lon]: {error}") from error
    few_enough(len(table), where)
    names: list[Any] = list(table)
    return Table(where, [_ring(bytes(raw)) for raw in table.values()], {"name": names}, "EPSG:4326")


def holds_rings(text: bytes) -> bool:
    """Whether the first name of a JSON object has a list of points."""
    return _FIRST_RING.match(text) is not None


def _rows(lines: str, where: str) -> tuple[list[str], list[list[str]]]:
    """The header and the rows that are not blank, whatever parts their cells."""
    head = lines.partition("\n")[0]
    try:
        header, *rows = csv_rows(lines, max(",;\t|", key=head.count))
    except ValueError as error:
        raise BadFile(f"{where} is no table: {error}") from error
    return header, rows


def _srid(cell: str) -> str | None:
    """The projection that a cell says, in either form; None where it says none."""
    if found := _SRID.match(cell):
        return found[1]
    if not _WKB.fullmatch(cell.strip()):
        return None
    try:
        srid = int(shapely.get_srid(shapely.from_wkb(cell.strip())))
    except shapely.GEOSException:
        return None
    return str(srid) if srid else None


def _drawn(row: list[str], place: int, width: int, most: str | None) -> Drawn:
    if len(row) != width:
        return Drawn(fault=f"has {len(row)} cells where the header has {width}")
    if (srid := _srid(row[place])) not in (None, most):
        return Drawn(fault=f"is in EPSG:{srid}, and most of the file in EPSG:{most}; make a file of each")
    text = _SRID.sub("", row[place], count=1).strip()
    # Its reader calls itself for every collection in a collection.
    if text.upper().count("COLLECTION") > NESTED_MAX:
        return Drawn(fault=f"has more than {NESTED_MAX} collections in its outline")
    try:
        if _WKB.fullmatch(text):
            return Drawn(shapely.from_wkb(text))
        # A number that is too large is a place nowhere, which is said of the area; it is no warning of the program's.
        with np.errstate(all="ignore"):
            return Drawn(shapely.from_wkt(text) if text else None)
    except shapely.GEOSException as error:
        return Drawn(fault=f"has an outline that cannot be read: {one_line(error)}")


def _ring(raw: bytes) -> Drawn:
    """A ring written latitude first, as longitude first."""
    try:
        points = msgspec.json.decode(raw, type=_Ring)
        return Drawn(polygon([shapely.get_coordinates(shapely.MultiPoint([(lon, lat) for lat, lon in points]))]))
    except (*UNREADABLE, ValueError) as error:
        return Drawn(fault=f"is no ring of [lat, lon]: {one_line(error)}")
