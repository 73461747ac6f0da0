"""The ledger of the running service: opened, read and written in a thread of its own.

No warning waits for it. A ledger that cannot be used is a trouble, and tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from tocsin.ledger.opening import opened
from tocsin.model.errors import BadFile, Missing
from tocsin.service.ledger.shelf import Shelf

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Questions that wait for the thread; a page asks two at a time, and there are some tens of officers.
WAITING_MAX = 50
# Seconds between two tries to open one that could not be used.
AGAIN_S = 10


class LedgerDesk:
    """The ledger at `place`; None: there is none. `make`: where it is not there yet. Used from the event loop."""

    def __init__(self, place: Callable[[], str] | None, *, make: bool) -> None:
        self._place = place
        self._make = make
        self._pool = ThreadPoolExecutor(1, "ledger")
        self._shelf: Shelf | None = None
        self._waiting = 0
        self._watched = 0
        # What an operator must see to, in a sentence.
        self.trouble: str | None = None

    @property
    def on(self) -> bool:
        """Whether the settings name a ledger."""
        return self._place is not None

    def begin(self) -> None:
        """Open it, in its own thread."""
        if self.on:
            self._pool.submit(self._try)

    def watch(self) -> None:
        """Once a second: try again what could not be used."""
        self._watched += 1
        if self.trouble is not None and self._watched % AGAIN_S == 0 and self._waiting == 0:
            self._pool.submit(self._try)

    async def ask(self, work: Callable[[Shelf], T]) -> T:
        """What is made of the ledger. Raises BadFile and Missing where it cannot be used, or too many ask."""
        if self._waiting >= WAITING_MAX:
            raise BadFile(f"{self._waiting} questions wait for the ledger; ask again in some seconds")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._done, work)
        finally:
            self._waiting -= 1

    def stop(self) -> None:
        """Finish what was begun, and let go of the file."""
        self._pool.submit(self._close)
        self._pool.shutdown()

    def _try(self) -> None:
        try:
            self._done(Shelf.read_on)
        except (BadFile, Missing) as error:
            log.error("the ledger cannot be used; the rest goes on", reason=str(error))

    def _done(self, work: Callable[[Shelf], T]) -> T:
        try:
            if self._shelf is None:
                assert self._place is not None
                self._shelf = Shelf(opened(self._place(), make=self._make))
            found = work(self._shelf)
        except (BadFile, Missing) as error:
            self._close()
            self.trouble = f"the ledger is not shown: {error}"
            raise
        self.trouble = self._shelf.trouble
        return found

    def _close(self) -> None:
        if self._shelf is not None:
            shelf, self._shelf = self._shelf, None
            shelf.store.close()
