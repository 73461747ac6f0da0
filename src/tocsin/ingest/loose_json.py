"""JSON as programs write it that print their numbers themselves: `nan`, `Infinity`, a comma too many.

Such a token stands for one value of one record; a reader that refuses all of the text for it loses all the others. What
is no number comes back as the text it was, so that whoever reads that value refuses it, and nobody else. Of a list of
records that cannot be read as a whole (a decimal comma, a quote in a callsign, a file still being written), those that
can be read are, and each of the others comes back as its text.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import msgspec

from tocsin.model.errors import BadRecord
from tocsin.model.value import UNREADABLE

# What C, Windows and others print where there is no number, between a colon, comma or bracket and the next.
_NO_NUMBER = re.compile(
    rb"(?<=[:,\[])([ \t\r\n]*)([-+]?(?:nan(?:\(\w{0,20}\))?|inf(?:inity)?|1\.#\w{1,9}))(?=\s*[,}\]])", re.I
)
_COMMA_TOO_MANY = re.compile(rb",(\s*[}\]])")
# What may begin a list of records, objects or lists; lists of others may stand before it.
_LIST = re.compile(rb"\[\s*(?=([{\[]))")
_LISTS_MAX = 8
# Beside them a picture says when it is of, and little more.
_AROUND_BYTES_MAX = 100_000
_BROKEN_MAX = 1_000
_MARK, _MARK_TEXT = "\0records", b'"\\u0000records"'
_CLOSING = {b"{": b"}", b"[": b"]"}
# More digits are no number of ours, and Python takes long over them.
_DIGITS_MAX = 300


class NoJson(str):
    """The text of a record that is no JSON."""

    __slots__ = ()


def loose_json(text: bytes, *, mended_bytes_max: int | None = None) -> Any:
    """What a text of JSON says. Raises BadRecord where it is none even so.

    mended_bytes_max   a longer one is not mended: mending takes a hundred times as long as reading

    >>> loose_json(b'[{"lat": 50.5, "rssi": -nan,}]')
    [{'lat': 50.5, 'rssi': '-nan'}]
    >>> loose_json(b'{"now": 5, "aircraft": [{"gs": 5,5}, {"gs": 6}]}')
    {'now': 5, 'aircraft': ['{"gs": 5,5}', {'gs': 6}]}
    """
    try:
        return msgspec.json.decode(text)
    except UNREADABLE as error:
        first = error
    if mended_bytes_max is not None and len(text) > mended_bytes_max:
        raise BadRecord(f"not JSON: {first}; a text of {len(text)} bytes is not mended")
    # Some write the whole of a buffer, whatever it holds behind the text.
    text = text.rstrip(b"\0 \t\r\n")
    try:
        return _mended(text)
    except (ValueError, RecursionError):
        pass
    for start in itertools.islice(_LIST.finditer(text), _LISTS_MAX):
        try:
            return _in_records(text, start.end(), start[1])
        except (ValueError, RecursionError):
            continue
    raise BadRecord(f"not JSON: {first}") from first


def _mended(text: bytes) -> Any:
    """What a text says in which tokens may be none of JSON's. Raises ValueError or RecursionError."""
    mended = _COMMA_TOO_MANY.sub(rb"\1", _NO_NUMBER.sub(rb'\1"\2"', text))
    try:
        return msgspec.json.decode(mended)
    except UNREADABLE:
        # Numbers too large for others, control characters and broken text are left to the patient one.
        pass
    return json.loads(mended.decode(errors="replace"), strict=False, parse_constant=str, parse_int=_whole)


def _in_records(text: bytes, start: int, opening: bytes) -> Any:
    """What a text says whose records, from `start` on, are read one by one.

    Raises ValueError or RecursionError where what is around them is no JSON, or none of them can be read.
    """
    closing = re.escape(_CLOSING[opening])
    end = re.compile(closing + rb"[\s,]*\]").search(text, start)
    inside, behind = (text[start:], b"") if end is None else (text[start : end.start() + 1], text[end.end() - 1 :])
    if start + len(behind) > _AROUND_BYTES_MAX:
        raise ValueError("more around the records than of records")
    around = _around(text[:start] + _MARK_TEXT, behind)
    between = re.compile(rb"(?<=" + closing + rb")\s*,[\s,]*(?=" + re.escape(opening) + rb")")
    records: list[Any] = []
    broken = 0
    for one in between.split(inside):
        records.append(_record(one))
        broken += isinstance(records[-1], NoJson)
        # To look twice at every record of a text that is something else takes too long.
        if broken > _BROKEN_MAX:
            raise ValueError(f"more than {_BROKEN_MAX} of its records are no JSON")
    if broken == len(records):
        raise ValueError("no record of it can be read")
    if around == [_MARK]:
        return records
    return {name: records if value == [_MARK] else value for name, value in around.items()}


def _around(before: bytes, behind: bytes) -> Any:
    """What stands around the records, which are one mark. Raises ValueError where that is no list or object of ours."""
    # Cut off, nobody knows what stood behind: the end of a list, or of one in an object.
    for end in [behind] if behind else [b"]}", b"]"]:
        try:
            around = _mended(before + end)
        except ValueError:
            continue
        if around == [_MARK] or (isinstance(around, dict) and [_MARK] in around.values()):
            return around
    raise ValueError("no list of records")


def _record(text: bytes) -> Any:
    """A record, or its text where it is none."""
    try:
        return msgspec.json.decode(text)
    except UNREADABLE:
        pass
    try:
        return _mended(text)
    except (ValueError, RecursionError):
        return NoJson(text.decode(errors="replace"))


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS_MAX else digits[:_DIGITS_MAX]
