"""What a receiver's line of JSON says of a message of Remote ID: its octets, whose transmitter it was, and when.

Keys are known in any spelling (`rawHex`, `raw_hex`), in the object or in one within it. No reason quotes what a line
holds: it may tell of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tocsin.ingest.aircraft_dialects import seconds
from tocsin.ingest.loose_json import loose_json
from tocsin.model.errors import BadRecord

# The longest pack takes 228 octets, 456 digits; what is beside them is short.
LINE_BYTES_MAX = 4_000
# A drone's time is of its satellites; what is farther ahead of ours is not of now.
AHEAD_S_MAX = 5.0
# Of a clock that counts from when the receiver was switched on (September 2001).
_UNSET_S = 1e9
# In small letters, without what is neither letter nor digit.
_OCTETS = ("raw", "rawhex", "hex", "rawmessage", "rawdata", "payloadhex", "servicedata", "advdata", "odid")
# Under these some write what they have to say themselves.
_OCTETS_OR_WORDS = ("payload", "message", "msg", "frame", "data")
_ADDRESSES = (
    "mac", "macaddress", "transmitter", "transmitteraddress", "address", "addr", "bdaddr", "bssid", "adva", "ta", "sa",
    "sourceaddress", "srcmac",
)  # fmt: skip
_TIMES = ("time", "timestamp", "ts", "times", "t", "now", "received", "receivedat", "lastseen")
_NO_KEY = re.compile(r"[^a-z0-9]")
_BETWEEN = re.compile(r"[\s:-]|0x")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){1,400}")
_ADDRESS = re.compile(r"[0-9A-Fa-f]{12}")
_NOBODYS = ("0" * 12, "f" * 12)


class Said(NamedTuple):
    """What a line says: the octets, whose transmitter it was, when it was heard; None: not said."""

    octets: bytes
    address: str | None
    heard_s: float | None
    left_out: tuple[str, ...]


def said_of(line: bytes, received_s: float) -> Said | str:
    """What a line says, or why it says nothing of a drone. Raises BadRecord, in words that quote nothing of it."""
    try:
        document = loose_json(line, mended_bytes_max=LINE_BYTES_MAX)
    except BadRecord:
        raise BadRecord("a line of Remote ID that is no JSON") from None
    if not isinstance(document, dict):
        raise BadRecord("a line of Remote ID that is no JSON object")
    keys = dict(_keys(document))
    address = next((keys[key] for key in _ADDRESSES if keys.get(key)), None)
    digits = _digits(keys)
    if digits is None:
        if address is None:
            return "a line without a message, of the receiver itself"
        raise BadRecord(f"no raw message, in hexadecimal, under a key we know ({', '.join(_OCTETS[:3])}, …)")
    left_out = []
    transmitter = None
    if address is not None:
        transmitter = _BETWEEN.sub("", address).lower() if isinstance(address, str) else ""
        if not _ADDRESS.fullmatch(transmitter) or transmitter in _NOBODYS:
            transmitter = None
            left_out.append("a transmitter's address that is not twelve hexadecimal digits, or nobody's")
    heard_s = None
    try:
        heard_s = _heard_s(next((keys[key] for key in _TIMES if keys.get(key) is not None), None), received_s)
    except BadRecord as error:
        left_out.append(str(error))
    return Said(bytes.fromhex(digits), transmitter, heard_s, tuple(left_out))


def _digits(keys: Mapping[str, Any]) -> str | None:
    """The message in hexadecimal; None where there is none. Raises BadRecord where it is something else."""
    for key in (*_OCTETS, *_OCTETS_OR_WORDS):
        if isinstance(keys.get(key), str):
            digits = _BETWEEN.sub("", keys[key])
            if _HEX.fullmatch(digits):
                return digits
            if key in _OCTETS:
                raise BadRecord("a message of Remote ID that is not in hexadecimal, or too long")
    return None


def _keys(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Keys in one spelling, with their values; those of objects within first, so that the outer ones count."""
    for inner in document.values():
        if isinstance(inner, dict):
            yield from ((_NO_KEY.sub("", key.lower()), value) for key, value in inner.items())
    yield from ((_NO_KEY.sub("", key.lower()), value) for key, value in document.items() if not isinstance(value, dict))


def _heard_s(value: Any, received_s: float) -> float | None:
    """When a receiver says it heard something, in POSIX seconds. Raises BadRecord where that is no such time."""
    if isinstance(value, str) and "T" in value.upper():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise BadRecord("a receiver's time that is none, or without its zone")
        said_s: float | None = moment.timestamp()
    else:
        try:
            said_s = seconds("a receiver's time", value)
        except BadRecord:
            raise BadRecord("a receiver's time that is none, or without its zone") from None
    if said_s is None:
        return None
    if said_s < _UNSET_S:
        raise BadRecord("a receiver's time that counts from no day: its clock is not set")
    if said_s > received_s + AHEAD_S_MAX:
        raise BadRecord("a receiver's time that is in the future: set its clock")
    return said_s
