"""Every store is tried by the same tests: SQLite in a file, and PostgreSQL with PostGIS where Debian's is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgres import postgres
from tocsin.ledger.opening import opened
from tocsin.ledger.sql import SqlStore

NewStore = Callable[[], SqlStore]
_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Makes an empty store, as often as it is called."""

    def make() -> SqlStore:
        name = f"ledger_{next(_numbers)}"
        if request.param == "sqlite":
            return opened(str(tmp_path / f"{name}.db"), make=True)
        address: str = request.getfixturevalue("server")
        asyncio.run(schema(address, name))
        return opened(f"{address}?search_path={name},public", make=True)

    return make


async def schema(address: str, name: str) -> None:
    """A schema of its own for each store: to make a database takes two seconds."""
    import asyncpg

    server = await asyncpg.connect(address)
    try:
        await server.execute(f"CREATE EXTENSION IF NOT EXISTS postgis; CREATE SCHEMA {name}")
    finally:
        await server.close()
