"""One incident as it stands: what is known of it, what is claimed, and how that was arrived at."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from tocsin.ledger.claim import Claim
from tocsin.ledger.custody import Handling, Stamp
from tocsin.ledger.incident import Incident
from tocsin.ledger.incidents import newest_of
from tocsin.ledger.reconcile import Finding, reconcile
from tocsin.ledger.record import Record, order_of
from tocsin.ledger.source import Source
from tocsin.ledger.standing import DECISIONS, Standing, Voices
from tocsin.ledger.store import Store


class Case(NamedTuple):
    """An incident as it stands.

    name        under which it stands; members: all the names it has had, those of merged ones included
    incident    what is known of it now; None: there are claims about it, and no record of it
    history     every record of it and of its members, in order
    claims      those that count, in order of publication; taken_back: those that were recorded wrongly
    findings    the claims, reconciled
    custody     what was done with the evidence, in order; stamps: time stamps of it
    decisions   merges, splits and undoings that made it so
    warnings    ids of all warnings that any record of it names; tracks: of all tracks
    """

    name: str
    members: tuple[str, ...]
    incident: Incident | None
    history: tuple[Incident, ...]
    claims: tuple[Claim, ...]
    taken_back: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    custody: tuple[Handling, ...]
    stamps: tuple[Stamp, ...]
    decisions: tuple[Record, ...]
    warnings: tuple[str, ...]
    tracks: tuple[str, ...]


class Book:
    """A store as it stands. Decisions and sources are held in memory, and read on where there are more."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen = -1
        self._decisions: list[Record] = []
        # What it names -> decisions.
        self._naming: dict[str, list[Record]] = defaultdict(list)
        self._sources: list[Source] = []
        self._standing = Standing()
        self._voices = Voices((), self._standing)

    @property
    def standing(self) -> Standing:
        """What people decided."""
        self._read_on()
        return self._standing

    @property
    def voices(self) -> Voices:
        """Which sources are one voice."""
        self._read_on()
        return self._voices

    def _read_on(self) -> None:
        last = self.store.last_seq
        if last == self._seen:
            return
        after = max(self._seen, 0)
        decisions = list(self.store.read(DECISIONS, after))
        sources = [one for one in self.store.read(("source",), after) if isinstance(one, Source)]
        self._seen = last
        if decisions or sources:
            self._decisions += decisions
            for decision in decisions:
                for name in _named(decision):
                    self._naming[name].append(decision)
            self._sources += sources
            self._standing = Standing(self._decisions)
            self._voices = Voices(self._sources, self._standing)

    def case(self, name: str) -> Case | None:
        """The incident that goes by a name, or went by it before it was merged; None: nobody said anything of it."""
        standing, voices = self.standing, self.voices
        members = standing.members("incident", name)
        found = sorted(self.store.about(("incident", "claim"), members), key=order_of)
        history = tuple(one for one in found if isinstance(one, Incident))
        here = [one for one in found if isinstance(one, Claim) and standing.moved.get(one.id, members[0]) in members]
        here += [one for one in map(self.store.get, standing.moved_into(members)) if isinstance(one, Claim)]
        claims = sorted({one.id: one for one in here}.values(), key=lambda one: (one.published, one.id))
        if not history and not claims:
            return None
        root = standing.root("incident", name)
        known = [one for one in history if one.id not in standing.undone]
        counted = tuple(one for one in claims if one.id not in standing.undone)
        files = {one.sha256 for claim in claims for one in claim.evidence}
        kept = sorted(self.store.about(("handling", "stamp"), files), key=order_of)
        return Case(
            name=root,
            members=members,
            incident=newest_of(root, known),
            history=history,
            claims=counted,
            taken_back=tuple(one for one in claims if one.id in standing.undone),
            findings=reconcile(counted, voices),
            custody=tuple(one for one in kept if isinstance(one, Handling)),
            stamps=tuple(one for one in kept if isinstance(one, Stamp)),
            decisions=tuple(sorted(self._made(members, claims), key=order_of)),
            # Whoever corrects a place or releases it says nothing of them, and takes none back.
            warnings=tuple(dict.fromkeys(name for one in known for name in one.warnings)),
            tracks=tuple(dict.fromkeys(name for one in known for name in one.tracks)),
        )

    def _made(self, members: tuple[str, ...], claims: list[Claim]) -> list[Record]:
        """Decisions about an incident, and about its records and those decisions."""
        found: dict[str, Record] = {}
        names = [*members, *(one.id for one in claims)]
        while names:
            for decision in self._naming.get(names.pop(), ()):
                if decision.id not in found:
                    found[decision.id] = decision
                    names.append(decision.id)
        return list(found.values())


def _named(decision: Record) -> set[str]:
    """What a decision names."""
    named: set[str] = set()
    for field in ("into", "of", "one", "other", "claims"):
        value = getattr(decision, field, ())
        named |= {value} if isinstance(value, str) else set(value)
    return named
