"""The posts that there are, in a SQLite file of their own, apart from the journal so that it can be erased whole.

Kept of a post: its pseudonym, hashes, the day it joined, the hour it was last heard, how many of its reports came to
what. No name, no number, no address, no place, and not who invited it. What is erased is overwritten.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import apsw

from tocsin.model.errors import BadValue
from tocsin.service.spotters.names import digest, name_of, new_code

DAY_S, HOUR_S = 86_400.0, 3_600.0
# A device asks in the first minutes what came of a report, or the morning after.
RECEIPT_S = 2 * DAY_S
TOGETHER_MAX = 100
# How a report ends, as its sender and as the operators know it.
Fate = Literal["kept", "unused", "watched", "cover", "quiet"]
Worth = Literal["borne_out", "unanswered", "contradicted"]
_LAYOUT = """
    CREATE TABLE IF NOT EXISTS post (
        name TEXT PRIMARY KEY, team TEXT NOT NULL, code BLOB UNIQUE, until_s REAL, secret BLOB UNIQUE, since_s REAL,
        heard_s REAL, revoked_s REAL, kept INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
        borne_out INTEGER NOT NULL DEFAULT 0, unanswered INTEGER NOT NULL DEFAULT 0,
        contradicted INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS receipt (
        id TEXT PRIMARY KEY, post TEXT NOT NULL, tag BLOB NOT NULL, kept_s REAL NOT NULL, fate TEXT NOT NULL,
        over INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS receipt_post ON receipt (post);
"""
_SELECT = (
    "SELECT name, team, until_s, since_s, heard_s, revoked_s, kept, refused, borne_out, unanswered, contradicted "
    "FROM post "
)
_WORTH: dict[Worth, str] = {
    "borne_out": "UPDATE post SET borne_out = borne_out + 1 WHERE name = ?",
    "unanswered": "UPDATE post SET unanswered = unanswered + 1 WHERE name = ?",
    "contradicted": "UPDATE post SET contradicted = contradicted + 1 WHERE name = ?",
}


@dataclass(frozen=True, slots=True)
class Post:
    """One post, as operators may see it; POSIX seconds.

    team       those invited together
    until_s    nobody has joined as it yet, and until then somebody can
    since_s    the day it joined; heard_s: the hour in which it was last heard
    """

    name: str
    team: str
    until_s: float | None
    since_s: float | None
    heard_s: float | None
    revoked_s: float | None
    kept: int
    refused: int
    borne_out: int
    unanswered: int
    contradicted: int


@dataclass(frozen=True, slots=True)
class Invited:
    """A post that somebody can join as, once, by its code."""

    name: str
    code: str
    until_s: float


class Posts:
    """The file. Every call waits for the disk, and may come from any thread; other processes may write it, too."""

    def __init__(self, path: Path, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._database = apsw.Connection(str(path))
        self._database.set_busy_timeout(5_000)
        for name, value in (("journal_mode", "wal"), ("synchronous", "full"), ("secure_delete", "on")):
            self._database.pragma(name, value)
        self._database.execute(_LAYOUT)
        if not any(name == "over" for _, name, *_ in self._database.execute("PRAGMA table_info(receipt)")):
            # Of a version that did not say which it had counted: none is counted twice.
            self._database.execute("ALTER TABLE receipt ADD COLUMN over INTEGER NOT NULL DEFAULT 1")

    def invite(self, count: int, until_s: float, now_s: float) -> list[Invited]:
        """Posts that can be joined, all of one team. Raises BadValue where they are too many."""
        if not 1 <= count <= TOGETHER_MAX:
            raise BadValue(f"count is {count}; invite 1 to {TOGETHER_MAX} at a time")
        invited: list[Invited] = []
        with self._lock, self._database:
            self._run("DELETE FROM post WHERE secret IS NULL AND until_s <= ?", now_s)
            (there,) = self._row("SELECT count(*) FROM post WHERE revoked_s IS NULL") or (0,)
            if there + count > self._most:
                raise BadValue(f"there are {there} posts, and {self._most} may be; revoke some, or raise posts_max")
            team = self._fresh("team")
            for _ in range(count):
                one = Invited(self._fresh("post"), new_code(), until_s)
                insert = "INSERT INTO post (name, team, code, until_s) VALUES (?, ?, ?, ?)"
                self._run(insert, one.name, team, digest(one.code), until_s)
                invited.append(one)
        return invited

    def _fresh(self, kind: Literal["post", "team"]) -> str:
        """A name that nobody has."""
        while True:
            name = name_of(kind)
            if self._row("SELECT 1 FROM post WHERE name = ?1 OR team = ?1 LIMIT 1", name) is None:
                return name

    def join(self, code: str, secret: str, now_s: float) -> bool:
        """Make the device of that secret the post of that code; whether it is now. A code joins one device."""
        made = digest(secret)
        with self._lock, self._database:
            self._run(
                "UPDATE OR IGNORE post SET secret = ?, since_s = ?, heard_s = ? "
                "WHERE code = ? AND secret IS NULL AND until_s > ?",
                made, now_s // DAY_S * DAY_S, now_s // HOUR_S * HOUR_S, digest(code), now_s,
            )  # fmt: skip
            # The answer was lost on the way: asked again by the same device, it is the same.
            found = self._row(
                "SELECT 1 FROM post WHERE code = ? AND secret = ? AND until_s > ? AND revoked_s IS NULL",
                digest(code), made, now_s,
            )  # fmt: skip
        return found is not None

    def of(self, secret: str) -> Post | None:
        """The post whose device has that secret."""
        with self._lock:
            found = self._row(_SELECT + "WHERE secret = ?", digest(secret))
        return None if found is None else Post(*found)

    def every(self, now_s: float) -> list[Post]:
        """All posts, in order of name, and those that can still be joined."""
        with self._lock:
            found = self._run(_SELECT + "WHERE secret IS NOT NULL OR until_s > ? ORDER BY name", now_s)
            return [Post(*row) for row in found]

    def revoke(self, name: str, now_s: float) -> bool:
        """Hear a post no more, or let nobody join as it; whether there is such a one."""
        with self._lock, self._database:
            known = self._row("SELECT 1 FROM post WHERE name = ?", name) is not None
            self._run("DELETE FROM post WHERE name = ? AND secret IS NULL", name)
            self._run("UPDATE post SET revoked_s = coalesce(revoked_s, ?) WHERE name = ?", now_s, name)
        return known

    def forget(self, name: str) -> None:
        """Erase a post and all that is known of it."""
        with self._lock:
            with self._database:
                self._run("DELETE FROM receipt WHERE post = ?", name)
                self._run("DELETE FROM post WHERE name = ?", name)
            self._flush()

    def erase(self) -> int:
        """Erase everything; how many posts there were."""
        with self._lock:
            with self._database:
                (there,) = self._row("SELECT count(*) FROM post") or (0,)
                self._run("DELETE FROM receipt")
                self._run("DELETE FROM post")
            self._flush()
            self._database.execute("VACUUM")
            self._flush()
        return int(there)

    def _flush(self) -> None:
        """What was written lies in the log beside the file until it is cut off; where another reads, a little later."""
        self._database.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def receipts(self, ids: Sequence[str]) -> dict[str, tuple[bytes, Fate]]:
        """Of the reports under these ids that were kept: tag and fate."""
        with self._lock:
            rows = [self._row("SELECT id, tag, fate FROM receipt WHERE id = ?", one) for one in ids]
        return {row[0]: (row[1], row[2]) for row in rows if row is not None}

    def keep(self, post: str, kept: Iterable[tuple[str, bytes, Fate]], refused: int, now_s: float) -> None:
        """A post was heard: note its reports that are durable, by id, tag and fate, and how many were refused."""
        with self._lock, self._database:
            self._run("DELETE FROM receipt WHERE kept_s < ?", now_s - RECEIPT_S)
            before = self._database.total_changes()
            for name, tag, fate in kept:
                insert = "INSERT OR IGNORE INTO receipt (id, post, tag, kept_s, fate, over) VALUES (?, ?, ?, ?, ?, 0)"
                self._run(insert, name, post, tag, now_s, fate)
            self._run(
                "UPDATE post SET heard_s = ?, kept = kept + ?, refused = refused + ? WHERE name = ?",
                now_s // HOUR_S * HOUR_S, self._database.total_changes() - before, refused, post,
            )  # fmt: skip

    def settle(self, name: str, fate: Fate, worth: Worth | None = None) -> None:
        """What came of a report: `fate` for its sender; `worth`, once it is over, for the operators, counted once."""
        with self._lock, self._database:
            self._run("UPDATE receipt SET fate = ? WHERE id = ? AND fate <> 'unused'", fate, name)
            if worth is not None and self._end(name):
                self._run(_WORTH[worth], name.partition(".")[0])

    def lapse(self, name: str, fate: Fate) -> None:
        """It is over, and nobody can say what it was worth."""
        with self._lock, self._database:
            self._run("UPDATE receipt SET fate = ? WHERE id = ? AND fate <> 'unused'", fate, name)
            self._end(name)

    def _end(self, name: str) -> bool:
        """Whether it was not over before."""
        before = self._database.total_changes()
        self._run("UPDATE receipt SET over = 1 WHERE id = ? AND over = 0", name)
        return self._database.total_changes() > before

    def unsettled(self) -> dict[str, Fate]:
        """Reports that are not over, by id: what is known to have come of them."""
        with self._lock:
            return dict(self._run("SELECT id, fate FROM receipt WHERE over = 0 AND fate <> 'unused'"))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _run(self, sql: str, *values: Any) -> apsw.Cursor:
        return self._database.execute(sql, values)

    def _row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        return next(iter(self._run(sql, *values)), None)
