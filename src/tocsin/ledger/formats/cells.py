"""Cells of other people's tables as values: days, places, counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tocsin.ledger.formats.times import DAY
from tocsin.ledger.window import Place
from tocsin.model.errors import BadRecord

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T]00:00:00(?:\.0+)?)?")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_WORDED = re.compile(r"(\d{1,2}) (\w+) (\d{4})")
_NAME_CHARS = 300


def day_span(fields: Mapping[str, str], first: str, last: str) -> tuple[datetime, datetime]:
    """From the beginning of one day to the end of another, as UTC. Raises BadRecord naming the column.

    >>> [str(one) for one in day_span({"a": "2024-05-06", "b": "7 May 2024"}, "a", "b")]
    ['2024-05-06 00:00:00+00:00', '2024-05-08 00:00:00+00:00']
    """
    begin, end = _day(fields, first), _day(fields, last) + DAY
    if end <= begin:
        raise BadRecord(f"{last} is {fields[last][:40]!r}, before {first}, {fields[first][:40]!r}")
    return begin, end


def place_of(fields: Mapping[str, str], sigmas: Mapping[str, float], precision: str, name: str) -> Place:
    """The place of `latitude` and `longitude`, as well known as `precision` says. Raises BadRecord and BadValue."""
    try:
        lat, lon = float(fields["latitude"]), float(fields["longitude"])
    except ValueError as error:
        said = f"{fields['latitude'][:20]!r}, {fields['longitude'][:20]!r}"
        raise BadRecord(f"latitude and longitude are {said}; they must be degrees") from error
    if fields[precision] not in sigmas:
        raise BadRecord(f"{precision} is {fields[precision][:20]!r}; known are {', '.join(sigmas)}")
    return Place(lat=lat, lon=lon, sigma_m=sigmas[fields[precision]], name=name.strip()[:_NAME_CHARS])


def whole(fields: Mapping[str, str], column: str) -> int:
    """A whole number, written `12` or `12.0`. Raises BadRecord naming the column."""
    try:
        value = float(fields[column])
        if not 0 <= value <= 2**53 or value != int(value):
            raise ValueError
    except ValueError as error:
        raise BadRecord(f"{column} is {fields[column][:40]!r}; it must be a whole number") from error
    return int(value)


def _day(fields: Mapping[str, str], column: str) -> datetime:
    text = fields[column].strip()
    try:
        if written := _DAY.fullmatch(text):
            return datetime(*map(int, written.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]  # three numbers
        if worded := _WORDED.fullmatch(text):
            day, month, year = worded.groups()
            return datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise BadRecord(f"{column} is {text[:40]!r}; it must be a day such as 2024-05-06")
