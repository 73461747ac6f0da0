"""Octets into data blocks: category, length, records. After damage, the next block that holds together is searched for.

A block is good when its records fill it exactly. One that is not costs itself only: if another block begins where
its length says, that is where reading goes on; else the length itself is damaged, and the next octet is sought at
which a good block begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.ingest.asterix.layouts import PROFILES
from tocsin.ingest.asterix.records import Record, records_of

HEADER_OCTETS = 3
# Categories that exist and that we do not read: service messages, surface movement, weather, safety nets, ...
OTHER_CATEGORIES = frozenset(
    {3, 4, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 23, 25, 30, 31, 32, 63, 65, 150, 205, 240, 247, 252, 253, 254, 255}
)
# While searching, longer blocks are not believed: a radar's block is one datagram, and every try costs its length.
SOUGHT_OCTETS_MAX = 2_048


@dataclass(frozen=True, slots=True)
class Block:
    """One block, or (category None) a stretch of `octets` that belongs to none.

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


def _good(data: bytes, at: int, end: int, trailer: int) -> bool:
    """Whether a block of a category we decode begins here, is filled by its records and is followed by another."""
    header = _header(data, at, end)
    if header is None or header[0] not in PROFILES or header[1] - at > SOUGHT_OCTETS_MAX:
        return False
    after = header[1] + trailer
    follows = after >= end or _header(data, after, end) is not None or end - after < HEADER_OCTETS
    return follows and records_of(header[0], data, at + HEADER_OCTETS, header[1])[1] is None


def blocks_of(data: bytes, start: int = 0, *, trailer: int = 0) -> Iterator[Block]:
    """Every block of `data` from `start` on, and between them what belongs to none.

    trailer   octets after each block that belong to the recording
    """
    at, end = start, len(data)
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
                inner = (place for place in range(at + 1, stop) if _good(data, place, end, trailer))
                after = next(inner, after)
            if trusted or (fault is None and category in PROFILES):
                yield Block(at, data[at : min(stop, after)], category, records, fault)
                at = after
                continue
        resumed = next((place for place in range(at + 1, end - HEADER_OCTETS) if _good(data, place, end, trailer)), end)
        yield Block(at, data[at:resumed], None, [], "no data block begins here")
        at = resumed
