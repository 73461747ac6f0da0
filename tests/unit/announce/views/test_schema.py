"""The tables of the views come from none, and from every version that there ever was; there is no way back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from tests.postgres import Server
from tests.some import some
from tocsin.announce.views.connection import connected
from tocsin.announce.views.schema import FOLDER, statements, upgraded, version
from tocsin.model.errors import BadFile, BadInput

pytestmark = pytest.mark.server

SCRIPTS = ScriptDirectory(str(FOLDER))
VERSIONS = [one.revision for one in SCRIPTS.walk_revisions()][::-1]
_SHAPE = """
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'views' ORDER BY table_name, column_name
"""


async def shape(db: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await db.fetch(_SHAPE)]


def test_tables_come_from_none_and_from_every_version_before(empty: Server) -> None:
    async def story() -> None:
        db = await connected(lambda: empty.address)
        assert await version(db) is None
        await upgraded(db)
        whole = await shape(db)
        assert {one[0] for one in whole} >= {"sectors", "states", "warnings", "outlines"}
        assert await version(db) == VERSIONS[-1]
        await upgraded(db)
        assert await shape(db) == whole
        for earlier in some(VERSIONS[:-1]):
            await db.execute("DROP SCHEMA views CASCADE; CREATE SCHEMA views")
            await db.execute(statements(None, earlier))
            assert await version(db) == earlier
            await upgraded(db)
            assert await shape(db) == whole, earlier
        await db.close()

    asyncio.run(story())


def test_two_nodes_that_start_at_once_make_the_tables_once(empty: Server) -> None:
    async def story() -> None:
        nodes = [await connected(lambda: empty.address) for _ in range(3)]
        await asyncio.gather(*map(upgraded, nodes))
        assert await version(nodes[0]) == VERSIONS[-1]
        await asyncio.gather(*(one.close() for one in nodes))

    asyncio.run(story())


def test_tables_of_a_newer_version_are_left_alone_and_said(empty: Server) -> None:
    async def story() -> None:
        db = await connected(lambda: empty.address)
        await upgraded(db)
        await db.execute("UPDATE views.alembic_version SET version_num = '999'")
        with pytest.raises(BadFile, match="version 999, which this Tocsin does not know"):
            await upgraded(db)
        assert await version(db) == "999"
        await db.close()

    asyncio.run(story())


@pytest.mark.parametrize("revision", VERSIONS)
def test_the_way_back_is_refused_in_a_sentence(revision: str) -> None:
    found = SCRIPTS.get_revision(revision)
    with pytest.raises(BadInput, match="not taken back"):
        found.module.downgrade()
