"""JSON as programs write it that print their numbers themselves: `nan`, `Infinity`, a comma too many.

Such a token stands for one value of one record; a reader that refuses all of the text for it loses all the others. What
is no number comes back as the text it was, so that whoever reads that value refuses it, and nobody else.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from tocsin.model.errors import BadRecord

# What C, Windows and others print where there is no number, between a colon, comma or bracket and the next.
_NO_NUMBER = re.compile(
    rb"(?<=[:,\[])([ \t\r\n]*)([-+]?(?:nan(?:\(\w{0,20}\))?|inf(?:inity)?|1\.#\w{1,9}))(?=\s*[,}\]])", re.I
)
_COMMA_TOO_MANY = re.compile(rb",(\s*[}\]])")
# More digits are no number of ours, and Python takes long over them.
_DIGITS_MAX = 300


def loose_json(text: bytes, *, mended_bytes_max: int | None = None) -> Any:
    """What a text of JSON says. Raises BadRecord where it is none even so.

    mended_bytes_max   a longer one is not mended: mending takes a hundred times as long as reading

    >>> loose_json(b'[{"lat": 50.5, "rssi": -nan,}]')
    [{'lat': 50.5, 'rssi': '-nan'}]
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        first = error
    if mended_bytes_max is not None and len(text) > mended_bytes_max:
        raise BadRecord(f"not JSON: {first}; a text of {len(text)} bytes is not mended")
    mended = _COMMA_TOO_MANY.sub(rb"\1", _NO_NUMBER.sub(rb'\1"\2"', text))
    try:
        return msgspec.json.decode(mended)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Numbers too large for others, control characters and broken text are left to the patient one.
        pass
    try:
        return json.loads(mended.decode(errors="replace"), strict=False, parse_constant=str, parse_int=_whole)
    except (ValueError, RecursionError):
        raise BadRecord(f"not JSON: {first}") from first


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS_MAX else digits[:_DIGITS_MAX]
