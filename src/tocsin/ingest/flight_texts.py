"""Texts in which people save flights, as documents: JSON, lines of it, several one behind the other, and tables.

A row that cannot be read costs itself only, and comes back as its text or its fault.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tocsin.ingest.csv_rows import csv_rows
from tocsin.ingest.flight_shapes import PLACES, TIMES, Sample
from tocsin.ingest.loose_json import NoJson, loose_json
from tocsin.model.errors import BadRecord
from tocsin.model.value import UNREADABLE

_DELIMITERS = ",;\t"
_HEAD_BYTES = 4_000
_LINE = re.compile(rb"\s*\{.*\}\s*\r?\n\s*\{")
# Between two documents, and nowhere in one but in a text.
_BETWEEN = re.compile(rb"(?<=\})\s*(?=\{)")


def document_of(text: bytes) -> Any:
    """What a text of JSON, of lines of JSON or of a table holds. Raises BadRecord."""
    if (rows := _table(text)) is not None:
        return rows
    if _LINE.match(text[:_HEAD_BYTES]) and not text.lstrip().startswith(b"["):
        return [_line(line) for line in text.splitlines() if line.strip()]
    if (documents := _joined(text)) is not None:
        return documents
    return loose_json(text)


def _table(text: bytes) -> list[Any] | None:
    """The rows of a table with a heading that we know, None where there is none. Raises BadRecord."""
    head = text[:_HEAD_BYTES].partition(b"\n")[0].decode(errors="replace").strip()
    for delimiter in _DELIMITERS:
        names = [name.strip(' "').lower() for name in head.split(delimiter)]
        if TIMES & set(names) and PLACES & set(names):
            # In tables times are seconds, whatever they are called.
            names = ["time" if name == "timestamp" else name for name in names]
            try:
                _, *rows = csv_rows(text.decode(errors="replace"), delimiter)
            except ValueError as error:
                raise BadRecord(f"no table: {error}") from error
            return [_cells(names, row) for row in rows]
    return None


def _cells(names: list[str], row: list[str]) -> dict[str, Any] | Sample:
    """A row by its heading; decimals written with commas must not slide into the next column."""
    if len(row) != len(names):
        return Sample(fault=f"{len(row)} fields under a heading of {len(names)}")
    return {name: cell.strip() or None for name, cell in zip(names, row, strict=True)}


def _joined(text: bytes) -> list[Any] | None:
    """The documents of a text that holds several, one behind the other, as `curl >> file` joins pictures."""
    if not text.lstrip().startswith(b"{") or _BETWEEN.search(text) is None:
        return None
    try:
        msgspec.json.decode(text)
    except UNREADABLE:
        parts = _BETWEEN.split(text.strip())
        return [_line(part) for part in parts] if not isinstance(_line(parts[0]), NoJson) else None
    return None


def _line(text: bytes) -> Any:
    try:
        return loose_json(text)
    except BadRecord:
        return NoJson(text.decode(errors="replace"))
