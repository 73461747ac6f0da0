"""A sentence as clauses, and what is left of what they deny: "not clear", "no drones over Sumy", "impact in 90 s"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.ingest.text.beside import span_at
from tocsin.ingest.text.scan import Span

# A word that denies stands this near before what it denies: "not yet clear", "no further threat".
DENIES_WORDS = 2
# `not` corrects a word, `none` stands before what there is none of, `absent` behind it or before it.
_DENIABLE = frozenset({"kind", "stage"})
_SOOTHING = frozenset({"gone", "all_clear"})
# What "no" makes of these is that there are none; explosions that were none say nothing of what flies.
_ABSENT = frozenset({"threat", "launch", "takeoff"})


def clauses(sentence: Sequence[Span], end: int) -> Iterator[list[Span]]:
    """The clauses of a sentence that ends before a word, each with the boundary before it and its denials done."""
    row: list[Span] = []
    denies = False
    for span in sentence:
        means = span.means
        if "boundary" in means and row:
            yield meant(row, span.start) if denies else row
            row, denies = [], False
        denies = denies or "denies" in means or "stage" in means or means.get("unit") == "calm"
        row.append(span)
    if row:
        yield meant(row, end) if denies else row


def soothes(means: dict[str, str]) -> bool:
    """Whether it is said that something is over: gone, or all clear."""
    return means.get("stage") in _SOOTHING


def meant(clause: list[Span], end: int) -> list[Span]:
    """A clause with what its denials and its times make of its words."""
    for at, span in enumerate(clause):
        denies, unit = span.means.get("denies"), span.means.get("unit")
        if denies is not None:
            if denies == "not":
                _deny_place(clause, at)
            denied = _denied(clause, at, end)
            if denies == "not" and not denied:
                # "The all clear for Kyiv has not been announced".
                denied = [one for one in range(at) if clause[one].means.get("stage") == "all_clear"]
            for one in denied:
                _deny(clause, one, denies)
        elif span.means.get("stage") == "impact" and _in_time(clause, at):
            clause[at] = _saying(span, stage=None)
        elif unit == "lifted" and (declared := _declared(clause, at)) is not None:
            clause[declared] = _saying(clause[declared], stage="all_clear")
            clause[at] = span._replace(means={"filler": ""})
        elif unit == "calm" and _is_calm(clause):
            clause[at] = _saying(span._replace(means={}), stage="gone")
        elif unit == "perhaps" and _identifies(clause, at):
            clause[at] = _saying(span, stage=None)
    if any(span.means.get("stage") == "standing" for span in clause):
        # "The threat has not passed" declares none.
        return [_saying(span, stage=None) if span.means.get("stage") == "threat" else span for span in clause]
    return clause


def _denied(clause: Sequence[Span], at: int, end: int) -> list[int]:
    """Which spans of a clause are denied by the one at a position."""
    if clause[at].means["denies"] == "absent":
        following = clause[at + 1].start if at + 1 < len(clause) else end
        if following > clause[at].end:
            # Of what nobody knows the word for: "no word from there".
            return []
        if before := [one for one in range(at) if _DENIABLE & clause[one].means.keys()]:
            return before
    after = _denied_after(clause, at)
    return [] if after is None else [after]


def _denied_after(clause: Sequence[Span], at: int) -> int | None:
    """Which span behind a word that denies is denied; None where none is near."""
    for one in range(at + 1, min(at + 2 + DENIES_WORDS, len(clause))):
        span = clause[one]
        if span.start - clause[at].end > DENIES_WORDS:
            return None
        if "kind" in span.means or "stage" in span.means or span.means.get("drop") == "drill":
            return one
        article = span.means.get("count") == "1"
        idle = article or span.means.keys() <= {"filler", "verb", "unit", "more", "denies"}
        if span.places or span.regions or not idle:
            return None
    return None


def _deny(clause: list[Span], at: int, denies: str) -> None:
    """Make of a span what is left of it when it is denied. "Not a drone" is no drone; "no drones" are drones gone."""
    span = clause[at]
    stage = span.means.get("stage")
    if stage in _SOOTHING:
        clause[at] = _saying(span, stage="standing")
    elif denies != "not" and (stage in _ABSENT or (stage is None and "kind" in span.means)):
        other = any("kind" in one.means and not soothes(one.means) for one in clause[:at])
        clause[at] = span._replace(means={"filler": ""}) if other else _saying(span, stage="gone")
        # "No ballistic threat": of which it is a word more.
        after = span_at(clause, at + 1)
        if after is not None and after.means.get("stage") in _ABSENT:
            clause[at + 1] = _saying(after, stage=None)
    elif stage is not None:
        clause[at] = _saying(span, stage=None)
    elif "kind" in span.means or span.means.get("drop") == "drill":
        clause[at] = span._replace(means={"filler": ""})


def _deny_place(clause: list[Span], at: int) -> None:
    """ "Not for Brovary, but for Boryspil" names one place only."""
    one = at + 1
    role = span_at(clause, one)
    if role is not None and "role" in role.means and role.start == clause[at].end:
        clause[one] = role._replace(means={"filler": ""})
        one += 1
    place = span_at(clause, one)
    if place is None or place.start != clause[one - 1].end or not (place.places or place.regions):
        if role is not None:
            clause[at + 1] = role
        return
    clause[one] = place._replace(means={"filler": ""}, places=(), regions=())


def _saying(span: Span, stage: str | None) -> Span:
    means = {heading: value for heading, value in span.means.items() if heading not in ("stage", "drop")}
    return span._replace(means=means if stage is None else {**means, "stage": stage})


def _declared(clause: Sequence[Span], at: int) -> int | None:
    """Which threat a word behind it lifts: "the threat for Kyiv has passed"; None where one is denied or flies."""
    before, after = clause[:at], clause[at + 1 :]
    if any(span.places or span.regions or {"kind", "number"} & span.means.keys() for span in after) or any(
        "denies" in span.means or "number" in span.means or "count" in span.means for span in before
    ):
        return None
    stages = [one for one, span in enumerate(before) if "stage" in span.means]
    return stages[0] if len(stages) == 1 and before[stages[0]].means["stage"] == "threat" else None


def _is_calm(clause: Sequence[Span]) -> bool:
    """Whether a word for quiet is said of a place, and of nothing that flies quietly."""
    told = {"kind", "stage", "number", "count", "verb", "more", "compass", "arrow", "denies"}
    named = any(span.places or span.regions for span in clause)
    return named and all(told.isdisjoint(span.means) for span in clause)


def _identifies(clause: Sequence[Span], at: int) -> bool:
    """Whether "perhaps" is said of what it is, and not of whether it comes: "perhaps a shahed over Sumy"."""
    after = next(
        (span for span in clause[at + 1 : at + 4] if span.means.keys() - {"filler", "count", "more", "sign"}), None
    )
    if after is None or "kind" not in after.means or "stage" in after.means:
        return False
    if any("stage" in span.means for one, span in enumerate(clause) if one != at):
        return False
    over = any("over" in (span.means.get("role"), span.role) for span in clause)
    return over and not any(span.means.get("role") == "towards" or "arrow" in span.means for span in clause)


def _in_time(clause: Sequence[Span], at: int) -> bool:
    """Whether so many seconds or minutes follow: what is to come has not been."""
    for one in range(at + 1, min(at + 4, len(clause) - 1)):
        if {"number", "count"} & clause[one].means.keys():
            after, ago = clause[one + 1], span_at(clause, one + 2)
            return after.means.get("unit") == "time" and not (ago is not None and ago.means.get("unit") == "ago")
        if "role" not in clause[one].means and "unit" not in clause[one].means:
            return False
    return False
