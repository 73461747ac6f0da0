"""What sources say of one incident, side by side: the range of each voice, what all allow, and where they contradict.

Never an average, and never a sum. Sources that pass on another's words add nothing to its voice, however many they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from tocsin.ledger.claim import Claim, Figure, Measure
from tocsin.ledger.standing import Voices


class Statement(NamedTuple):
    """What one voice says of one thing.

    voice      the source whose voice it is
    figure     from the least to the most that it says; None: it gives no figure
    denied     it says that it is not so
    claims     on which that rests: its own words where we have them, else as others quote it
    echoes     others' quotations that add nothing
    revised    what it said before and took back
    """

    voice: str
    figure: Figure | None
    denied: bool
    claims: tuple[Claim, ...]
    echoes: tuple[Claim, ...]
    revised: tuple[Claim, ...]


class Contradiction(NamedTuple):
    """Two voices that cannot both be right, and why, in words; each stands for all that say the same."""

    one: str
    other: str
    why: str


class Finding(NamedTuple):
    """Everything said of one measure and subject.

    statements       by voice, in order of their names
    span             from the least to the most that any voice says; None: nobody gives a figure
    agreed           what every voice's figure allows, where several voices give one; None: one voice, or nothing
    contradictions   pairs of voices
    """

    measure: Measure
    subject: str
    statements: tuple[Statement, ...]
    span: Figure | None
    agreed: Figure | None
    contradictions: tuple[Contradiction, ...]


def reconcile(claims: Iterable[Claim], voices: Voices) -> tuple[Finding, ...]:
    """What claims about one incident come to, in order of measure and subject; their order changes nothing."""
    groups: dict[tuple[Measure, str], dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in sorted(claims, key=lambda one: (one.published, one.id)):
        groups[claim.measure, claim.subject.strip().casefold()][voices.of(claim.origin)].append(claim)
    findings = [
        _finding(measure, [_statement(voice, said, voices) for voice, said in sorted(by_voice.items())])
        for (measure, _), by_voice in sorted(groups.items())
    ]
    return tuple(_with_parties(findings))


def _finding(measure: Measure, statements: list[Statement]) -> Finding:
    figures = [one for one in statements if one.figure is not None and one.figure.known and not one.denied]
    # A thousand voices say a few things.
    saying = {_said(one): one for one in reversed(statements)}
    apart = sorted(saying.values(), key=lambda one: one.voice)
    pairs = [(one, other, _why(one, other)) for one, other in combinations(apart, 2)]
    first = min((claim for one in statements for claim in (*one.claims, *one.echoes, *one.revised)), key=_published)
    return Finding(
        measure=measure,
        subject=first.subject.strip(),
        statements=tuple(statements),
        span=_union([one.figure for one in figures if one.figure is not None]),
        agreed=_agreed([one.figure for one in figures if one.figure is not None], statements),
        contradictions=tuple(Contradiction(one.voice, other.voice, why) for one, other, why in pairs if why),
    )


def _agreed(figures: list[Figure], statements: list[Statement]) -> Figure | None:
    """What every voice allows: nothing where one denies it, or says about another number."""
    firm = [one for one in figures if not one.about]
    agreed = _common(firm) if len(firm) > 1 else None
    if agreed is None or any(one.denied for one in statements):
        return None
    return agreed if all(_common((agreed, one)) is not None for one in figures) else None


def _said(statement: Statement) -> tuple[object, ...]:
    """What tells a statement from another that contradicts it."""
    contents = {_content(claim) for claim in statement.claims if claim.measure == "outage"}
    return statement.figure, statement.denied, bool(statement.claims), frozenset(contents)


def _published(claim: Claim) -> tuple[object, str]:
    return claim.published, claim.id


def _statement(voice: str, said: list[Claim], voices: Voices) -> Statement:
    """One voice's claims on one thing, in order of publication."""
    gone = {claim.revises for claim in said}
    revised = [claim for claim in said if claim.id in gone]
    current = [claim for claim in said if claim.id not in gone]
    own = [claim for claim in current if all(voices.itself(name) == voice for name in claim.chain)]
    # Who quotes it may do so from what it has taken back since, or wrongly: its own words outweigh that.
    counted = own or _once([claim for claim in current if _content(claim) not in map(_content, revised)])
    counting = {claim.id for claim in counted}
    return Statement(
        voice=voice,
        figure=_union([claim.figure for claim in counted if claim.figure is not None]),
        denied=bool(counted) and all(claim.denied for claim in counted),
        claims=tuple(counted),
        echoes=tuple(claim for claim in current if claim.id not in counting),
        revised=tuple(revised),
    )


def _content(claim: Claim) -> tuple[object, ...]:
    """What a claim says, without who published it, when and in which words."""
    # Of an outage the times are what is said; else two who give one figure may say more or less of when it was.
    window = claim.window if claim.measure == "outage" else None
    return claim.figure, claim.denied, window and (window.begin, window.end)


def _once(claims: list[Claim]) -> list[Claim]:
    """The first of those that say the same."""
    first: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        first.setdefault(_content(claim), claim)
    return list(first.values())


def _union(figures: Sequence[Figure]) -> Figure | None:
    """From the least to the most of figures; those that set no bound say nothing beside others."""
    known = [one for one in figures if one.known] or figures
    if not known:
        return None
    low, high = _bound(min, [one.low for one in known]), _bound(max, [one.high for one in known])
    # "At least about 9" and "up to about 5" together set no bound.
    about = any(one.about for one in known) and (low, high) != (None, None)
    return Figure(low=low, high=high, about=about)


def _bound(pick: Callable[[list[int]], int], bounds: list[int | None]) -> int | None:
    known = [one for one in bounds if one is not None]
    return pick(known) if len(known) == len(bounds) else None


def _common(figures: Sequence[Figure]) -> Figure | None:
    """What all figures allow; None: nothing."""
    low = max((one.low for one in figures if one.low is not None), default=None)
    high = min((one.high for one in figures if one.high is not None), default=None)
    return None if low is not None and high is not None and low > high else Figure(low=low, high=high)


def _why(one: Statement, other: Statement) -> str:
    """Why two statements cannot both be right; empty: they can, as far as their words go."""
    if one.denied != other.denied and one.claims and other.claims:
        return "one denies what the other says"
    if one.denied or other.denied:
        return ""
    a, b = one.figure, other.figure
    if a is not None and b is not None:
        # "About 30" is no word against 31, and nobody can say how far it goes.
        return "" if a.about or b.about or _common((a, b)) is not None else f"{a} against {b}"
    outages = [[claim for claim in side.claims if claim.measure == "outage"] for side in (one, other)]
    windows = [[claim.window for claim in side if claim.window is not None] for side in outages]
    if all(windows) and not any(a.meets(b) for a in windows[0] for b in windows[1]):
        return "the times do not meet"
    return ""


def _with_parties(findings: list[Finding]) -> list[Finding]:
    """Of responsibility the parties are the subjects: whoever names another one contradicts, too."""
    named = [
        (place, one)
        for place, finding in enumerate(findings)
        if finding.measure == "responsibility"
        for one in finding.statements
        if one.claims and not one.denied
    ]
    for (place, one), (elsewhere, other) in combinations(named, 2):
        if place == elsewhere or one.voice == other.voice:
            continue
        why = f"{findings[place].subject} against {findings[elsewhere].subject}"
        findings[place] = findings[place]._replace(
            contradictions=(*findings[place].contradictions, Contradiction(one.voice, other.voice, why))
        )
    return findings
