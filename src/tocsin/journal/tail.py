"""The end of a log on a disk that has failed: looked at anew, because nobody knows what is there.

After a write or an fsync that failed, the system may have thrown away what it could not write, and still show it to
whoever reads. SQLite may also find, when it opens the file again, a commit that it had told us it could not make.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import apsw

from tocsin.journal.chain import Broken, commits
from tocsin.journal.marks import cut
from tocsin.journal.store import DAMAGES, chain_at, fetch, rows_after, transaction
from tocsin.model.errors import JournalDamaged, JournalError

# Events before the end that are read again: more than a write-ahead log of 4 MB holds.
LOOKED_AT = 20_000


# What leaves the disk as it was: it is full, or it refused a write outright.
_HARMLESS = (apsw.SQLITE_FULL, apsw.SQLITE_BUSY, apsw.SQLITE_READONLY, apsw.SQLITE_IOERR_WRITE)


def harmless(error: BaseException | None) -> bool:
    """Whether after this error of SQLite the log is known to be as it was before; None: it was no error of SQLite."""
    return getattr(error, "extendedresult", None) in _HARMLESS


def let_go(*connections: apsw.Connection) -> None:
    """Close connections without touching the disk: what it holds is to be looked at as it is."""
    for db in connections:
        with suppress(apsw.Error):
            db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        with suppress(apsw.Error):
            db.close(True)


def reopened(path: Path, last: int, chain: bytes) -> apsw.Connection:
    """The writer's connection to a log of which nobody else here holds one, once it is seen to end as it did.

    last, chain   the last event that is durable, and the hash there

    What lies beyond was acknowledged to nobody, and is removed. Raises apsw.Error; JournalError: it cannot be written;
    JournalDamaged: something durable is not there any more.
    """
    for file in (path, path.with_name(path.name + "-wal")):
        _forget_cached(file)
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.set_busy_timeout(5_000)
        if db.readonly("main"):
            raise JournalError(f"the journal {path} can only be read; check how its disk is mounted")
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("PRAGMA synchronous = FULL").fetchall()
        _check(db, path, last, chain)
        with transaction(db, "what was refused before"):
            db.execute("DELETE FROM events WHERE seq > ?", (last,))
            cut(db, last)
    except BaseException:
        let_go(db)
        raise
    return db


def _forget_cached(file: Path) -> None:
    """Let what is read of a file come from the disk, where the system can do that."""
    with suppress(OSError):
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def _check(db: apsw.Connection, path: Path, last: int, chain: bytes) -> None:
    """See that the log holds what it held. Raises JournalDamaged, and apsw.Error where it cannot be read now."""
    try:
        sql = "SELECT max(seq) FROM events WHERE seq <= ? AND chain NOT NULL"
        start = (
            fetch(db, sql, (max(0, last - LOOKED_AT),))[0][0]
            or fetch(db, "SELECT coalesce(max(last), 0) FROM segments")[0][0]
        )
        before = chain_at(db, start)
        if before is None or chain_at(db, last) != chain:
            raise Broken(last, f"it does not end with event {last} as it did")
        for _ in commits((row for row in rows_after(db, start, last - start) if row.seq <= last), start, before):
            pass
    except (Broken, *DAMAGES) as error:
        raise JournalDamaged(
            f"the journal {path} holds no more what was safe in it ({error}): nothing is acknowledged until the "
            "service is started again, which saves what can be read"
        ) from error
