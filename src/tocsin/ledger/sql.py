"""What the stores have in common: their SQL, and the rules by which records are taken."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, Self

import msgspec

from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Redaction
from tocsin.ledger.record import Record, record_bytes
from tocsin.ledger.rows import Row, row_of
from tocsin.ledger.sameness import adds_to, are_one
from tocsin.ledger.store import BATCH, Appended, Box, Conflict, Stored
from tocsin.ledger.wire import AnyRecord, record_from_json
from tocsin.ledger.wordless import wordless
from tocsin.model.value import seconds_of

PAGE_ROWS = 1_000
# Nothing that is asked of a ledger takes longer; a server that hangs must not hang us.
ANSWER_S = 120.0
_CLAIM = str(Claim.__struct_config__.tag)
_REDACTION = Redaction.__struct_config__.tag
KEY_BYTES = 32
_KEY, _DESK = "pseudonym_key", "desk/"
_STORED = "SELECT seq, id, body, personal FROM records"


class _Chain(msgspec.Struct):
    """What of a claim says through whom it came."""

    chain: tuple[str, ...]


class _Header(msgspec.Struct):
    """Which desk recorded something."""

    by: str


_chains = msgspec.json.Decoder(_Chain)
_headers = msgspec.json.Decoder(_Header)


class SqlStore(ABC):
    """A store on a database that speaks SQL; `?` stands for a value, `IN ?` for one of a list.

    within   the condition that an incident lies in west, south, east, north, of which west <= east
    """

    within: str

    @abstractmethod
    def _fetch(self, sql: str, *values: Any) -> list[Any]:
        """The rows of a query."""

    @abstractmethod
    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows: the number, and a `Row`."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """All that is done within is durable afterwards, or none of it; nobody else writes meanwhile."""

    @abstractmethod
    def _complete(self, personal: dict[str, bytes]) -> None:
        """Give records, by id, the personal parts that they lack."""

    @abstractmethod
    def _forget(self, names: list[str]) -> None:
        """Take the personal parts of these records out, for good."""

    @abstractmethod
    def _rewrite(self, bodies: dict[str, bytes]) -> None:
        """Put other bytes in place of those of these records, by id, and take their personal parts out, for good."""

    @abstractmethod
    def _own(self) -> dict[str, bytes]:
        """What this ledger knows of itself, which is in no record and in no export: name -> octets."""

    @abstractmethod
    def _keep_own(self, values: dict[str, bytes]) -> None:
        """Keep more of that, within `_writing`; what is there stays."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    def pseudonym_key(self) -> bytes:
        """The key of this ledger that pseudonyms are made with; made where there is none, and in no export."""
        if (kept := self._own().get(_KEY)) is not None:
            return kept
        with self._writing():
            self._keep_own({_KEY: secrets.token_bytes(KEY_BYTES)})
        return self._own()[_KEY]

    @property
    def has_pseudonyms(self) -> bool:
        """Whether anybody may have seen pseudonyms of this ledger."""
        return _KEY in self._own()

    def own_desks(self) -> frozenset[str]:
        """Desks whose records people here brought in; of a ledger that never noted any, all that recorded in it."""
        noted = {name.removeprefix(_DESK) for name in self._own() if name.startswith(_DESK)}
        return frozenset(noted or (_headers.decode(one.body).by for one in self.stored()))

    def note_desks(self, names: Collection[str]) -> None:
        """Note that people here bring in what these desks recorded."""
        new = {f"{_DESK}{name}": b"" for name in self.own_desks().union(names)}
        with self._writing():
            self._keep_own(new)

    def append(self, records: Iterable[Record]) -> Appended:
        """Keep records (`Store.append`)."""
        new, known, stripped, conflicts = 0, 0, 0, list[Conflict]()
        pending = iter(records)
        while batch := list(islice(pending, BATCH)):
            with self._writing():
                fresh, again, apart, late = self._sorted(batch)
                last = self.last_seq
                self._insert([(last + number, *row) for number, row in enumerate(fresh.values(), 1)])
                if late:
                    self._complete(late)
                lost = self._redact(fresh, late)
            stripped += len(lost)
            new, known = new + len(fresh), known + again
            conflicts += apart
        return Appended(new, known, tuple(conflicts), stripped)

    def _sorted(self, batch: list[Record]) -> tuple[dict[str, Row], int, list[Conflict], dict[str, bytes]]:
        """Rows that are new, how many records are known, those that contradict, and known ones' missing personal parts.

        Who has a record as it was published may get its personal parts later, from whoever may read them.
        """
        found = self._fetch("SELECT id, body, personal FROM records WHERE id IN ?", [record.id for record in batch])
        there = {name: (body, held) for name, body, held in found}
        fresh: dict[str, Row] = {}
        late: dict[str, bytes] = {}
        known, conflicts = 0, []
        for record in batch:
            row = row_of(record)
            before, held = there.get(record.id, (None, None))
            if before is None:
                fresh[record.id] = row
                there[record.id] = row.body, row.personal
            elif before != row.body and not are_one(before, row.body):
                conflicts.append(
                    Conflict(record, f"the id {record.id} stands for another record already; give this one its own")
                )
            elif before != row.body and adds_to(before, held, row.personal):
                said = f"it says what {record.id} says, and other things that are personal; give this one its own id"
                conflicts.append(Conflict(record, said))
            else:
                known += 1
                if before == row.body and row.personal is not None and held is None:
                    late[record.id] = row.personal
        return fresh, known, conflicts, late

    def _redact(self, fresh: dict[str, Row], late: Collection[str]) -> set[str]:
        """Take out what redactions ask for, whether they came before what they redact or after it.

        Returns the records that came now and lost something.
        """
        asked = [row.about for row in fresh.values() if row.kind == _REDACTION]
        held = [row.id for row in fresh.values() if row.personal is not None] + list(late)
        if held:
            asked += [about for (about,) in self._fetch(
                "SELECT about FROM records WHERE kind = 'redaction' AND about IN ?", held
            )]  # fmt: skip
        if asked:
            self._forget(asked)
        return self._blank(fresh) | (set(held) & set(asked))

    def _blank(self, fresh: dict[str, Row]) -> set[str]:
        """Take the words out of what a redaction names, whether it is there or comes now; returns who comes now."""
        redactions = [row.body for row in fresh.values() if row.kind == _REDACTION]
        if self._fetch("SELECT 1 FROM records WHERE kind = 'redaction' AND kind <> 'claim' LIMIT 1"):
            sql = "SELECT body FROM records WHERE kind = 'redaction' AND about IN ?"
            redactions += [body for (body,) in self._fetch(sql, list(fresh))]
        decoded = (record_from_json(body) for body in redactions)
        names = [one.of for one in decoded if isinstance(one, Redaction) and one.words]
        found = self._fetch("SELECT id, body FROM records WHERE id IN ?", names) if names else ()
        bare = {name: record_bytes(wordless(record_from_json(body))) for name, body in found}
        if changed := {name: bare[name] for name, body in found if bare[name] != body}:
            self._rewrite(changed)
        return fresh.keys() & changed.keys()

    def seq_of(self, name: str) -> int | None:
        """The number of the record of that id; None: there is none."""
        found = self._fetch("SELECT seq FROM records WHERE id = ?", name)
        return int(found[0][0]) if found else None

    def first_about(self, kinds: Collection[str], names: Collection[str]) -> int | None:
        """The number of the first record of these kinds about certain things; None: there is none."""
        sql = "SELECT min(seq) FROM records WHERE about IN ? AND kind IN ?"
        found: int | None = self._fetch(sql, sorted(names), sorted(kinds))[0][0]
        return found

    def chained(self, last: int) -> frozenset[str]:
        """Sources that any claim up to a number names, whoever said it and whoever passed it on."""
        names: set[str] = set()
        for one in self._of_kind(_CLAIM, 0):
            if one.seq > last:
                break
            names.update(_chains.decode(one.body).chain)
        return frozenset(names)

    def get(self, name: str) -> AnyRecord | None:
        """The record of that id (`Store.get`)."""
        found = self._fetch("SELECT body, personal FROM records WHERE id = ?", name)
        return _record(*found[0]) if found else None

    def stored(self, after: int = 0) -> Iterator[Stored]:
        """All records beyond a number (`Store.stored`)."""
        while page := self._fetch(f"{_STORED} WHERE seq > ? ORDER BY seq LIMIT ?", after, PAGE_ROWS):
            yield from map(Stored._make, page)
            after = page[-1][0]

    def read(self, kinds: Collection[str] = (), after: int = 0) -> Iterator[AnyRecord]:
        """Records in order of arrival (`Store.read`)."""
        if not kinds:
            yield from (_record(one.body, one.personal) for one in self.stored(after))
            return
        for one in merge(*(self._of_kind(kind, after) for kind in sorted(kinds)), key=itemgetter(0)):
            yield _record(one.body, one.personal)

    def _of_kind(self, kind: str, after: int) -> Iterator[Stored]:
        # There are a thousand times as many claims as anything else, and the others' index leaves them out.
        few = "" if kind == _CLAIM else "AND kind <> 'claim'"
        sql = f"{_STORED} WHERE kind = ? {few} AND seq > ? ORDER BY seq LIMIT ?"
        while page := self._fetch(sql, kind, after, PAGE_ROWS):
            yield from map(Stored._make, page)
            after = page[-1][0]

    def about(self, kinds: Collection[str], names: Collection[str]) -> list[AnyRecord]:
        """Records about certain things (`Store.about`)."""
        sql = "SELECT body, personal FROM records WHERE about IN ? AND kind IN ? ORDER BY seq"
        return [_record(*row) for row in self._fetch(sql, sorted(names), sorted(kinds))] if names else []

    def said_by(self, sources: Collection[str], after: int = 0, limit: int = 1_000) -> list[Stored]:
        """Claims of sources (`Store.said_by`)."""
        sql = f"{_STORED} WHERE origin IN ? AND seq > ? ORDER BY seq LIMIT ?"
        return [Stored._make(row) for row in self._fetch(sql, sorted(sources), after, limit)]

    def listed(
        self,
        *,
        begin: datetime | None = None,
        end: datetime | None = None,
        box: Box | None = None,
        after: str = "",
        limit: int = 1_000,
    ) -> list[str]:
        """Names of incidents (`Store.listed`)."""
        wheres = ["kind = 'incident'", "about > ?"]
        values: list[Any] = [after]
        if begin is not None:
            wheres.append("(end_s IS NULL OR end_s >= ?)")
            values.append(seconds_of(begin))
        if end is not None:
            wheres.append("begin_s <= ?")
            values.append(seconds_of(end))
        if box is not None:
            halves = _halves(box)
            wheres.append("(" + " OR ".join([self.within] * len(halves)) + ")")
            values += [side for half in halves for side in half]
        sql = f"SELECT DISTINCT about FROM records WHERE {' AND '.join(wheres)} ORDER BY about LIMIT ?"  # noqa: S608
        return [name for (name,) in self._fetch(sql, *values, limit)]

    def counts(self) -> dict[str, int]:
        """Kind -> how many (`Store.counts`)."""
        return dict(self._fetch("SELECT kind, count(*) FROM records GROUP BY kind ORDER BY kind"))

    @property
    def last_seq(self) -> int:
        """The number of the last record (`Store.last_seq`)."""
        return int(self._fetch("SELECT coalesce(max(seq), 0) FROM records")[0][0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def _record(body: bytes, personal: bytes | None) -> AnyRecord:
    return record_from_json(body, personal)


def _halves(box: Box) -> list[Box]:
    if box.west <= box.east:
        return [box]
    return [box._replace(east=180.0), box._replace(west=-180.0)]
