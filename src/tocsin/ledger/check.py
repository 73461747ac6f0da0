"""What is wrong with a ledger: references that lead nowhere, times that cannot be, seals that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tocsin.ledger.claim import Claim
from tocsin.ledger.custody import Handling, Stamp
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.pseudonyms import is_pseudonym
from tocsin.ledger.record import Record, record_bytes
from tocsin.ledger.source import Source
from tocsin.ledger.standing import Standing, Voices, standing_of
from tocsin.ledger.store import Store
from tocsin.ledger.wire import record_from_json
from tocsin.model.errors import BadRecord
from tocsin.model.value import SENT_AHEAD_S

# A clock may run ahead by so much.
_AHEAD = timedelta(seconds=SENT_AHEAD_S)
_NOBODY_ASKED = "its words are gone, and no redaction here says so and why"


def check(store: Store, now: datetime | None = None) -> Iterator[str]:
    """Everything that is wrong, a sentence each, with the id of the record; nothing is changed.

    now   what was recorded after it is wrong; None: nobody knows what time it is
    """
    return _Check(store, now).problems()


def unknown_in(store: Store, decision: Record) -> Iterator[str]:
    """What a decision names that is not in a store, a sentence each."""
    assert isinstance(decision, Merge | Split | Apart | Undo | Redaction), "a record that decides nothing"
    return _Check(store).of_decision(decision)


class _Check:
    """Names are held in memory, claims are read one by one."""

    def __init__(self, store: Store, now: datetime | None = None) -> None:
        self.store = store
        self._now = now
        self.incidents = {one.incident for one in store.read(("incident",)) if isinstance(one, Incident)}
        sources = [one for one in store.read(("source",)) if isinstance(one, Source)]
        self.sources = {one.source for one in sources}
        self.standing: Standing = standing_of(store)
        self.voices = Voices(sources, self.standing)
        redactions = [one for one in store.read(("redaction",)) if isinstance(one, Redaction)]
        self.redacted = {one.of for one in redactions}
        self.wordless = {one.of for one in redactions if one.words}
        # Hashes that handlings and stamps name, until a claim that has such a file comes by.
        self.files: dict[str, str] = {}

    def problems(self) -> Iterator[str]:
        for one in self.store.read(("handling", "stamp")):
            assert isinstance(one, (Handling, Stamp))
            self.files.setdefault(one.of, one.id)
        expected = 0
        for row in self.store.stored():
            expected += 1
            if row.seq != expected:
                yield f"records {expected} to {row.seq - 1} are missing; restore the ledger from a copy"
                expected = row.seq
            try:
                record = record_from_json(row.body, row.personal)
            except BadRecord as error:
                yield f"record {row.seq}, {row.id}, cannot be read: {error}"
                continue
            if record.id != row.id or record_bytes(record) != row.body:
                yield f"record {row.seq}, {row.id}, is not as it was written; restore the ledger from a copy"
            yield from (f"{record.id}: {said}" for said in self._of(record))
        yield from (f"{name}: no claim has a file with the hash {of}" for of, name in sorted(self.files.items()))

    def _of(self, record: Record) -> Iterator[str]:
        if record.id in self.redacted and record.personal is not None:
            yield "it was redacted, and its personal parts are still there"
        if (record.id in self.wordless) != (record.blanked is not None):
            yield "its words were redacted, and are still there" if record.blanked is None else _NOBODY_ASKED
        if self._now is not None and record.recorded > self._now + _AHEAD:
            yield f"it was recorded at {record.recorded.isoformat()}; until then it outweighs what others record"
        match record:
            case Claim():
                yield from self._of_claim(record)
            case Incident(window=window):
                if window.begin > record.recorded + _AHEAD:
                    yield f"it begins at {window.begin.isoformat()}, after it was recorded"
                if record.place is not None and (record.place.lat, record.place.lon) == (0, 0):
                    yield "it lies at latitude 0, longitude 0, where nobody lives; give its place, or none"
            case Source(echoes=str() as echoed):
                if echoed not in self.sources:
                    yield f"it passes on the words of {echoed}, of which there is no record"
                elif self.voices.in_a_ring(record.source):
                    yield f"it passes on the words of {echoed}, which passes on its own: nobody's are the first"
            case Merge() | Split() | Apart() | Undo() | Redaction():
                yield from self.of_decision(record)
            case _:
                pass

    def _of_claim(self, claim: Claim) -> Iterator[str]:
        if claim.incident not in self.incidents:
            yield f"it is about {claim.incident}, of which there is no record"
        for name in claim.chain:
            if name not in self.sources:
                yield f"it names the source {name}, of which there is no record"
        if claim.published > claim.recorded + _AHEAD:
            yield f"it was published at {claim.published.isoformat()}, after it was recorded"
        if claim.window is not None and claim.measure != "outage" and claim.window.begin > claim.published + _AHEAD:
            yield f"it tells of {claim.window.begin.isoformat()}, after it was published"
        for file in claim.evidence:
            self.files.pop(file.sha256, None)
            if file.taken is not None and file.taken > claim.recorded + _AHEAD:
                yield f"its file {file.sha256[:12]}… was taken after the claim was recorded"
        if claim.revises is not None:
            yield from self._of_revision(claim, claim.revises)

    def _of_revision(self, claim: Claim, revises: str) -> Iterator[str]:
        if self._is_taken_back_by_itself(claim):
            yield f"it revises {revises}, and is itself taken back by that: none of them counts"
            return
        before = self.store.get(revises)
        if not isinstance(before, Claim):
            yield f"it revises {revises}, which is no claim here"
            return
        if self.voices.of(before.origin) != self.voices.of(claim.origin):
            yield f"it revises {revises}, which is another source's: that one stands"
        if (before.measure, before.subject) != (claim.measure, claim.subject):
            yield f"it revises {revises}, which is about something else: that one stands"
        if before.published > claim.published:
            yield f"it revises {revises}, which was published later"

    def _is_taken_back_by_itself(self, claim: Claim) -> bool:
        seen = {claim.id}
        before: Record | None = claim
        while isinstance(before, Claim) and before.revises is not None:
            if before.revises in seen:
                return before.revises == claim.id
            seen.add(before.revises)
            before = self.store.get(before.revises)
        return False

    def of_decision(self, record: Merge | Split | Apart | Undo | Redaction) -> Iterator[str]:
        """What a decision names that is not there, and what makes no sense in it."""
        match record:
            case Merge(what=what, into=into, of=of):
                names = {into, *of}
            case Apart(what=what, one=one, other=other):
                names = {one, other}
            case Split(into=into, claims=claims):
                what, names = "incident", {into}
                yield from self._missing(claims)
                found = {name: self.store.get(name) for name in claims}
                yield from (f"it moves {name}, which is no claim" for name in sorted(_no_claims(found)))
            case Undo(of=undone) | Redaction(of=undone):
                yield from self._missing((undone,))
                if undone == record.id:
                    yield "it is about itself"
                if isinstance(record, Undo) and isinstance(self.store.get(undone), Redaction):
                    yield f"it would undo {undone}, a redaction, and what that took out is gone"
                return
        known = self.incidents if what == "incident" else self.sources
        # Of a pseudonym there may be no record: it may stand for whoever was told apart from a witness.
        unknown = sorted(name for name in names - known if what == "incident" or not is_pseudonym(name))
        yield from (f"it names the {what} {name}, of which there is no record" for name in unknown)
        if isinstance(record, Merge) and record.into in record.of:
            yield f"it merges {record.into} into itself"

    def _missing(self, names: tuple[str, ...]) -> Iterator[str]:
        return (f"it is about {name}, which is no record here" for name in names if self.store.get(name) is None)


def _no_claims(found: Mapping[str, Record | None]) -> list[str]:
    return [name for name, one in found.items() if not isinstance(one, Claim | None)]
