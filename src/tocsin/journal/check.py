"""Reading a whole journal and saying what is wrong with it: on demand, and once a day behind the running service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw

from tocsin.journal.archive import Segment
from tocsin.journal.chain import Broken, Row, commits
from tocsin.journal.gap import find_gap, read_gap
from tocsin.journal.head import read_head
from tocsin.journal.opening import arrived, last_of
from tocsin.journal.reading import Reading
from tocsin.journal.snapshots import Snapshots, read
from tocsin.journal.store import fetch
from tocsin.model.errors import JournalError

# Of a file that is not to be held in memory.
_CHUNK_BYTES = 1 << 20

Pause = Callable[[], None]


def check(path: Path, pause: Pause = lambda: None, *, held: Callable[[], bool] = lambda: False) -> Iterator[str]:
    """Everything that is wrong with the journal at `path`, a sentence each; nothing is changed.

    pause   called every few milliseconds of work, so that whoever has more urgent things to do gets to them
    held    whether its writer holds events in memory that the disk refuses: then the head is rightly ahead of the log

    Raises BadFile where there is no journal.
    """
    path = path.resolve()
    ahead, head = held(), read_head(path)
    try:
        with Reading(path) as reading:
            pause()
            for (trouble,) in fetch(reading.db, "PRAGMA quick_check(10)"):
                if trouble != "ok":
                    yield f"the database is damaged: {trouble}"
            yield from _archive(reading, pause)
            yield from _chain(reading, pause)
            bounds = Snapshots(path.with_name(path.name + ".snapshots")).bounds()
            gap = find_gap(reading.journal_id, last_of(reading.db), reading.chain_at, arrived(reading.db), head, bounds)
            if gap is not None and not (ahead or held()):
                yield gap.sentence
    except (JournalError, apsw.Error) as error:
        yield str(error)
    told = read_gap(path)
    if told is not None:
        yield told.sentence
    yield from _snapshots(path, pause)


def _archive(reading: Reading, pause: Pause) -> Iterator[str]:
    after = 0
    for segment in reading.segments:
        if segment.first != after + 1:
            yield f"events {after + 1} to {segment.first - 1} are in no archive"
        after = segment.last
        trouble = _segment(reading.path.with_name(reading.path.name + ".archive") / segment.name, segment, pause)
        if trouble is not None:
            yield f"the archive {segment.name} {trouble}"


def _segment(path: Path, segment: Segment, pause: Pause) -> str | None:
    """What is wrong with an archive file; None: nothing."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                pause()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error})"
    return None if digest.hexdigest() == segment.sha256 else "is not the one that was written"


def _chain(reading: Reading, pause: Pause) -> Iterator[str]:
    """Follow the chain over the rows that are not archived; after a place that is broken, from the next commit on."""
    segments = reading.segments
    after = segments[-1].last if segments else 0
    chain = reading.chain_at(after)
    while True:
        if chain is None:
            yield f"there is no hash at event {after}"
            return
        try:
            for _ in commits(_rows(reading, after, pause), after, chain):
                pass
            return
        except Broken as error:
            archived_to = max((one.last for one in reading.segments), default=0)
            if archived_to >= error.seq:
                # What was archived and removed while we read is not missing.
                after, chain = archived_to, reading.chain_at(archived_to)
                continue
            yield error.why
            sql = "SELECT seq, chain FROM events WHERE seq >= ? AND chain NOT NULL ORDER BY seq LIMIT 1"
            rest = fetch(reading.db, sql, (error.seq,))
            if not rest:
                return
            after, chain = rest[0]


def _rows(reading: Reading, after: int, pause: Pause) -> Iterator[Row]:
    while page := reading.rows(after):
        yield from page
        after = page[-1].seq
        pause()


def _snapshots(path: Path, pause: Pause) -> Iterator[str]:
    for file in sorted(path.with_name(path.name + ".snapshots").glob("*.snapshot")):
        pause()
        # One that was replaced by a newer one meanwhile is not damaged.
        if read(file) is None and file.exists():
            yield f"the snapshot {file.name} is damaged; an older one, or the journal itself, stands in for it"
