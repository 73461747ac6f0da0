"""What keeps a journal bounded while it is being written: checkpoints, sealed ids, archives."""

from __future__ import annotations

import logging
import threading
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import apsw
import numpy as np

from tocsin.journal.archive import Segment, write_segment
from tocsin.journal.chain import row_crc
from tocsin.journal.ids import LoadedRun, RecentIds, Run, columns, load, merge, mergeable, seal
from tocsin.journal.store import fetch, known_by, pragma, transaction
from tocsin.model.errors import JournalError

log = logging.getLogger(__name__)

# 4 MB of write-ahead log: a checkpoint then takes a few milliseconds, and hardly any of them under the write lock.
_WAL_PAGES = 1_000


@dataclass(frozen=True)
class Bounds:
    """How much of a journal stays at hand.

    live_events_max     events in the database; the oldest beyond them move to the archive
    live_bytes_max      bytes of the database; beyond them, events move even when they are few
    segment_events      events in one archive file
    remembered_events   how far back an event is known by its id (24 bytes each, on disk, mapped)
    sealed_events       newest events whose ids are kept in a dictionary; at start they are read again
    """

    live_events_max: int = 500_000
    live_bytes_max: int = 4_000_000_000
    segment_events: int = 100_000
    remembered_events: int = 10_000_000
    sealed_events: int = 131_072


class Upkeep:
    """The parts of a journal that change behind its back. Called by one thread at a time, beside the writer."""

    def __init__(
        self,
        path: Path,
        bounds: Bounds,
        db: apsw.Connection,
        write_lock: threading.RLock,
        ids: RecentIds,
        segments: tuple[Segment, ...],
    ) -> None:
        self.path = path
        self.bounds = bounds
        self.ids = ids
        self.segments = segments
        self.last_seq = 0
        self.archive_folder = path.with_name(path.name + ".archive")
        self.ids_folder = path.with_name(path.name + ".ids")
        self.archive_folder.mkdir(mode=0o700, exist_ok=True)
        self.ids_folder.mkdir(mode=0o700, exist_ok=True)
        self._write_lock = write_lock
        self._one_at_a_time = threading.Lock()
        self._wal_pages = 0
        self.use(db)

    def use(self, db: apsw.Connection) -> None:
        """Work with this connection of the writer from now on."""
        self._db = db
        db.set_wal_hook(self._count_pages)

    @property
    def archived_to(self) -> int:
        """The last event in the archive; 0: none."""
        return self.segments[-1].last if self.segments else 0

    def _count_pages(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def checkpoint(self, reader: apsw.Connection) -> None:
        """Move what is in the write-ahead log into the database, so that the log can start again."""
        if self._wal_pages < _WAL_PAGES:
            return
        try:
            # Nearly all of it beside the writer; then, with the writer held for a moment, the rest.
            reader.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_PASSIVE)
            with self._write_lock:
                reader.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_RESTART)
                self._wal_pages = 0
        except apsw.BusyError:
            return  # somebody else (a backup) reads; the next call tries again
        except apsw.Error as error:
            raise JournalError(f"the journal {self.path} cannot be checkpointed ({error}); check the disk") from error

    def seal_ids(self) -> None:
        """Move the ids of the dictionary into a run once they are many; merge runs; forget those too old."""
        with self._one_at_a_time:
            if self.last_seq - self.ids.sealed_to >= self.bounds.sealed_events:
                self._seal()
            while mergeable(self.ids.runs):
                older, newer = self.ids.runs[-2:]
                self._replace_runs((older, newer), merge(self.ids_folder, older, newer))
            oldest = self.last_seq - self.bounds.remembered_events
            if self.ids.runs and self.ids.runs[0].run.last < oldest and len(self.ids.runs) > 1:
                self._replace_runs(self.ids.runs[:1], None)

    def _seal(self) -> None:
        with self._write_lock:
            first, last = self.ids.sealed_to + 1, self.last_seq
            self.ids.sealing, self.ids.fresh = self.ids.fresh, {}
        try:
            self._replace_runs((), seal(self.ids_folder, first, last, *columns(self.ids.sealing)))
        except (OSError, JournalError) as error:
            with self._write_lock:
                self.ids.fresh = self.ids.sealing | self.ids.fresh
                self.ids.sealing = {}
            raise JournalError(f"ids of the journal {self.path} cannot be sealed ({error}); free disk space") from error

    def _replace_runs(self, old: tuple[LoadedRun, ...], new: Run | None) -> None:
        """Take runs out and put one in, in the database and in memory at once; then drop the files."""
        loaded = () if new is None else (load(self.ids_folder, new),)
        if None in loaded:
            raise JournalError(f"a run of ids of the journal {self.path} came back damaged; check the disk")
        kept = tuple(one for one in self.ids.runs if one not in old)
        with self._write_lock:
            with transaction(self._db, "a run of ids"):
                self._db.executemany("DELETE FROM runs WHERE first = ?", [(one.run.first,) for one in old])
                if new is not None:
                    values = (new.first, new.last, new.count, new.crc)
                    self._db.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", values)
            self.ids.runs = kept + tuple(one for one in loaded if one is not None)
            self.ids.sealing = {}
        for one in old:
            (self.ids_folder / one.run.name).unlink(missing_ok=True)

    def archive(self, page: Callable[[int], list[tuple[int, int, bytes]]]) -> None:
        """Move the oldest events into archive files until the live part is within its bounds.

        page   up to 1,000 rows (seq, crc, body) beyond a seq
        The rows themselves are removed a few at a time by the appends that follow.
        """
        with self._one_at_a_time:
            while (end := self._archivable()) is not None:
                first, (last, chain) = self.archived_to + 1, end
                try:
                    segment = write_segment(self.archive_folder, first, last, self._bodies(first, last, page))
                except OSError as error:
                    raise JournalError(
                        f"an archive of {self.path} cannot be written ({error}); free disk space"
                    ) from error
                with self._write_lock:
                    with transaction(self._db, "an archive's entry"):
                        values = (segment.first, segment.last, segment.sha256, segment.size_bytes, chain)
                        self._db.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?)", values)
                    self.segments = (*self.segments, segment)

    def _archivable(self) -> tuple[int, bytes] | None:
        """The last event of the next segment and the hash of the chain there; None: nothing is due."""
        if self.ids.sealed_to <= self.archived_to:
            return None
        if self.last_seq - self.archived_to > self.bounds.live_events_max:
            return self._commit_end()
        with self._write_lock:
            pages = pragma(self._db, "page_count") - pragma(self._db, "freelist_count")
            size_bytes = pages * pragma(self._db, "page_size")
        return self._commit_end() if size_bytes > self.bounds.live_bytes_max else None

    def _commit_end(self) -> tuple[int, bytes] | None:
        """Where the next segment ends: with the last commit that fits, or one that is longer than a segment."""
        within = "SELECT seq, chain FROM events WHERE chain NOT NULL AND seq > ? AND seq <= ? ORDER BY seq"
        first, full = self.archived_to, self.archived_to + self.bounds.segment_events
        with self._write_lock:
            found = fetch(self._db, f"{within} DESC LIMIT 1", (first, min(full, self.ids.sealed_to)))
            found = found or fetch(self._db, f"{within} LIMIT 1", (full, self.ids.sealed_to))
        return found[0] if found else None

    def _bodies(
        self, first: int, last: int, page: Callable[[int], list[tuple[int, int, bytes]]]
    ) -> Iterator[list[bytes]]:
        after = first - 1
        while after < last:
            rows = [row for row in page(after) if row[0] <= last]
            for seq, crc, body in rows:
                after += 1
                if seq != after or crc != row_crc(seq, body):
                    raise JournalError(f"event {after} of the journal {self.path} is damaged; restore it from a copy")
            if not rows:
                raise JournalError(f"event {after + 1} of the journal {self.path} is missing; restore it from a copy")
            yield [body for _seq, _crc, body in rows]


def load_ids(upkeep: Upkeep, read_json: Callable[[int], Iterator[tuple[int, bytes]]]) -> None:
    """Fill in the known ids at start: runs from their files, the newest from the database.

    A run that is missing or damaged costs time, not truth: all are built again from the events.
    """
    db, folder = upkeep._db, upkeep.ids_folder
    rows = fetch(db, "SELECT first, last, count, crc FROM runs ORDER BY first")
    runs = [load(folder, Run(*row)) for row in rows]
    whole = tuple(run for run in runs if run is not None)
    if len(whole) == len(runs) and _adjoining(whole, upkeep):
        upkeep.ids.runs = whole
    else:
        _rebuild(upkeep, read_json)
    named = {one.run.name for one in upkeep.ids.runs}
    for path in folder.iterdir():
        if path.name not in named:
            path.unlink()
    sealed_to = upkeep.ids.sealed_to
    newest = fetch(db, "SELECT key, seq, digest FROM events WHERE seq > ? AND key NOT NULL ORDER BY seq", (sealed_to,))
    upkeep.ids.fresh = {key: (seq, digest) for key, seq, digest in newest}


def _adjoining(runs: tuple[LoadedRun, ...], upkeep: Upkeep) -> bool:
    """Whether runs leave out no id that is still to be remembered, and hold none of an event that is not there."""
    gapless = all(one.run.first == before.run.last + 1 for before, one in pairwise(runs))
    begins = not runs or runs[0].run.first <= max(1, upkeep.last_seq - upkeep.bounds.remembered_events + 1)
    sealed_to = runs[-1].run.last if runs else 0
    return gapless and begins and upkeep.archived_to <= sealed_to <= upkeep.last_seq


def _rebuild(upkeep: Upkeep, read_json: Callable[[int], Iterator[tuple[int, bytes]]]) -> None:
    with transaction(upkeep._db, "the list of ids"):
        upkeep._db.execute("DELETE FROM runs")
    first = max(0, upkeep.last_seq - upkeep.bounds.remembered_events)
    flat = array("q")
    for seq, body in _readable(upkeep, read_json, first):
        key, digest = known_by(body)
        if key is not None:
            flat.extend((key, seq, digest))
    keys, seqs, digests = np.frombuffer(flat, np.int64).reshape(-1, 3).T
    upkeep._replace_runs((), seal(upkeep.ids_folder, first + 1, upkeep.last_seq, keys, seqs, digests))


def _readable(
    upkeep: Upkeep, read_json: Callable[[int], Iterator[tuple[int, bytes]]], after: int
) -> Iterator[tuple[int, bytes]]:
    """The events beyond `after` without those of archives that are missing or damaged: sent again, they are new."""
    while True:
        try:
            for seq, body in read_json(after):
                yield seq, body
                after = seq
            return
        except JournalError as error:
            unread = [segment.last for segment in upkeep.segments if segment.last > after]
            if not unread:
                raise
            log.error("ids up to event %s are forgotten: %s", unread[0], error)
            after = unread[0]
