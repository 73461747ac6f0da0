"""Spans put together into drafts of reports: which thing, how many, where, whither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from tocsin.ingest.text.another import begins_at_place, begins_clause, begins_within, counts, is_aim, is_alert, is_bound
from tocsin.ingest.text.beside import offset_deg, offset_m, span_at
from tocsin.ingest.text.draft import Draft, Spoken
from tocsin.ingest.text.language import Kind, Role, RoleByCase
from tocsin.ingest.text.scan import COUNT_MAX, Span

# Seconds in a word for time are not told apart: channels say minutes.
_MINUTE_S = 60.0
_DELAY_MINUTES_MAX = 120
_ROLES = get_args(Role)
_BACK_DEG = 270.0
# What a span may say that is neither place nor direction; the rest is idle words and signs.
_TOLD = frozenset({"kind", "many", "stage", "count", "more", "verb", "clock", "number", "role"})


def _is_heading(spans: Sequence[Span]) -> bool:
    """Whether a sentence begins with one place and a colon."""
    row = [span for span in spans[:4] if span.means.keys() != {"sign"} or span.said == ":"]
    return len(row) > 1 and bool(row[0].places or row[0].regions) and row[1].said == ":"


def _ends_with_kind(spans: Sequence[Span]) -> bool:
    """Whether the last that a sentence names is what flies, behind a sign or all alone."""
    kinds = [at for at, span in enumerate(spans) if "kind" in span.means]
    places = [at for at, span in enumerate(spans) if span.places or span.regions]
    return bool(kinds and places) and kinds[0] > places[-1]


class Drafter:
    """Reads the spans of one sentence into drafts."""

    def __init__(self, kinds: Mapping[str, Kind], by_case: Sequence[RoleByCase]) -> None:
        self._kinds = kinds
        self._endings = tuple(ending for one in by_case for ending in one.locative_endings)

    def drafts(self, spans: Sequence[Span]) -> list[Draft]:
        """The drafts of one sentence in order."""
        made = [Draft()]
        role: Role | None = None
        by_case = False
        for at, span in enumerate(spans):
            means = span.means
            if span.regions or span.places:
                if begins_at_place(spans, at):
                    made.append(Draft(apart=True))
                draft = made[-1]
                draft.places.append(self._spoken(spans, at, role, by_case, draft))
                draft.placed = draft.headed or draft.soothing
                continue
            if "boundary" in means:
                if is_alert(made[-1]) and is_bound(spans, at):
                    made[-1].stages.clear()
                if begins_clause(made[-1], spans, at):
                    made.append(Draft(apart=True))
                    role, by_case = None, False
                else:
                    made[-1].launched = made[-1].is_launched()
                    made[-1].seen = made[-1].is_seen()
                continue
            draft = made[-1]
            if draft.kinds and is_aim(spans, at):
                role, by_case = "towards", False
                continue
            if span.said == ":" and not draft.places and any(counts(spans, one) for one in range(at + 1, len(spans))):
                # "6 shaheds: 2 Sumy, 4 Romny": a sum.
                draft.counts, draft.numbers = [], []
            if (draft.placed or draft.stages) and begins_within(draft, spans, at):
                draft = Draft(apart=True)
                made.append(draft)
            if "role_after" in means and draft.places and at and spans[at - 1] is draft.places[-1].span:
                draft.places[-1].role = self._role(means["role_after"])
            if means.get("unit") == "there":
                self._there(made)
            elif means.get("unit") == "inbound":
                draft.inbound = draft.moving = True
            elif means.get("unit") == "shelter":
                draft.shelter = True
                if draft.places and draft.places[-1].listed and draft.places[-1].role == "from":
                    # "Launch from Crimea, Odesa take cover".
                    draft.places[-1].role = "towards"
            if "role" in means and means.get("stage") == "launch":
                draft.shelter = True
            elif "role" in means:
                onto = means["role"] == "onto"
                draft.onto = draft.onto or onto
                role, by_case = "over" if onto else self._role(means["role"]), "by_case" in means
                after = span_at(spans, at + 1)
                if after is not None and after.means.get("unit") == "me":
                    draft.here = "towards" if role == "towards" else "over"
                if "stage" not in means and "count" not in means:
                    continue
            if "compass" in means:
                self._compass(draft, spans, at, role, by_case)
                role = None
            elif "arrow" in means:
                role = self._arrow(draft, spans, at, role)
            elif not _TOLD.isdisjoint(means) and means.get("unit", "perhaps") == "perhaps" and "denies" not in means:
                self._take(draft, spans, at)
                if "role" not in means:
                    role = None
        told = [draft for draft in made if draft.says() or draft.counts or draft.numbers or draft.here or draft.further]
        if len(told) > 1 and _is_heading(spans):
            self._under(told)
        if len(told) > 1 and not any(draft.kinds for draft in told[:-1]) and _ends_with_kind(spans):
            # "Sumy 2, Konotop 1 (shaheds)": all of them are.
            for draft in told[:-1]:
                if draft.places and (draft.counts or draft.numbers) and not draft.stages:
                    draft.kinds += told[-1].kinds
        return told

    @staticmethod
    def _under(told: Sequence[Draft]) -> None:
        """What stands under a heading without a place of its own is of the heading's: "Belgorod: all clear, drones"."""
        for draft in told[1:]:
            if draft.places or draft.there:
                break
            draft.places += [replace(place, role=None, listed=False) for place in told[0].places[:1]]

    @staticmethod
    def _role(value: str) -> Role | None:
        return next((role for role in _ROLES if role == value), None)

    @staticmethod
    def _there(made: Sequence[Draft]) -> None:
        """The last draft is where the one before it is; without one, where the channel's last report was."""
        places = made[-2].places if len(made) > 1 else []
        made[-1].places += [replace(place, role="over") for place in places[-1:]]
        made[-1].there = not places

    def _take(self, draft: Draft, spans: Sequence[Span], at: int) -> None:
        """What a span says that is neither place nor direction."""
        span, means = spans[at], spans[at].means
        if "kind" in means:
            kind = means["kind"]
            if kind in draft.kinds and not span.said[0].isalnum():
                draft.counts = [draft.counts[0] + 1] if draft.counts else [2]
            draft.kinds.append(kind)
            draft.headed = True
        if "many" in means:
            draft.many = True
        if "stage" in means:
            self._stage(draft, means)
        if "count" in means and counts(spans, at):
            draft.counts.append(int(means["count"]))
            draft.headed = True
            draft.placed |= bool(draft.places)
        if "more" in means:
            draft.further = True
        verb = means.get("verb")
        draft.releases |= verb == "releases"
        draft.coming |= verb == "coming"
        draft.fell |= verb == "falls"
        draft.moving |= verb == "moving"
        if "clock" in means:
            draft.clock = means["clock"]
        if "number" in means:
            self._number(draft, spans, at)

    @staticmethod
    def _stage(draft: Draft, means: Mapping[str, str]) -> None:
        if means["stage"] == "threat" and means.get("unit") == "perhaps":
            draft.perhaps = True
            if draft.seen:
                return
        elif draft.perhaps and draft.seen:
            # "A shahed over Nizhyn, explosions are possible": none were.
            return
        draft.stages.append(means["stage"])

    @staticmethod
    def _number(draft: Draft, spans: Sequence[Span], at: int) -> None:
        number = int(spans[at].said[:9])
        after = span_at(spans, at + 1)
        if after is not None and after.said == "-" and "number" in (span_at(spans, at + 2) or after).means:
            after = span_at(spans, at + 3)
        unit = after.means.get("unit") if after is not None else None
        if unit == "time":
            ago = span_at(spans, at + 2)
            if ago is not None and ago.means.get("unit") == "ago":
                draft.delay_s = _MINUTE_S * min(number, _DELAY_MINUTES_MAX)
            else:
                draft.soon = True
        elif (
            unit != "measure"
            and "metres" not in (after.means if after is not None else ())
            and 1 <= number <= COUNT_MAX
            and not (after is not None and after.said == "%")
        ):
            draft.numbers.append(number)
            draft.headed = True
            draft.placed |= bool(draft.places)

    def _spoken(self, spans: Sequence[Span], at: int, role: Role | None, by_case: bool, draft: Draft) -> Spoken:
        """A place with its role: said before it, by its particle, by an arrow or a dash beside it, or the last one."""
        span = spans[at]
        if role is None and span.role:
            role = self._role(span.role)
        if role == "towards" and by_case and span.form.endswith(self._endings) and not self._as_listed(span):
            role = "over"
        before, after = span_at(spans, at - 1), span_at(spans, at + 1)
        spoken = Spoken(span, role, listed=before is not None and "role" not in before.means and not span.role)
        spoken.away_m = span.away_m
        dash = before is not None and before.said == "-" and at >= 2 and spans[at - 2].places
        if dash and draft.places and role in (None, draft.places[-1].role):
            first = draft.places[-1]
            if first.role in (None, "between") and not span.regions:
                first.role = spoken.role = "between"
                if len(draft.places) > 1 and draft.places[-2].role in ("between", "via"):
                    # Three in a row are a route.
                    draft.places[-2].role = first.role = "via"
                    spoken.role = "towards"
            elif first.role == "towards" and len(draft.places) > 1 and draft.places[-2].role == "via":
                first.role, spoken.role = "via", "towards"
        elif (
            (role is None or (before is not None and "arrow" in before.means))
            and after is not None and "arrow" in after.means and self._place_after(spans, at + 1)
        ):  # fmt: skip
            spoken.role = "via" if draft.places and draft.places[-1].role in ("over", "via") else "over"
        compass = span_at(spans, at - 1)
        if compass is not None and "compass" in compass.means and span.regions:
            spoken.part_deg = float(compass.means["compass"])
            if spoken.role in (None, "towards"):
                spoken.role = "over"
        else:
            spoken.offset_deg = offset_deg(spans, at)
            if spoken.offset_deg is not None:
                spoken.role, spoken.offset_m = "over", offset_m(spans, at)
        return spoken

    @staticmethod
    def _as_listed(span: Span) -> bool:
        """Whether the name stands as gazetteers write it, so that its ending says nothing."""
        return any(quality == 1.0 for _, quality in span.places) and not span.regions and not span.seats

    def _compass(self, draft: Draft, spans: Sequence[Span], at: int, role: Role | None, by_case: bool) -> None:
        """A compass word: a course, where it comes from, or part of what stands beside it."""
        span = spans[at]
        degrees = float(span.means["compass"])
        after = span_at(spans, at + 1)
        if after is not None and (after.regions or offset_deg(spans, at + 1) is not None):
            return
        if after is not None and after.means.get("offset") == "word":
            there = span_at(spans, at + 2)
            if there is not None and there.places:
                return
        if role is None and span.role:
            role = self._role(span.role)
        if role == "from":
            draft.course_deg, draft.from_deg = (degrees + 180) % 360, True
        elif by_case and ("compass_at" in span.means or (after is not None and after.means.get("role") == "towards")):
            return
        elif role is None and not draft.moving and draft.places and draft.places[-1].span.regions and span is not after:
            draft.places[-1].part_deg = degrees
        elif role == "towards" or "compass_to" in span.means or (role is None and draft.moving):
            draft.course_deg = degrees

    def _arrow(self, draft: Draft, spans: Sequence[Span], at: int, role: Role | None) -> Role | None:
        """An arrow leads to the place behind it; without one it is a course."""
        before = span_at(spans, at - 1)
        if self._place_after(spans, at):
            back = float(spans[at].means["arrow"]) == _BACK_DEG and before is not None and before.places
            if back and before is not None and before.form.upper() != before.form:
                # "Boryspil ← Berezan", in a script that is written from left to right.
                draft.places[-1].role = "towards"
                return "from"
            return "towards"
        draft.course_deg = float(spans[at].means["arrow"])
        return role

    @staticmethod
    def _place_after(spans: Sequence[Span], at: int) -> bool:
        for span in spans[at + 1 : at + 4]:
            if span.places or span.regions:
                return True
            if span.means.get("role") == "from":
                return False
            if not ({"sign", "role", "arrow", "kind"} & span.means.keys()):
                return False
        return False
