"""`parquet`: records as columns for analysis, with times, numbers and flags as such; what is exported comes back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.table_files import sealed_connection
from tocsin.ledger.formats.flat import COLUMNS, FLAGS, FLOATS, WHOLES, flat, record_of
from tocsin.ledger.formats.parquet_rows import read_parquet
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record
from tocsin.model.errors import BadFile, BadInput, BadRecord

# So many records of twenty kilobytes each are read again (`parquet_rows.CHUNK_BYTES_MAX`).
GROUP_ROWS = 20_000
TIMES = ("recorded", "begin", "end", "published")


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The record of every row; rows that are none go to `rejects`. Raises BadFile where it is no such table."""
    for number, values in read_parquet(path, (), rejects, COLUMNS):
        where = f"{path}:row {number}"
        try:
            record = record_of({name: _plain(name, value) for name, value in values.items() if value is not None})
        except BadInput as error:
            rejects.add(str(error), values, where)
            continue
        rejects.use()
        yield Row(where, (record,))


def write(records: Iterable[Record], file: BinaryIO) -> int:
    """Write records as Parquet; how many. Raises BadFile where the disk refuses."""
    import duckdb

    kinds = dict.fromkeys(TIMES, "TIMESTAMPTZ") | dict.fromkeys(FLOATS, "DOUBLE")
    kinds |= dict.fromkeys(WHOLES, "BIGINT") | dict.fromkeys(FLAGS, "BOOLEAN")
    columns = ", ".join(f'"{name}" {kinds.get(name, "VARCHAR")}' for name in COLUMNS)
    number = 0
    with tempfile.TemporaryDirectory() as folder, sealed_connection() as connection:
        lines, out = Path(folder) / "rows.jsonl", Path(folder) / "records.parquet"
        try:
            with lines.open("wb") as held:
                for record in records:
                    held.write(msgspec.json.encode(flat(record)) + b"\n")
                    number += 1
            connection.execute("SET TimeZone = 'UTC'")
            typed = ", ".join(f"'{name}': '{kinds.get(name, 'VARCHAR')}'" for name in COLUMNS)
            connection.execute(f"CREATE TABLE records ({columns})")
            if number:
                connection.execute(
                    f"INSERT INTO records SELECT * FROM read_json($path, format = 'newline_delimited', "  # noqa: S608
                    f"columns = {{{typed}}}, maximum_object_size = 20000000)",
                    {"path": str(lines)},
                )
            connection.execute(f"COPY records TO '{out}' (FORMAT parquet, ROW_GROUP_SIZE {GROUP_ROWS})")
        except (OSError, duckdb.Error) as error:
            raise BadFile(f"Parquet cannot be written: {str(error).splitlines()[0]}") from error
        with out.open("rb") as done:
            while part := done.read(1 << 20):
                file.write(part)
    return number


def _plain(name: str, value: Any) -> Any:
    """A value as a flat row has it: times as RFC 3339 writes them. Raises BadRecord for a time that could be any."""
    if not isinstance(value, datetime):
        return value.isoformat() if isinstance(value, date) else value
    # As which DuckDB hands on what is endless.
    if value.replace(tzinfo=None) in (datetime.min, datetime.max):  # noqa: DTZ901 - compared with what has no zone
        raise BadRecord(f"{name} is infinite, and no time; leave it empty where it is not known")
    if value.tzinfo is None:
        raise BadRecord(f"{name} does not say by whose clock it is; write the column as TIMESTAMP WITH TIME ZONE")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
