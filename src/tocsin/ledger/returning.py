"""Records that come home under pseudonyms: this ledger's own export, or what others made of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Apart, Merge
from tocsin.ledger.pseudonyms import Pseudonyms
from tocsin.ledger.record import Record, public
from tocsin.ledger.source import Source
from tocsin.ledger.sql import SqlStore


class Returning:
    """Tells records of this ledger's own exports from others, so that no witness becomes a second voice."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        # Without a key nobody has seen a pseudonym of this ledger.
        self._exported = store.has_pseudonyms

    @cached_property
    def _called(self) -> Pseudonyms:
        return Pseudonyms(self._store)

    def is_home(self, record: Record) -> bool:
        """Whether this ledger holds a record, maybe under its own names, and exports it as this one."""
        if not self._exported:
            return False
        known = self._store.get(self._called.held.get(record.id, record.id) if self._is_hidden(record) else record.id)
        return known is not None and self._called(known) == public(record)

    def is_hidden(self, record: Record) -> bool:
        """Whether the ledger holds a record under another id."""
        return self._exported and self._is_hidden(record) and self.is_home(record)

    def refused(self, records: Iterable[Record]) -> str | None:
        """Why a row may not come in: it says something under a pseudonym that is this ledger's own; None: it may."""
        for record in records if self._exported else ():
            found = sorted(_names(record) & self._called.names)
            if found and not self.is_home(record):
                return (
                    f"it names {found[0]!r}, which is what exports of this ledger call a witness of its own; "
                    "record it under the name that he has here"
                )
            if self._is_hidden(record) and self._called.held.get(record.id, record.id) != record.id:
                return f"the id {record.id!r} stands for a record of this ledger in its exports; give this one its own"
        return None

    def _is_hidden(self, record: Record) -> bool:
        return self._called.is_of_record(record.id)


def _names(record: Record) -> set[str]:
    match record:
        case Source(source=name, echoes=echoes):
            return {name} if echoes is None else {name, echoes}
        case Claim(chain=chain):
            return set(chain)
        case Merge(what="source", into=into, of=of):
            return {into, *of}
        case Apart(what="source", one=one, other=other):
            return {one, other}
    return set()
