"""What was understood of channels' texts, for people and as plain values."""

from __future__ import annotations

from typing import Any

import msgspec

from tocsin.ingest.text.corpus import Score
from tocsin.ingest.text.reading import Reading, Report
from tocsin.ingest.text.review import Proposal
from tocsin.report.shown import shown


def reading_row(line: str, reading: Reading) -> dict[str, Any]:
    """A reading as plain values, with the likeliest class of each report beside its odds."""
    # Half a character, as a terminal may hand one over, is none in JSON.
    row: dict[str, Any] = {"text": line.encode("utf-8", "replace").decode(), **msgspec.to_builtins(reading)}
    for report, plain in zip(reading.reports, row["reports"], strict=True):
        plain["class"] = report.likeliest
    return row


def report_text(report: Report) -> str:
    """A report in one line: class, stage, count, places and course."""
    places = ", ".join(
        f"{one.role} {shown(one.spots[0].name)}"
        + ("" if one.sure else f" ({one.spots[0].weight:.0%} of {len(one.spots)})")
        for one in report.places
    )
    count = "" if report.count_min is None else f", at least {report.count_min}"
    course = "" if report.course_deg is None else f", course {report.course_deg:.0f} ± {report.course_sigma_deg:.0f}°"
    weak = " (weak)" if report.weak else ""
    return f"{report.likeliest}{weak}, {report.stage}{count}{': ' + places if places else ''}{course}"


def reading_text(line: str, reading: Reading) -> str:
    """A reading for people: its reports or why there is none, what each word was taken for, and what was not."""
    rows = [shown(" ".join(line.split())), *(f"  {report_text(report)}" for report in reading.reports)]
    if reading.dropped is not None:
        rows.append(f"  no report: {reading.dropped}")
    rows += [shown(f"    {word.said}: {word.heading} {word.value}".rstrip()) for word in reading.understood]
    if reading.unread:
        rows.append(f"    not understood: {shown(', '.join(reading.unread))}")
    if reading.beyond:
        rows.append(f"    not read: the last {reading.beyond} characters; no post is so long")
    return "\n".join(rows)


def score_text(score: Score) -> str:
    """A table of what was read right, out of how many."""
    rows = [(name, score.right[name], score.of[name], 100 * score.share(name)) for name in score.of]
    return "\n".join(f"{name:20} {right:5d} of {of:5d}  {share:5.1f} %" for name, right, of, share in rows)


def proposal_text(one: Proposal) -> str:
    """A word that nothing was made of, what it may be, and lines that it stands in."""
    like = f", like {', '.join(one.resembles)}" if one.resembles else ""
    after = f", mostly after {shown(one.after)!r}" if one.after else ""
    examples = [shown(f"    {' '.join(example.split())}") for example in one.examples]
    return "\n".join([f"{shown(one.word)}: in {one.lines} lines{like}{after}", *examples])
