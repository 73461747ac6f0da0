"""Reading a journal: the archive and the rows as one log, and, without writing to it, beside whoever does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from tocsin.journal.archive import Segment, read_segment
from tocsin.journal.chain import Row, row_crc
from tocsin.journal.store import APPLICATION_ID, SCHEMA_VERSION, chain_at, fetch, pragma, rows_after
from tocsin.model.errors import BadFile, JournalDamaged, JournalError

# Rows are read in pages, so that no reader holds the write-ahead log back for longer than a moment.
PAGE_ROWS = 1_000

Page = list[tuple[int, int, bytes]]


def read_events(
    path: Path, segments: Callable[[], Sequence[Segment]], page_after: Callable[[int], Page], after: int
) -> Iterator[tuple[int, bytes]]:
    """Every event of the journal at `path` beyond `after`, as (seq, JSON), up to the last one written meanwhile.

    segments     the archive as it is now
    page_after   some rows (seq, crc, body) beyond an event; none: there is nothing more

    Raises JournalError when an event is damaged, and when an archive is missing.
    """
    while True:
        for segment in segments():
            if segment.last > after:
                yield from read_segment(path.with_name(path.name + ".archive"), segment, after)
                after = segment.last
        page = page_after(after)
        # What was archived and trimmed since we looked is not a gap.
        if any(segment.last > after for segment in segments()):
            continue
        if not page:
            return
        for seq, crc, body in page:
            if seq != after + 1 or crc != row_crc(seq, body):
                raise JournalDamaged(
                    f"event {after + 1} of the journal {path} is damaged or missing; restore it from a copy"
                )
            yield seq, body
            after = seq


def page_of(db: apsw.Connection, path: Path, after: int) -> Page:
    """Rows (seq, crc, body) beyond an event. Raises JournalError."""
    sql = "SELECT seq, crc, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
    try:
        return fetch(db, sql, (after, PAGE_ROWS))
    except apsw.Error as error:
        raise JournalError(
            f"the journal {path} cannot be read beyond event {after} ({error}); restore it from a copy"
        ) from error


def segments_of(db: apsw.Connection) -> tuple[Segment, ...]:
    """The archive files that a journal knows of, in order. Raises apsw.Error."""
    rows = fetch(db, "SELECT first, last, sha256, size_bytes FROM segments ORDER BY first")
    return tuple(Segment(*row) for row in rows)


def is_journal(path: Path) -> bool:
    """Whether a file says that it is a journal of ours."""
    try:
        with path.open("rb") as stream:
            head = stream.read(72)
    except OSError:
        return False
    return head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


class Reading:
    """A journal that is read and not written, whether or not a service is writing it.

    Raises BadFile where there is none, JournalError where it cannot be read or is of another schema.
    """

    def __init__(self, path: Path) -> None:
        self.path = path = path.resolve()
        if not path.is_file():
            raise BadFile(f"there is no journal at {path}; give the path of one, such as tocsin-data/journal.db")
        try:
            self.db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            self.db.set_busy_timeout(5_000)
            schema = pragma(self.db, "user_version")
            ours = pragma(self.db, "application_id") == APPLICATION_ID
            if ours and schema == SCHEMA_VERSION:
                (self.journal_id,) = fetch(self.db, "SELECT id FROM journal")[0]
                self.last_seq = max([0, *(one.last for one in self.segments), *self._ends()])
        except (apsw.Error, IndexError) as error:
            raise JournalDamaged(f"the journal {path} cannot be read ({error}); restore it from a copy") from error
        if not ours:
            raise BadFile(f"{path} is a database, but not a journal of Tocsin; choose another file")
        if schema != SCHEMA_VERSION:
            do = "read it with a newer Tocsin" if schema > SCHEMA_VERSION else "`tocsin journal upgrade` brings it up"
            raise JournalError(f"the journal {path} has schema {schema}, this Tocsin reads {SCHEMA_VERSION}; {do}")

    def _ends(self) -> list[int]:
        return [last for (last,) in fetch(self.db, "SELECT max(seq) FROM events") if last is not None]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The archive as it is now."""
        return segments_of(self.db)

    def read_json(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Every event beyond `after` as (seq, JSON). Raises JournalError."""
        return read_events(self.path, lambda: self.segments, lambda at: page_of(self.db, self.path, at), after)

    def rows(self, after: int) -> list[Row]:
        """A page of the rows beyond `after`. Raises apsw.Error."""
        return list(rows_after(self.db, after, PAGE_ROWS))

    def chain_at(self, seq: int) -> bytes | None:
        """The hash of the chain after event `seq`; None where no commit ends there. Raises apsw.Error."""
        return chain_at(self.db, seq)

    def close(self) -> None:
        """Let go of it."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
