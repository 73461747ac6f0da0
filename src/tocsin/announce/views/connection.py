"""A connection to the database of views, with a bound on every answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tocsin.model.errors import Missing

if TYPE_CHECKING:
    from asyncpg import Connection

# A server that hangs is given up for another connection: what waits for it is history.
ANSWER_S = 10.0


async def connected(place: Callable[[], str]) -> Connection:
    """One to the database there. Raises BadFile as `place` does, Missing, and what the database raises."""
    try:
        import asyncpg
    except ImportError as error:  # pragma: no cover - the extra `cluster` is part of the development set
        raise Missing("views in PostgreSQL need asyncpg and alembic; install tocsin[cluster]") from error
    # As the database's own tools show it.
    named = {"application_name": "tocsin views"}
    return await asyncpg.connect(place(), timeout=ANSWER_S, command_timeout=ANSWER_S, server_settings=named)
