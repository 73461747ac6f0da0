"""The engine's state, written to the disk now and then while the service runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tocsin.journal import Journal
from tocsin.service.alone import Alone
from tocsin.service.recovery import snapshot_of
from tocsin.twins.guarded import Guarded


class SnapshotWriter:
    """Packs in the engine's thread, and leaves the disk to a thread of its own. Made inside the event loop.

    messages   called in the event loop: the CAP messages that were made, as bytes
    settle     called before each is written: what is before a snapshot is told to nobody again
    """

    def __init__(
        self, journal: Journal, messages: Callable[[], bytes], settle: Callable[[], None], alone: Alone
    ) -> None:
        self._journal = journal
        self._messages = messages
        self._settle = settle
        self._alone = alone
        self._loop = asyncio.get_running_loop()
        self._writing = ThreadPoolExecutor(1, "snapshots")
        # One snapshot being written and one that waits: more would fill the memory where the disk is slow.
        self._room = threading.Semaphore(2)

    def save(self, seq: int, engine: Guarded) -> None:
        """Called in the engine's thread, between two events.

        Raises TimeoutError when the disk, or the event loop, is still busy with those before. The journal holds
        everything; only the next start takes longer.
        """
        if not self._room.acquire(blocking=False):
            raise TimeoutError("two snapshots still wait for the disk; the next is tried later")
        try:
            messages = asyncio.run_coroutine_threadsafe(self._dumped(), self._loop).result(timeout=10)
            data = snapshot_of(engine, messages)
        except Exception:
            self._room.release()
            raise
        self._writing.submit(self._write, seq, data)

    async def _dumped(self) -> bytes:
        return self._messages()

    def _write(self, seq: int, data: bytes) -> None:
        self._settle()
        with self._alone("snapshot file"):
            self._journal.save_snapshot(seq, data)
        self._room.release()

    def stop(self) -> None:
        """Finish what waits."""
        self._writing.shutdown()
