"""Journals of every released version are read: each schema, made here as it was made then."""

from __future__ import annotations

import os
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from msgspec import structs

from tocsin.journal import Journal
from tocsin.journal.archive import write_segment
from tocsin.journal.encoded import encode
from tocsin.journal.head import HeadFile, read_head
from tocsin.journal.marks import Mark
from tocsin.journal.store import APPLICATION_ID
from tocsin.journal.upkeep import Bounds
from tocsin.model.event import Tick
from tocsin.model.identity import digest_of, key_of
from tocsin.model.observation import Presence
from tocsin.model.wire import to_json

START = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = Bounds(live_events_max=20, segment_events=10, remembered_events=1_000, sealed_events=10)
TABLES = {
    1: """
CREATE TABLE events (seq INTEGER PRIMARY KEY, key INTEGER, crc INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE segments (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, sha256 TEXT NOT NULL,
                       size_bytes INTEGER NOT NULL);
CREATE TABLE runs (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE journal (id BLOB NOT NULL);
""",
    2: """
CREATE TABLE events (seq INTEGER PRIMARY KEY, key INTEGER, crc INTEGER NOT NULL, body BLOB NOT NULL, digest INTEGER);
CREATE TABLE segments (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, sha256 TEXT NOT NULL,
                       size_bytes INTEGER NOT NULL);
CREATE TABLE runs (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE journal (id BLOB NOT NULL);
""",
}


def heard(number: int) -> Presence:
    return Presence(id=f"post/{number}", time=START + timedelta(seconds=number), source="post", sensor="post")


def old_journal(path: Path, schema: int, count: int, archived: int = 0) -> None:
    """A journal of events 1 to `count`, the first `archived` of them in the archive, as that Tocsin left it."""
    events = [heard(number) for number in range(1, count + 1)]
    with apsw.Connection(str(path)) as db:
        db.execute(TABLES[schema]).fetchall()
        db.execute("INSERT INTO journal VALUES (?)", (os.urandom(16),))
        for seq, event in enumerate(events[archived:], archived + 1):
            body = to_json(event)
            known = (seq,) if schema == 1 else (key_of(event), digest_of(event, body))
            row = (seq, known[0], zlib.crc32(body, seq), body, *known[1:])
            db.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", row)
        if archived:
            folder = path.with_name(path.name + ".archive")
            folder.mkdir()
            segment = write_segment(folder, 1, archived, [[to_json(event) for event in events[:archived]]])
            db.execute("INSERT INTO segments VALUES (?, ?, ?, ?)", (1, archived, segment.sha256, segment.size_bytes))
        db.pragma("application_id", APPLICATION_ID)
        db.pragma("user_version", schema)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.mark.parametrize("schema", TABLES)
@pytest.mark.parametrize("archived", [0, 40])
def test_a_journal_of_an_older_version_says_what_it_said_and_knows_whom_it_heard(
    path: Path, schema: int, archived: int
) -> None:
    old_journal(path, schema, 60, archived)
    with Journal.open(path, bounds=SMALL) as journal:
        assert journal.gap is None
        assert list(journal.read()) == [(number, heard(number)) for number in range(1, 61)]
        changed = structs.replace(heard(5), confidence=0.5)
        receipts = journal.append([heard(5), heard(60), heard(61), changed])
        assert receipts == [(5, "duplicate"), (60, "duplicate"), (61, "new"), (5, "conflict")]


@pytest.mark.parametrize("schema", TABLES)
def test_from_the_first_start_on_its_chain_is_kept(path: Path, schema: int) -> None:
    old_journal(path, schema, 2_500, 40)
    assert read_head(path) is None
    Journal.open(path).close()
    head = read_head(path)
    assert head is not None
    assert head.seq == 2_500
    with Journal.open(path) as journal:
        journal.append([Tick(time=START)])
        assert journal.last_seq == 2_501
    with Journal.open(path) as journal:
        assert journal.gap is None


@pytest.mark.parametrize("archived", [0, 40])
def test_an_event_that_only_the_older_version_could_read_stops_no_upgrade(path: Path, archived: int) -> None:
    old_journal(path, 1, 60, archived)
    told: list[int] = []
    with apsw.Connection(str(path)) as db:
        body = b'{"kind": "of_another_time", "time": "2026-01-01T00:00:50Z"}'
        db.execute("UPDATE events SET body = ?, crc = ? WHERE seq = 50", (body, zlib.crc32(body, 50)))
    with Journal.open(path, bounds=SMALL) as journal:
        read = [seq for seq, _ in journal.read(pass_over=lambda seq, _: told.append(seq))]
        assert (told, read) == ([50], [seq for seq in range(1, 61) if seq != 50])
        assert journal.append([heard(60), heard(50)]) == [(60, "duplicate"), (61, "new")]


def test_a_journal_that_followed_no_log_but_its_own_begins_to_follow_one(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.append([heard(1), heard(2)])
        known, chain = journal.journal_id, journal._chain
    with apsw.Connection(str(path)) as db:
        db.execute("DROP TABLE marks; DROP TABLE own").fetchall()
        db.pragma("user_version", 3)
    head = HeadFile(path, known, 3)
    head.begin(2, chain)
    head.close()
    with Journal.open(path) as journal:
        assert (journal.gap, journal.last_seq, journal.mark, journal.untold) == (None, 2, Mark(), 0)
        journal.take([encode(heard(3))], mark=Mark(7, 5, 1), own=True)
        journal.write()
    with Journal.open(path) as journal:
        assert (journal.mark, journal.own()) == (Mark(7, 5, 1), [(3, 3)])


def test_a_journal_of_schema_3_without_its_head_is_no_older_one(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.append([heard(1)])
        journal.save_snapshot(1, b"state")
        journal.append([heard(2)])
    with apsw.Connection(str(path)) as db:
        db.execute("DROP TABLE marks; DROP TABLE own; DELETE FROM events").fetchall()
        db.pragma("user_version", 3)
    path.with_name(path.name + ".head").unlink()
    with Journal.open(path, mend=True) as journal:
        assert journal.gap is not None
