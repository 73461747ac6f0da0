"""An incident as it stands, in lines of plain text: what is known, who says what, and where they contradict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from tocsin.ledger.case import Case
from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Apart, Decision, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.reconcile import Finding, Statement
from tocsin.ledger.record import Record
from tocsin.ledger.standing import Voices
from tocsin.ledger.window import Window

# Nobody reads more of one voice; all of them are in the JSON.
_CLAIMS_SHOWN = 20


def told(case: Case, voices: Voices) -> Iterator[str]:
    """The lines; what is personal is in none of them."""
    yield f"{case.name}{' (drill)' if case.incident is not None and case.incident.drill else ''}"
    if len(case.members) > 1:
        yield f"  merged   {', '.join(name for name in case.members if name != case.name)}"
    if case.incident is None:
        yield "  nothing is recorded of it but claims"
    else:
        yield from _known(case.incident)
    if case.warnings:
        yield f"  warnings {', '.join(case.warnings)}"
    if case.tracks:
        yield f"  tracks   {', '.join(case.tracks)}"
    yield f"  records  {_listed([one.id for one in case.history])}" if case.history else "  records  none of it"
    if case.decisions:
        yield f"  decided  {_listed([one.id for one in case.decisions])}"
    if gone := sum(one.blanked is not None for one in (*case.history, *case.claims)):
        yield f"  redacted the words of {gone} of its records"
    for finding in case.findings:
        yield ""
        yield f"{finding.measure}{f', {finding.subject}' if finding.subject else ''}"
        for statement in finding.statements:
            yield from _statement(statement, voices)
        yield from _together(finding, voices)
    if case.taken_back:
        yield ""
        yield f"recorded wrongly and taken back: {', '.join(claim.id for claim in case.taken_back)}"
    for one in case.custody:
        where = f", {one.place}" if one.place else ""
        yield f"  file {one.of[:12]}… {one.did} {_time(one.at)} by {one.by}{where}; {one.id}"
    for stamp in case.stamps:
        yield f"  file {stamp.of[:12]}… stamped {_time(stamp.at)} by {stamp.authority}; {stamp.id}"


def _known(incident: Incident) -> Iterator[str]:
    if (place := incident.place) is not None:
        name = f"{place.name}, " if place.name else ""
        yield f"  where    {name}{place.lat:.4f} {place.lon:.4f}, give or take {_length(place.sigma_m)}"
    yield f"  when     {window_text(incident.window)}"
    if incident.struck:
        yield f"  struck   {incident.struck}"
    if incident.weapon or incident.threat != "unknown":
        by = incident.weapon or incident.threat.replace("_", " ")
        yield f"  by       {by}"


def _statement(statement: Statement, voices: Voices) -> Iterator[str]:
    said = [] if statement.figure is None else [str(statement.figure)]
    said += ["denied"] if statement.denied else []
    known, name = voices.known_as(statement.voice), statement.voice
    yield f"  {known}{f' ({name})' if name != known else ''}: {', '.join(said) or 'says so'}"
    for claims, what in (
        (statement.claims, ""),
        (statement.echoes, "adds nothing: "),
        (statement.revised, "taken back by its source: "),
    ):
        for claim in claims[:_CLAIMS_SHOWN]:
            yield f"    {what}{_claim(claim, voices)}"
        if len(claims) > _CLAIMS_SHOWN:
            yield f"    {what}{len(claims) - _CLAIMS_SHOWN} more"


def _claim(claim: Claim, voices: Voices) -> str:
    parts = [] if claim.figure is None else [str(claim.figure)]
    parts += [f"“{claim.words}”"] if claim.words else []
    if claim.window is not None:
        parts.append(window_text(claim.window))
    if claim.said_when:
        parts.append(unresolved_text(claim))
    # The publisher first, and whom it quotes behind it.
    heard = " quoting ".join(voices.called(name) for name in reversed(claim.chain))
    where = claim.url or claim.where
    parts.append(f"{heard}, {_time(claim.published)}{f', {where}' if where else ''}")
    parts.append(claim.id)
    return "; ".join(parts)


def _together(finding: Finding, voices: Voices) -> Iterator[str]:
    if len(finding.statements) > 1:
        if finding.agreed is not None:
            yield f"  all of them allow: {finding.agreed}"
        elif finding.span is not None:
            yield f"  from the least to the most that anybody says: {finding.span}"
    for one, other, why in finding.contradictions:
        yield f"  contradiction: {voices.known_as(one)} and {voices.known_as(other)}, {why}"


def decided_text(decision: Record) -> str:
    """What a decision says, in a line."""
    reason = f" ({decision.reason})" if isinstance(decision, Decision) and decision.reason else ""
    match decision:
        case Merge(what=what, into=into, of=of):
            return f"the {what}s {_listed((*of, into))} are one, {into}{reason}"
        case Apart(what=what, one=one, other=other):
            return f"the {what}s {one} and {other} are two{reason}"
        case Split(into=into, claims=claims):
            return f"{_listed(claims)} stand at {into}{reason}"
        case Undo(of=of):
            return f"{of} counts no more{reason}"
        case Redaction(of=of, words=words):
            return f"{'the words' if words else 'the personal parts'} of {of} are redacted{reason}"
    return decision.id


def unresolved_text(claim: Claim) -> str:
    """When it was, as a claim says it in words that no rule resolved; empty: it says none."""
    return f"“{claim.said_when}”: no rule knows when that is" if claim.said_when else ""


def window_text(window: Window) -> str:
    """A window in words: its times, and as the source said it with the rule that resolved it."""
    if window.end is None:
        times = f"from {_time(window.begin)}, no end known"
    elif window.end == window.begin:
        times = _time(window.begin)
    else:
        times = f"{_time(window.begin)} to {_time(window.end)}"
    if not window.said:
        return times
    return f"{times} (“{window.said}” in {window.zone or 'UTC'}: {window.rule})"


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _listed(names: Sequence[str]) -> str:
    """Names, the last ones where there are many."""
    more = f"{len(names) - _CLAIMS_SHOWN} more, " if len(names) > _CLAIMS_SHOWN else ""
    return f"{more}{', '.join(names[-_CLAIMS_SHOWN:])}"


def _length(metres: float) -> str:
    return f"{metres / 1_000:.0f} km" if metres >= 1_000 else f"{metres:.0f} m"
