"""The engine is told when it hears nothing while it runs: it would take silence for peace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from tocsin.journal import Journal
from tocsin.journal.log import Log
from tocsin.model.event import Event, Loss
from tocsin.service.alone import Alone
from tocsin.service.clock import Clock
from tocsin.service.recovery import overflow, unheard
from tocsin.twins.guarded import Guarded


class Losses:
    """Asked at every decision. Made inside the event loop.

    decide   hands events to the engine, durable or not
    """

    def __init__(
        self,
        journal: Journal,
        log: Log,
        clock: Clock,
        alone: Alone,
        decide: Callable[[Sequence[Event]], Awaitable[bool]],
    ) -> None:
        self._journal = journal
        self._log = log
        self._clock = clock
        self._alone = alone
        self._decide = decide
        self._loop = asyncio.get_running_loop()
        # Whether the engine knows that observations are refused.
        self._overflowed = False
        # Whether it is being told what the agreed log has forgotten.
        self._losing_missed = False

    def look(self, engine: Guarded) -> None:
        """Called in the engine's thread: whether something does not reach it any more."""
        if self._log.full and not self._overflowed:
            self._tell(overflow(engine, self._journal.taken_seq, self._clock.now()))
        self._overflowed = self._log.full
        if (missed := self._log.missed) is not None and not self._losing_missed:
            self._losing_missed = True
            self._tell(unheard(engine, self._journal.taken_seq, self._clock.now(), missed))

    def _tell(self, loss: Loss) -> None:
        self._loop.call_soon_threadsafe(self._begin, loss)

    def _begin(self, loss: Loss) -> None:
        self._telling = self._loop.create_task(self._told(loss), name="overflow")

    async def _told(self, loss: Loss) -> None:
        try:
            with self._alone("overflow"):
                await self._decide([loss])
        finally:
            self._losing_missed = False
