"""Texts that report nothing of now: advertisements, sums of a night, essays, what is past, drills, questions."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.ingest.text.plain import Token
from tocsin.ingest.text.scan import COUNT_MAX, Span

# An essay: many words, few of them about what flies.
ESSAY_WORDS_MIN = 30
ESSAY_SHARE_MAX = 0.1
_TELLING = frozenset({"kind", "stage", "compass"})
# "12 shot down" sums up a night; two are what just happened.
SUMMED_MIN = 12


def reason_to_drop(spans: Sequence[Span]) -> str | None:
    """Why a sentence is no report; None where it may be one."""
    said = {span.means["drop"] for span in spans if "drop" in span.means}
    if _summed(spans):
        return "summary"
    for reason in ("advertisement", "drill", "summary", "past"):
        if reason in said:
            return reason
    about = any("kind" in span.means or "stage" in span.means for span in spans)
    if not about and ("question" in said or "?" in {span.said for span in spans}):
        return "question"
    return "everyday" if "everyday" in said and not about else None


def reason_to_drop_all(spans: Sequence[Span], row: Sequence[Token]) -> str | None:
    """Why a whole text is no report: an essay, or headed as an advertisement or a drill."""
    words = sum(token.said.isalpha() for token in row)
    telling = sum(bool(span.places or span.regions or _TELLING & span.means.keys()) for span in spans)
    if words >= ESSAY_WORDS_MIN and telling < ESSAY_SHARE_MAX * words:
        return "essay"
    head = [span for span in spans[:3] if "sign" not in span.means]
    if len(head) > 1 and head[0].means.get("drop") in ("advertisement", "drill") and "break" in head[1].means:
        return head[0].means["drop"] if head[0].start <= 1 and head[1].start == head[0].end else None
    return None


def _summed(spans: Sequence[Span]) -> bool:
    """Whether so many of so many are spoken of, or more shot down than a channel would report one by one."""
    gone = any(span.means.get("stage") == "gone" for span in spans)
    for at, span in enumerate(spans):
        if "number" not in span.means:
            continue
        number = int(span.said[:9])
        after = [one for one in spans[at + 1 : at + 5] if "sign" not in one.means]
        of = any(_of(one) for one in after[:2])
        if of and any("number" in one.means for one in after[1:3]):
            return True
        if gone and SUMMED_MIN <= number <= 10 * COUNT_MAX:
            return True
    return False


def _of(span: Span) -> bool:
    return span.means.get("unit") == "of" or span.means.get("role") == "from" or span.said.lower() == "of"


def unread_words(row: Sequence[Token], spans: Sequence[Span]) -> tuple[str, ...]:
    """The words that nothing was made of, in order."""
    used = {at for span in spans for at in range(span.start, span.end)}
    return tuple(token.said for at, token in enumerate(row) if at not in used and token.said.isalpha())
