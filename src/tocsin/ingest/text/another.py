"""Where one report of a line ends and another begins: "Kyiv: 3, Brovary: 2, one more from the north"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.ingest.text.beside import span_at
from tocsin.ingest.text.clauses import soothes
from tocsin.ingest.text.draft import Draft
from tocsin.ingest.text.scan import Span

_HEADS = frozenset({"kind", "count", "number", "more"})
# What is said of something that is there, or comes.
_ALIVE = frozenset({"threat", "launch", "takeoff", "impact"})


class Ahead(NamedTuple):
    """What the next clause says: of what and how many, that it is over, where, whither."""

    kind: bool
    number: bool
    more: bool
    soothing: bool
    stage: bool
    impact: bool
    place: bool
    onward: bool

    @property
    def flies(self) -> bool:
        """Whether it speaks of something that is there."""
        return not self.soothing and (self.kind or self.number or self.more or self.stage)


def ahead(spans: Sequence[Span], at: int) -> Ahead:
    """What the clause says that begins behind the boundary at a position."""
    kind = number = more = soothing = stage = impact = place = onward = False
    for one in range(at + 1, len(spans)):
        span = spans[one]
        if "boundary" in span.means:
            if one == at + 1:
                continue
            break
        means = span.means
        kind |= "kind" in means
        number |= counts(spans, one)
        more |= "more" in means
        soothing |= soothes(means)
        stage |= means.get("stage") in _ALIVE
        impact |= means.get("stage") == "impact"
        place |= bool(span.places or span.regions) or means.get("unit") == "there"
        onward |= "compass" in means or "arrow" in means or "verb" in means
    return Ahead(kind, number, more, soothing, stage, impact, place, onward)


def counts(spans: Sequence[Span], at: int) -> bool:
    """Whether a span says how many, and not how long or how far."""
    if not ({"number", "count"} & spans[at].means.keys()):
        return False
    after = span_at(spans, at + 1)
    return after is None or not (after.means.get("unit") in ("time", "measure") or "metres" in after.means)


def begins_clause(draft: Draft, spans: Sequence[Span], at: int) -> bool:
    """Whether what stands behind a boundary is another report than the draft before it."""
    if not draft.says() or (draft.kinds and is_aim(spans, at + 1)):
        return False
    then = ahead(spans, at)
    if draft.soothing:
        # What is over there says nothing of what flies here: whoever reads both is told both.
        other = "all_clear" in draft.stages and bool(draft.kinds) and then.kind
        debris = then.impact and not (then.kind or then.number or then.more or then.place)
        return (
            then.flies
            and not debris
            and (other or bool(draft.places) or bool(draft.counts or draft.numbers) or then.place)
        )
    if then.soothing:
        own = bool(draft.kinds or draft.counts or draft.numbers or draft.alive)
        # "A missile for Kyiv, 1 shot down": who says how many were shot down does not say that it was this one.
        one = (draft.counts or draft.numbers) and not draft.several
        return own and bool(draft.places) and (then.place or (then.number and not one))
    if not draft.places and draft.course_deg is None:
        return False
    if draft.impact:
        return (then.number or then.more) and (then.place or then.onward)
    told = then.number or then.more or then.kind
    if draft.headed and told and (then.place or (then.onward and (then.number or then.more))):
        return True
    return draft.headed and then.stage and then.place


def begins_within(draft: Draft, spans: Sequence[Span], at: int) -> bool:
    """Whether a number, a kind or "one more" within a clause begins another report: this one is whole, and a place
    follows."""
    span = spans[at]
    if draft.soothing and draft.kinds and not draft.places and "kind" in span.means and not soothes(span.means):
        # "No shaheds a missile on Kyiv", and not "shot down: a shahed and a missile".
        before = span_at(spans, at - 1)
        return before is not None and before.means.get("denies") in ("none", "absent")
    if not draft.placed or not (_HEADS & span.means.keys() or (draft.soothing and _is_alive(span))):
        return False
    if draft.kinds and is_aim(spans, at):
        return False
    before = span_at(spans, at - 1)
    if "kind" in span.means and before is not None and {"number", "count"} & before.means.keys():
        # "Sumy region: 4 shaheds for Romny": it is what was counted.
        return False
    if {"number", "count"} & span.means.keys():
        if not counts(spans, at):
            return False
        if not (draft.counts or draft.numbers) and _is_of_place_before(spans, at):
            return False
    if "more" not in span.means or span.means.keys() & {"count"}:
        return any(one.places or one.regions for one in spans[at + 1 :])
    return any(one.places or one.regions for one in spans[at + 2 :]) and any(
        counts(spans, one) or "kind" in spans[one].means for one in range(at + 1, min(at + 3, len(spans)))
    )


def is_aim(spans: Sequence[Span], at: int) -> bool:
    """Whether it is said what something aims at: "target Sumy" beside what flies there."""
    span, after = span_at(spans, at), span_at(spans, at + 1)
    if after is not None and after.said in ("-", ":"):
        after = span_at(spans, at + 2)
    aim = span is not None and span.means.get("kind") == "target" and "many" not in span.means
    return aim and after is not None and bool(after.places or after.regions) and not after.role


def is_alert(draft: Draft) -> bool:
    """Whether nothing was said but that there is an alert."""
    return draft.stages == ["threat"] and not (draft.perhaps or draft.kinds or draft.places)


def is_bound(spans: Sequence[Span], at: int) -> bool:
    """Whether the clause behind a boundary says what flies whither: an alert before it only calls for attention."""
    kind = whither = False
    for span in spans[at + 1 :]:
        if "boundary" in span.means or "stage" in span.means:
            break
        kind |= "kind" in span.means
        whither |= kind and (span.means.get("role") == "towards" or "arrow" in span.means)
    return whither


def begins_at_place(spans: Sequence[Span], at: int) -> bool:
    """Whether a place begins another report, in a row of places and their numbers: "Sumy 2 Konotop 1"."""
    if at < 2 or not ({"number", "count"} & spans[at - 1].means.keys()):
        return False
    return _is_of_place_before(spans, at - 1)


def _is_alive(span: Span) -> bool:
    return span.means.get("stage") in _ALIVE


def _is_of_place_before(spans: Sequence[Span], at: int) -> bool:
    """Whether a number is the place's before it: "Kyiv: 3, Brovary: 2"."""
    before = span_at(spans, at - 1)
    if before is not None and before.said in (":", "-"):
        before = span_at(spans, at - 2)
    if before is None or not (before.places or before.regions):
        return False
    after = span_at(spans, at + 1)
    if after is None or "boundary" in after.means:
        return True
    # "Sumy 2 Konotop 1 Shostka 4": numbers to the end.
    return bool(after.places) and bool({"number", "count"} & spans[-1].means.keys())
