"""Streets, roads between towns, and what is so far from a place: names that say no place of what flies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tocsin.ingest.text.beside import FAR_M, span_at
from tocsin.ingest.text.mixture import distance_km
from tocsin.ingest.text.names import SLIPPED, Entry
from tocsin.ingest.text.plain import Token
from tocsin.ingest.text.scan import Span

# A shorter word for street stands before its name ("ul."); longer ones on either side.
SHORT_LETTERS_MAX = 5
# So many words behind a word for street its houses are numbered.
STREET_WORDS = 3
# So much may stand between a word for road and the towns that it joins: its number.
ROAD_WORDS = 3
# A place lies along a road where the way through it is so much longer than the road, and so many kilometres, at most.
DETOUR, DETOUR_KM = 1.25, 20.0
# "40 km from Kyiv, Baryshivka": what is named beside lies about so far away.
ABOUT_MIN, ABOUT_MAX, ABOUT_KM = 0.4, 1.6, 5.0
AWAY_M_MIN = 1_000.0
# The place that a span means first of all.
Likeliest = Callable[[Span], Entry]


def street(row: Sequence[Token], spans: list[Span], at: int) -> None:
    """The name behind a word for street, or before it: "Sumska street"."""
    span, then = spans[at], spans[at].end
    short = len(span.said) <= SHORT_LETTERS_MAX
    if then < len(row) and row[then].said == ".":
        short, then = True, then + 1
    behind = then < len(row) and row[then].said.isalpha() and not row[then].said[:1].islower()
    before = row[span.start - 1].said if span.start else ""
    if before[:1].isupper() and not short:
        last = spans[at - 1]
        named = last.end == span.start and bool(last.places or last.regions)
        if not (behind and named and any(quality == 1.0 for _, quality in last.places)):
            if named:
                spans[at - 1] = aside(last, "street")
            return
    for one in range(at + 1, min(at + 3, len(spans))) if behind else ():
        if spans[one].start == then and (spans[one].places or spans[one].regions):
            spans[one] = aside(spans[one], "street")


def road(likeliest: Likeliest, row: Sequence[Token], spans: list[Span], at: int) -> None:
    """The towns that a road is named by, where a place along it is named too; else they say "between"."""
    ends = _ends(spans, at)
    if not ends:
        _road_to(row, spans, at)
        return
    first, last = likeliest(spans[ends[0]]), likeliest(spans[ends[-1]])
    others = [one for one in sentence(spans, at) if spans[one].places and one not in ends]
    if any(_is_along(first, likeliest(spans[one]), last) for one in others):
        for one in ends:
            spans[one] = aside(spans[one], "road")
        if spans[at].means.get("role") == "between":
            spans[at] = aside(spans[at], "road")


def _road_to(row: Sequence[Token], spans: list[Span], at: int) -> None:
    """ "The Kyiv road", "the road to Kyiv": how far from there is anybody's guess."""
    before, behind, then = span_at(spans, at - 1), span_at(spans, at + 1), span_at(spans, at + 2)
    if before is not None and before.end == spans[at].start and before.places:
        if all(quality < 1.0 for _, quality in before.places) or row[before.start].said.isascii():
            spans[at - 1] = aside(before, "road")
    elif before is not None and before.end == spans[at].start and before.regions:
        spans[at - 1] = aside(before, "road")
    elif (
        behind is not None and "role" in behind.means and behind.start == spans[at].end
        and then is not None and then.places and then.start == behind.end
        # Who moves along it goes there.
        and not any(spans[one].means.get("verb") == "moving" for one in sentence(spans, at))
    ):  # fmt: skip
        spans[at + 2] = doubted(then)


def distance(likeliest: Likeliest, spans: list[Span], at: int) -> None:
    """ "12 km from Shostka": around it, so far away; or where it is said besides, and then Shostka says nothing."""
    number = span_at(spans, at - 1)
    if number is None or "number" not in number.means:
        return
    away_m = float(number.said[:6]) * float(spans[at].means["metres"])
    one = at + 1
    source = span_at(spans, one)
    worded = source is not None and source.means.get("role") == "from" and not source.places
    place = span_at(spans, one + worded)
    if place is None or not place.places or not AWAY_M_MIN <= away_m <= FAR_M:
        return
    if not worded and place.role != "from":
        return
    if worded:
        spans[one] = aside(spans[one], "distance")
    at, near = one + worded, likeliest(place)
    for other in sentence(spans, at):
        if other != at and spans[other].places:
            off_m = 1e3 * away_km(near, likeliest(spans[other]))
            if ABOUT_MIN * away_m - 1e3 * ABOUT_KM <= off_m <= ABOUT_MAX * away_m + 1e3 * ABOUT_KM:
                spans[at] = aside(place, "distance")
                return
    spans[at] = place._replace(role="over", away_m=away_m)


def is_label(row: Sequence[Token], spans: Sequence[Span], at: int) -> bool:
    """Whether a number counts nothing: of a house, a school, a road ("School 12", "Peremohy street 45", "M-06")."""
    span = spans[at]
    after = span_at(spans, at + 1)
    if after is not None and "kind" in after.means:
        return False
    sign = row[span.start - 1].said if span.start else ""
    start = span.start - (sign in ("-", "."))
    letter = row[start - 1].said if start else ""
    if sign == "-" and row[span.start].glued and len(letter) == 1 and letter.isupper():
        return True
    for one in range(at - 1, max(-1, at - 2 - STREET_WORDS), -1):
        before = spans[one]
        if "boundary" in before.means or "break" in before.means:
            return False
        unit = unit_of(before)
        if unit in ("house", "road") and before.end >= start:
            return True
        if unit == "street" and span.start - before.end <= STREET_WORDS:
            return True
    return False


def sentence(spans: Sequence[Span], at: int) -> Iterator[int]:
    """The positions of a sentence's spans."""
    start = end = at
    while start > 0 and "break" not in spans[start - 1].means:
        start -= 1
    while end < len(spans) and "break" not in spans[end].means:
        end += 1
    return iter(range(start, end))


def _ends(spans: Sequence[Span], at: int) -> list[int]:
    """The positions of the towns joined by dashes behind a word for road, or before it; none where there are none."""
    for step in (1, -1):
        found, one = list[int](), at + step
        while (span := span_at(spans, one)) is not None and not span.places and abs(one - at) <= ROAD_WORDS:
            # "The road M-06 Kyiv - Chop".
            if {"boundary", "break", "kind", "role"} & span.means.keys():
                break
            one += step
        while (span := span_at(spans, one)) is not None and span.places:
            found.append(one)
            dash = span_at(spans, one + step)
            one += 2 * step if dash is not None and dash.said == "-" else step
        if len(found) > 1:
            return found
    return []


def _is_along(first: Entry, place: Entry, last: Entry) -> bool:
    """Whether a place lies about on the way between two."""
    return away_km(first, place) + away_km(place, last) <= DETOUR * away_km(first, last) + DETOUR_KM


def away_km(one: Entry, other: Entry) -> float:
    return distance_km(one.lat, one.lon, other.lat, other.lon)


def unit_of(span: Span) -> str:
    return span.means.get("unit", "")


def aside(span: Span, why: str) -> Span:
    return span._replace(means={"aside": why}, places=(), regions=(), role="", seats=False)


def doubted(span: Span) -> Span:
    return span._replace(places=tuple((number, quality * SLIPPED) for number, quality in span.places))
