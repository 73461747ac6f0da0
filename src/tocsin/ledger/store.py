"""Where records are kept: what every store can do, whatever database it rests on.

A store only adds. The one thing it takes out is what a `Redaction` asks for: the personal parts of a record, or its
words, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol, Self

from tocsin.ledger.record import Record
from tocsin.ledger.wire import AnyRecord

# One transaction's worth; a file of a million is some hundred of them.
BATCH = 10_000


class Conflict(NamedTuple):
    """A record that was not taken: its id stands for another record already."""

    record: Record
    reason: str


class Appended(NamedTuple):
    """What became of records: how many were new, how many were there already, and which contradict one that is.

    stripped   of how many of those a redaction that was here took something out, as it had asked

    The law: given = new + known + len(conflicts).
    """

    new: int
    known: int
    conflicts: tuple[Conflict, ...]
    stripped: int = 0


class Box(NamedTuple):
    """Between meridians and parallels, degrees; west > east crosses the 180th meridian."""

    west: float
    south: float
    east: float
    north: float


class Stored(NamedTuple):
    """A record as it lies in the store, numbered from 1 in order of arrival without a gap.

    body   `record_bytes` of it: what the public log is made of
    """

    seq: int
    id: str
    body: bytes
    personal: bytes | None


class Store(Protocol):
    """A ledger's records. Used from one thread at a time; a service gives it a thread of its own.

    Raises BadFile where the database refuses.
    """

    def append(self, records: Iterable[Record]) -> Appended:
        """Keep records, durable on return, all of a batch or none; order within and among calls changes no fold.

        One that is known and lacks its personal parts gets them, unless they were redacted.
        """

    def get(self, name: str) -> AnyRecord | None:
        """The record of that id."""

    def stored(self, after: int = 0) -> Iterator[Stored]:
        """All records beyond a number, as they lie there, in order of arrival."""

    def read(self, kinds: Collection[str] = (), after: int = 0) -> Iterator[AnyRecord]:
        """Records of these kinds (empty: all) in order of arrival; they are read page by page."""

    def about(self, kinds: Collection[str], names: Collection[str]) -> list[AnyRecord]:
        """Records of these kinds about certain things, in order of arrival.

        About what: of an incident and a claim the incident, of a source and an alert the source, of a handling and a
        stamp the hash, of an undoing and a redaction the record, of a merge and a split what it goes into, of `Apart`
        its `one`.
        """

    def said_by(self, sources: Collection[str], after: int = 0, limit: int = 1_000) -> list[Stored]:
        """Claims whose origin is one of these sources, beyond a number."""

    def listed(
        self,
        *,
        begin: datetime | None = None,
        end: datetime | None = None,
        box: Box | None = None,
        after: str = "",
        limit: int = 1_000,
    ) -> list[str]:
        """Names of incidents beyond `after`, in order, of which a record meets a time and a box of the map."""

    def counts(self) -> dict[str, int]:
        """Kind -> how many records there are."""

    @property
    def last_seq(self) -> int:
        """The number of the last record; 0: there is none."""

    def close(self) -> None:
        """Let go of the database."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...
