"""The journal's SQLite file: how it is opened, what it holds, and what makes us refuse it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from tocsin.model.errors import BadRecord, JournalError
from tocsin.model.identity import digest_of, key_of
from tocsin.model.wire import event_from_json

# "TCSN": lets us refuse somebody else's database with a clear word.
APPLICATION_ID = 0x5443534E
SCHEMA_VERSION = 2
# 3.7.0 to 3.51.2 can lose committed pages when several connections reset the write-ahead log (fixed in 3.51.3).
SQLITE_VERSION_MIN = (3, 51, 3)

_TABLES = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, key INTEGER, crc INTEGER NOT NULL, body BLOB NOT NULL, digest INTEGER);
CREATE TABLE segments (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, sha256 TEXT NOT NULL,
                       size_bytes INTEGER NOT NULL);
CREATE TABLE runs (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE journal (id BLOB NOT NULL);
"""

_MIGRATED_ROWS = 1_000


def _ids_of_senders(db: apsw.Connection) -> None:
    """Schema 1 knew events by their id alone, whoever sent them, and not by what they said.

    Its runs lie under another file name, so opening the journal builds them again; here come the rows of none.
    """
    db.execute("ALTER TABLE events ADD COLUMN digest INTEGER")
    after = fetch(db, "SELECT coalesce(max(last), 0) FROM runs")[0][0]
    sql = "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
    while rows := fetch(db, sql, (after, _MIGRATED_ROWS)):
        values = [(*known_by(body), seq) for seq, body in rows]
        db.executemany("UPDATE events SET key = ?, digest = ? WHERE seq = ?", values)
        after = rows[-1][0]


# Schema version -> what turns it into the next one, inside one transaction.
Migration = Callable[[apsw.Connection], None]
MIGRATIONS: dict[int, Migration] = {1: _ids_of_senders}


def check_sqlite(version: str) -> None:
    """Refuse a SQLite that may lose what it said was safe. Raises JournalError."""
    if tuple(int(part) for part in version.split(".")) < SQLITE_VERSION_MIN:
        wanted = ".".join(map(str, SQLITE_VERSION_MIN))
        raise JournalError(
            f"SQLite {version} can lose committed events (its WAL-reset bug); install an apsw with {wanted} or newer"
        )


def known_by(body: bytes) -> tuple[int | None, int]:
    """The key and the digest by which a written event is known; key None: it has none, or cannot be read any more."""
    try:
        event = event_from_json(body)
    except BadRecord:
        return None, 0
    key = key_of(event)
    return key, 0 if key is None else digest_of(event, body)


def row_crc(seq: int, body: bytes) -> int:
    """CRC-32 of an event's bytes and its place."""
    return zlib.crc32(body, seq & 0xFFFF_FFFF)


def fetch(db: apsw.Connection, sql: str, values: Sequence[int] = ()) -> list[Any]:
    """The rows of a query, as tuples. Raises apsw.Error."""
    return db.execute(sql, values).fetchall()


def pragma(db: apsw.Connection, name: str) -> int:
    """A whole-number setting or counter of the database."""
    return int(fetch(db, f"PRAGMA {name}")[0][0])


@contextmanager
def transaction(db: apsw.Connection, what: str) -> Iterator[None]:
    """All of it durable on leaving, or none of it. Raises JournalError when the disk refuses."""
    try:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("COMMIT")
    except BaseException as error:
        # SQLite has already rolled back after some errors (disk full); a second rollback would be one of its own.
        if db.in_transaction:
            db.execute("ROLLBACK")
        if isinstance(error, apsw.Error):
            raise JournalError(
                f"{what} could not be written to {db.filename} ({error}); nothing of it was kept: "
                "free disk space or check the disk, then send again"
            ) from error
        raise


def _keep_private(path: Path) -> None:
    """Only its owner may read a journal, an old one too; SQLite gives its other files the mode of this one."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if file.exists():
            file.chmod(0o600)


def open_store(path: Path) -> apsw.Connection:
    """The writer's connection to the journal at `path`, created where there is none.

    Raises JournalError: not a journal, of a newer schema, damaged, or not writable.
    """
    try:
        _keep_private(path)
        db = apsw.Connection(str(path))
        try:
            db.set_busy_timeout(5_000)
            _identify(db, path)
            db.execute("PRAGMA journal_mode = WAL").fetchall()
            db.execute("PRAGMA synchronous = FULL").fetchall()
            # What a crash left in the write-ahead log is made part of the file before anything is added to it.
            db.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)
            _check(db, path)
        except BaseException:
            db.close()
            raise
    except (apsw.Error, OSError) as error:
        raise JournalError(
            f"the journal {path} cannot be opened ({error}); restore it from a copy, or start a new one elsewhere"
        ) from error
    return db


def open_reader(path: Path) -> apsw.Connection:
    """A second connection, for reading and checkpoints, so that neither waits for the writer."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(5_000)
    return db


def _identify(db: apsw.Connection, path: Path) -> None:
    version = pragma(db, "user_version")
    if pragma(db, "schema_version") == 0:
        with transaction(db, "a new journal"):
            db.execute(_TABLES).fetchall()
            db.execute("INSERT INTO journal VALUES (?)", (os.urandom(16),))
            db.pragma("application_id", APPLICATION_ID)
            db.pragma("user_version", SCHEMA_VERSION)
        return
    if pragma(db, "application_id") != APPLICATION_ID:
        raise JournalError(f"{path} is a database, but not a journal of Tocsin; choose another file")
    if version > SCHEMA_VERSION:
        raise JournalError(
            f"the journal {path} has schema {version}, written by a newer Tocsin (this one knows {SCHEMA_VERSION}); "
            "start it with that one"
        )
    while version < SCHEMA_VERSION:
        if version not in MIGRATIONS:
            raise JournalError(f"the journal {path} has the unknown schema {version}; start it with an older Tocsin")
        with transaction(db, f"the change of schema {version}"):
            MIGRATIONS[version](db)
            version += 1
            db.pragma("user_version", version)


def _check(db: apsw.Connection, path: Path) -> None:
    trouble = fetch(db, "PRAGMA quick_check(1)")[0][0]
    if trouble != "ok":
        raise JournalError(f"the journal {path} is damaged ({trouble}); restore it from a copy")
    count, first, last = fetch(db, "SELECT count(*), min(seq), max(seq) FROM events")[0]
    archived_to = fetch(db, "SELECT coalesce(max(last), 0) FROM segments")[0][0]
    if count and (last - first + 1 != count or first > archived_to + 1 or last < archived_to):
        raise JournalError(
            f"the journal {path} has a gap (events {first} to {last} are {count}, archived to {archived_to}); "
            "restore it from a copy"
        )
