"""Words of caution beside what is seen: "Danger! A shahed over Kyiv" is a drone that is there, and declares nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.ingest.text.scan import Span

# "Danger" beside a sentence of its own, and "stay alert" wherever a clause ends.
_CAUTIONS = frozenset({"caution", "careful"})
_OURS = _CAUTIONS | {"whom"}
_SEPARATES = frozenset({"sign", "break", "boundary"})
_NOW = frozenset({"over", "onto", "via", "towards"})
# Of what is only possible, denied, past or said by a word for its stage nothing is seen by this.
_UNSEEN = frozenset({"stage", "denies", "drop"})


def without_cautions(spans: Sequence[Span], end: int) -> list[Span]:
    """The spans of a text of so many words, without the stage of cautions that stand beside what flies somewhere now.

    Elsewhere a caution declares a threat, as "danger of drones for the region" does.
    """
    found = list(spans)
    if any(_is_caution(span) for span in spans):
        _silence(found, spans, end)
    # Nobody else asks for these.
    return [_plain(span) if span.means.get("unit") in _OURS else span for span in found]


def _silence(found: list[Span], spans: Sequence[Span], end: int) -> None:
    """Take the stage of cautions beside what is seen out of what is found."""
    parts = [part for part in _parts(spans) if not all(map(_is_idle, spans[part.start : part.stop]))]
    for part in parts:
        last = part.stop - 1
        if spans[last].means.get("unit") == "careful" and _is_seen(spans[part.start : last]):
            found[last] = _silent(found[last])
    seen = [_is_seen(found[part.start : part.stop]) for part in parts]
    alone = [_is_alone(spans, part, end) for part in parts]
    for number, part in enumerate(parts):
        if not alone[number]:
            continue
        before = next((one for one in range(number - 1, -1, -1) if not alone[one]), None)
        after = next((one for one in range(number + 1, len(parts)) if not alone[one]), None)
        beside = [seen[one] for one in (before, after) if one is not None]
        if beside and all(beside):
            found[part.start : part.stop] = map(_silent, found[part.start : part.stop])


def _parts(spans: Sequence[Span]) -> Iterator[range]:
    """What stands between signs, without them."""
    start = 0
    for at, span in enumerate(spans):
        if _SEPARATES & span.means.keys():
            if start < at:
                yield range(start, at)
            start = at + 1
    if start < len(spans):
        yield range(start, len(spans))


def _is_alone(spans: Sequence[Span], part: range, end: int) -> bool:
    """Whether nothing but cautions stands between two signs, nor a word that nobody knows: a place, perhaps."""
    row = spans[part.start : part.stop]
    if not any(_is_caution(span) for span in row):
        return False
    begins = spans[part.start - 1].end if part.start else 0
    ends = spans[part.stop].start if part.stop < len(spans) else end
    known = sum(span.end - span.start for span in row) == ends - begins
    return known and all(_is_caution(span) or _is_idle(span) for span in row)


def _is_caution(span: Span) -> bool:
    return span.means.get("stage") == "threat" and span.means.get("unit") in _CAUTIONS and "kind" not in span.means


def _is_seen(row: Sequence[Span]) -> bool:
    """Whether a part says of what flies where it is or whither it goes."""
    if any(_UNSEEN & span.means.keys() or span.means.get("unit") in ("perhaps", "whom") for span in row):
        return False
    kinds = any("kind" in span.means for span in row)
    here = any(span.role in _NOW or span.means.get("role") in _NOW for span in row)
    return kinds and here and any(span.places or span.regions for span in row)


def _silent(span: Span) -> Span:
    return span._replace(means={"filler": ""}) if _is_caution(span) else span


def _plain(span: Span) -> Span:
    return span._replace(means={heading: value for heading, value in span.means.items() if heading != "unit"})


def _is_idle(span: Span) -> bool:
    return span.means.keys() <= {"filler"} and not (span.places or span.regions)
