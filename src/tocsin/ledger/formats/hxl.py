"""`hxl`: the same table as `csv`, with a second row of HXL tags, so that humanitarian tools know its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.formats import csv_table
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The record of every row, columns found by their tags. Raises BadFile where a needed column has none."""
    return csv_table.read(path, rejects)


def write(records: Iterable[Record], file: BinaryIO) -> int:
    """Write records as a table with tags; how many."""
    return csv_table.write(records, file, tags=True)
