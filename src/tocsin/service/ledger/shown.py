"""What the console shows of a ledger. Personal parts of records are in none of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tocsin.ledger.case import Case
from tocsin.ledger.claim import Claim, Measure
from tocsin.ledger.earned import Advice
from tocsin.ledger.incident import Incident, Origin
from tocsin.ledger.reasons import ReasonKey
from tocsin.ledger.reconcile import Finding, Statement
from tocsin.ledger.source import SourceKind, SourceName
from tocsin.ledger.standing import Standing, Voices
from tocsin.ledger.telling import unresolved_text, window_text
from tocsin.ledger.wire import kind_of
from tocsin.model.threat import ThreatClass

# Of one voice on one thing; `more` counts the rest.
CLAIMS_MAX = 50


class PlaceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A point, WGS 84; `sigma_m`: one standard deviation."""

    name: str
    lat: float
    lon: float
    sigma_m: float


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An incident in a list. `window`: its times in words, as said and as resolved."""

    incident: str
    begin: datetime
    end: datetime | None
    window: str
    struck: str
    place: PlaceShown | None
    threat: ThreatClass
    weapon: str
    released: bool
    drill: bool


class IncidentPage(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/ledger/incidents: newest first.

    after   ask with it for older ones; null: there are none
    found   how many there are of those asked for; all: of all
    """

    incidents: tuple[IncidentRow, ...]
    after: int | None
    found: int
    all: int


class ClaimShown(msgspec.Struct, frozen=True, kw_only=True):
    """A claim. `by`: through whom we have it, the origin first; `window`: its times in words, empty: it gives none."""

    id: str
    figure: str | None
    denied: bool
    by: tuple[str, ...]
    at: datetime
    url: str | None
    where: str
    language: str
    words: str
    window: str
    files: int


class StatementShown(msgspec.Struct, frozen=True, kw_only=True):
    """What one voice says of one thing.

    figure    the range that it gives; null: none
    claims    on which that rests; echoes: quotations that add nothing; revised: what it took back
    more      claims that are not listed here
    """

    voice: str
    called: str
    figure: str | None
    denied: bool
    claims: tuple[ClaimShown, ...]
    echoes: tuple[ClaimShown, ...]
    revised: tuple[ClaimShown, ...]
    more: int


class ContradictionShown(msgspec.Struct, frozen=True, kw_only=True):
    """Two voices that cannot both be right."""

    one: str
    other: str
    why: str


class FindingShown(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said of one thing. `span`: from the least to the most; `agreed`: what all voices allow."""

    measure: Measure
    subject: str
    statements: tuple[StatementShown, ...]
    span: str | None
    agreed: str | None
    contradictions: tuple[ContradictionShown, ...]


class DecisionShown(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided. `undone`: it counts no more."""

    id: str
    kind: str
    at: datetime
    by: str
    reason: str
    undone: bool


class CaseShown(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/ledger/incidents/{incident}.

    known     what is known of it; null: there are claims about it, and no record
    members   all names it has had
    origin    who opened it: an impact report, an operator, an import
    warnings  ids of those that stood there then; tracks: of those that were near
    handled   how often files of it were handled; stamped: time stamps of them
    """

    incident: str
    known: IncidentRow | None
    members: tuple[str, ...]
    origin: Origin | None
    warnings: tuple[str, ...]
    tracks: tuple[str, ...]
    findings: tuple[FindingShown, ...]
    taken_back: tuple[str, ...]
    decisions: tuple[DecisionShown, ...]
    handled: int
    stamped: int


class SourceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A source under all its names. `voice`: whose words it passes on; null: it has a voice of its own."""

    source: str
    members: tuple[str, ...]
    names: tuple[SourceName, ...]
    kind: SourceKind
    site: str | None
    voice: str | None
    about: str


class SourcePage(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/ledger/sources: in order of name. `after`: ask with it for more; null: there are none."""

    sources: tuple[SourceShown, ...]
    after: int | None
    found: int


class ReasonShown(msgspec.Struct, frozen=True, kw_only=True):
    """A reason to be said in any language: which, and what stands in it."""

    key: ReasonKey
    values: dict[str, str]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two that may be one, what people call them, and why they may: `reasons` in English, `why` for other languages."""

    one: str
    other: str
    one_called: str
    other_called: str
    reasons: tuple[str, ...]
    why: tuple[ReasonShown, ...]


class Perhaps(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/ledger/proposals: nothing is merged until somebody says so. `all`: there are no more."""

    incidents: tuple[Pair, ...]
    sources: tuple[Pair, ...]
    all: bool


class ReporterShown(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the impacts that one source reported.

    borne_out   another one reported them, too, somebody else speaks of them, or an officer released them
    alone       nobody else says anything of them, a week later
    not_so      recorded wrongly, or denied by all who speak of them
    share       of those borne out; null: fewer than ten are over
    advice      what an officer may think of: to let it raise alone, or to hear it with care; nothing changes by itself
    """

    source: str
    borne_out: int
    alone: int
    not_so: int
    share: float | None
    advice: Advice | None


class Reporters(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/ledger/reporters: sources that reported impacts, in order of name."""

    reporters: tuple[ReporterShown, ...]


def row_of(name: str, one: Incident) -> IncidentRow:
    """An incident in a list, under the name by which it stands."""
    window, place = one.window, one.place
    return IncidentRow(
        incident=name,
        begin=window.begin,
        end=window.end,
        window=window_text(window),
        struck=one.struck,
        place=None
        if place is None
        else PlaceShown(name=place.name, lat=place.lat, lon=place.lon, sigma_m=place.sigma_m),
        threat=one.threat,
        weapon=one.weapon,
        released=one.released,
        drill=one.drill,
    )


def case_shown(case: Case, voices: Voices, standing: Standing) -> CaseShown:
    """One incident, with everything that was said of it."""
    known = case.incident
    return CaseShown(
        incident=case.name,
        known=None if known is None else row_of(case.name, known),
        members=case.members,
        origin=None if known is None else known.origin,
        warnings=case.warnings,
        tracks=case.tracks,
        findings=tuple(_finding(one, voices) for one in case.findings),
        taken_back=tuple(one.id for one in case.taken_back),
        decisions=tuple(
            DecisionShown(
                id=one.id, kind=kind_of(one), at=one.recorded, by=one.by, reason=getattr(one, "reason", ""),
                undone=one.id in standing.undone,
            )
            for one in case.decisions
        ),
        handled=len(case.custody),
        stamped=len(case.stamps),
    )  # fmt: skip


def _finding(one: Finding, voices: Voices) -> FindingShown:
    return FindingShown(
        measure=one.measure,
        subject=one.subject,
        statements=tuple(_statement(said, voices) for said in one.statements),
        span=None if one.span is None else str(one.span),
        agreed=None if one.agreed is None else str(one.agreed),
        contradictions=tuple(
            ContradictionShown(one=voices.known_as(pair.one), other=voices.known_as(pair.other), why=pair.why)
            for pair in one.contradictions
        ),
    )


def _statement(said: Statement, voices: Voices) -> StatementShown:
    def listed(claims: tuple[Claim, ...]) -> tuple[ClaimShown, ...]:
        return tuple(_claim(claim, voices) for claim in claims[:CLAIMS_MAX])

    return StatementShown(
        voice=said.voice,
        called=voices.known_as(said.voice),
        figure=None if said.figure is None else str(said.figure),
        denied=said.denied,
        claims=listed(said.claims),
        echoes=listed(said.echoes),
        revised=listed(said.revised),
        more=sum(max(0, len(claims) - CLAIMS_MAX) for claims in (said.claims, said.echoes, said.revised)),
    )


def _claim(claim: Claim, voices: Voices) -> ClaimShown:
    return ClaimShown(
        id=claim.id,
        figure=None if claim.figure is None else str(claim.figure),
        denied=claim.denied,
        by=tuple(voices.called(name) for name in claim.chain),
        at=claim.published,
        url=claim.url,
        where=claim.where,
        language=claim.language,
        words=claim.words,
        window=unresolved_text(claim) if claim.window is None else window_text(claim.window),
        files=len(claim.evidence),
    )


def source_shown(root: str, names: Sequence[str], voices: Voices, standing: Standing) -> SourceShown:
    """A source, with the names of all that are one with it."""
    own = voices.sources.get(root) or voices.sources[names[0]]
    voice = voices.of(root)
    every = {one.text: one for name in (root, *names) if name in voices.sources for one in voices.sources[name].names}
    return SourceShown(
        source=root,
        members=standing.members("source", root),
        names=tuple(every.values()),
        kind=own.kind,
        site=own.site,
        voice=None if voice == root else voices.known_as(voice),
        about=own.about,
    )
