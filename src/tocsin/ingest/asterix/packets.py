"""A captured packet, and how one that is not read is told from one that cannot be."""

from __future__ import annotations

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
