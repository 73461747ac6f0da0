"""Saving what can be read of a damaged journal into a new file; the damaged one is kept beside it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from tocsin.journal.chain import Broken, Row, commits, genesis
from tocsin.journal.durable import sync_folder
from tocsin.journal.marks import put_back
from tocsin.journal.snapshots import Bound
from tocsin.journal.store import create, rows_after, transaction

log = logging.getLogger(__name__)

# Commits written at once: one fsync for each would take minutes.
_TOGETHER_ROWS = 10_000


class _Old:
    """What can still be read of a damaged journal; whatever cannot is as if it were not there."""

    def __init__(self, path: Path, journal_id: bytes) -> None:
        self.journal_id = journal_id
        try:
            self._db: apsw.Connection | None = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        except apsw.Error:
            self._db = None
        # Whether they are right is seen when their files are read; runs of ids are built again where they are not.
        self.runs = list(self._rows("SELECT first, last, count, crc FROM runs ORDER BY first"))
        self.marks = list(self._rows("SELECT seq, stream, position, ticked_us FROM marks ORDER BY seq"))
        self.own = list(self._rows("SELECT first, last FROM own ORDER BY first"))
        self.segments: list[tuple[Any, ...]] = []
        for row in self._rows("SELECT first, last, sha256, size_bytes, chain FROM segments ORDER BY first"):
            last = self.segments[-1][1] if self.segments else 0
            if row[0] != last + 1 or not isinstance(row[4], bytes):
                break
            self.segments.append(row)

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from () if self._db is None else self._db.execute(sql)
        except apsw.Error as error:
            log.error("the damaged journal tells no more: %s", error)

    def commits(self, after: int, chain: bytes) -> Iterator[list[Row]]:
        """Whole commits after a place of the chain, as far as they can be read."""
        try:
            yield from () if self._db is None else commits(rows_after(self._db, after), after, chain)
        except Broken as error:
            log.error("the damaged journal is whole up to event %s: %s", error.seq - 1, error.why)
        except apsw.Error as error:
            log.error("the damaged journal tells no more: %s", error)

    def close(self) -> None:
        if self._db is not None:
            # Of a damaged file whatever it says of its end is of no use.
            with suppress(apsw.Error):
                self._db.close()


def salvage(path: Path, journal_id: bytes, bound: Bound | None) -> None:
    """Put in the place of a damaged journal what can be read of it, and keep it as `NAME.damaged-TIME`.

    journal_id   what its head says
    bound        its newest snapshot: where the damage lies before that, all after it is saved, and the place of what
                 came before is kept by an entry of an archive that is not there

    Raises JournalError and OSError; the damaged journal is then still in its place.
    """
    part = path.with_name(path.name + ".part")
    for suffix in ("", "-journal"):
        part.with_name(part.name + suffix).unlink(missing_ok=True)
    old = _Old(path, journal_id)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    db = apsw.Connection(str(part))
    try:
        db.execute("PRAGMA synchronous = FULL").fetchall()
        create(db, journal_id)
        _fill(db, old, bound)
    finally:
        db.close()
        old.close()
    _put_in_place(part, path)


def _fill(db: apsw.Connection, old: _Old, bound: Bound | None) -> None:
    with transaction(db, "the archives' entries"):
        db.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?)", old.segments)
        db.executemany("INSERT INTO runs VALUES (?, ?, ?, ?)", old.runs)
    after, chain = (old.segments[-1][1], old.segments[-1][4]) if old.segments else (0, genesis(old.journal_id))
    last = max(after, _copy(db, old.commits(after, chain)))
    if bound is not None and bound.at > last:
        rest = old.commits(bound.at, bound.hash)
        with transaction(db, "the place of what is damaged"):
            db.execute("DELETE FROM events")
            # No file can have this digest: whoever reads it is told that it is missing.
            db.execute("INSERT INTO segments VALUES (?, ?, '', 0, ?)", (after + 1, bound.at, bound.hash))
        last = max(bound.at, _copy(db, rest))
    with transaction(db, "how far it followed"):
        put_back(db, old.marks, old.own, last)


def _copy(db: apsw.Connection, whole: Iterator[list[Row]]) -> int:
    """Write commits into the new file; the last event written, 0: none."""
    last = 0
    waiting: list[Row] = []

    def write() -> None:
        with transaction(db, f"{len(waiting)} events that were saved"):
            values = [(row.seq, row.key, row.crc, row.body, row.digest, row.chain) for row in waiting]
            db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", values)
        waiting.clear()

    for commit in whole:
        waiting += commit
        last = commit[-1].seq
        if len(waiting) >= _TOGETHER_ROWS:
            write()
    write()
    return last


def _put_in_place(part: Path, path: Path) -> None:
    """Exchange the files: the damaged one keeps its write-ahead log, and the new one must not meet it."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    wal, shm = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if wal.exists():
        wal.replace(aside.with_name(aside.name + "-wal"))
    shm.unlink(missing_ok=True)
    try:
        os.link(path, aside)
    except OSError:  # a file system without links: for a moment there is no journal, and the head knows of one
        path.replace(aside)
    part.replace(path)
    sync_folder(path.parent)
    log.error("the damaged journal is kept as %s", aside)
