"""The ledger in PostgreSQL with PostGIS: for those who have one, and others who read in it beside us."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, TypeVar

from tocsin.ledger.sql import ANSWER_S, SqlStore
from tocsin.model.errors import BadFile, Missing

try:
    import asyncpg
except ImportError:  # pragma: no cover - the extra `ledger` is part of the development set
    asyncpg = None

SCHEMA_VERSION = 1
_TABLES = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE TABLE ledger (schema INTEGER NOT NULL);
CREATE TABLE records (seq BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, about TEXT NOT NULL,
                      origin TEXT, begin_s DOUBLE PRECISION, end_s DOUBLE PRECISION, lat DOUBLE PRECISION,
                      lon DOUBLE PRECISION, body BYTEA NOT NULL, personal BYTEA,
                      place geometry(Point, 4326)
                          GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED);
CREATE INDEX records_about ON records (about, kind);
CREATE INDEX records_origin ON records (origin) WHERE origin IS NOT NULL;
CREATE INDEX records_few ON records (kind, seq) WHERE kind <> 'claim';
CREATE INDEX records_place ON records USING gist (place);
"""
# Made when it is needed: ledgers of before have none.
_OWN_TABLE = "CREATE TABLE IF NOT EXISTS own (name TEXT PRIMARY KEY, value BYTEA NOT NULL)"
_COLUMNS = ["seq", "id", "kind", "about", "origin", "begin_s", "end_s", "lat", "lon", "body", "personal"]
# To reach a server takes no longer, or it is not there.
_CONNECT_S = 10.0
_Found = TypeVar("_Found")


class PostgresStore(SqlStore):
    """The ledger in the database at an address such as `postgresql://user@host/ledger`; made where there is none.

    Speaks to the server on an event loop of its own, so it is used from a thread that runs none. Raises BadFile where
    the server, the database or PostGIS is not there, Missing without `asyncpg`.
    """

    # Its border belongs to the envelope, as in SQLite.
    within = "place && ST_MakeEnvelope(?, ?, ?, ?, 4326)"

    def __init__(self, address: str, *, make: bool = True, answer_s: float = ANSWER_S) -> None:
        if asyncpg is None:
            raise Missing("a ledger in PostgreSQL needs asyncpg; install tocsin[ledger]")
        self._refusals = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
        self._runner = asyncio.Runner()
        try:
            self._db = self._run(asyncpg.connect(address, command_timeout=answer_s, timeout=min(answer_s, _CONNECT_S)))
            try:
                self._identify(make=make)
            except BaseException:
                self._run(self._db.close())
                raise
        except BaseException as error:
            self._runner.close()
            if isinstance(error, self._refusals):
                raise BadFile(
                    f"the ledger in PostgreSQL cannot be opened ({_why(error)}); check its address and PostGIS"
                ) from error
            raise

    def _run(self, call: Coroutine[Any, Any, _Found]) -> _Found:
        return self._runner.run(call)

    def _identify(self, *, make: bool) -> None:
        if self._run(self._db.fetchval("SELECT to_regclass('ledger')")) is None:
            if not make:
                raise BadFile("there is no ledger in that database; `tocsin ledger import` into it makes one")
            self._run(self._make())
        version = self._run(self._db.fetchval("SELECT schema FROM ledger"))
        if version != SCHEMA_VERSION:
            raise BadFile(f"the ledger there has schema {version}, this Tocsin reads {SCHEMA_VERSION}; use that one")

    async def _make(self) -> None:
        async with self._db.transaction():
            # To make PostGIS takes seconds, once.
            await self._db.execute(_TABLES, timeout=ANSWER_S)
            await self._db.execute("INSERT INTO ledger VALUES ($1)", SCHEMA_VERSION)

    def _fetch(self, sql: str, *values: Any) -> list[Any]:
        try:
            return [tuple(row) for row in self._run(self._db.fetch(_written(sql), *values))]
        except self._refusals as error:
            raise BadFile(f"the ledger in PostgreSQL cannot be read ({_why(error)}); check the server") from error

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._run(self._db.copy_records_to_table("records", records=rows, columns=_COLUMNS))

    def _complete(self, personal: dict[str, bytes]) -> None:
        self._run(self._db.executemany("UPDATE records SET personal = $2 WHERE id = $1", list(personal.items())))

    def _forget(self, names: list[str]) -> None:
        sql = "UPDATE records SET personal = NULL WHERE personal IS NOT NULL AND id IN ?"
        self._run(self._db.execute(_written(sql), names))
        self._forgotten = True

    def _rewrite(self, bodies: dict[str, bytes]) -> None:
        sql = "UPDATE records SET body = $2, personal = NULL WHERE id = $1"
        self._run(self._db.executemany(sql, list(bodies.items())))
        self._forgotten = True

    def _own(self) -> dict[str, bytes]:
        if self._fetch("SELECT to_regclass('own')::text")[0][0] is None:
            return {}
        return {name: bytes(value) for name, value in self._fetch("SELECT name, value FROM own")}

    def _keep_own(self, values: dict[str, bytes]) -> None:
        self._run(self._db.execute(_OWN_TABLE))
        sql = "INSERT INTO own VALUES ($1, $2) ON CONFLICT DO NOTHING"
        self._run(self._db.executemany(sql, list(values.items())))

    _forgotten = False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        transaction = self._db.transaction()
        try:
            self._run(transaction.start())
            # One writer at a time: numbers are given without a gap.
            self._run(self._db.execute("LOCK TABLE records IN EXCLUSIVE MODE"))
            yield
            self._run(transaction.commit())
        except BaseException as error:
            if not self._db.is_closed() and self._db.is_in_transaction():
                self._run(transaction.rollback())
            if isinstance(error, self._refusals):
                raise BadFile(
                    f"the ledger in PostgreSQL cannot be written ({_why(error)}); nothing of the batch is in it: "
                    "check the server, then import again"
                ) from error
            raise
        if self._forgotten:
            # Until then the old row lies in the table's file. Backups and the server's own log hold it longer.
            self._run(self._db.execute("VACUUM records"))
            self._forgotten = False

    def close(self) -> None:
        """Let go of the database, whether it still answers or not."""
        try:
            self._run(self._db.close(timeout=_CONNECT_S))
        except self._refusals:
            self._db.terminate()
        self._runner.close()


def _why(error: BaseException) -> str:
    """What a server said; of one that said nothing, that."""
    return str(error) or type(error).__name__


@cache
def _written(sql: str) -> str:
    """With the placeholders of PostgreSQL."""
    numbers = count(1)
    parts = sql.replace("IN ?", "= ANY(?)").split("?")
    return "".join(part + (f"${next(numbers)}" if place < len(parts) - 1 else "") for place, part in enumerate(parts))
