"""What people did, in a chain: each entry's hash is over the one before, so that none can be changed or taken out
without its neighbours noticing.

Whoever can write the file can make the whole chain anew: note its head elsewhere (`tocsin people verify` prints it).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import apsw
import msgspec
from msgspec import Meta

from tocsin.model.value import Time, clipped
from tocsin.service.people.file import PeopleFile

BEGINNING = hashlib.sha256(b"tocsin: what people did").hexdigest()
PAGE_MAX = 500
# Refusals of one kind: so many at once, then one in so many seconds; the rest is counted in the next one's `times`.
REFUSALS_BURST, REFUSAL_EVERY_S = 100, 5.0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did, or was refused.

    who     whose id; empty: nobody known
    what    a word with a dot in it: `session.start`, `act.raise`, `people.change`
    about   whom or what it concerns
    where   from what kind of address; by: by which way he was known
    detail  more of it; never a secret
    times   how often, where many of a kind are one entry
    """

    seq: int
    time: Time
    who: Annotated[str, Meta(max_length=200)]
    what: Annotated[str, Meta(max_length=60)]
    about: str = ""
    where: str = ""
    by: str = ""
    detail: str = ""
    times: int = 1


class Link(msgspec.Struct, frozen=True):
    """An entry, and the hash over it and all before it."""

    entry: Entry
    sha256: str


class Wanted(NamedTuple):
    """Which entries are asked for. `who`: of whom, however cased; `kind`: the word before the dot; empty: of all."""

    who: str = ""
    kind: str = ""


ALL = Wanted()
# As SQLite reads an entry; an index stands over each.
_WHO = "(json_extract(entry, '$.who') COLLATE NOCASE)"
_WHAT = "json_extract(entry, '$.what')"
_KIND = f"(substr({_WHAT}, 1, instr({_WHAT} || '.', '.') - 1))"


class Page(NamedTuple):
    """Entries, newest first, whether there are older ones, and the chain's head: its number and hash."""

    entries: list[Entry]
    more: bool
    head: int
    sha256: str


class Audit:
    """The record. `now`: the time, aware."""

    def __init__(self, file: PeopleFile, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._file.submit(_index).result()
        # Told of every entry what it is of, also where there are too many to write down.
        self.counted: Callable[[str], None] = lambda what: None
        # By what: how many may still be written, and when that was so. Strangers' hide nobody else's.
        self._refusals: dict[str, tuple[float, datetime]] = {}
        # By what and of whom: nobody is said to have done what somebody else did.
        self._unsaid: Counter[tuple[str, str]] = Counter()

    def note(
        self, who: str, what: str, about: str = "", *, where: str = "", by: str = "", detail: str = "", times: int = 1
    ) -> None:
        """Write down that somebody did something; never waits and never fails."""
        self.counted(what)
        self._note(who, what, about, where=where, by=by, detail=detail, times=times)

    def _note(
        self, who: str, what: str, about: str = "", *, where: str = "", by: str = "", detail: str = "", times: int = 1
    ) -> None:
        entry = Entry(
            seq=0,
            time=self._now(),
            who=clipped(who)[:200],
            what=what,
            about=clipped(about),
            where=where,
            by=by,
            detail=clipped(detail),
            times=times,
        )
        self._file.behind(lambda db: _append(db, entry))

    def refused(self, who: str, what: str, about: str = "", *, where: str = "", detail: str = "") -> None:
        """The same of what strangers can do as often as they like: bounded in number, and counted beyond."""
        self.counted(what)
        now = self._now()
        left, since = self._refusals.get(what, (float(REFUSALS_BURST), now))
        left = min(float(REFUSALS_BURST), left + max(0.0, (now - since).total_seconds()) / REFUSAL_EVERY_S)
        self._refusals[what] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            self._unsaid[what, who] += 1
            return
        times = 1 + self._unsaid.pop((what, who), 0)
        self._note(who, what, about, where=where, detail=detail, times=times)

    async def page(self, before: int | None, most: int, wanted: Wanted = ALL) -> Page:
        """The newest wanted entries before a number. Raises NotDurable."""
        return await self._file.read(lambda db: _page(db, before, most, wanted))


def head_of(db: apsw.Connection) -> tuple[int, str]:
    """The last entry's number and hash."""
    found = db.execute("SELECT seq, sha256 FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, BEGINNING) if found is None else (found[0], found[1])


def linked_at(db: apsw.Connection, seq: int) -> str | None:
    """The hash of an entry by its number; None: there is none."""
    found = db.execute("SELECT sha256 FROM audit WHERE seq = ?", (seq,)).fetchone()
    return None if found is None else str(found[0])


def linked(before: str, entry: str) -> str:
    """The hash over an entry, as it is written, and the hash before it."""
    return hashlib.sha256(f"{before}\n{entry}".encode()).hexdigest()


def _append(db: apsw.Connection, entry: Entry) -> None:
    seq, before = head_of(db)
    text = msgspec.json.encode(msgspec.structs.replace(entry, seq=seq + 1)).decode()
    db.execute("INSERT INTO audit VALUES (?, ?, ?)", (seq + 1, text, linked(before, text)))
    db.execute("INSERT OR REPLACE INTO audit_head VALUES (1, ?)", (seq + 1,))


def _page(db: apsw.Connection, before: int | None, most: int, wanted: Wanted) -> Page:
    most = min(most, PAGE_MAX)
    values: list[Any] = [2**62 if before is None else before]
    where = ["seq < ?"]
    for expression, value in ((_WHO, wanted.who), (_KIND, wanted.kind)):
        if value:
            where.append(f"{expression} = ?")
            values.append(value)
    # Of our own expressions alone; what was asked is bound.
    sql = f"SELECT entry FROM audit WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?"  # noqa: S608
    rows = list(db.execute(sql, (*values, most + 1)))
    entries = [msgspec.json.decode(text, type=Entry) for (text,) in rows[:most]]
    return Page(entries, len(rows) > most, *head_of(db))


def _index(db: apsw.Connection) -> None:
    """Pages of one person or one kind are found without reading all; a record of earlier times gets it at its start."""
    for name, expression in (("who", _WHO), ("kind", _KIND)):
        db.execute(f"CREATE INDEX IF NOT EXISTS audit_{name} ON audit ({expression}, seq)")


def links(db: apsw.Connection) -> Iterator[tuple[int, str, str]]:
    """Number, text and hash of every entry, in order."""
    yield from db.execute("SELECT seq, entry, sha256 FROM audit ORDER BY seq")


def broken(db: apsw.Connection) -> str | None:
    """Where the chain is broken first, in a sentence; None: it is whole."""
    before, last = BEGINNING, 0
    for seq, text, digest in links(db):
        if seq != last + 1:
            return f"entry {last + 1} is missing: {seq} follows {last}"
        if linked(before, text) != digest:
            return f"entry {seq} is not what was written, or the one before it was another"
        before, last = digest, seq
    row = db.execute("SELECT seq FROM audit_head").fetchone()
    if (row[0] if row else 0) != last:
        return f"entries after {last} are missing: there were {row[0] if row else 0}"
    return None
