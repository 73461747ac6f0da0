"""Opening a journal: whole as it was left, or, where something was lost, as much of it as there is, and saying what."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from tocsin.journal.chain import Broken, commits
from tocsin.journal.durable import Lock, sync_folder
from tocsin.journal.gap import Gap, find_gap, keep_gap
from tocsin.journal.head import Head, HeadFile, read_head
from tocsin.journal.salvage import salvage
from tocsin.journal.snapshots import ASIDE, Bound, Snapshots, read
from tocsin.journal.store import (
    CHAINED_VERSION,
    DAMAGES,
    SCHEMA_VERSION,
    Store,
    chain_at,
    fetch,
    open_store,
    rows_after,
)
from tocsin.model.errors import BadRecord, JournalDamaged
from tocsin.model.observation import Observation
from tocsin.model.wire import event_from_json

log = logging.getLogger(__name__)


class Opened(NamedTuple):
    """The writer's connection, the head file, and what was lost and a full disk did not let us keep beside it."""

    db: apsw.Connection
    head: HeadFile
    unkept: Gap | None


def open_log(path: Path, lock: Lock, snapshots: Snapshots, *, mend: bool) -> Opened:
    """Open the log at `path`, or create it.

    mend   where something was lost, set aside what belongs to it no more, keep a Gap that says what, and go on

    Raises JournalDamaged where something was lost and is not to be mended, JournalError otherwise, and OSError.
    """
    head = read_head(path)
    wal = _kept_wal(path)
    lock.hold_file(path)
    try:
        store = _whole_store(path, head, snapshots)
    except JournalDamaged as error:
        if not mend or head is None:
            raise
        log.error("%s; as much as possible is saved from it", error)
        salvage(path, head.journal_id, _newest_bound(snapshots, head.journal_id))
        lock.hold_file(path)
        store = open_store(path, schema_known=head.schema)
    db = store.db
    try:
        # Before there was a chain there was no head, and snapshots were bound to nothing.
        unbound = 0 < store.version_before < CHAINED_VERSION and head is None
        unkept = _settle(db, path, None if unbound else _gap(db, head, snapshots), snapshots, mend=mend)
        (journal_id,) = fetch(db, "SELECT id FROM journal")[0]
        file = HeadFile(path, journal_id, SCHEMA_VERSION)
        last = last_of(db)
        chain = chain_at(db, last)
        assert chain is not None, "a journal whose last event ends no commit"
        if unkept is None:
            file.begin(last, chain)
    except BaseException:
        db.close()
        raise
    if wal is not None:
        wal.unlink(missing_ok=True)
    return Opened(db, file, unkept)


def _whole_store(path: Path, head: Head | None, snapshots: Snapshots) -> Store:
    """The store, with its chain followed to the end. Raises JournalDamaged and JournalError."""
    store = open_store(path, schema_known=None if head is None else head.schema)
    try:
        _check_end(store.db, snapshots)
    except (Broken, *DAMAGES) as error:
        store.db.close()
        raise JournalDamaged(f"the journal {path} is damaged ({error}); restore it from a copy") from error
    except BaseException:
        store.db.close()
        raise
    return store


def last_of(db: apsw.Connection) -> int:
    """The last event, archived or not; 0: there is none."""
    sql = "SELECT max(coalesce((SELECT max(seq) FROM events), 0), coalesce((SELECT max(last) FROM segments), 0))"
    return int(fetch(db, sql)[0][0])


def holds(db: apsw.Connection, journal_id: bytes, bound: Bound) -> bool:
    """Whether a snapshot is of this log. Where the place is archived within a file its journal and number must do."""
    chain = chain_at(db, bound.at)
    known = chain == bound.hash if chain is not None else bound.at < _archived_to(db)
    return bound.journal_id == journal_id and bound.at <= last_of(db) and known


def _kept_wal(path: Path) -> Path | None:
    """A copy of the write-ahead log before SQLite drops what it cannot read of it; None: there is nothing in it."""
    wal, copy = path.with_name(path.name + "-wal"), path.with_name(path.name + "-wal.before")
    if not wal.exists() or wal.stat().st_size == 0:
        return None
    try:
        shutil.copyfile(wal, copy)
        copy.chmod(0o600)
    except OSError as error:
        log.error("the write-ahead log of %s cannot be kept as it is (%s); it is read all the same", path, error)
        copy.unlink(missing_ok=True)
        return None
    return copy


def _newest_bound(snapshots: Snapshots, journal_id: bytes) -> Bound | None:
    bounds = (one for one in snapshots.bounds() if one.journal_id == journal_id)
    return next((one for one in bounds if read(one.path) is not None), None)


def _check_end(db: apsw.Connection, snapshots: Snapshots) -> None:
    """Follow the chain from the newest snapshot to the end: what will be replayed. Raises Broken and apsw.Error.

    What lies before is read by the scrub, behind the service: a country's week takes longer than people can wait.
    """
    (journal_id,) = fetch(db, "SELECT id FROM journal")[0]
    start = next((one.at for one in snapshots.bounds() if holds(db, journal_id, one)), 0)
    start = max(start, _archived_to(db))
    chain = chain_at(db, start)
    if chain is None:
        raise Broken(start + 1, f"there is no hash at event {start}")
    for _ in commits(rows_after(db, start), start, chain):
        pass


def _archived_to(db: apsw.Connection) -> int:
    return int(fetch(db, "SELECT coalesce(max(last), 0) FROM segments")[0][0])


def _gap(db: apsw.Connection, head: Head | None, snapshots: Snapshots) -> Gap | None:
    (journal_id,) = fetch(db, "SELECT id FROM journal")[0]
    last = last_of(db)
    return find_gap(journal_id, last, lambda at: chain_at(db, at), arrived(db), head, snapshots.bounds())


def arrived(db: apsw.Connection) -> datetime | None:
    """When the last event arrived, as far as it says so."""
    for (body,) in fetch(db, "SELECT body FROM events ORDER BY seq DESC LIMIT 1"):
        try:
            event = event_from_json(body)
        except BadRecord:
            return None
        return event.received_at if isinstance(event, Observation) else event.time
    return None


def _settle(db: apsw.Connection, path: Path, gap: Gap | None, snapshots: Snapshots, *, mend: bool) -> Gap | None:
    """Where something is missing, set aside what belongs to it no more and keep what is known of it; else nothing.

    What could not be kept, because the disk is full, comes back: it is to be told from memory.
    """
    if gap is None:
        return None
    if not mend:
        raise JournalDamaged(f"{path}: {gap.sentence}; restore it from a copy, or start the service, which goes on")
    (journal_id,) = fetch(db, "SELECT id FROM journal")[0]
    bounds = snapshots.bounds()
    strange = [one for one in bounds if not holds(db, journal_id, one)]
    moved = dict(zip([one.path for one in strange], snapshots.set_aside(strange), strict=True))
    for bound in sorted(bounds, key=lambda one: one.taken_s, reverse=True):
        kept = moved.get(bound.path, bound.path)
        if read(kept) is not None:
            if kept == bound.path:
                # It may be forgotten for newer ones before anybody was told what stood in it.
                kept = _copied(bound.path, kept.with_name(f"{kept.name}.gap{ASIDE}"))
            gap = msgspec.structs.replace(gap, snapshot=str(kept))
            break
    log.error("%s; snapshots set aside: %s", gap.sentence, len(moved))
    try:
        keep_gap(path, gap)
    except OSError as error:
        log.error("what is missing cannot be kept beside the journal (%s)", error)
        return gap
    copy = path.with_name(path.name + "-wal.before")
    if copy.exists():
        copy.replace(path.with_name(f"{path.name}-wal.lost-{datetime.now(UTC):%Y%m%dT%H%M%S}"))
        sync_folder(path.parent)
    return None


def _copied(path: Path, copy: Path) -> Path:
    """A copy that only its owner may read; on a full disk, the file itself."""
    try:
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
    except OSError:
        copy.unlink(missing_ok=True)
        return path
    return copy
