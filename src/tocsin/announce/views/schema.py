"""The tables of the views, brought to this version from none, or from any before it."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.model.errors import BadFile, Missing

if TYPE_CHECKING:
    from asyncpg import Connection

SCHEMA = "views"
FOLDER = Path(__file__).parent / "migrations"
# One writer brings the tables up to date, and its twin waits: any number that nobody else takes.
_LOCK = 0x70C51A


def statements(begin: str | None, end: str = "head") -> str:
    """The SQL that leads from one version of the tables (None: from none) to another; empty: they are the same.

    Raises BadFile where no migration of this Tocsin knows the first, Missing without alembic.
    """
    try:
        from alembic.command import upgrade
        from alembic.config import Config
        from alembic.util import CommandError
    except ImportError as error:  # pragma: no cover - the extra `cluster` is part of the development set
        raise Missing("views in PostgreSQL need alembic and asyncpg; install tocsin[cluster]") from error
    written = io.StringIO()
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        upgrade(config, f"{begin or 'base'}:{end}", sql=True)
    except CommandError as error:
        raise BadFile(
            f"the views have version {begin}, which this Tocsin does not know; bring this machine to the newer one"
        ) from error
    return written.getvalue()


async def upgraded(db: Connection) -> None:
    """Bring the tables to this version, or none of them. Raises BadFile, Missing and what the database raises."""
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await db.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        begin = await version(db)
        # Alembic takes half a second to load, in which others are served.
        if sql := await asyncio.to_thread(statements, begin):
            await db.execute(sql)


async def version(db: Connection) -> str | None:
    """Of the tables that are there; None: there are none."""
    if await db.fetchval("SELECT to_regclass($1)", f"{SCHEMA}.alembic_version") is None:
        return None
    found: str | None = await db.fetchval(f"SELECT version_num FROM {SCHEMA}.alembic_version")  # noqa: S608 - ours
    return found
