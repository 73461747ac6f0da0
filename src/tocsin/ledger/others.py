"""What a file from outside may not do here: decide, and change what this ledger says already.

A file adds records. What people decided in it (merges, splits, "these are two", undoings, redactions, whether everybody
sees an incident) counts only where a person at this ledger says so; nor does it say anew what an incident held here is,
who a source is that is known here, or take back what another source said or another desk recorded. An empty ledger
takes all: nobody here has decided anything yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.ledger.case import Book
from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.incidents import standing_incident
from tocsin.ledger.record import Record
from tocsin.ledger.source import Source
from tocsin.ledger.sql import SqlStore
from tocsin.ledger.wire import kind_of
from tocsin.model.value import SENT_AHEAD_S

# What people at this ledger write themselves, and what this service recorded.
OWN_FORMATS = ("notes", "journal")
_HERE = "look at it, and decide here, or import with --decisions if the file is your own"
# Of what is known to the day, the day's end is when it was recorded.
_AHEAD = timedelta(days=1, seconds=SENT_AHEAD_S)
# By which voice, about what, of whom.
_Said = tuple[str, str, str]
# By these two records about one thing differ, and say the same.
_HEADER = ("id", "recorded", "by", "personal", "sealed", "blanked")


class Others:
    """Records of a file, asked one batch after another.

    decisions   a person at this ledger says that the file's decisions count here
    now         what was recorded after it would outweigh all that people here record until then; None: not asked
    taken       how many decisions came in because the ledger was empty
    revised     how many claims take back what their own source said before
    """

    def __init__(self, store: SqlStore, *, decisions: bool, now: datetime | None = None) -> None:
        self._store = store
        self._decide = decisions
        self._now = now
        # Records beyond it came with the file, which may say of its own things what it likes.
        self._began = store.last_seq
        self._empty = not decisions and self._began == 0
        self._book = Book(store)
        self._spoken: frozenset[str] | None = None
        self._desks: frozenset[str] | None = None
        self._noted: set[str] = set()
        # Records of rows that may come in, until they are in the store.
        self._coming: set[str] = set()
        self._quoted: dict[str, frozenset[_Said]] = {}
        self.taken = self.revised = 0

    def note(self, records: Iterable[Record]) -> None:
        """These go into the store now. Note which desks are this ledger's own, where the file is: no file from outside
        takes back what they say."""
        self._coming.clear()
        if not (self._decide or self._empty):
            return
        if new := {record.by for record in records} - self._noted:
            self._noted |= new
            self._store.note_desks(new)

    def refused(self, records: Iterable[Record]) -> str | None:
        """Why a row of a file may not come in; None: it may."""
        records = tuple(records)
        why = next((why for record in records if (why := self._refused(record)) is not None), None)
        if why is None:
            self._coming.update(record.id for record in records)
        return why

    def waits(self, records: Iterable[Record]) -> bool:
        """Whether a row takes back a claim that is not here yet, and may stand further down in the file."""
        return not (self._decide or self._empty) and any(self._dangles(record) for record in records)

    def repeats(self, record: Record) -> bool:
        """Whether a record describes a source that this ledger describes itself, in other words or the same."""
        return (
            isinstance(record, Source)
            and not (self._decide or self._empty)
            and self._store.seq_of(record.id) is None
            and self._describes(record) is not None
        )

    def _refused(self, record: Record) -> str | None:
        if isinstance(record, Redaction) and self._erases(record):
            what = "words" if record.words else "personal parts"
            return f"it would erase the {what} of {record.of} for good; `tocsin ledger redact` does that"
        if self._decide:
            return None
        if self._empty:
            decides = isinstance(record, (Merge, Split, Apart, Undo, Redaction))
            self.taken += decides or (isinstance(record, Incident) and record.released)
            return None
        why = self._changes(record)
        if why is None and self._now is not None and record.recorded > self._now + _AHEAD:
            at = record.recorded.isoformat()
            why = f"it was recorded at {at}, which is still to come: until then nobody could correct it"
        # What is held already, to the last letter or not, is for the store to tell.
        return None if why is None or self._store.seq_of(record.id) is not None else why

    def _changes(self, record: Record) -> str | None:
        match record:
            case Merge() | Split() | Apart() | Undo() | Redaction():
                article = "an" if kind_of(record)[0] in "au" else "a"
                return f"{article} {kind_of(record)} is for a person at this ledger to decide; {_HERE}"
            case Incident():
                return self._says_anew(record)
            case Source():
                return self._describes(record)
            case Claim():
                return (None if record.revises is None else self._takes_back(record)) or self._outweighs(record)
        return None

    def _says_anew(self, record: Incident) -> str | None:
        """Whether it would change what is known of an incident, or what everybody sees of it."""
        standing = self._book.standing
        known = None
        if record.origin == "impact" and record.personal is not None and record.personal.witness:
            return (
                f"it says who reported {record.incident!r} to this service, by which sources are judged here; {_HERE}"
            )
        if self._is_held(("incident",), standing.members("incident", record.incident)):
            known = standing_incident(self._store, standing, record.incident)
            if known is not None and not (changed := _unlike(known, record, "incident")):
                return None
        if record.released:
            return f"it would show {record.incident!r} to everybody; {_HERE}"
        if known is None:
            return None
        if known.released:
            return f"it would take {record.incident!r} from the public page; {_HERE}"
        return f"it would change what is known of {record.incident!r} ({', '.join(changed)}); {_HERE}"

    def _describes(self, record: Source) -> str | None:
        """Whether it would change who a source is, or say who one is that this ledger speaks of and never described.

        Who describes a source that is only named here makes its claims another's echo, or a witness's name public.
        """
        name = record.source
        members = self._book.standing.members("source", name)
        if self._is_held(("source",), members):
            known = self._book.voices.sources.get(name)
            if known is not None and not (changed := _unlike(known, record)):
                return None
            what = ", ".join(changed) if known is not None else f"it is one with {' and '.join(members)!r}"
            return f"it would change who the source {name!r} is ({what}); {_HERE}"
        if len(members) > 1 or name in self._spoken_of():
            return f"it would say who {name!r} is, whom this ledger names and nobody here described; {_HERE}"
        return None

    def _takes_back(self, claim: Claim) -> str | None:
        of = claim.revises
        assert of is not None, "a claim that takes nothing back"
        seq = self._store.seq_of(of)
        if seq is None and of in self._coming:
            return None
        if seq is None:
            return f"it takes back {of!r}, which is no record here; import what holds that first"
        if seq > self._began:
            return None
        before, itself = self._store.get(of), self._book.voices.itself
        if not isinstance(before, Claim):
            return f"it takes back {of!r}, which is no claim"
        if itself(before.origin) != itself(claim.origin):
            return f"it takes back {of!r}, which {before.origin!r} said, and not {claim.origin!r}; {_HERE}"
        if before.by != claim.by:
            return f"it takes back {of!r}, which {before.by!r} recorded, and not {claim.by!r}; {_HERE}"
        if self._desks is None:
            self._desks = self._store.own_desks()
        # Whoever writes a file writes any desk's name into it.
        if before.by in self._desks:
            return f"it takes back {of!r}, which {before.by!r}, a desk of this ledger, recorded; {_HERE}"
        self.revised += self._store.seq_of(claim.id) is None
        return None

    def _outweighs(self, claim: Claim) -> str | None:
        """Whether it would be a source's own words, where this ledger has quotations alone: those would not count."""
        if not self._is_own(claim) or self._said(claim) not in self._quoted_of(claim.incident):
            return None
        return f"as its own words it would outweigh what others quote of {claim.origin!r}; {_HERE}"

    def _quoted_of(self, incident: str) -> frozenset[_Said]:
        """Whose words on what this ledger has of an incident through others alone."""
        if incident not in self._quoted:
            names = self._book.standing.members("incident", incident)
            held = self._store.about(("claim",), names) if self._is_held(("claim",), names) else []
            # What came with the file itself is its own affair.
            ours = (one for one in held if (self._store.seq_of(one.id) or 0) <= self._began)
            claims = [one for one in ours if isinstance(one, Claim)]
            own = {self._said(one) for one in claims if self._is_own(one)}
            self._quoted[incident] = frozenset({self._said(one) for one in claims} - own)
        return self._quoted[incident]

    def _is_own(self, claim: Claim) -> bool:
        voices = self._book.voices
        return all(voices.itself(name) == voices.of(claim.origin) for name in claim.chain)

    def _said(self, claim: Claim) -> _Said:
        return self._book.voices.of(claim.origin), claim.measure, claim.subject.strip().casefold()

    def _dangles(self, record: Record) -> bool:
        of = record.revises if isinstance(record, Claim) else None
        return of is not None and of not in self._coming and self._store.seq_of(of) is None

    def _is_held(self, kinds: tuple[str, ...], names: tuple[str, ...]) -> bool:
        """Whether the ledger said something of them before the file."""
        first = self._store.first_about(kinds, names)
        return first is not None and first <= self._began

    def _spoken_of(self) -> frozenset[str]:
        """Sources that claims of this ledger name, and those whose words others are said to pass on."""
        if self._spoken is None:
            echoed = {one.echoes for one in self._book.voices.sources.values() if one.echoes is not None}
            self._spoken = self._store.chained(self._began) | echoed
        return self._spoken

    def _erases(self, record: Redaction) -> bool:
        """Whether it would erase what this ledger holds: a person here may, a file may not, whoever sends it."""
        known = self._store.get(record.of)
        return known is not None and (known.personal is not None or (record.words and known.blanked is None))


def _unlike(known: Record, record: Record, *beside: str) -> list[str]:
    """In what two records about one thing differ."""
    fields = (one for one in record.__struct_fields__ if one not in (*_HEADER, *beside))
    return [one for one in fields if getattr(known, one) != getattr(record, one)]
