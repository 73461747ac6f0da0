"""Rows of a table that somebody keeps by hand: days instead of times, a place without how well it is known.

What is left out is filled in by a rule that stands in the record, so that the same row gives the same record.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tocsin.ledger.formats.times import DAY
from tocsin.model.errors import BadRecord
from tocsin.model.value import time_text

# "Near the capital": who does not say how well a place is known may mean a crater or a district.
SIGMA_M = 20_000.0
_DAY_CHARS = len("2026-05-03")
_RULE = "a whole day, taken as UTC"


def complete_place(plain: dict[str, Any]) -> None:
    """Say of a place that it is known to `SIGMA_M`, where nobody said how well."""
    place = plain.get("place")
    if isinstance(place, dict) and place.keys() >= {"lat", "lon"}:
        place.setdefault("sigma_m", SIGMA_M)


def complete_times(plain: dict[str, Any]) -> None:
    """Times as RFC 3339 has them, of what people write: a minute with its offset, or a day. Raises BadRecord.

    A day is all of it; something was published by its end at the latest.
    """
    if (recorded := plain.get("recorded")) is not None:
        plain["recorded"] = time_text(_span(recorded, "recorded")[0])
    if (published := plain.get("published")) is not None:
        plain["published"] = time_text(_span(published, "published")[1])
    window = plain.get("window")
    if not isinstance(window, dict) or "begin" not in window:
        return
    said = [str(window[name]) for name in ("begin", "end") if name in window]
    begin = _span(window["begin"], "begin")
    end = _span(window["end"], "end") if "end" in window else None
    window["begin"] = time_text(begin[0])
    if end is not None or begin[0] < begin[1]:
        window["end"] = time_text((end or begin)[1])
    if any(first < last for first, last in (begin, end or begin)) and not {"said", "rule"} & window.keys():
        window |= {"said": " to ".join(said), "rule": _RULE}


def _span(value: Any, column: str) -> tuple[datetime, datetime]:
    text = str(value).strip()
    try:
        found = datetime.fromisoformat(text)
        if len(text) == _DAY_CHARS:
            day = found.replace(tzinfo=UTC)
            return day, day + DAY
        at = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRecord(f"{column} is {text[:40]!r}; write it as 2026-05-03, or as 2026-05-03T21:40Z") from error
    if found.tzinfo is None:
        raise BadRecord(f"{column} is {text[:40]!r}, a time without its offset from UTC; write 2026-05-03T21:40+03:00")
    return at, at
