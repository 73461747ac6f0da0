"""The journal's SQLite file: how it is opened, what it holds, and what makes us refuse it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from tocsin.journal.chain import Row, genesis, linked, linked_segment
from tocsin.journal.marks import TABLES as MARK_TABLES
from tocsin.model.errors import BadRecord, JournalDamaged, JournalError
from tocsin.model.identity import digest_of, key_of
from tocsin.model.wire import event_from_json

# "TCSN": lets us refuse somebody else's database with a clear word.
APPLICATION_ID = 0x5443534E
SCHEMA_VERSION = 4
# From this one on every commit is a link of the chain, and a head beside the journal says where that ends.
CHAINED_VERSION = 3
# 3.7.0 to 3.51.2 can lose committed pages when several connections reset the write-ahead log (fixed in 3.51.3).
SQLITE_VERSION_MIN = (3, 51, 3)
# What SQLite says of a file that is not as it was written; a table that is gone is an error of SQL.
DAMAGES = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError)

_TABLES = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, key INTEGER, crc INTEGER NOT NULL, body BLOB NOT NULL, digest INTEGER,
                     chain BLOB);
CREATE TABLE segments (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, sha256 TEXT NOT NULL,
                       size_bytes INTEGER NOT NULL, chain BLOB);
CREATE TABLE runs (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE journal (id BLOB NOT NULL);
"""
_TABLES += MARK_TABLES

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


def _chained(db: apsw.Connection) -> None:
    """Schema 2 had no chain: what is there is taken as it is, and linked from now on."""
    for table in ("events", "segments"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN chain BLOB")
    chain, after = genesis(fetch(db, "SELECT id FROM journal")[0][0]), 0
    for first, after, sha256 in fetch(db, "SELECT first, last, sha256 FROM segments ORDER BY first"):
        chain = linked_segment(chain, first, after, sha256)
        db.execute("UPDATE segments SET chain = ? WHERE first = ?", (chain, first))
    sql = "SELECT seq, key, digest, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
    while rows := fetch(db, sql, (after, _MIGRATED_ROWS)):
        chain = linked(chain, after + 1, [row[1:] for row in rows])
        after = rows[-1][0]
        db.execute("UPDATE events SET chain = ? WHERE seq = ?", (chain, after))


def _marked(db: apsw.Connection) -> None:
    """Schema 3 followed no log but its own."""
    db.execute(MARK_TABLES).fetchall()


# Schema version -> what turns it into the next one, inside one transaction.
Migration = Callable[[apsw.Connection], None]
MIGRATIONS: dict[int, Migration] = {1: _ids_of_senders, 2: _chained, 3: _marked}


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
        # Where the disk refuses even that, the connection is given up, and opened anew.
        with suppress(apsw.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        if isinstance(error, apsw.Error):
            kind = JournalDamaged if isinstance(error, DAMAGES) else JournalError
            raise kind(
                f"{what} could not be written to {db.filename} ({error}); nothing of it is on the disk: "
                "free disk space or check the disk, then send again"
            ) from error
        raise


def _keep_private(path: Path) -> None:
    """Only its owner may read a journal, an old one too; SQLite gives its other files the mode of this one."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if file.exists():
            file.chmod(0o600)


class Store(NamedTuple):
    """The writer's connection to a journal, and the schema it had before it was opened; 0: it is new."""

    db: apsw.Connection
    version_before: int


def open_store(path: Path, *, schema_known: int | None = None) -> Store:
    """The journal at `path`, created where there is none.

    schema_known   the schema its head says it has; None: there is no head

    Raises JournalDamaged, and JournalError: not a journal, of a newer schema, or not writable.
    """
    try:
        _keep_private(path)
        db = apsw.Connection(str(path))
        try:
            db.set_busy_timeout(5_000)
            before = _identify(db, path, schema_known)
            db.execute("PRAGMA journal_mode = WAL").fetchall()
            db.execute("PRAGMA synchronous = FULL").fetchall()
            # What a crash left in the write-ahead log is made part of the file before anything is added to it.
            # On a full disk it stays where it is.
            with suppress(apsw.FullError):
                db.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)
            _check(db, path)
        except BaseException:
            db.close()
            raise
    except DAMAGES as error:
        raise JournalDamaged(_unopened(path, error)) from error
    except (apsw.Error, OSError) as error:
        raise JournalError(_unopened(path, error)) from error
    return Store(db, before)


def _unopened(path: Path, error: Exception) -> str:
    return f"the journal {path} cannot be opened ({error}); restore it from a copy, or start a new one elsewhere"


def open_reader(path: Path) -> apsw.Connection:
    """A second connection, for reading and checkpoints, so that neither waits for the writer."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(5_000)
    return db


def create(db: apsw.Connection, journal_id: bytes) -> None:
    """Make an empty database a journal."""
    with transaction(db, "a new journal"):
        db.execute(_TABLES).fetchall()
        db.execute("INSERT INTO journal VALUES (?)", (journal_id,))
        db.pragma("application_id", APPLICATION_ID)
        db.pragma("user_version", SCHEMA_VERSION)


def rows_after(db: apsw.Connection, after: int, limit: int = -1) -> Iterator[Row]:
    """The events beyond `after`, at most `limit`, as they are stored. Raises apsw.Error."""
    sql = "SELECT seq, key, crc, body, digest, chain FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
    return map(Row._make, db.execute(sql, (after, limit)))


def chain_at(db: apsw.Connection, seq: int) -> bytes | None:
    """The hash of the chain after event `seq`; None: the event is not there, or no commit ends with it."""
    if seq == 0:
        return genesis(fetch(db, "SELECT id FROM journal")[0][0])
    sql = "SELECT chain FROM events WHERE seq = ?1 UNION ALL SELECT chain FROM segments WHERE last = ?1"
    return next((chain for (chain,) in fetch(db, sql, (seq,)) if chain is not None), None)


def _identify(db: apsw.Connection, path: Path, schema_known: int | None) -> int:
    """Make sure that this is a journal, and bring it to this schema; the schema it had, 0: it is new."""
    version = before = pragma(db, "user_version")
    if pragma(db, "schema_version") == 0:
        create(db, os.urandom(16))
        return 0
    if pragma(db, "application_id") != APPLICATION_ID:
        if schema_known is not None:
            raise JournalDamaged(f"the journal {path} is damaged (it says no more that it is one)")
        raise JournalError(f"{path} is a database, but not a journal of Tocsin; choose another file")
    if version > SCHEMA_VERSION:
        if schema_known is not None and schema_known <= SCHEMA_VERSION:
            raise JournalDamaged(f"the journal {path} is damaged (schema {version}, and its head says {schema_known})")
        raise JournalError(
            f"the journal {path} has schema {version}, written by a newer Tocsin (this one knows {SCHEMA_VERSION}); "
            "start it with that one"
        )
    while version < SCHEMA_VERSION:
        if version not in MIGRATIONS:
            raise JournalDamaged(f"the journal {path} has the unknown schema {version}; start it with an older Tocsin")
        with transaction(db, f"the change of schema {version}"):
            MIGRATIONS[version](db)
            version += 1
            db.pragma("user_version", version)
    return before


def _check(db: apsw.Connection, path: Path) -> None:
    trouble = fetch(db, "PRAGMA quick_check(1)")[0][0]
    if trouble != "ok":
        raise JournalDamaged(f"the journal {path} is damaged ({trouble}); restore it from a copy")
    count, first, last = fetch(db, "SELECT count(*), min(seq), max(seq) FROM events")[0]
    archived_to = fetch(db, "SELECT coalesce(max(last), 0) FROM segments")[0][0]
    if count and (last - first + 1 != count or first > archived_to + 1 or last < archived_to):
        raise JournalDamaged(
            f"the journal {path} has a gap (events {first} to {last} are {count}, archived to {archived_to}); "
            "restore it from a copy"
        )
