"""Witnesses without their names, for a file that is handed on: whatever a ledger calls them, there they are `w-1`, …"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Apart, Merge, Redaction, Undo
from tocsin.ledger.record import Record
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.store import Store

# A person who says what he saw is never named, whatever the ledger calls him.
PERSONS = ("witness",)
_NAMES = (SourceName(text="a witness", language="en"),)


class Pseudonyms:
    """The witnesses of a ledger, numbered as they came: a ledger only grows, so the next export calls them the same.

    A source is one that any record of it calls a witness.
    """

    def __init__(self, store: Store) -> None:
        records = [one for one in store.read(("source",)) if isinstance(one, Source)]
        taken = {one.source for one in records}
        witnesses = dict.fromkeys(one.source for one in records if one.kind in PERSONS)
        free = (name for name in map(_called, range(1, len(taken) + len(witnesses) + 1)) if name not in taken)
        self._of = dict(zip(witnesses, free, strict=False))
        # The id of a record may have the name in it.
        self._ids = {
            one.id: f"{self._of[one.source]}/{number}"
            for number, one in enumerate(records, 1)
            if one.source in self._of
        }

    def __call__(self, record: Record) -> Record:
        """A record as it may be handed on; one in which there is no witness is what it was."""
        replace = msgspec.structs.replace
        match record:
            case Source():
                echoes = None if record.echoes is None else self._named(record.echoes)
                if record.source not in self._of:
                    return record if echoes == record.echoes else replace(record, echoes=echoes)
                own = self._named(record.source)
                return replace(
                    record, id=self._ids[record.id], source=own, names=_NAMES, site=None, echoes=echoes, about=""
                )
            case Claim() if not self._of.keys().isdisjoint(record.chain):
                # Where a person wrote something says who he is.
                files = tuple(replace(one, url=None, archived="") for one in record.evidence)
                chain = self._all(record.chain)
                return replace(record, chain=chain, url=None, where="", evidence=files)
            case Merge(what="source") if not self._of.keys().isdisjoint((record.into, *record.of)):
                return replace(record, into=self._named(record.into), of=self._all(record.of), reason="")
            case Apart(what="source") if not self._of.keys().isdisjoint((record.one, record.other)):
                return replace(record, one=self._named(record.one), other=self._named(record.other), reason="")
            case Undo() | Redaction() if record.of in self._ids:
                return replace(record, of=self._ids[record.of], reason="")
        return record

    def _named(self, name: str) -> str:
        return self._of.get(name, name)

    def _all(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self._named, names))


def _called(number: int) -> str:
    return f"w-{number}"
