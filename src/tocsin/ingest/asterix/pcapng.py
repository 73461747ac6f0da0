"""pcapng: sections of both byte orders, interfaces of any link and clock, packets enhanced, simple and obsolete.

Blocks that hold no packet (names, statistics, comments, secrets) are skipped. A block of a wrong length costs the
blocks up to the next one whose two lengths agree.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator
from typing import NamedTuple

from tocsin.ingest.asterix.packets import NextFile, Packet, begins_file, told_s
from tocsin.ingest.rejects import Rejects

MAGIC = b"\x0a\x0d\x0d\x0a"
_INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED = 1, 2, 3, 6
# Names, statistics, journal entries, secrets, and what makers add for themselves.
_NO_PACKET = frozenset({0x0A0D0D0A, 1, 4, 5, 9, 10, 0x0BAD, 0x40000BAD})
_LITTLE, _BIG = b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d"
_TIME_RESOLUTION, _TIME_OFFSET = 9, 14
BLOCK_OCTETS_MIN = 12
# tshark's own bound.
BLOCK_OCTETS_MAX = 16 << 20
# Files cut short with another behind them, in one recording; each may cost a block of the largest size.
BACKS_MAX = 100
_BEGINNING = {
    "<": re.compile(rb"[\x01-\x06]\0\0\0|\x0a\x0d\x0d\x0a"),
    ">": re.compile(rb"\0\0\0[\x01-\x06]|\x0a\x0d\x0d\x0a"),
}


class _Interface(NamedTuple):
    """Where packets were captured: the link, ticks a second, seconds that are added, octets kept of a packet."""

    link: int
    ticks_per_s: float
    offset_s: int
    kept_max: int


def packets(data: bytes, name: str, rejects: Rejects, start: int = 0) -> Generator[Packet, None, int]:
    """Every packet of the pcapng that begins at an octet, in its order; returns where a pcap begins, or the end."""
    order = "<"
    # The block before this one: where a file is cut short, it reaches into the next file.
    before = at = start
    backs = 0
    next_file = NextFile(data)
    interfaces: list[_Interface] = []
    while at < len(data):
        if data[at : at + 4] != MAGIC and begins_file(data, at):
            return at
        section = _order(data, at)
        length = _length(data, at, section or order)
        if length is None:
            if backs < BACKS_MAX and (begun := next_file.after(before + 1)) < at:
                before = at = begun
                backs += 1
                continue
            begun = next_file.after(at + 1)
            resumed = _next_block(data, at + 1, begun, order)
            end = begun if resumed is None else resumed
            why = "a pcapng that ends within a block" if end == len(data) else "a damaged pcapng block"
            rejects.read()
            rejects.add(f"{why}, {end - at} octets", data[at : min(end, at + 100)], f"{name}@{at}")
            before = at = end
            continue
        if section is not None:
            order, interfaces = section, []
        kind = struct.unpack_from(order + "I", data, at)[0]
        body = bytes(data[at + 8 : at + length - 4])
        try:
            if kind == _INTERFACE:
                interfaces.append(_interface(body, order))
            elif kind in (_ENHANCED, _OBSOLETE, _SIMPLE):
                yield _packet(kind, at, body, order, interfaces)
            elif kind not in _NO_PACKET:
                rejects.read()
                rejects.pass_over(f"a pcapng block of type {kind:#x}")
        except struct.error:
            rejects.read()
            rejects.add("a pcapng block that is too short", body[:100], f"{name}@{at}")
        except IndexError:
            rejects.read()
            rejects.add("a packet of an interface that the pcapng does not describe", body[:100], f"{name}@{at}")
        before, at = at, at + length
    return at


def _order(data: bytes, at: int) -> str | None:
    """The byte order of the section that begins here, None where none does."""
    if data[at : at + 4] != MAGIC:
        return None
    return {_LITTLE: "<", _BIG: ">"}.get(bytes(data[at + 8 : at + 12]))


def _length(data: bytes, at: int, order: str) -> int | None:
    """The length of the block at `at`, None where it cannot be one."""
    if at + BLOCK_OCTETS_MIN > len(data):
        return None
    length: int = struct.unpack_from(order + "I", data, at + 4)[0]
    if not BLOCK_OCTETS_MIN <= length <= BLOCK_OCTETS_MAX or length % 4 or at + length > len(data):
        return None
    return length


def _next_block(data: bytes, start: int, end: int, order: str) -> int | None:
    """Where the next block before `end` begins that ends with the length with which it begins."""
    for match in _BEGINNING[order].finditer(data, start, end):
        at = match.start()
        one_order = _order(data, at) or order
        length = _length(data, at, one_order)
        if length is not None and struct.unpack_from(one_order + "I", data, at + length - 4)[0] == length:
            return at
    return None


def _interface(body: bytes, order: str) -> _Interface:
    link, kept_max = struct.unpack_from(order + "H2xI", body)
    ticks_per_s, offset_s, at = 1e6, 0, 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == 0:
            break
        if code == _TIME_RESOLUTION and len(value) == 1:
            exponent = value[0]
            ticks_per_s = 2.0 ** (exponent & 0x7F) if exponent & 0x80 else 10.0**exponent
        elif code == _TIME_OFFSET and len(value) == 8:
            offset_s = struct.unpack(order + "q", value)[0]
        at += 4 + length + -length % 4
    return _Interface(link, ticks_per_s, offset_s, kept_max or BLOCK_OCTETS_MAX)


def _packet(kind: int, at: int, body: bytes, order: str, interfaces: list[_Interface]) -> Packet:
    """The packet of a block. Raises IndexError without its interface, struct.error where the block is too short."""
    if kind == _SIMPLE:
        length = struct.unpack_from(order + "I", body)[0]
        interface = interfaces[0]
        return Packet(at, None, interface.link, body[4 : 4 + min(length, interface.kept_max)])
    # The obsolete block counts interfaces in two octets, and in two more what was dropped before it.
    form = "IIII" if kind == _ENHANCED else "H2xIII"
    number, high, low, kept = struct.unpack_from(order + form, body)
    interface = interfaces[number]
    captured_s = (high << 32 | low) / interface.ticks_per_s + interface.offset_s
    return Packet(at, told_s(captured_s), interface.link, body[20 : 20 + kept])
