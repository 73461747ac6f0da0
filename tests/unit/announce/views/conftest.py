"""One real PostgreSQL for all tests of a process, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import Server, emptied, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def empty(server: Server) -> Server:
    """The server, with no views in it."""
    emptied(server)
    return server
