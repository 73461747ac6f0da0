"""Texts that report nothing of now: advertisements, sums of a night, essays, what is past, drills, questions."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.ingest.text.beside import span_at
from tocsin.ingest.text.plain import Token
from tocsin.ingest.text.scan import COUNT_MAX, Span

# An essay: many words, few of them about what flies.
ESSAY_WORDS_MIN = 30
ESSAY_SHARE_MAX = 0.1
# A warning within an essay says little else.
STANDS_OUT_SHARE = 0.4
_TELLING = frozenset({"kind", "stage", "compass"})
# "12 shot down" sums up a night; two are what just happened.
SUMMED_MIN = 12
# More than a time of day without its colon ("2045").
TIME_MAX = 2_400
# Stages that are of now, whatever else a sentence tells.
_LIVE = frozenset({"threat", "launch", "takeoff", "impact", "standing"})
# Of these stages no sum of a night tells.
_YET = frozenset({"threat", "launch", "takeoff", "standing", "all_clear"})
_WHOLE = ("advertisement", "drill")
# What people call their own: of anything else nobody says so.
_OWN = frozenset({"jet", "helicopter", "aircraft", "tactical_aviation", "target"})
# Years that something is told of; as a time of day ("2014") they stand without a word for year.
_YEARS = range(1900, 2100)
_TOLD = ("summary", "past", "rumour", "advice")
# Of what they say of aircraft nothing is a report, whatever else stands beside them.
_NONE = ("friendly", "traffic")


def kept(clauses: Sequence[list[Span]]) -> tuple[list[Span], str | None]:
    """What is left of a sentence, and why nothing is: the clauses that may be of now, without whom it hurt.

    Aircraft of one's own are none, and of the weather nothing is a report but what flies in it.

    Casualties make no threat past: "Missile on Kharkiv, two wounded" is a missile on Kharkiv. They do where nothing
    flies but what hurt them.
    """
    spans = [span for clause in clauses for span in clause]
    if (answer := _answer(spans)) is not None:
        clauses, spans = [answer], answer
    said, numbers, asks = set[str](), False, False
    for span in spans:
        means = span.means
        if "drop" in means:
            said.add(means["drop"])
        elif "number" in means:
            numbers = True
        elif span.said == "?":
            asks = True
    if "question" in said and asks and _asks(spans):
        return [], "question"
    asks = asks or "question" in said
    if numbers and any("number" in span.means and _is_year(spans, at) for at, span in enumerate(spans)):
        said.add("past")
    summed = numbers and _summed(spans)
    if not (said or summed or asks):
        return spans, None
    for reason in _WHOLE:
        if reason in said:
            return [], reason
    for reason in _NONE:
        if reason in said:
            clauses = [clause for clause in clauses if not any(span.means.get("drop") == reason for span in clause)]
            spans = [span for clause in clauses for span in clause]
            if all(span.means.get("kind", "jet") in _OWN for span in spans):
                return [], reason
    if "laughter" in said and not (_has_kind(spans) and _somewhere(spans)):
        return [], "laughter"
    if "weather" in said and not _flies(spans) and not any(span.means.get("unit") == "heard" for span in spans):
        return [], "weather"
    told = "summary" if summed else next((reason for reason in _TOLD if reason in said), None)
    if told is not None:
        clauses = [clause for clause in clauses if _is_now(clause)]
        if not clauses:
            return [], told
    if "harm" in said:
        clauses = [alive for clause in clauses if (alive := _unharmed(clause))]
        if not any(_flies(clause) for clause in clauses):
            return [], "past"
    spans = [span for clause in clauses for span in clause]
    if asks and not (_about(spans) if _somewhere(spans) else _has_kind(spans)):
        return [], "question"
    return ([], "everyday") if "everyday" in said and not _about(spans) else (spans, None)


def is_essay(spans: Sequence[Span], row: Sequence[Token]) -> bool:
    """Whether a text has many words, and few of them are about what flies."""
    if len(row) < ESSAY_WORDS_MIN:
        return False
    words = sum(token.said.isalpha() for token in row)
    return words >= ESSAY_WORDS_MIN and _told(spans) < ESSAY_SHARE_MAX * words


def stands_out(sentence: Sequence[Span], end: int) -> bool:
    """Whether a sentence of an essay is a warning all the same: terse, and with what flies and where."""
    if not any("kind" in span.means for span in sentence) or not _somewhere(sentence):
        return False
    return _told(sentence) >= STANDS_OUT_SHARE * (end - sentence[0].start)


def _told(spans: Sequence[Span]) -> int:
    return sum(bool(span.places or span.regions or _TELLING & span.means.keys()) for span in spans)


def reason_to_drop_all(spans: Sequence[Span]) -> str | None:
    """Why a whole text is no report: it is headed as an advertisement or a drill."""
    if not any("drop" in span.means for span in spans[:2]):
        return None
    head = [span for span in spans[:3] if "sign" not in span.means]
    if len(head) > 1 and head[0].means.get("drop") in _WHOLE and "break" in head[1].means:
        return head[0].means["drop"] if head[0].start <= 1 and head[1].start == head[0].end else None
    return None


def sums_on(sentence: Sequence[Span]) -> bool:
    """Whether a sentence behind the sums of a night is one more: it names no town, and nothing that is yet to come."""
    said = {span.means["stage"] for span in sentence if "stage" in span.means}
    comes = not said.isdisjoint(_YET) or (_has_kind(sentence) and "gone" not in said)
    return not comes and not any(span.places for span in sentence)


def _is_year(spans: Sequence[Span], at: int) -> bool:
    """Whether a number is a year: a word for year follows, or the end of a word ("2014-го")."""
    if len(spans[at].said) != 4 or int(spans[at].said) not in _YEARS:
        return False
    after = span_at(spans, at + 1)
    if after is not None and after.said == "-" and after.start == spans[at].end:
        then = span_at(spans, at + 2)
        return then is not None and then.start == after.end and then.means.get("unit") in ("year", "measure")
    return after is not None and after.means.get("unit") == "year"


def _has_kind(spans: Sequence[Span]) -> bool:
    return any("kind" in span.means for span in spans)


def _about(spans: Sequence[Span]) -> bool:
    return any("kind" in span.means or "stage" in span.means for span in spans)


def _is_now(clause: Sequence[Span]) -> bool:
    """Whether a clause beside a sum or something past says that it is of now: "... and now two more for Kyiv"."""
    if any(span.means.get("drop") in (*_TOLD, "harm") for span in clause):
        return False
    told = any({"kind", "count", "number", "more"} & span.means.keys() for span in clause)
    return told and any(span.means.get("unit") == "now" for span in clause) and _somewhere(clause)


def _somewhere(clause: Sequence[Span]) -> bool:
    return any(span.places or span.regions or "compass" in span.means for span in clause)


def _flies(clause: Sequence[Span]) -> bool:
    return any("kind" in span.means or span.means.get("stage") in _LIVE for span in clause)


def _unharmed(clause: list[Span]) -> list[Span]:
    """What a clause says before it tells of harm, if that is a thing on its way; all of it where it tells of none."""
    at = next((at for at, span in enumerate(clause) if span.means.get("drop") == "harm"), None)
    if at is None:
        return clause
    before = clause[:at]
    while before and {"count", "number", "filler", "unit", "boundary"} & before[-1].means.keys():
        before.pop()
    kind = next((at for at, span in enumerate(before) if "kind" in span.means), None)
    if kind is None:
        return []
    return before if any("verb" in span.means for span in before) or _somewhere(before[kind:]) else []


def _answer(spans: list[Span]) -> list[Span] | None:
    """What stands behind a question, if it tells of something: "Is it over? 3 for Brovary"."""
    mark = next((at for at, span in enumerate(spans) if span.said == "?"), None)
    if mark is None or not any(span.means.get("drop") == "question" for span in spans[:mark]):
        return None
    rest = spans[mark + 1 :]
    return (
        rest
        if _somewhere(rest) and any({"kind", "stage", "number", "count"} & span.means.keys() for span in rest)
        else None
    )


def _asks(spans: Sequence[Span]) -> bool:
    """Whether a word that asks stands before all that is told, and the question mark behind it, with no number told."""
    told = [at for at, span in enumerate(spans) if "kind" in span.means or "stage" in span.means]
    word = next(at for at, span in enumerate(spans) if span.means.get("drop") == "question")
    mark = max(at for at, span in enumerate(spans) if span.said == "?")
    counted = any({"number", "arrow"} & span.means.keys() for span in spans)
    return (
        bool(told) and not counted and word < mark and max(told) < mark and (word < told[-1] or mark == len(spans) - 1)
    )


def _summed(spans: Sequence[Span]) -> bool:
    """Whether so many of so many are spoken of, or more shot down than a channel would report one by one."""
    gone = any(span.means.get("stage") == "gone" for span in spans)
    for at, span in enumerate(spans):
        if "number" not in span.means:
            continue
        number = int(span.said[:9])
        after = [one for one in spans[at + 1 : at + 5] if not (one.means.keys() <= {"sign", "filler", "kind", "stage"})]
        if len(after) > 1 and _of(after[0]) and "number" in after[1].means:
            return True
        following = span_at(spans, at + 1)
        if number > TIME_MAX and following is not None and "kind" in following.means:
            return True
        if gone and SUMMED_MIN <= number <= 10 * COUNT_MAX:
            return True
    return False


def _of(span: Span) -> bool:
    return span.means.get("unit") == "of" or span.means.get("role") == "from"


def unread_words(row: Sequence[Token], spans: Sequence[Span]) -> tuple[str, ...]:
    """The words that nothing was made of, in order."""
    found: list[str] = []
    at = 0
    for span in spans:
        if span.start > at:
            found += [token.said for token in row[at : span.start] if token.said.isalpha()]
        at = span.end
    found += [token.said for token in row[at:] if token.said.isalpha()]
    return tuple(found)
