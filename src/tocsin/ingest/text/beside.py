"""Compass words and the places beside them: "north of", "20 km east of"; and a row of spans asked by position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.ingest.text.scan import Span

# "Far" names a place no longer.
FAR_M = 200_000.0


def span_at(spans: Sequence[Span], at: int) -> Span | None:
    """The span at a position; None outside the row."""
    return spans[at] if 0 <= at < len(spans) else None


def offset_deg(spans: Sequence[Span], at: int) -> float | None:
    """The direction in which it lies from the place, of "north of X" and its like."""
    one, two = span_at(spans, at - 1), span_at(spans, at - 2)
    if one is None:
        return None
    if "compass" in one.means:
        beside = one.means.get("offset") == "form" or (
            one.role == "from" and spans[at].role == "towards" and bool(spans[at].places or spans[at].regions)
        )
        adjacent = one.means.get("offset") == "adjacent" and one.role == "" and not spans[at].role
        return float(one.means["compass"]) if beside or (adjacent and spans[at].places) else None
    if one.means.get("offset") == "word" and two is not None and "compass" in two.means:
        return float(two.means["compass"])
    return None


def offset_m(spans: Sequence[Span], at: int) -> float | None:
    """How far, where it is said: "20 km east of"."""
    for one, two in zip(spans[max(0, at - 5) : at], spans[max(0, at - 5) + 1 : at], strict=False):
        if "number" in one.means and "metres" in two.means:
            metres = float(one.said[:6]) * float(two.means["metres"])
            return metres if 100 <= metres <= FAR_M else None
    return None


def sentences(spans: Sequence[Span], end: int) -> Iterator[tuple[list[Span], int]]:
    """The spans between breaks, and between the numbers of a list, each with the word before which it ends."""
    row: list[Span] = []
    for at, span in enumerate(spans):
        means = span.means
        if "break" in means or ("number" in means and _lists(spans, at)):
            if row:
                yield row, span.start
            row = []
        elif not (span.said == ")" and at and "number" in spans[at - 1].means and not row):
            row.append(span)
    if row:
        yield row, end


def _lists(spans: Sequence[Span], at: int) -> bool:
    """Whether a number counts the points of a list: "1) ..."."""
    after = span_at(spans, at + 1)
    opened = at > 0 and spans[at - 1].said == "("
    return not opened and after is not None and after.said == ")" and after.start == spans[at].end
