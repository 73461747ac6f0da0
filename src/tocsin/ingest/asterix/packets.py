"""A captured packet, and how one that is not read is told from one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Packet(NamedTuple):
    """What stood in a recording: where, when it was captured (POSIX seconds, None: not told), and on which link."""

    at: int
    captured_s: float | None
    link: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Datagram:
    """What a packet carried, when it was captured (POSIX seconds, None: not told), and where it stands."""

    payload: bytes
    captured_s: float | None
    at: int


# What a pcap of version 2, its relatives, and a section of a pcapng begin with, in both byte orders.
_FILE = re.compile(
    rb"(?:\xd4\xc3\xb2\xa1|\x4d\x3c\xb2\xa1|\x34\xcd\xb2\xa1)\x02\0"
    rb"|(?:\xa1\xb2\xc3\xd4|\xa1\xb2\x3c\x4d|\xa1\xb2\xcd\x34)\0\x02"
    rb"|\x0a\x0d\x0d\x0a.{4}(?:\x4d\x3c\x2b\x1a|\x1a\x2b\x3c\x4d)",
    re.S,
)
FILE_HEAD_OCTETS = 12


def begins_file(data: bytes, at: int) -> bool:
    """Whether a capture file begins at an octet: people put files one behind the other."""
    return _FILE.match(data[at : at + FILE_HEAD_OCTETS]) is not None


class NextFile:
    """Where the next capture file begins in a recording; what was searched once is not searched again."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._from = self._found = -1

    def after(self, at: int) -> int:
        """The first octet from `at` on at which one begins; the end of the recording where none does."""
        if not self._from <= at <= self._found:
            found = _FILE.search(self._data, at)
            self._from, self._found = at, len(self._data) if found is None else found.start()
        return self._found


class PassedOver(Exception):
    """A packet that carries nothing for us: its kind, in words that follow a number."""


# Recorders whose clock was never set count from 1970, and damage may give any year: neither tells a day.
CLOCK_SET_S = 365 * 86_400.0
CLOCK_S_MAX = float(1 << 33)


def told_s(captured_s: float) -> float | None:
    """A capture time, None where no clock that was set can have said it."""
    return captured_s if CLOCK_SET_S <= captured_s <= CLOCK_S_MAX else None


def u16(octets: bytes, at: int) -> int:
    """A big-endian number of two octets; raises IndexError where they are not there."""
    return octets[at] << 8 | octets[at + 1]


# One layer taken off: the name of the layer inside (PAYLOAD: none is left), and what is inside. Names, because tunnels
# lead from every layer to every other.
PAYLOAD = ""
Step = tuple[str, bytes]
Layer = Callable[[bytes], Step]
