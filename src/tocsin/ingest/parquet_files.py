"""Tables of Parquet: known by their octets, measured before they are read, loaded into a table `raw` of DuckDB.

A kilobyte of Parquet may say a million times the same megabyte. What a file would become is asked of its own account of
itself first; where that lies, DuckDB's memory has a bound.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.ingest.table_files import Loaded, Wanted, column_name, quoted, source_path
from tocsin.model.errors import BadFile

if TYPE_CHECKING:
    import duckdb

PARQUET = b"PAR1"
# A row of its own takes some octets, however alike it is to others; so many rows an octet are no table.
ROWS_PER_BYTE_MAX = 1
# One column of one row group is decoded at once.
CHUNK_BYTES_MAX = 400_000_000
GROUPS_MAX = 100_000
# What a table of plots may take while it is loaded, at the most plots that are read.
MEMORY = "6GB"
# No name of a sensor, and no time, is longer; what is begins like no other.
TEXT_CHARS_MAX = 1_000
_TEXTS = ("VARCHAR", "BLOB", "ENUM")


def measure(path: Path, connection: duckdb.DuckDBPyConnection, rows_max: int) -> None:
    """Raises BadFile where a file says that it would become too much, duckdb.Error where it is no Parquet."""
    source = {"path": source_path(path)}
    rows, groups = _row(connection, "SELECT num_rows, num_row_groups FROM parquet_file_metadata($path)", source)
    size = path.stat().st_size
    if rows > rows_max or groups > GROUPS_MAX:
        raise BadFile(f"{path} has {rows:,} rows in {groups:,} groups; up to {rows_max:,} are read: cut it into parts")
    if rows > size * ROWS_PER_BYTE_MAX:
        raise BadFile(f"{path} says that {rows:,} rows stand in {size:,} bytes; no table of records is like that")
    (largest,) = _row(connection, "SELECT max(total_uncompressed_size) FROM parquet_metadata($path)", source)
    if (largest or 0) > CHUNK_BYTES_MAX:
        raise BadFile(
            f"{path} has a column of {largest:,} bytes in one row group; up to {CHUNK_BYTES_MAX:,} are read: write it "
            "in smaller row groups"
        )


def load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted, rows_max: int) -> Loaded:
    """Load a file; the type of each column stays what it is, texts are cut. Raises BadFile where it is too much."""
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    measure(path, connection, rows_max)
    source = connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": source_path(path)}).fetchall()
    # Of names that differ only in case the first is read.
    written = {column_name(row[0]): (row[0], str(row[1])) for row in reversed(source)}
    parts = []
    for name in wanted(list(written)):
        column, kind = written[name]
        text = kind.startswith(_TEXTS) and not kind.endswith("]")
        cut = f"left(CAST({quoted(column)} AS VARCHAR), {TEXT_CHARS_MAX})" if text else quoted(column)
        parts.append(f"{cut} AS {quoted(name)}")
    connection.execute(
        f"""CREATE TABLE raw AS SELECT {", ".join(parts)}, {len(source)} AS fields, CAST(NULL AS VARCHAR) AS wrong
            FROM read_parquet($path)""",  # noqa: S608
        {"path": source_path(path)},
    )
    return Loaded(len(source), "", 0, np.zeros(0, np.int64))


def _row(connection: duckdb.DuckDBPyConnection, sql: str, source: dict[str, str]) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = connection.execute(sql, source).fetchone()
    assert found is not None, "an account of nothing"
    return found
