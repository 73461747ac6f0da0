"""A ledger by what a person calls it: the path of a file, or the address of a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from tocsin.ledger.sql import SqlStore
from tocsin.ledger.sqlite import SqliteStore

POSTGRES = ("postgresql://", "postgres://")


def opened(where: str, *, make: bool = False) -> SqlStore:
    """The ledger at a path, or in a database.

    make   where there is none, make one

    Raises BadFile where there is none or it cannot be used, Missing where the extra `ledger` is not installed.
    """
    if where.startswith(POSTGRES):
        from tocsin.ledger.postgres import PostgresStore

        return PostgresStore(where, make=make)
    return SqliteStore(Path(where), make=make)
