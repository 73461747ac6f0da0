"""Times as archives write them, resolved by a stated rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tocsin.ledger.when import moments
from tocsin.model.errors import BadRecord

# A day, and perhaps a minute or second of it; hours may lack their zero.
_LOCAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?")
_zone = cache(ZoneInfo)
DAY = timedelta(days=1)


def utc_of(text: str, name: str) -> datetime:
    """A time with its offset, such as `2022-03-15 16:10:34+00:00`, in UTC. Raises BadRecord naming the column.

    >>> utc_of("2022-03-15 18:10:34+02:00", "started_at").isoformat()
    '2022-03-15T16:10:34+00:00'
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadRecord(f"{name} is {text[:40]!r}; it must be a time such as 2022-03-15T16:10:34Z") from error
    if found.tzinfo is None:
        raise BadRecord(f"{name} is {text[:40]!r}, a time without its offset from UTC")
    return _in_utc(found, text, name)


class LocalSpan(NamedTuple):
    """From when to when a time or a day of a time zone may be, in UTC.

    change   what the clock did just then, to be added to a rule; empty: nothing
    """

    begin: datetime
    end: datetime
    change: str


def local_span(text: str, zone: str, name: str) -> LocalSpan:
    """Of a time or a day of a time zone: a minute is itself, a day is all of it; one that was twice is both.

    >>> [one.isoformat() for one in local_span("2023-05-16 3:30", "Europe/Kyiv", "time_start")[:2]]
    ['2023-05-16T00:30:00+00:00', '2023-05-16T00:30:00+00:00']
    >>> [one.isoformat() for one in local_span("2023-05-16", "Europe/Kyiv", "time_start")[:2]]
    ['2023-05-15T21:00:00+00:00', '2023-05-16T21:00:00+00:00']
    >>> [one.isoformat() for one in local_span("2024-10-27 3:30", "Europe/Kyiv", "time_start")[:2]]
    ['2024-10-27T00:30:00+00:00', '2024-10-27T01:30:00+00:00']

    Raises BadRecord naming the column.
    """
    written = _LOCAL.fullmatch(text.strip())
    try:
        if written is None:
            raise ValueError
        parts = [int(one) for one in written.groups() if one is not None]
        begin = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  # 3, 5 or 6 whole numbers, by a local clock
        is_day = len(parts) == 3
        end = begin + DAY if is_day else begin
    except (ValueError, OverflowError) as error:
        raise BadRecord(f"{name} is {text[:40]!r}; it must be a day, or a day and a time") from error
    try:
        first, _, change = moments(begin, _zone(zone), border=is_day)
        _, last, changed = moments(end, _zone(zone), border=is_day)
    except OverflowError as error:
        raise BadRecord(f"{name} is {text[:40]!r}; there is no such time") from error
    return LocalSpan(first, last, change if changed == change else f"{change}{changed}")


def _in_utc(found: datetime, text: str, name: str) -> datetime:
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise BadRecord(f"{name} is {text[:40]!r}; there is no such time") from error
