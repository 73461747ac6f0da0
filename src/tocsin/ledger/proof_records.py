"""The ledger's records in the public log: each by its hash, and a released incident with its text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from tocsin.ledger.decision import Redaction
from tocsin.ledger.incident import Incident
from tocsin.ledger.incidents import standing_incident
from tocsin.ledger.proof_entries import BLANKED, WARNING, Item, commitment
from tocsin.ledger.proof_history import Finding
from tocsin.ledger.proof_log import ProofLog
from tocsin.ledger.standing import Standing, standing_of
from tocsin.ledger.store import Store, Stored
from tocsin.ledger.wire import KINDS, kind_of, record_from_json
from tocsin.ledger.wordless import blank_of
from tocsin.model.errors import BadRecord

# Of one transaction.
TAKEN_AT_ONCE = 2_000


def take_records(log: ProofLog, store: Store) -> int:
    """Log the records of a ledger that are not in it yet; how many entries that made."""
    pending = store.stored(log.taken)
    made = 0
    while batch := list(islice(pending, TAKEN_AT_ONCE)):
        standing = standing_of(store)
        made += log.append([_item(one, store, standing) for one in batch], taken=batch[-1].seq)
    return made


def _item(stored: Stored, store: Store, standing: Standing) -> Item:
    """What is logged of a record: everybody may read it where it is an incident that stands as released.

    What was released by mistake and taken back before it was logged must not come out by the log.
    """
    record, public = record_from_json(stored.body), False
    if isinstance(record, Incident) and record.released and record.id not in standing.undone:
        now = standing_incident(store, standing, record.incident)
        public = now is not None and now.released
    return Item(kind_of(record), stored.id, stored.body.decode(), public=public)


def blank_records(log: ProofLog, names: Collection[str], reason: str) -> int:
    """Take out what the public log shows of these records; how many entries that were."""
    shown = [number for name in names for kind in KINDS for number, text in log.texts(kind, name) if text is not None]
    for number in shown:
        log.blank(number, reason)
    return len(shown)


def compared(log: ProofLog, store: Store) -> Iterator[Finding]:
    """What of a ledger is not as it was logged: records that were altered, are gone, or never got into the log.

    Of a record whose words were redacted the log's own text tells whether it was this one; where that is gone, too, or
    was never public, the redaction, a record of its own in the log, says why nobody can tell.

    An id stands for one record of a ledger; what is in its place need not even be one any more.
    """
    logged = {name: (number, kind) for number, kind, name in log.named((WARNING, BLANKED))}
    taken = log.taken
    redacted = {one.of for one in store.read(("redaction",)) if isinstance(one, Redaction) and one.words}
    for stored in store.stored():
        number, kind = logged.pop(stored.id, (None, ""))
        if number is not None and not (_is(log, kind, stored) or (stored.id in redacted and _was(log, kind, stored))):
            said = f"{kind} {stored.id} of the ledger is not what was logged as entry {number}"
            yield Finding("altered", number, number, said)
        elif number is None and stored.seq <= taken:
            yield Finding("unlogged", None, None, f"{stored.id} of the ledger was never logged")
    for name, (number, kind) in logged.items():
        yield Finding("dropped", number, number, f"{kind} {name}, entry {number}, is in the ledger no more")


def _is(log: ProofLog, kind: str, stored: Stored) -> bool:
    """Whether one of the entries of that name is of this text; of one that was blanked nobody can tell any more."""
    try:
        text = bytes(stored.body).decode()
    except (TypeError, UnicodeDecodeError):
        return False
    return any(
        salt is None or commitment(salt, kind, stored.id, text) == committed
        for _, salt, committed in log.of(kind, stored.id)
    )


def _was(log: ProofLog, kind: str, stored: Stored) -> bool:
    """Whether a record without words is what is left of the one that was logged, as far as its text is still there."""
    try:
        blanked = record_from_json(stored.body).blanked
    except BadRecord:
        return False
    texts = [text for _, text in log.texts(kind, stored.id)]
    return blanked is not None and (None in texts or any(text and blank_of(text.encode()) == blanked for text in texts))
