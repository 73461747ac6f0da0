"""What the public may read of an incident that an operator released: what is known, and who says what through whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tocsin.ledger.case import Book, Case
from tocsin.ledger.claim import Figure
from tocsin.ledger.incidents import standing_incidents
from tocsin.ledger.pseudonyms import PERSONS
from tocsin.ledger.reconcile import Statement
from tocsin.ledger.standing import Voices
from tocsin.ledger.telling import window_text
from tocsin.model.value import time_text

# Nor is one named of whom nobody wrote down what he is.
_A_PERSON, _NOBODY_KNOWS = "a witness", "a source that is not described"


class Public(NamedTuple):
    """The incidents that were released, newest first, as plain values; how many were not."""

    released: list[dict[str, Any]]
    withheld: int


def public_of(book: Book) -> Public:
    """All incidents of a ledger that an operator released; drills are in no public record of what fell."""
    standing = [one for one in standing_incidents(book.store) if not one.drill]
    shown = sorted((one for one in standing if one.released), key=lambda one: (one.window.begin, one.incident))
    cases = [case for one in reversed(shown) if (case := book.case(one.incident)) is not None]
    return Public([public_told(case, book.voices) for case in cases], len(standing) - len(shown))


def public_told(case: Case, voices: Voices) -> dict[str, Any]:
    """What the public may read of an incident that was released. Figures in words, and as bounds."""
    incident = case.incident
    assert incident is not None and incident.released, f"{case.name} is not released"
    place = incident.place
    return {
        "incident": case.name,
        "struck": incident.struck,
        "when": window_text(incident.window),
        "begin": time_text(incident.window.begin),
        "end": None if incident.window.end is None else time_text(incident.window.end),
        "threat": incident.threat,
        "place": None
        if place is None
        else {"name": place.name, "lat": place.lat, "lon": place.lon, "sigma_m": place.sigma_m},
        "weapon": incident.weapon or ("" if incident.threat == "unknown" else incident.threat.replace("_", " ")),
        "findings": [
            {
                "measure": finding.measure,
                "subject": finding.subject,
                "statements": list(_statements(finding.statements, voices)),
                "agreed": None if finding.agreed is None else str(finding.agreed),
                "span": None if finding.span is None else str(finding.span),
                "agreed_bounds": _bounds(finding.agreed),
                "span_bounds": _bounds(finding.span),
                "contradictions": [
                    {"one": _name(one.one, voices), "other": _name(one.other, voices), "why": one.why}
                    for one in finding.contradictions
                ],
            }
            for finding in case.findings
        ],
    }


def _statements(statements: tuple[Statement, ...], voices: Voices) -> Iterator[dict[str, Any]]:
    for one in statements:
        yield {
            "source": _name(one.voice, voices),
            "figure": None if one.figure is None else str(one.figure),
            "bounds": _bounds(one.figure),
            "denied": one.denied,
            "published": [
                {
                    "by": [_name(name, voices) for name in claim.chain],
                    "at": time_text(claim.published),
                    # Where a person wrote something says who he is.
                    "url": claim.url if all(_is_public(name, voices) for name in claim.chain) else None,
                }
                for claim in (*one.claims, *one.echoes)
            ],
        }


def _bounds(figure: Figure | None) -> dict[str, Any] | None:
    return None if figure is None else {"low": figure.low, "high": figure.high, "about": figure.about}


def _name(source: str, voices: Voices) -> str:
    if _is_public(source, voices):
        return voices.known_as(source)
    return _A_PERSON if source in voices.sources else _NOBODY_KNOWS


def _is_public(source: str, voices: Voices) -> bool:
    """Whether the ledger describes a source, and neither it nor what it was merged with as a person."""
    return source in voices.sources and voices.kinds(source).isdisjoint(PERSONS)
