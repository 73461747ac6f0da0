"""Messages of Mode S transponders: extended squitters (DF 17 and 18), which carry ADS-B, by the public formulas.

Sources: ICAO Doc 9871, RTCA DO-260B. A message is 14 octets: 5 bits of format, 3 of capability, 24 of address, 56 of
content, 24 of parity. Numbers of bits count from 1 at the most significant, as in the standards.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tocsin.ingest.cpr import Half
from tocsin.model.aviation import FOOT_M, KNOT_MPS

SHORT_BYTES, LONG_BYTES = 7, 14
_GENERATOR = 0xFFF409
# Nought fills up, and what has no letter is none.
_LETTERS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????"
# Type code -> the radius within which 95 % of places lie, in metres, where the message says one (DO-260, NUC).
_EPU_M = {
    9: 3.0, 10: 10.0, 11: 92.6, 12: 185.2, 13: 463.0, 14: 926.0, 15: 1_852.0, 16: 9_260.0, 17: 18_520.0,
    20: 4.0, 21: 15.0,
}  # fmt: skip


def _table() -> tuple[int, ...]:
    rows = []
    for octet in range(256):
        value = octet << 16
        for _ in range(8):
            value = (value << 1) ^ (_GENERATOR if value & 0x800000 else 0)
        rows.append(value & 0xFFFFFF)
    return tuple(rows)


_CRC = _table()


def remainder(message: bytes) -> int:
    """The remainder of a message with its parity; 0: nothing was lost on the way.

    >>> remainder(bytes.fromhex("8D40621D58C382D690C8AC2863A7"))
    0
    """
    value = 0
    for octet in message[:-3]:
        value = ((value << 8) & 0xFFFFFF) ^ _CRC[(value >> 16) ^ octet]
    return value ^ int.from_bytes(message[-3:], "big")


class AirbornePlace(NamedTuple):
    """Half a place in the air. altitude_m: None where it is not told; epu_m: 95 % of places lie within it."""

    half: Half
    altitude_m: float | None
    epu_m: float | None


class Motion(NamedTuple):
    """A speed over ground and the direction of it."""

    speed_mps: float
    heading_deg: float


def type_code(message: bytes) -> int:
    """What the content of an extended squitter is of, 0 to 31."""
    return message[4] >> 3


def callsign(message: bytes) -> str:
    """The callsign of an identification (types 1 to 4), with what fills it up.

    >>> callsign(bytes.fromhex("8D4840D6202CC371C32CE0576098"))
    'KLM1023 '
    """
    content = _content(message)
    return "".join(_LETTERS[content >> shift & 0x3F] for shift in range(42, -1, -6))


def airborne_place(message: bytes, at_s: float) -> AirbornePlace:
    """The half place of an airborne position (types 9 to 18, 20 to 22)."""
    content = _content(message)
    half = Half(bool(content >> 34 & 1), content >> 17 & 0x1FFFF, content & 0x1FFFF, at_s)
    return AirbornePlace(half, _altitude_m(content >> 36 & 0xFFF), _EPU_M.get(type_code(message)))


def motion(message: bytes) -> Motion | None:
    """The speed over ground of an airborne velocity (type 19); None where it tells one through the air, or none.

    >>> [round(value, 2) for value in motion(bytes.fromhex("8D485020994409940838175B284F"))]
    [81.9, 182.88]
    """
    content = _content(message)
    kind = content >> 48 & 7
    east, north = content >> 32 & 0x3FF, content >> 21 & 0x3FF
    if kind not in (1, 2) or not east or not north:
        return None
    step_mps = KNOT_MPS * (4 if kind == 2 else 1)
    east_mps = (east - 1) * step_mps * (-1 if content >> 42 & 1 else 1)
    north_mps = (north - 1) * step_mps * (-1 if content >> 31 & 1 else 1)
    return Motion(math.hypot(east_mps, north_mps), math.degrees(math.atan2(east_mps, north_mps)) % 360)


def _content(message: bytes) -> int:
    return int.from_bytes(message[4:11], "big")


def _altitude_m(code: int) -> float | None:
    """Metres from 12 bits in steps of 25 feet. The old code of steps of 100 feet is not read."""
    if not code & 0x10:
        return None
    return ((code >> 5 << 4 | code & 0xF) * 25 - 1_000) * FOOT_M
