"""The SQLite file of who there is: one thread reads and writes it, so that no disk holds up the event loop.

What must not wait for a disk (sessions, the record of what was done) is written behind: in order, again and again until
the disk takes it. What nobody may believe before it is there (people, passwords) is written first.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw
import structlog

from tocsin.model.errors import BadFile, NotDurable

log = structlog.get_logger(__name__)

T = TypeVar("T")
Call = Callable[[apsw.Connection], T]

VERSION = 1
# Writes that may wait for a disk that refuses: a night's, from a duty room.
WAITING_MAX = 10_000
# Another process (`tocsin people`) holds the file for milliseconds.
BUSY_MS = 2_000
WRITE_S = 5.0
_LAYOUT = """
    CREATE TABLE IF NOT EXISTS person (id TEXT PRIMARY KEY, body TEXT NOT NULL, credentials TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS session (sha256 TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
"""


class PeopleFile:
    """The file, made where there is none; without a path, in memory. Raises BadFile where it cannot be used.

    trouble   why it cannot be written just now, in a sentence
    lost      writes that were given up because too many waited
    asked     writes that were asked for so far: who reads it before and after knows whether there were any
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.trouble: str | None = None
        self.lost = 0
        self.asked = 0
        self._waiting: deque[Call[None]] = deque()
        self._thread = ThreadPoolExecutor(1, "people")
        try:
            self._db = self._opened()
        except (OSError, apsw.Error) as error:
            self._thread.shutdown()
            raise BadFile(f"the file of people {path} cannot be used ({error}); restore it from a copy") from error

    def _opened(self) -> apsw.Connection:
        if self.path is not None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        db = apsw.Connection(":memory:" if self.path is None else str(self.path))
        db.set_busy_timeout(BUSY_MS)
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", "full")
        found = db.pragma("user_version")
        if found > VERSION:
            raise BadFile(
                f"the file of people {self.path} is of a newer Tocsin (its form is {found}); upgrade this one"
            )
        if found < VERSION:
            db.execute(_LAYOUT)
            db.pragma("user_version", VERSION)
        return db

    @property
    def waiting(self) -> int:
        """Writes that are not on the disk yet."""
        return len(self._waiting)

    def behind(self, call: Call[None]) -> None:
        """Write when the disk takes it; never waits."""
        if len(self._waiting) >= WAITING_MAX:
            self.lost += 1
            return
        self.asked += 1
        self._waiting.append(call)
        self.tend()

    def tend(self) -> None:
        """Try again what waits."""
        if self._waiting:
            self._thread.submit(self._flush)

    def submit(self, call: Call[T]) -> Future[T]:
        """Write in the file's thread, in one transaction, after all that waits; with what is returned."""
        self.asked += 1
        return self._thread.submit(self._written, call)

    async def write(self, call: Call[T]) -> T:
        """The same, awaited. Raises NotDurable where the disk refuses or does not answer."""
        return await self._answered(self.submit(call))

    async def read(self, call: Call[T]) -> T:
        """Read after all that waits. Raises NotDurable."""
        return await self._answered(self._thread.submit(self._read, call))

    async def _answered(self, future: Future[T]) -> T:
        try:
            async with asyncio.timeout(WRITE_S):
                return await asyncio.wrap_future(future)
        except (apsw.Error, TimeoutError) as error:
            self.trouble = f"the file of people {self.path} cannot be written ({error or 'no answer'})"
            raise NotDurable(f"{self.trouble}; try again") from error

    def _written(self, call: Call[T]) -> T:
        self._flush()
        if self._waiting:
            # It must not go before those: one may be of the same person.
            raise NotDurable(f"{self.trouble}; try again")
        return self._in_transaction(call)

    def _read(self, call: Call[T]) -> T:
        self._flush()
        return call(self._db)

    def _flush(self) -> None:
        while self._waiting:
            try:
                self._in_transaction(self._waiting[0])
            except Exception as error:
                if isinstance(error, apsw.ConstraintError) or not isinstance(error, apsw.Error):
                    # A mistake of ours would fail for ever, and hold up all that comes after it.
                    log.exception("this cannot be kept of people", reason=str(error))
                    self.lost += 1
                    self._waiting.popleft()
                    continue
                self.trouble = f"the file of people {self.path} cannot be written ({error}); {self.waiting} wait"
                return
            self._waiting.popleft()
            self.trouble = None

    def _in_transaction(self, call: Call[T]) -> T:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            done = call(self._db)
            self._db.execute("COMMIT")
        except BaseException:
            # Where the disk is full SQLite has done it already.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return done

    def close(self) -> None:
        """Write what waits, where the disk takes it, and close."""
        self._thread.submit(self._flush)
        self._thread.shutdown()
        self._db.close()
