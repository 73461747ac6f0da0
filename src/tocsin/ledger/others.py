"""What a file from outside may not bring into a ledger: whatever only a person at this ledger may decide."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record, order_of
from tocsin.ledger.store import Store
from tocsin.ledger.wire import kind_of

# What people at this ledger write themselves, and what this service recorded.
OWN_FORMATS = ("notes", "journal")
_HERE = "look at it, and decide here, or import with --decisions if the file is your own"


class Others:
    """Records of a file, asked one batch after another.

    decisions   a person at this ledger says that the file's decisions count here
    taken       how many came in because the ledger was empty
    """

    def __init__(self, store: Store, *, decisions: bool) -> None:
        self._store = store
        self._decide = decisions
        # An empty ledger becomes what the file is: nobody here has decided anything.
        self._empty = not decisions and store.last_seq == 0
        self.taken = 0

    def refused(self, records: Iterable[Record]) -> str | None:
        """Why a row of a file may not come in; None: it may."""
        return next((why for record in records if (why := self._refused(record)) is not None), None)

    def _refused(self, record: Record) -> str | None:
        if isinstance(record, Redaction) and self._erases(record):
            what = "words" if record.words else "personal parts"
            return f"it would erase the {what} of {record.of} for good; `tocsin ledger redact` does that"
        if self._decide or not isinstance(record, (Merge, Split, Apart, Undo, Redaction, Incident)):
            return None
        if self._empty:
            self.taken += not isinstance(record, Incident) or record.released
            return None
        if isinstance(record, Incident):
            return self._shows(record)
        if self._store.get(record.id) is not None:
            return None
        article = "an" if kind_of(record)[0] in "au" else "a"
        return f"{article} {kind_of(record)} is for a person at this ledger to decide; {_HERE}"

    def _shows(self, record: Incident) -> str | None:
        """Whether it would change what everybody sees."""
        if self._store.get(record.id) is not None:
            return None
        if record.released:
            return f"it would show {record.incident} to everybody; {_HERE}"
        before = [one for one in self._store.about(("incident",), (record.incident,)) if isinstance(one, Incident)]
        if not before:
            return None
        newest = max(before, key=order_of)
        if newest.released and order_of(newest) < order_of(record):
            return f"it would take {record.incident} from the public page; {_HERE}"
        return None

    def _erases(self, record: Redaction) -> bool:
        """Whether it would erase what this ledger holds: a person here may, a file may not, whoever sends it."""
        known = self._store.get(record.of)
        return known is not None and (known.personal is not None or (record.words and known.blanked is None))
