"""pcap: both byte orders, micro- and nanoseconds, and its relatives with longer packet headers or swapped lengths.

A damaged packet header costs the packets up to the next one that is believable and is followed by another.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from typing import NamedTuple

import numpy as np

from tocsin.ingest.asterix.packets import NextFile, Packet, begins_file, told_s
from tocsin.ingest.rejects import Rejects

HEADER_OCTETS = 24
# libpcap's own bound on a packet.
PACKET_OCTETS_MAX = 262_144
# What is lost after damage is sought near first, then in windows twice as long each time, up to this.
SEARCH_OCTETS_MIN, SEARCH_OCTETS_MAX = 1 << 12, 1 << 20
# A recording's packets follow each other; a header that says otherwise is damaged, unless the next goes on from it, as
# where recordings of different weeks were joined.
BETWEEN_S_MAX = 7 * 86_400
# Some writers let the microseconds run over: 1,000,000 and a little more.
FRACTION_S_MAX = 2
NANOSECOND_S = 1e-9
# So many packets that fit one after the other say which relative of pcap it is.
FITTING = 3


class _Form(NamedTuple):
    """One relative's packet header: how many octets, and whether the length on the wire comes before the one kept."""

    octets: int
    swapped: bool = False


# 16 octets are pcap's own. 24 are Alexey Kuznetzov's, of early Linux distributions; 28 are SuSE's, 20 are Nokia's. Old
# writers took the two lengths for one another.
_PLAIN = (_Form(16), _Form(16, True), _Form(24), _Form(20))
_MODIFIED = (_Form(24), _Form(28), _Form(16))
_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6, _PLAIN),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6, _PLAIN),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9, _PLAIN),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9, _PLAIN),
    b"\x34\xcd\xb2\xa1": ("<", 1e-6, _MODIFIED),
    b"\xa1\xb2\xcd\x34": (">", 1e-6, _MODIFIED),
}


def is_pcap(head: bytes) -> bool:
    """Whether a file with these first octets is a pcap, or one of its relatives."""
    return head[:4] in _MAGIC


class _Header(NamedTuple):
    seconds: int
    fraction_s: float
    kept: int
    length: int


class _Headers:
    """The packet headers of the recording that begins at an octet, in one form."""

    def __init__(self, data: bytes, start: int, order: str, tick_s: float, form: _Form) -> None:
        self._data = data
        self._start = start
        self._words = struct.Struct(order + "IIII")
        self._order = order
        self._tick_s = tick_s
        self._swapped = form.swapped
        self._own = form == _PLAIN[0]
        self.octets = form.octets

    def at(self, at: int) -> _Header | None:
        """The header at an octet, None beyond the end."""
        if at + self.octets > len(self._data):
            return None
        seconds, fraction, kept, length = self._words.unpack_from(self._data, at)
        if self._swapped:
            kept, length = length, kept
        return _Header(seconds, fraction * self._tick_s, kept, length)

    def fit(self) -> bool:
        """Whether the first packets follow one another in this form, to the third or to the end."""
        at, last_s = self._start + HEADER_OCTETS, None
        for _ in range(FITTING):
            header = self.at(at)
            if header is None:
                return last_s is not None and (at == len(self._data) or (self._own and self._cut(at, last_s)))
            if last_s is not None and begins_file(self._data, at):
                return True
            if not believable(header, last_s):
                return False
            at, last_s = at + self.octets + header.kept, header.seconds
        return at <= len(self._data)

    def _cut(self, at: int, last_s: int) -> bool:
        """Whether the recording ends within a header: a time like the last stands there, and no end of a packet."""
        begun = self._data[at : at + 4]
        return len(begun) == 4 and abs(struct.unpack(self._order + "I", begun)[0] - last_s) < BETWEEN_S_MAX

    def goes_on(self, after: int, seconds: int) -> bool:
        """Whether a believable packet begins at `after`, soon after a time."""
        following = self.at(after)
        return following is not None and believable(following, seconds)

    def next(self, start: int, end: int, last_s: int | None) -> int | None:
        """Where, before `end`, the next packet begins whose header is believable and is followed by another."""
        for at in self._candidates(start, end, last_s):
            header = self.at(at)
            if at >= end:
                return None
            if header is None or not believable(header, last_s):
                continue
            after = at + self.octets + header.kept
            if after in (end, len(self._data)) or self.goes_on(after, header.seconds):
                return at
        return None

    def _candidates(self, start: int, end: int, last_s: int | None) -> Iterator[int]:
        """Octets at which the two lengths, and the seconds, may be those of a packet: window after window."""
        kept_at, length_at = (12, 8) if self._swapped else (8, 12)
        window, wide = start, SEARCH_OCTETS_MIN
        while window <= min(len(self._data) - self.octets, end - 1):
            octets = np.frombuffer(self._data[window : window + wide + 15], np.uint8).astype(np.int64)
            weights = (1, 1 << 8, 1 << 16, 1 << 24) if self._order == "<" else (1 << 24, 1 << 16, 1 << 8, 1)
            places = len(octets) - 15
            if places <= 0:
                return
            words = sum(weight * octets[n : len(octets) - 3 + n] for n, weight in enumerate(weights))
            assert isinstance(words, np.ndarray)
            seconds, kept, length = words[:places], words[kept_at:][:places], words[length_at:][:places]
            good = (kept > 0) & (kept <= length) & (length <= PACKET_OCTETS_MAX)
            if last_s is not None:
                good &= np.abs(seconds - last_s) < BETWEEN_S_MAX
            yield from (window + np.flatnonzero(good)).tolist()
            window, wide = window + wide, min(2 * wide, SEARCH_OCTETS_MAX)


def believable(header: _Header, last_s: int | None) -> bool:
    """Whether lengths and time can be a packet's; the first one is judged by its lengths alone."""
    first = last_s is None and (header.seconds > 0 or header.kept > 0)
    near = first or (last_s is not None and abs(header.seconds - last_s) < BETWEEN_S_MAX)
    # Some writers leave the length on the wire 0. A packet of which nothing was kept is one all the same.
    whole = header.length == 0 or header.kept <= header.length
    return (
        near and whole and max(header.kept, header.length) <= PACKET_OCTETS_MAX and header.fraction_s < FRACTION_S_MAX
    )


def packets(data: bytes, name: str, rejects: Rejects, start: int = 0) -> Generator[Packet, None, int]:
    """Every packet of the pcap that begins at an octet, in its order; returns where the next file begins, or ends."""
    order, tick_s, forms = _MAGIC[bytes(data[start : start + 4])]
    if len(data) < start + HEADER_OCTETS:
        rejects.read()
        rejects.add("a recording that ends within its header", data[start:], name)
        return len(data)
    link = struct.unpack_from(order + "I", data, start + 20)[0] & 0xFFFF
    # Some writers put nanoseconds where their file says microseconds.
    tried = [_Headers(data, start, order, tick, form) for tick in (tick_s, NANOSECOND_S) for form in forms]
    headers = next((one for one in tried if one.fit()), tried[0])
    at, last_s = start + HEADER_OCTETS, None
    # The packet before this one: where a file is cut short, it reaches into the next file.
    before = at
    next_file = NextFile(data)
    while (header := headers.at(at)) is not None and not begins_file(data, at):
        after = at + headers.octets + header.kept
        good = believable(header, last_s) or (believable(header, None) and headers.goes_on(after, header.seconds))
        if not good or after > len(data):
            if (begun := next_file.after(before + 1)) < at:
                return begun
            begun = next_file.after(at + 1)
            resumed = headers.next(at + 1, begun, last_s)
            if good and resumed is None:
                break
            end = begun if resumed is None else resumed
            rejects.read()
            rejects.add(f"a damaged packet header, {end - at} octets", data[at : min(end, at + 100)], f"{name}@{at}")
            before = at = end
            continue
        last_s = header.seconds
        captured_s = told_s(header.seconds + header.fraction_s)
        yield Packet(at, captured_s, link, bytes(data[at + headers.octets : after]))
        before, at = at, after
    if at < len(data) and not begins_file(data, at):
        end = next_file.after(at + 1)
        rejects.read()
        rejects.add("a recording that ends within a packet", data[at : min(end, at + 100)], f"{name}@{at}")
        return end
    return at
