"""Tables of Parquet as rows, read in bounded memory, and nothing but the file named.

What a file would become is asked of its own account of itself before it is read (`ingest/parquet_files.py`), and of
each row before it is handed on; DuckDB's own memory has a bound, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.ingest.parquet_files import PARQUET, measure
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.table_files import sealed_connection, source_path
from tocsin.ledger.formats.bounded import LINES_MAX, beginning
from tocsin.ledger.wire import RECORD_BYTES_MAX
from tocsin.model.errors import BadFile

if TYPE_CHECKING:
    import duckdb

# Rows handed on at once; each may be as long as a record.
BATCH = 100
ROWS_MAX = LINES_MAX
# All that the texts of a file come to.
TEXT_BYTES_MAX = 10_000_000_000
MEMORY = "1GB"
COLUMNS_MAX = 1_000
_TEXTS = ("VARCHAR", "BLOB", "ENUM")
_VALUES = (*_TEXTS, "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
           "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIME", "UUID")  # fmt: skip
_TOO_LONG = f"a row longer than {RECORD_BYTES_MAX} bytes"


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does. Raises BadFile where it cannot be read."""
    return beginning(path, "a table", len(PARQUET)) == PARQUET


def read_parquet(
    path: Path, needed: tuple[str, ...], rejects: Rejects, optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number from 1, values by column) of every row, each counted as read; times are aware and in UTC.

    A row that is too long is rejected. Raises BadFile where it is no Parquet, lacks a column, has one of lists, or
    would become too much.
    """
    import duckdb

    # Of a folder DuckDB would read all the files in it.
    if not is_parquet(path):
        raise BadFile(f"{path} does not begin as Parquet does; give the path of such a table")
    with sealed_connection() as connection:
        try:
            connection.execute(f"SET TimeZone = 'UTC'; SET memory_limit = '{MEMORY}'; SET threads = 1")
            measure(path, connection, ROWS_MAX)
            wanted = _columns(path, connection, needed, optional)
            bytes_of = " + ".join(
                f'coalesce(octet_length(CAST("{name}" AS BLOB)), 0)' if kind.startswith("BLOB")
                else f'coalesce(strlen(CAST("{name}" AS VARCHAR)), 0)'
                for name, kind in wanted.items() if kind.startswith(_TEXTS)
            ) or "0"  # fmt: skip
            columns = ", ".join(
                f'CASE WHEN bytes <= {RECORD_BYTES_MAX} THEN "{name}" END AS "{name}"' for name in wanted
            )
            found = connection.execute(
                f"SELECT bytes, {columns} FROM (SELECT *, {bytes_of} AS bytes FROM read_parquet($path)) "  # noqa: S608
                f"LIMIT {ROWS_MAX + 1}",
                {"path": source_path(path)},
            )
            yield from _rows(path, found, tuple(wanted), rejects)
        except duckdb.Error as error:
            raise BadFile(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}") from error


def _columns(
    path: Path, connection: duckdb.DuckDBPyConnection, needed: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, str]:
    """The columns that are wanted and there, and their types. Raises BadFile."""
    sql = "DESCRIBE SELECT * FROM read_parquet($path)"
    described = connection.execute(sql, {"path": source_path(path)}).fetchall()
    kinds = {str(row[0]): str(row[1]) for row in described}
    missing = [one for one in needed if one not in kinds]
    if missing or len(kinds) > COLUMNS_MAX:
        raise BadFile(f"{path} has no column {', '.join(missing)}; its columns are {', '.join(kinds)[:300]}")
    wanted = {name: kinds[name] for name in (*needed, *(one for one in optional if one in kinds))}
    if not wanted:
        raise BadFile(f"{path} has none of the columns {', '.join(optional)}; is --format the right one?")
    for name, kind in wanted.items():
        if kind.endswith("]") or not kind.startswith(_VALUES):
            raise BadFile(f"{path} has {kind[:60]} in its column {name}; write it as texts, numbers, times or flags")
    return wanted


def _rows(
    path: Path, found: duckdb.DuckDBPyConnection, wanted: tuple[str, ...], rejects: Rejects
) -> Iterator[tuple[int, dict[str, Any]]]:
    number = text_bytes = 0
    while batch := found.fetchmany(BATCH):
        for length, *values in batch:
            number += 1
            text_bytes += length
            if number > ROWS_MAX or text_bytes > TEXT_BYTES_MAX:
                raise BadFile(
                    f"{path} has more than {ROWS_MAX:,} rows, or {TEXT_BYTES_MAX:,} bytes of texts; cut it into parts"
                )
            rejects.read()
            if length > RECORD_BYTES_MAX:
                rejects.add(_TOO_LONG, f"{length} bytes", f"{path}:row {number}")
                continue
            yield number, dict(zip(wanted, values, strict=True))
