"""A ledger as pages ask for it: incidents by time and text, what may be one, sources. For the ledger's thread alone.

Incidents, sources and decisions are held in memory and read on as the ledger grows; claims are read by incident.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Literal, NamedTuple

from tocsin.ledger.alias import propose_aliases
from tocsin.ledger.case import Book
from tocsin.ledger.duplicates import current, propose_duplicates
from tocsin.ledger.earned import earned_in
from tocsin.ledger.glossary import folded
from tocsin.ledger.incident import Incident
from tocsin.ledger.reasons import Reason
from tocsin.ledger.sql import SqlStore
from tocsin.service.ledger.shown import (
    CaseShown,
    IncidentPage,
    Pair,
    Perhaps,
    ReasonShown,
    Reporters,
    ReporterShown,
    SourcePage,
    case_shown,
    row_of,
    source_shown,
)

# A record takes about a kilobyte. The longest archive that we know of has 4,000 nights.
RECORDS_MAX = 100_000
# Nobody reads more; the rest comes to light once these are decided.
PROPOSED_MAX = 200

State = Literal["all", "released", "withheld"]


class Wanted(NamedTuple):
    """Which incidents: whose window meets begin to end, whose words hold all of these, from a place in the list on."""

    begin: datetime | None = None
    end: datetime | None = None
    text: str = ""
    state: State = "all"
    after: int = 0
    limit: int = 100


class Shelf:
    """`trouble`: that not everything is listed; None: it is. Raises BadFile as its store does."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.book = Book(store)
        self.trouble: str | None = None
        self._seen = -1
        self._records: list[Incident] = []
        self._current: dict[str, Incident] = {}
        self._newest_first: list[str] = []
        self._words: dict[str, str] = {}
        self._proposals: Perhaps | None = None

    def read_on(self) -> None:
        """Take in what is new in the ledger."""
        last = self.store.last_seq
        if last == self._seen:
            return
        fresh = self.store.read(("incident",), max(self._seen, 0))
        room = RECORDS_MAX - len(self._records)
        self._records += [one for one in islice(fresh, room) if isinstance(one, Incident)]
        if next(iter(fresh), None) is not None:
            self.trouble = (
                f"the ledger has more than {RECORDS_MAX:,} records of incidents; only the first of them are listed: "
                "keep older years in a ledger of their own (`tocsin ledger export`)"
            )
        self._current = current(self._records, self.book.standing)
        self._newest_first = sorted(
            self._current, key=lambda name: (self._current[name].window.begin, name), reverse=True
        )
        self._words.clear()
        self._proposals = None
        self._seen = last

    @property
    def standing(self) -> dict[str, Incident]:
        """Name -> incident as it stands, in order of names."""
        self.read_on()
        return self._current

    @property
    def newest_first(self) -> list[str]:
        """Names of incidents as they stand."""
        self.read_on()
        return self._newest_first

    def incidents(self, wanted: Wanted) -> IncidentPage:
        """A page of incidents, newest first."""
        names = [name for name in self.newest_first if self._meets(name, wanted)]
        page = names[wanted.after : wanted.after + wanted.limit]
        end = wanted.after + len(page)
        return IncidentPage(
            incidents=tuple(row_of(name, self._current[name]) for name in page),
            after=end if end < len(names) else None,
            found=len(names),
            all=len(self._newest_first),
        )

    def case(self, name: str) -> CaseShown | None:
        """One incident as it stands; None: the ledger has nothing of it."""
        case = self.book.case(name)
        return None if case is None else case_shown(case, self.book.voices, self.book.standing)

    def called(self, name: str) -> str:
        """What people call an incident."""
        known = self.standing.get(name)
        place = "" if known is None or known.place is None else known.place.name
        return name if known is None else ", ".join(filter(None, (known.struck, place))) or name

    def sources(self, text: str, after: int, limit: int) -> SourcePage:
        """A page of sources in order of name, each with all its names; those of which a name holds the text."""
        voices, standing = self.book.voices, self.book.standing
        parts = defaultdict(list)
        for name in sorted(voices.sources):
            parts[voices.itself(name)].append(name)
        asked = folded(text).split()
        shown = [source_shown(root, names, voices, standing) for root, names in sorted(parts.items())]
        found = [
            one
            for one in shown
            if all(word in folded(" ".join((one.source, *(name.text for name in one.names)))) for word in asked)
        ]
        page = found[after : after + limit]
        end = after + len(page)
        return SourcePage(sources=tuple(page), after=end if end < len(found) else None, found=len(found))

    def proposals(self) -> Perhaps:
        """Incidents and sources that may be one, with reasons."""
        self.read_on()
        if self._proposals is None:
            standing, voices = self.book.standing, self.book.voices
            aliases = propose_aliases(voices.sources.values(), standing)
            doubles = list(islice(propose_duplicates(self._records, standing), PROPOSED_MAX + 1))

            def pair(found: tuple[str, str, tuple[Reason, ...]], called: Callable[[str], str]) -> Pair:
                one, other, reasons = found
                return Pair(
                    one=one, other=other, one_called=called(one), other_called=called(other),
                    reasons=tuple(map(str, reasons)),
                    why=tuple(ReasonShown(key=why.key, values=dict(why.values)) for why in reasons),
                )  # fmt: skip

            self._proposals = Perhaps(
                incidents=tuple(pair(one, self.called) for one in doubles[:PROPOSED_MAX]),
                sources=tuple(pair(one, voices.known_as) for one in aliases[:PROPOSED_MAX]),
                all=len(doubles) <= PROPOSED_MAX and len(aliases) <= PROPOSED_MAX,
            )
        return self._proposals

    def reporters(self, now: datetime) -> Reporters:
        """What came of the impacts that each source reported."""
        self.read_on()
        found = earned_in(self.store, self._records, self.book.standing, now)
        shown = (ReporterShown(**one._asdict(), share=one.share, advice=one.advice) for one in found)
        return Reporters(reporters=tuple(shown))

    def _meets(self, name: str, wanted: Wanted) -> bool:
        one = self._current[name]
        if wanted.state != "all" and one.released != (wanted.state == "released"):
            return False
        if wanted.end is not None and one.window.begin > wanted.end:
            return False
        if wanted.begin is not None and one.window.end is not None and one.window.end < wanted.begin:
            return False
        return not wanted.text or self._says(name, one, wanted.text)

    def _says(self, name: str, one: Incident, text: str) -> bool:
        words = self._words.get(name)
        if words is None:
            place = "" if one.place is None else one.place.name
            words = self._words[name] = folded(f"{name} {one.struck} {place} {one.weapon} {one.threat}")
        return all(word in words for word in folded(text).split())
