"""A ledger by what a person calls it: the path of a file, or the address of a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from tocsin.ledger.sql import ANSWER_S, SqlStore
from tocsin.ledger.sqlite import SqliteStore
from tocsin.model.errors import BadSettings

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


def apart(out: Path | None, *read: Path | str) -> None:
    """Raises BadSettings where a file that is to be written is one of those that are read: it would be lost."""
    for one in read:
        if out is not None and out.exists() and Path(one).exists() and out.samefile(one):
            raise BadSettings(f"{out} is to be written, and is what is read ({one}); name a file of its own")
