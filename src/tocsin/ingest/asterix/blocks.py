"""Octets into data blocks: category, length, records. After damage, the next block that holds together is searched for.

A block is good when its records fill it exactly. One that is not costs itself only: if another block begins where
its length says, that is where reading goes on; else the length itself is damaged, and the next octet is sought at
which a good block begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.ingest.asterix.layouts import PROFILES, TITLES
from tocsin.ingest.asterix.records import Record, records_of

HEADER_OCTETS = 3
# Categories that exist and that we do not read: service messages, surface movement, weather, safety nets, ...
OTHER_CATEGORIES = frozenset(TITLES) - frozenset(PROFILES)
# While searching, longer blocks are not believed: a radar's block is one datagram, and every try costs its length.
SOUGHT_OCTETS_MAX = 2_048
# Tries at finding a block again: more than any damage needs, few enough that a datagram made of nothing but
# beginnings of blocks is given up within a fraction of a second.
TRIES_MIN = 500
OCTETS_PER_TRY = 64
EXCERPT_OCTETS = 250
_DECODED = re.compile(b"[" + b"".join(re.escape(bytes([category])) for category in PROFILES) + b"]")


@dataclass(frozen=True, slots=True)
class Block:
    """One block, or (category None) the beginning of a stretch of octets that belongs to none.

    records   the records of a category we decode; fault: why not all of it could be used
    """

    at: int
    octets: bytes
    category: int | None
    records: list[tuple[Record, bytes]]
    fault: str | None = None


def _header(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """(category, end of the block) where a block can begin at `at`, else None."""
    if at + HEADER_OCTETS > end:
        return None
    length = data[at + 1] << 8 | data[at + 2]
    category = data[at]
    if length <= HEADER_OCTETS or at + length > end or (category not in PROFILES and category not in OTHER_CATEGORIES):
        return None
    return category, at + length


class _Search:
    """Where good blocks begin in one datagram or recording. Bounded, so that what is made to be slow is given up."""

    def __init__(self, data: bytes, trailer: int) -> None:
        self._data = data
        self._trailer = trailer
        self._tries = TRIES_MIN + len(data) // OCTETS_PER_TRY

    def first(self, start: int, end: int) -> int | None:
        """The first place in data[start:end] at which a good block begins; None where there is none."""
        for match in _DECODED.finditer(self._data, start, end):
            if self._tries > 0 and self._good(match.start()):
                return match.start()
        return None

    def _good(self, at: int) -> bool:
        """Whether a block of a category we decode begins here, is filled by its records and is followed by another."""
        end = len(self._data)
        header = _header(self._data, at, end)
        if header is None or header[1] - at > SOUGHT_OCTETS_MAX:
            return False
        after = header[1] + self._trailer
        if end - after >= HEADER_OCTETS and _header(self._data, after, end) is None:
            return False
        self._tries -= 1
        return records_of(header[0], self._data, at + HEADER_OCTETS, header[1])[1] is None


def blocks_of(data: bytes, start: int = 0, *, trailer: int = 0) -> Iterator[Block]:
    """Every block of `data` from `start` on, and between them what belongs to none.

    trailer   octets after each block that belong to the recording
    """
    at, end = start, len(data)
    search = _Search(data, trailer)
    while at < end:
        header = _header(data, at, end)
        if header is not None:
            category, stop = header
            records: list[tuple[Record, bytes]] = []
            fault = None
            if category in PROFILES:
                records, fault = records_of(category, data, at + HEADER_OCTETS, stop)
            after = stop + trailer
            trusted = after >= end or _header(data, after, end) is not None
            if fault is not None:
                # A length that grew by damage may end where a later block begins: those in between are not lost.
                inner = search.first(at + 1, stop)
                after = after if inner is None else inner
                trusted = trusted or inner is not None
            if trusted or (fault is None and category in PROFILES):
                yield Block(at, data[at : min(stop, after)], category, records, fault)
                at = after
                continue
        resumed = search.first(at + 1, end)
        resumed = end if resumed is None else resumed
        yield Block(at, data[at : min(resumed, at + EXCERPT_OCTETS)], None, [], "no data block begins here")
        at = resumed
