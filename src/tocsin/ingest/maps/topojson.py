"""Units of a TopoJSON file that have no outline: GDAL leaves them out without a word, and nothing may be lost so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.ingest.maps.table import NESTED_MAX, Drawn, Table
from tocsin.model.value import UNREADABLE


class _Object(msgspec.Struct):
    type: str | None = None
    id: Any = None
    properties: Any = None
    geometries: list[_Object] | None = None


class _Topology(msgspec.Struct):
    objects: dict[str, _Object] = msgspec.field(default_factory=dict)


def add_without_outline(table: Table, text: bytes) -> None:
    """Add to a file's table what in its text has no outline. A text that cannot be read adds nothing."""
    try:
        topology = msgspec.json.decode(text, type=_Topology)
    except UNREADABLE:
        return
    for one in topology.objects.values():
        for lost in _without_outline(one, NESTED_MAX):
            row = {"id": lost.id} | (lost.properties if isinstance(lost.properties, dict) else {})
            for name, column in table.columns.items():
                value = row.get(name)
                column.append(None if value is None else str(value))
            table.features.append(Drawn())


def _without_outline(one: _Object, deep: int) -> Iterator[_Object]:
    if one.type is None:
        yield one
    elif deep:
        for part in one.geometries or ():
            yield from _without_outline(part, deep - 1)
