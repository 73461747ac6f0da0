"""The log and the notes of the console, in `console.db` beside the journal: they outlive the service.

The journal is the record; this is what is read quickly. Whoever may read the folder may read it: the file is private.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.model.errors import BadValue
from tocsin.model.wire import to_json
from tocsin.service.console.database import opened, written
from tocsin.service.console.kept import KINDS, LogEntry, ShiftNote

# "TCON".
APPLICATION_ID = 0x54434F4E
# About 60 MB; a night's raid over a country has some thousands.
ENTRIES_MAX = 200_000
NOTES_MAX = 20_000
# So many more than ENTRIES_MAX are there before the oldest go, all at once.
SPARE = 1_000
_MOST = 2**63 - 1
_SPARE = "DELETE FROM entry WHERE number <= (SELECT number FROM entry ORDER BY number DESC LIMIT 1 OFFSET ?)"
_NEWEST = """
SELECT number, body FROM entry WHERE number < ? AND kind IN (SELECT value FROM json_each(?))
ORDER BY number DESC LIMIT ?
"""

_TABLES = """
CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, kind TEXT NOT NULL,
                                  body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS entry_kind ON entry (kind, number);
CREATE TABLE IF NOT EXISTS note (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, who TEXT NOT NULL,
                                 body BLOB NOT NULL, UNIQUE (who, id));
"""


class Store:
    """The file; used from several threads, one after the other.

    trouble   why it is kept in memory only, in a sentence; None: it is kept in the file
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db, self.trouble = opened(path, APPLICATION_ID, _TABLES)
        self._entries = msgspec.msgpack.Decoder(LogEntry)
        self._notes = msgspec.msgpack.Decoder(ShiftNote)
        (self._count,) = self._one("SELECT count(*) FROM entry")

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._db.close()

    def log(self, entries: Sequence[LogEntry]) -> None:
        """Add to the log; the numbers that the entries have are left out, and given here. Raises apsw.Error."""
        with self._lock:
            full = self._count + len(entries) > ENTRIES_MAX + SPARE
            with written(self._db):
                for entry in entries:
                    values = (_us(entry.time), entry.kind, msgspec.msgpack.encode(entry))
                    self._db.execute("INSERT INTO entry (at_us, kind, body) VALUES (?, ?, ?)", values)
                if full:
                    self._db.execute(_SPARE, (ENTRIES_MAX,))
            self._count = ENTRIES_MAX if full else self._count + len(entries)

    def entries(self, after: int | None, limit: int, kinds: Sequence[str] = ()) -> tuple[LogEntry, ...]:
        """The newest entries before number `after`, newest first."""
        wanted = to_json(kinds or KINDS).decode()
        with self._lock:
            rows = list(self._db.execute(_NEWEST, (_MOST if after is None else after, wanted, limit)))
        return tuple(msgspec.structs.replace(self._entries.decode(body), number=number) for number, body in rows)

    def times(self, kind: str, since: datetime, limit: int) -> tuple[datetime, ...]:
        """When the newest entries of a kind since then were made, oldest first."""
        sql = "SELECT body FROM entry WHERE kind = ? AND at_us >= ? ORDER BY number DESC LIMIT ?"
        with self._lock:
            rows = list(self._db.execute(sql, (kind, _us(since), limit)))
        return tuple(sorted({self._entries.decode(body).time for (body,) in rows}))

    def note(self, who: str, name: str, text: str, time: datetime) -> ShiftNote:
        """Add a note, durably; one that is there is given back. Raises BadValue and apsw.Error."""
        with self._lock, written(self._db):
            known = list(self._db.execute("SELECT number, body FROM note WHERE who = ? AND id = ?", (who, name)))
            if known:
                found = msgspec.structs.replace(self._notes.decode(known[0][1]), number=known[0][0])
                if found.text != text:
                    raise BadValue(
                        f"{who} has used the id {name} for another note; notes are never changed, only added"
                    )
                return found
            if self._one("SELECT count(*) FROM note")[0] >= NOTES_MAX:
                raise BadValue(f"{NOTES_MAX} notes are kept, and no more; move console.db away to begin anew")
            values = (name, who, msgspec.msgpack.encode(ShiftNote(0, time, who, text)))
            self._db.execute("INSERT INTO note (id, who, body) VALUES (?, ?, ?)", values)
            number = self._db.last_insert_rowid()
        return ShiftNote(number, time, who, text)

    def notes(self, after: int | None, limit: int) -> tuple[ShiftNote, ...]:
        """The newest notes before number `after`, newest first."""
        sql = "SELECT number, body FROM note WHERE number < ? ORDER BY number DESC LIMIT ?"
        with self._lock:
            rows = list(self._db.execute(sql, (_MOST if after is None else after, limit)))
        return tuple(msgspec.structs.replace(self._notes.decode(body), number=number) for number, body in rows)

    def _one(self, sql: str) -> tuple[int]:
        ((found,),) = self._db.execute(sql)
        return (found,)


def _us(time: datetime) -> int:
    return round(time.timestamp() * 1e6)
