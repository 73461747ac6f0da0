"""The journal: an append-only log of events in SQLite, one writer, durable on return.

What the disk refuses can be kept in memory meanwhile, numbered and linked, and written as it is when the disk is back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import apsw

from tocsin.journal.durable import Lock
from tocsin.journal.encoded import Encoded, Receipt, encode
from tocsin.journal.gap import forget_gap, read_gap
from tocsin.journal.held import Group
from tocsin.journal.ids import RecentIds
from tocsin.journal.marks import Mark, count_of, newest, note, own, sent
from tocsin.journal.opening import Opened, holds, open_log
from tocsin.journal.reading import page_of, read_events, segments_of
from tocsin.journal.snapshots import Snapshots
from tocsin.journal.store import chain_at, check_sqlite, fetch, open_reader, transaction
from tocsin.journal.tail import harmless, let_go, reopened
from tocsin.journal.taking import Taking
from tocsin.journal.upkeep import Bounds, Upkeep, load_ids
from tocsin.journal.watch import Watched
from tocsin.model.errors import BadRecord, JournalDamaged, JournalError
from tocsin.model.event import Event
from tocsin.model.wire import event_from_json

# Rows already archived that one append removes besides its own work: about 0.3 ms.
_TRIM_ROWS = 1_000
# Events in one transaction.
_TOGETHER_MAX = 5_000
DEFAULT_BOUNDS = Bounds()
# Called with the number of an event that cannot be read, and why.
PassOver = Callable[[int, str], None]


class Journal:
    """Every event in order of arrival. Numbers (`seq`) start at 1 and have no gaps.

    Any thread may call any method. Beside the file at `path`, symbolic links followed, lie `path.lock`, `path.head`,
    and the folders `path.archive`, `path.ids` and `path.snapshots`. An event is remembered by its sender and id for
    the `remembered_events` after it; sent again within those, it changes nothing. Nor does another event under the
    same id: that is a conflict.

    gap        what was lost and has not been told yet; None: nothing
    last_seq   the last event that is on the disk
    untold     events of it that this machine took in alone, and that an agreed log may not hold
    """

    def __init__(self, path: Path, bounds: Bounds, lock: Lock, opened: Opened, snapshots: Snapshots) -> None:
        """Use `Journal.open`."""
        self.path = path
        self.gap = opened.unkept or read_gap(path)
        self._file_lock = lock
        self._db = db = opened.db
        self._head = opened.head
        self._snapshots = snapshots
        self._reader = open_reader(path)
        self._write_lock = threading.RLock()
        self._read_lock = threading.Lock()
        # Whether what the disk holds is known to be what was written there; not after it failed.
        self._sure = True
        self._closed = False
        (self._journal_id,) = fetch(db, "SELECT id FROM journal")[0]
        self._upkeep = Upkeep(path, bounds, db, self._write_lock, RecentIds(), segments_of(db))
        first_live, last = fetch(db, "SELECT min(seq), max(seq) FROM events")[0]
        self.last_seq: int = max(last or 0, self._upkeep.archived_to)
        # The first event that is still a row; the next one to come where there is none.
        self._first_live: int = first_live or self.last_seq + 1
        self._upkeep.last_seq = self.last_seq
        self.untold = count_of(own(db))
        self._chain = cast("bytes", chain_at(db, self.last_seq))
        ids = self._upkeep.ids
        self._taking = Taking(self.last_seq, self._chain, newest(db), ids.find, bounds.remembered_events)
        self._watched = Watched(path)
        load_ids(self._upkeep, self.read_json)

    @classmethod
    def open(cls, path: Path, *, bounds: Bounds = DEFAULT_BOUNDS, mend: bool = False) -> Self:
        """Open the journal at `path`, or create it; its folder is created too.

        mend   where something of it was lost, go on with what there is, keep what does not belong to it under another
               name, and say in `gap` what is missing

        Raises JournalDamaged where something was lost and is not to be mended, and JournalError: another process
        writes it, it is of a newer schema, or this SQLite is unsafe.
        """
        check_sqlite(apsw.sqlite_lib_version())
        path = path.resolve()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = Lock(path.with_name(path.name + ".lock"))
        except OSError as error:
            raise JournalError(f"the journal {path} cannot be opened ({error}); check the folder") from error
        opened = None
        try:
            snapshots = Snapshots(path.with_name(path.name + ".snapshots"))
            opened = open_log(path, lock, snapshots, mend=mend)
            return cls(path, bounds, lock, opened, snapshots)
        except BaseException as error:
            if opened is not None:
                opened.db.close()
                opened.head.close()
            lock.release()
            if isinstance(error, OSError):
                raise JournalError(f"the journal {path} cannot be opened ({error}); check the disk") from error
            raise

    @property
    def gone(self) -> str | None:
        """What happened to its files while it is open, in a sentence; None: they are there. Looked at now."""
        return self._watched.look()

    @property
    def journal_id(self) -> bytes:
        """By which it is told from every other; no export holds it."""
        return bytes(self._journal_id)

    @property
    def head_trouble(self) -> str | None:
        """Why a loss would not show at the next start, in a sentence; None: it would."""
        return self._head.trouble

    def gap_told(self) -> None:
        """Forget what was lost: an event of this journal says it now."""
        forget_gap(self.path)
        self.gap = None

    def append(self, events: Sequence[Event]) -> list[Receipt]:
        """Write events in one transaction; on return those that are new, and their order, survive a power cut.

        Raises JournalError when the disk refuses; then none of them was written, and a later append may succeed.
        """
        return self.append_encoded([encode(event) for event in events])

    def append_encoded(self, rows: Sequence[Encoded]) -> list[Receipt]:
        """`append` of events that are already encoded."""
        with self._write_lock:
            before = self.taken_seq
            receipts = self.take(rows)
            try:
                self.write()
            except BaseException:
                self._taking.take_back(before)
                raise
            return receipts

    @property
    def taken_seq(self) -> int:
        """The last event that was numbered: the last one on the disk, but where the disk refuses."""
        return self._taking.seq

    @property
    def mark(self) -> Mark:
        """How far it follows an agreed log, with the last event that was numbered."""
        return self._taking.mark

    @property
    def held(self) -> tuple[int, int]:
        """How many events were taken and are not on the disk, and their bytes."""
        return self._taking.held.count, self._taking.held.size_bytes

    def take(self, rows: Sequence[Encoded], *, mark: Mark | None = None, own: bool = False) -> list[Receipt]:
        """Number events and keep those that are new in memory, for `write`; waits for no disk.

        mark   how far an agreed log is followed with them
        own    this machine takes them in alone: they are among `own` until `sent`

        What is taken is written, or lost with the process; none of it may be taken back.
        """
        if self._closed:
            raise JournalError(f"the journal {self.path} is closed; open it again")
        return self._taking.take(rows, mark=mark, own=own)

    def write(self) -> None:
        """Write everything that was taken by now, in its order; on return it survives a power cut.

        Raises JournalError when the disk refuses: what was not written is still held, and a later call may succeed.
        """
        with self._write_lock:
            # What is taken meanwhile waits for the next call: else a slow disk would never be done.
            end = self.taken_seq
            while (groups := self._taking.first(_TOGETHER_MAX)) and groups[0].first <= end:
                self._must_be_there()
                try:
                    self._write_groups(groups)
                except BaseException as error:
                    self._sure = self._sure and harmless(error.__cause__) and not self._db.in_transaction
                    raise

    def _write_groups(self, groups: list[Group]) -> None:
        if not self._sure:
            self._look_again()
        last, chain = groups[-1].last, groups[-1].chain
        with transaction(self._db, f"{sum(len(group.values) for group in groups)} events"):
            for group in groups:
                self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", group.values)
            note(self._db, groups)
            first_live = self._trim()
        # What went into a file that is unlinked is not kept: nobody may be told that it is.
        self._must_be_there()
        self._first_live = first_live
        self._chain = chain
        self.last_seq = last
        self._upkeep.last_seq = last
        self.untold += sum(len(group.values) for group in groups if group.own)
        for group in groups:
            self._upkeep.ids.fresh.update(group.places)
        self._taking.written(len(groups))
        # What is still held is decided upon, too: a start after a kill in the midst of it knows what it lacks.
        self._note_taken()

    def _look_again(self) -> None:
        """After the disk failed: open it anew and see what it holds; what was refused may be there all the same.

        Raises JournalError while it cannot be told, and JournalDamaged where something durable is not there any more.
        """
        with self._read_lock:
            let_go(self._db, self._reader)
            try:
                self._db = reopened(self.path, self.last_seq, self._chain)
                self._reader = open_reader(self.path)
            except apsw.Error as error:
                raise JournalError(
                    f"the journal {self.path} cannot be opened again ({error}); check the disk"
                ) from error
            self._upkeep.use(self._db)
        self._sure = True

    def note_held(self) -> None:
        """Note in the head how far was decided although the disk refused: a start after a kill knows what it lacks.

        Raises nothing; a head that cannot be written is told as `head_trouble`.
        """
        with self._write_lock:
            if self._taking.held.count:
                self._note_taken()

    def _note_taken(self) -> None:
        seq, chain = self._taking.end()
        # Not under the lock: where the disk hangs, the head may hang, too.
        self._head.write(seq, chain)

    def _must_be_there(self) -> None:
        if self._closed:
            raise JournalError(f"the journal {self.path} is closed; open it again")
        if (gone := self.gone) is not None:
            raise JournalDamaged(gone)

    def _trim(self) -> int:
        """Inside a transaction: remove some rows that are safe in the archive; the first seq that is left."""
        if self._first_live > self._upkeep.archived_to:
            return self._first_live
        end = min(self._first_live + _TRIM_ROWS, self._upkeep.archived_to + 1)
        self._db.execute("DELETE FROM events WHERE seq < ?", (end,))
        return end

    def own(self) -> list[tuple[int, int]]:
        """First and last of each run of events that this machine took in alone, and that an agreed log may not hold."""
        with self._read_lock:
            return [] if self._closed else own(self._reader)

    def sent(self, seq: int) -> None:
        """An agreed log holds what this machine took in alone, up to event `seq`. Raises JournalError."""
        with self._write_lock:
            self._must_be_there()
            with transaction(self._db, "what the others know of"):
                sent(self._db, seq)
            self.untold = count_of(own(self._db))

    def read(self, after: int = 0, *, pass_over: PassOver | None = None) -> Iterator[tuple[int, Event]]:
        """Every event beyond `after`, archives included, as (seq, event), up to the last one written meanwhile.

        What was written whole by another version and is no event of this one is told to `pass_over` and left out.
        Raises JournalError when an event is damaged, when an archive is missing, and for such an event where nobody
        is told.
        """
        for seq, body in self.read_json(after):
            try:
                event = event_from_json(body)
            except BadRecord as error:
                if pass_over is None:
                    raise JournalError(
                        f"event {seq} of the journal {self.path} is whole and cannot be read: {error}; "
                        "read it with the version that wrote it"
                    ) from error
                pass_over(seq, str(error))
                continue
            yield seq, event

    def read_json(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """`read`, as the JSON that was written."""
        return read_events(self.path, lambda: self._upkeep.segments, self._locked_page, after)

    def _locked_page(self, after: int) -> list[tuple[int, int, bytes]]:
        with self._read_lock:
            if self._closed:
                raise JournalError(f"the journal {self.path} is closed; open it again")
            return page_of(self._reader, self.path, after)

    def save_snapshot(self, seq: int, data: bytes) -> None:
        """Keep the engine's state after event `seq`; the newest few are kept.

        Of an event that is held, the snapshot counts once that event is on the disk; should it never be, it tells what
        stood. Raises JournalError when the disk refuses, or when event `seq` was not taken yet.
        """
        if seq > self.taken_seq:
            raise JournalError(f"a snapshot after event {seq} is ahead of the journal, which ends at {self.taken_seq}")
        self._must_be_there()
        try:
            at, chain = self._bound_of(seq)
            self._snapshots.save(self._journal_id, seq, at, chain, data, written_to=self.last_seq)
        except (OSError, apsw.Error) as error:
            raise JournalError(
                f"the snapshot after event {seq} could not be written ({error}); free disk space"
            ) from error

    def _bound_of(self, seq: int) -> tuple[int, bytes]:
        """Where the commit ends that an event is in, and the hash of the chain there."""
        group = self._taking.group_of(seq)
        if group is not None:
            return group.last, group.chain
        with self._read_lock:
            sql = "SELECT seq, chain FROM events WHERE seq >= ? AND chain NOT NULL ORDER BY seq LIMIT 1"
            found = fetch(self._reader, sql, (seq,))
        if not found:
            raise JournalError(f"event {seq} has been archived meanwhile; the next snapshot will do")
        at, chain = found[0]
        return at, chain

    def latest_snapshot(self) -> tuple[int, bytes] | None:
        """(seq, state) of the newest snapshot that is whole and bound to this log; None when there is none."""
        with self._read_lock:
            found = self._snapshots.latest(lambda bound: holds(self._reader, self._journal_id, bound))
        return None if found is None else (found[0].seq, found[1])

    def set_snapshot_aside(self, seq: int) -> None:
        """Use the snapshot after event `seq` no more: what wrote it was another version. Raises JournalError."""
        try:
            self._snapshots.set_aside([one for one in self._snapshots.bounds() if one.seq == seq])
        except OSError as error:
            raise JournalError(f"the snapshot after event {seq} cannot be set aside ({error})") from error

    def upkeep(self) -> None:
        """What keeps the journal bounded and its head durable. Call it often; it returns at once if nothing is due.

        Appends go on meanwhile. Raises JournalError when the disk refuses; nothing is lost, call it again.
        """
        with self._read_lock:
            if self._closed or not self._sure or self.gone is not None:
                return
            self._head.sync(at_once=False)
            self._upkeep.checkpoint(self._reader)
        self._upkeep.seal_ids()
        self._upkeep.archive(self._locked_page)

    def close(self) -> None:
        """Let the next writer in. Everything acknowledged is safe with or without it."""
        with self._write_lock, self._read_lock:
            if self._closed:
                return
            self._closed = True
            for db in (self._reader, self._db):
                # What a checkpoint could not move stays in the write-ahead log.
                with suppress(apsw.Error):
                    db.close()
            self._head.close()
            self._file_lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
