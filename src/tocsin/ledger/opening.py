"""A ledger by what a person calls it: the path of a file, or the address of a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from tocsin.ledger.sql import ANSWER_S, SqlStore
from tocsin.ledger.sqlite import SqliteStore

POSTGRES = ("postgresql://", "postgres://")


def opened(where: str, *, make: bool = False, answer_s: float = ANSWER_S) -> SqlStore:
    """The ledger at a path, or in a database.

    make       where there is none, make one
    answer_s   how long a server may take over each answer

    Raises BadFile where there is none or it cannot be used, Missing where the extra `ledger` is not installed.
    """
    if where.startswith(POSTGRES):
        from tocsin.ledger.postgres import PostgresStore

        return PostgresStore(where, make=make, answer_s=answer_s)
    return SqliteStore(Path(where), make=make)
