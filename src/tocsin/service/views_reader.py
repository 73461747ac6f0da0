"""The views as the service and its front ends read them: one connection, and a bound on who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import structlog

from tocsin.announce.views.connection import connected
from tocsin.model.errors import BadFile, TocsinError

if TYPE_CHECKING:
    from asyncpg import Connection

log = structlog.get_logger(__name__)

T = TypeVar("T")
# What a history or a tile takes is milliseconds; a crowd's questions are shared before they come here.
WAITING_MAX = 50


class ViewsReader:
    """Reads; used from the event loop. `trouble`: why nothing can be read, in a sentence; None: it can."""

    def __init__(self, place: Callable[[], str]) -> None:
        self.trouble: str | None = None
        self._place = place
        self._db: Connection | None = None
        self._one = asyncio.Lock()
        self._waiting = 0

    async def ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What is made of the views. Raises BadFile where they cannot be read, or too many ask."""
        if self._waiting >= WAITING_MAX:
            raise BadFile(f"{self._waiting} questions wait for the views; ask again in some seconds")
        self._waiting += 1
        try:
            async with self._one:
                return await self._done(work)
        finally:
            self._waiting -= 1

    async def _done(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            if self._db is None or self._db.is_closed():
                self._db = await connected(self._place)
            found = await work(self._db)
        except Exception as error:
            self.close()
            why = str(error) if isinstance(error, TocsinError) else f"{type(error).__name__}: {error}"
            if self.trouble is None:
                log.warning("the views cannot be read; the rest goes on", reason=why)
            self.trouble = f"the views cannot be read ({why}); check the database that [views] names"
            raise BadFile(self.trouble) from error
        if self.trouble is not None:
            log.warning("the views are read again")
        self.trouble = None
        return found

    def close(self) -> None:
        """Let go of the database."""
        if self._db is not None:
            self._db.terminate()
            self._db = None
