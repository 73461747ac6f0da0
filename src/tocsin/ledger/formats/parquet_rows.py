"""Tables of Parquet as rows, read in bounded memory, and nothing but the file named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.table_files import PARQUET, sealed_connection, source_path
from tocsin.model.errors import BadFile

BATCH = 10_000
ROWS_MAX = 50_000_000
# A column of texts that all say the same is small on disk and not in memory.
MEMORY = "1GB"
COLUMNS_MAX = 1_000


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does. Raises BadFile where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(PARQUET)) == PARQUET
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of a table") from error


def read_parquet(
    path: Path, needed: tuple[str, ...], rejects: Rejects, optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(number from 1, values by column) of every row, each counted as read; times are aware and in UTC.

    Raises BadFile where it is no Parquet or lacks a column.
    """
    import duckdb

    # Of a folder DuckDB would read all the files in it.
    if not is_parquet(path):
        raise BadFile(f"{path} does not begin as Parquet does; give the path of such a table")
    with sealed_connection() as connection:
        try:
            connection.execute(f"SET TimeZone = 'UTC'; SET memory_limit = '{MEMORY}'")
            source = {"path": source_path(path)}
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", source).fetchall()
            names = [str(row[0]) for row in described]
            missing = [one for one in needed if one not in names]
            if missing or len(names) > COLUMNS_MAX:
                shown = ", ".join(names)[:300]
                raise BadFile(f"{path} has no column {', '.join(missing)}; its columns are {shown}")
            wanted = [*needed, *(one for one in optional if one in names)]
            if not wanted:
                raise BadFile(f"{path} has none of the columns {', '.join(optional)}; is --format the right one?")
            columns = ", ".join(f'"{name}"' for name in wanted)
            found = connection.execute(f"SELECT {columns} FROM read_parquet($path) LIMIT {ROWS_MAX + 1}", source)  # noqa: S608
            number = 0
            while batch := found.fetchmany(BATCH):
                for values in batch:
                    number += 1
                    if number > ROWS_MAX:
                        raise BadFile(f"{path} has more than {ROWS_MAX:,} rows; cut it into parts")
                    rejects.read()
                    yield number, dict(zip(wanted, values, strict=True))
        except duckdb.Error as error:
            raise BadFile(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}") from error
