"""Octets into data blocks: category, length, records. After damage, the next block that holds together is searched for.

A block is good when its records fill it exactly. One that is not costs itself only: if another block begins where
its length says, that is where reading goes on; else the length itself is damaged, and the next octet is sought at
which a good block begins. One that another block or the end follows is believed before one that stands alone. What is
skipped is counted, octet by octet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.ingest.asterix.layouts import PROFILES, TITLES
from tocsin.ingest.asterix.records import Record, records_of

HEADER_OCTETS = 3
# Categories that exist and that we do not read: service messages, surface movement, weather, safety nets, ...
OTHER_CATEGORIES = frozenset(TITLES) - frozenset(PROFILES)
# While searching, longer blocks are not believed: a radar's block is one datagram, and every try costs its length.
SOUGHT_OCTETS_MAX = 2_048
# What may be read beside the blocks themselves, ahead of one and where one is sought: more than damage needs, little
# enough that a datagram made of nothing but beginnings of blocks is given up within a fraction of a second. A try, and
# each of its records, costs its octets and some more.
VAIN_OCTETS_MIN = 500_000
VAIN_OCTETS_PER_OCTET = 8
TRY_OCTETS = 20
EXCERPT_OCTETS = 250
# So many blocks of categories nobody has told us of may follow one another.
UNHEARD_BLOCKS_MAX = 32


def _any_of(categories: Iterable[int]) -> re.Pattern[bytes]:
    return re.compile(b"[" + b"".join(re.escape(bytes([category])) for category in categories) + b"]")


_DECODED = _any_of(PROFILES)
# The first octet of a block of any category that exists.
BEGINNING = _any_of(OTHER_CATEGORIES | PROFILES.keys())


@dataclass(frozen=True, slots=True)
class Block:
    """One block, or (category None) the beginning of a stretch of octets that belongs to none.

    records   the records of a category we decode; fault: why not all of it could be used
    skipped   how many octets belong to no block
    """

    at: int
    octets: bytes
    category: int | None
    records: list[tuple[Record, bytes]]
    fault: str | None = None
    skipped: int = 0


def _header(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """(category, end of the block) where a block can begin at `at`, else None."""
    if at + HEADER_OCTETS > end:
        return None
    length = data[at + 1] << 8 | data[at + 2]
    category = data[at]
    if length <= HEADER_OCTETS or at + length > end or (category not in PROFILES and category not in OTHER_CATEGORIES):
        return None
    return category, at + length


def blocks_end(data: bytes, start: int = 0, end: int | None = None) -> int | None:
    """Where the last whole one of the blocks with which data[start:end] begins ends; None where none begins there.

    Of one that is not whole its beginning, however short, must be that of a block.
    """
    at, end = start, len(data) if end is None else min(end, len(data))
    while at < end:
        length = int.from_bytes(data[at + 1 : at + HEADER_OCTETS], "big")
        whole_header = at + HEADER_OCTETS <= end
        if BEGINNING.match(data, at) is None or (whole_header and length <= HEADER_OCTETS):
            return at if at > start else None
        if not whole_header or at + length > end:
            break
        at += length
    return at


def good_chain(data: bytes, at: int, end: int, *, trailer: int = 0, count: int = 3) -> bool:
    """Whether data[at:end] ends at `at`, or begins there with so many good blocks, or with good ones to its end.

    Of a category that is not decoded a block is good by its header; trailer: octets after each that belong to none.
    """
    return _Search(data, at, end, trailer).chain(at, count)


def only_blocks(data: bytes) -> bool:
    """Whether blocks, one after the other, fill `data` exactly."""
    return len(data) > HEADER_OCTETS and blocks_end(data) == len(data)


def begins_with_blocks(head: bytes) -> bool:
    """Whether a file begins with a good block of a category we decode, and more blocks or its end follow."""
    header = _header(head, 0, len(head))
    if header is None or header[0] not in PROFILES:
        return False
    at = header[1]
    return good_chain(head, 0, at) and (at == len(head) or blocks_end(head, at) is not None)


class _Search:
    """Where good blocks begin in one datagram or recording. Bounded, so that what is made to be slow is given up."""

    def __init__(self, data: bytes, start: int, end: int, trailer: int) -> None:
        self._data = data
        self._end = end
        self._trailer = trailer
        self._octets_left = VAIN_OCTETS_MIN + (end - start) * VAIN_OCTETS_PER_OCTET

    def read(self, category: int, at: int, stop: int) -> tuple[list[tuple[Record, bytes]], str | None]:
        """The records of the block at `at`, read beside the blocks themselves: it is paid for."""
        records, fault = records_of(category, self._data, at + HEADER_OCTETS, stop)
        self.pay(records)
        return records, fault

    def pay(self, records: list[tuple[Record, bytes]]) -> None:
        """Take what records cost from what may still be read in vain."""
        self._octets_left -= TRY_OCTETS + sum(TRY_OCTETS + len(octets) for _, octets in records)

    def chain(self, at: int, count: int) -> bool:
        """Whether so many good blocks begin at `at`, or good ones to the end; no where too much was read in vain."""
        for _ in range(count):
            if at >= self._end:
                return True
            header = _header(self._data, at, self._end)
            if header is None or self._octets_left <= 0:
                return False
            if header[0] in PROFILES and self.read(header[0], at, header[1])[1] is not None:
                return False
            at = header[1] + self._trailer
        return True

    def followed(self, after: int, *, well: bool = True) -> bool:
        """Whether at `after` the data ends or another block begins: a good one, or at least (not `well`) a header.

        Where too much was read in vain a header is enough, too.
        """
        if well and self._octets_left > 0:
            return self.chain(after, 2)
        return after >= self._end or _header(self._data, after, self._end) is not None

    def unheard_end(self, at: int, *, whole: bool) -> int | None:
        """Where a block ends whose category nobody has told us of, None where none is: headers lead to a good block.

        whole   they may also lead to the end exactly: nothing else stands in a datagram that holds no other blocks
        """
        data, end = self._data, self._end
        first: int | None = None
        for _ in range(UNHEARD_BLOCKS_MAX):
            if at + HEADER_OCTETS > end or not data[at]:
                return None
            length = data[at + 1] << 8 | data[at + 2]
            if length <= HEADER_OCTETS or at + length > end:
                return None
            at += length
            first = at if first is None else first
            if at == end:
                return first if whole else None
            if data[at] in PROFILES and self.chain(at, 1):
                return first
        return None

    def first(self, start: int, end: int) -> int | None:
        """The first place in data[start:end] at which a good block begins; None where there is none.

        One that nothing follows is believed where it reaches into none that is followed.
        """
        alone: int | None = None
        alone_end = end
        for match in _DECODED.finditer(self._data, start, end):
            at = match.start()
            if alone is not None and at >= alone_end:
                return alone
            if self._octets_left <= 0:
                break
            stop = self._good_end(at)
            if stop is None:
                continue
            if self.followed(stop + self._trailer):
                return at
            if alone is None:
                alone, alone_end = at, stop
        return alone

    def _good_end(self, at: int) -> int | None:
        """Where the block of a category we decode ends that begins here and is filled by its records, else None."""
        header = _header(self._data, at, self._end)
        if header is None or header[1] - at > SOUGHT_OCTETS_MAX:
            return None
        return header[1] if self.read(header[0], at, header[1])[1] is None else None


def blocks_of(data: bytes, start: int = 0, end: int | None = None, *, trailer: int = 0) -> Iterator[Block]:
    """Every block of data[start:end], and between them what belongs to none.

    trailer   octets after each block that belong to the recording
    """
    at, end = start, len(data) if end is None else end
    whole = True
    search = _Search(data, start, end, trailer)
    while at < end:
        header = _header(data, at, end)
        if header is not None:
            category, stop = header
            records: list[tuple[Record, bytes]] = []
            fault = None
            if category in PROFILES:
                records, fault = records_of(category, data, at + HEADER_OCTETS, stop)
            after = stop + trailer
            trusted = fault is None and category in PROFILES
            trusted = trusted or search.followed(after, well=fault is None)
            if fault is not None:
                search.pay(records)
                # A length that grew by damage may end where a later block begins: those in between are not lost.
                inner = search.first(at + 1, stop)
                after = after if inner is None else inner
                trusted = trusted or inner is not None
            if trusted:
                yield Block(at, data[at : min(stop, after)], category, records, fault)
                at = after
                continue
        if header is None or header[0] not in PROFILES:
            unheard = search.unheard_end(at, whole=whole)
            if unheard is not None:
                yield Block(at, data[at:unheard], data[at], [])
                at = unheard
                continue
        resumed = search.first(at + 1, end)
        resumed = end if resumed is None else resumed
        skipped = resumed - at
        whole = False
        excerpt = data[at : min(resumed, at + EXCERPT_OCTETS)]
        yield Block(at, excerpt, None, [], f"{skipped} octets that belong to no data block", skipped)
        at = resumed
