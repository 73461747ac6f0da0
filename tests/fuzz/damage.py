"""Damage, from a seed: what lines, disks and careless programs do to an input, and what somebody does on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

# What stands where a number or a name was meant.
ODD = (
    b"NaN", b"Infinity", b"-1e308", b"1e999", b"1e-400", b"null", b"true", b"0", b"-0", b"99999999999999999999",
    b"-90.1", b"180.0000001", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\\ud800", b"[", b"{", b'"', b",",
    b";", b"\n", b"\r", b"<", b"&lt;", b"2026-13-45T99:99:99Z", b"EMPTY",
)  # fmt: skip
BYTES_MAX = 120_000


def damaged(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """The input with one to a dozen faults; pieces of `others` get into it."""
    found = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 3, 5, 12))):
        if found:
            _harm(random, found, others)
    return bytes(found[:BYTES_MAX])


def _harm(random: Random, found: bytearray, others: Sequence[bytes]) -> None:
    at = random.randrange(len(found))
    match random.randrange(9):
        case 0:
            found[at] ^= 1 << random.randrange(8)
        case 1:
            found[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        case 2:
            del found[at : at + random.choice((1, 2, 4, 8, random.randrange(1, 200)))]
        case 3:
            found[at:at] = found[at : at + random.randrange(1, 300)]
        case 4:
            found[at : at + random.randrange(6)] = random.choice(ODD)
        case 5:
            del found[at:]
        case 6:
            other = random.choice(others)
            begin = random.randrange(len(other) + 1)
            found[at : at + random.randrange(100)] = other[begin : begin + random.randrange(1, 300)]
        case 7:
            end = min(len(found), at + 4)
            found[at:end] = random.choice((b"\0", b"\xff")) * (end - at)
        case _:
            begin = found.find(b'"', at)
            end = found.find(b'"', begin + 1)
            if 0 <= begin < end:
                found[begin : end + 1] = random.choice(ODD)
