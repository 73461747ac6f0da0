"""How far a record has followed an agreed log, and what it holds that the log may not; kept with the events themselves.

A mark is written in the transaction of the events it covers, and is lost with them: then both are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import apsw

from tocsin.journal.held import Group

TABLES = """
CREATE TABLE marks (seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL, position INTEGER NOT NULL,
                    ticked_us INTEGER NOT NULL);
CREATE TABLE own (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
"""
# Of so many events before the last; whoever loses more than those has lost where it was.
KEPT_EVENTS = 100_000


class Mark(NamedTuple):
    """How far a record has followed.

    stream      which log it follows: when that was made, microseconds since 1970 (UTC); 0: none yet
    position    the last message of it that is in the record, or need not be
    ticked_us   time of the last tick that was taken in, microseconds since 1970 (UTC)
    """

    stream: int = 0
    position: int = 0
    ticked_us: int = 0


def note(db: apsw.Connection, groups: Sequence[Group]) -> None:
    """Inside the transaction that writes groups: the mark they end with, and which of them are this machine's own."""
    for group in groups:
        if group.own:
            db.execute("UPDATE own SET last = ? WHERE last = ?", (group.last, group.first - 1))
            if not db.changes():
                db.execute("INSERT INTO own VALUES (?, ?)", (group.first, group.last))
    marked = next((group for group in reversed(groups) if group.mark is not None), None)
    if marked is not None and marked.mark is not None:
        db.execute("INSERT INTO marks VALUES (?, ?, ?, ?)", (marked.last, *marked.mark))
        db.execute("DELETE FROM marks WHERE seq < ?", (marked.last - KEPT_EVENTS,))


def newest(db: apsw.Connection) -> Mark:
    """The last mark."""
    rows: list[Any] = db.execute("SELECT stream, position, ticked_us FROM marks ORDER BY seq DESC LIMIT 1").fetchall()
    return Mark(*rows[0]) if rows else Mark()


def own(db: apsw.Connection) -> list[tuple[int, int]]:
    """First and last of each run of events that this machine took in alone, and that the log may not hold."""
    rows: list[Any] = db.execute("SELECT first, last FROM own ORDER BY first").fetchall()
    return [(int(first), int(last)) for first, last in rows]


def count_of(runs: Iterable[tuple[int, int]]) -> int:
    """How many events these runs are."""
    return sum(last - first + 1 for first, last in runs)


def sent(db: apsw.Connection, seq: int) -> None:
    """Inside a transaction: the log holds what this machine took in alone, up to event `seq`."""
    db.execute("DELETE FROM own WHERE last <= ?", (seq,))
    db.execute("UPDATE own SET first = ?1 + 1 WHERE first <= ?1", (seq,))


def cut(db: apsw.Connection, last: int) -> None:
    """Inside a transaction: forget what is said of events beyond the last."""
    db.execute("DELETE FROM marks WHERE seq > ?", (last,))
    db.execute("DELETE FROM own WHERE first > ?", (last,))
    db.execute("UPDATE own SET last = ?1 WHERE last > ?1", (last,))


def put_back(
    db: apsw.Connection, marks: Iterable[tuple[int, ...]], owned: Iterable[tuple[int, ...]], last: int
) -> None:
    """Inside a transaction: what was saved of another file, as far as it is of events up to the last."""
    db.executemany("INSERT INTO marks VALUES (?, ?, ?, ?)", list(marks))
    db.executemany("INSERT INTO own VALUES (?, ?)", list(owned))
    cut(db, last)
