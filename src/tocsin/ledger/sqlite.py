"""The ledger in one SQLite file: what a city, a monitor or a newsroom needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import apsw
import msgspec

from tocsin.ledger.sql import SqlStore
from tocsin.model.errors import BadFile

# "TCSL": lets us refuse somebody else's database with a clear word.
APPLICATION_ID = 0x5443534C
SCHEMA_VERSION = 1
_TABLES = """
CREATE TABLE records (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, about TEXT NOT NULL,
                      origin TEXT, begin_s REAL, end_s REAL, lat REAL, lon REAL, body BLOB NOT NULL, personal BLOB);
CREATE INDEX records_about ON records (about, kind);
CREATE INDEX records_origin ON records (origin) WHERE origin IS NOT NULL;
CREATE INDEX records_few ON records (kind, seq) WHERE kind <> 'claim';
CREATE INDEX records_place ON records (lat, lon) WHERE lat IS NOT NULL;
"""
# Made when it is needed: ledgers of before have none.
_OWN_TABLE = "CREATE TABLE IF NOT EXISTS own (name TEXT PRIMARY KEY, value BLOB NOT NULL)"
_INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqliteStore(SqlStore):
    """The ledger at `path`, made where there is none; None: in memory.

    Raises BadFile where the file is no ledger or cannot be used.
    """

    within = "(lon >= ? AND lat >= ? AND lon <= ? AND lat <= ?)"

    def __init__(self, path: Path | None, *, make: bool = True) -> None:
        self.path = path
        if path is not None and not make and not path.is_file():
            raise BadFile(f"there is no ledger at {path}; give the path of one, or `tocsin ledger import` into it")
        try:
            self._db = self._opened()
        except (OSError, apsw.Error) as error:
            raise BadFile(f"the ledger {path} cannot be opened ({error}); restore it from a copy") from error

    def _opened(self) -> apsw.Connection:
        if self.path is not None:
            # It holds who said what: private before anything is in it.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        db = apsw.Connection(":memory:" if self.path is None else str(self.path))
        try:
            db.set_busy_timeout(5_000)
            if db.pragma("schema_version") == 0:
                db.pragma("application_id", APPLICATION_ID)
                db.pragma("user_version", SCHEMA_VERSION)
                db.pragma("journal_mode", "wal")
                db.execute(_TABLES).fetchall()
            if db.pragma("application_id") != APPLICATION_ID:
                raise BadFile(f"{self.path} is a database, but not a ledger of Tocsin; choose another file")
            if db.pragma("user_version") != SCHEMA_VERSION:
                raise BadFile(
                    f"the ledger {self.path} is of another Tocsin (its schema is {db.pragma('user_version')}, this one "
                    f"reads {SCHEMA_VERSION}); use that one"
                )
            db.pragma("synchronous", "full")
            # What was redacted is overwritten, not merely unlinked.
            db.pragma("secure_delete", "on")
        except BaseException:
            db.close()
            raise
        return db

    def _fetch(self, sql: str, *values: Any) -> list[Any]:
        given = [msgspec.json.encode(value).decode() if isinstance(value, list) else value for value in values]
        try:
            return self._db.execute(_written(sql), given).fetchall()
        except apsw.Error as error:
            raise BadFile(f"the ledger {self.path} cannot be read ({error}); restore it from a copy") from error

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._db.executemany(_INSERT, rows)

    def _complete(self, personal: dict[str, bytes]) -> None:
        self._db.executemany("UPDATE records SET personal = ?2 WHERE id = ?1", personal.items())

    def _forget(self, names: list[str]) -> None:
        listed = msgspec.json.encode(names).decode()
        sql = "UPDATE records SET personal = NULL WHERE personal IS NOT NULL AND id IN ?"
        self._db.execute(_written(sql), (listed,)).fetchall()
        self._forgotten = True

    def _rewrite(self, bodies: dict[str, bytes]) -> None:
        sql = "UPDATE records SET body = ?2, personal = NULL WHERE id = ?1"
        self._db.executemany(sql, bodies.items())
        self._forgotten = True

    def _own(self) -> dict[str, bytes]:
        if not self._fetch("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'own'"):
            return {}
        return {name: bytes(value) for name, value in self._fetch("SELECT name, value FROM own")}

    def _keep_own(self, values: dict[str, bytes]) -> None:
        self._db.execute(_OWN_TABLE).fetchall()
        self._db.executemany("INSERT INTO own VALUES (?, ?) ON CONFLICT DO NOTHING", values.items())

    _forgotten = False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
            if self._forgotten:
                # The write-ahead log still holds the pages as they were.
                self._db.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)
                self._forgotten = False
        except BaseException as error:
            with suppress(apsw.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            if isinstance(error, apsw.Error):
                raise BadFile(
                    f"the ledger {self.path} cannot be written ({error}); nothing of the batch is in it: free disk "
                    "space or check the disk, then import again"
                ) from error
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


@cache
def _written(sql: str) -> str:
    return sql.replace("IN ?", "IN (SELECT value FROM json_each(?))")
