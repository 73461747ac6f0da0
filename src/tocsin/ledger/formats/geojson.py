"""`geojson`: records as features (RFC 7946) for maps; an incident stands where it was, whatever has no place nowhere.

Properties are the columns of a flat row, without `lat` and `lon`, which are the geometry. Of other people's features
points are read, with properties named as our columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.formats.bounded import whole
from tocsin.ledger.formats.flat import COLUMNS, Cell, flat, record_of
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record
from tocsin.model.errors import BadFile, BadInput, BadRecord
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE

# The whole file is one JSON value and must be held at once; larger ledgers go as `jsonl` or `parquet`.
FILE_BYTES_MAX = 500_000_000
_HEAD, _TAIL = b'{"type":"FeatureCollection","features":[\n', b"\n]}\n"


class _Collection(msgspec.Struct):
    features: list[msgspec.Raw]


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The record of every feature; those that are none go to `rejects`. Raises BadFile where it is no collection."""
    try:
        data = whole(path, "a .geojson; larger ledgers go as jsonl", FILE_BYTES_MAX)
        collection = msgspec.json.decode(as_utf8(data), type=_Collection)
    except (*UNREADABLE, BadRecord) as error:
        raise BadFile(f"{path} is no FeatureCollection: {error}") from error
    for number, feature in enumerate(collection.features, 1):
        rejects.read()
        where = f"{path}:{number}"
        try:
            record = record_of(_row(msgspec.json.decode(feature)))
        except (*UNREADABLE, BadInput) as error:
            rejects.add(str(error), bytes(feature), where)
            continue
        rejects.use()
        yield Row(where, (record,))


def write(records: Iterable[Record], file: BinaryIO) -> int:
    """Write records as features, one a line; how many."""
    number = 0
    file.write(_HEAD)
    for record in records:
        row = flat(record)
        place = [row.pop(one) for one in ("lon", "lat") if one in row]
        geometry = {"type": "Point", "coordinates": place} if place else None
        feature = {"type": "Feature", "id": record.id, "geometry": geometry, "properties": row}
        file.write((b",\n" if number else b"") + msgspec.json.encode(feature))
        number += 1
    file.write(_TAIL)
    return number


def _row(feature: Any) -> dict[str, Cell]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict | None):
        raise BadRecord("it is no feature with properties")
    row: dict[str, Cell] = {}
    for name, value in (feature.get("properties") or {}).items():
        if name in COLUMNS and value is not None:
            if not isinstance(value, str | float | int | bool):
                raise BadRecord(f"{name} is {str(value)[:40]!r}; it must be a text, a number, true or false")
            row[name] = value
    geometry = feature.get("geometry")
    if geometry is not None:
        if not isinstance(geometry, dict) or geometry.get("type") != "Point":
            raise BadRecord("its geometry is no point; give the place of an incident as one, with sigma_m")
        coordinates = geometry.get("coordinates")
        if not isinstance(coordinates, list) or len(coordinates) not in (2, 3):
            raise BadRecord("the coordinates of its point are not longitude and latitude")
        row |= {"lon": coordinates[0], "lat": coordinates[1]}
    return row
