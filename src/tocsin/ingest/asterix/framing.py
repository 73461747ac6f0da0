"""Files, and datagrams, whose blocks stand in frames: what each kind of recorder puts around them, taken off.

    GPS     2,200 octets, then each block followed by ten
    FINAL   length (2), board, line, day, time (3), blocks, four octets A5
    ORADIS  length (2), time (4), blocks
    HDLC    address and control (03), blocks, checksum (2); with flags (7E) and escapes (7D) between frames, or without

The times in frames are not used: some count from midnight, others from the recording's beginning, and none says which.
What stands between frames that hold together is handed on as it is: blocks in it are still found, the rest is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tocsin.ingest.asterix.blocks import BEGINNING, HEADER_OCTETS, blocks_end, good_chain, only_blocks
from tocsin.ingest.asterix.layouts import PROFILES

GPS_HEADER_OCTETS = 2_200
GPS_TRAILER_OCTETS = 10
FINAL_HEADER_OCTETS = 8
FINAL_END = b"\xa5" * 4
ORADIS_HEADER_OCTETS = 6
HDLC_OCTETS = 2
_FLAG, _ESCAPE = b"\x7e", b"\x7d"
# Where so many frames in a row fail, no more are looked for: each costs what it claims. A good one makes good for one.
MISSES_MAX = 200
# Frames of a line are short; what claims more is none.
HDLC_OCTETS_MAX = 8_192


class Stretch(NamedTuple):
    """Octets data[start:end] that hold blocks, or (not `framed`) may; `at` is where they stand in the recording."""

    data: bytes
    start: int
    end: int
    at: int
    framed: bool = True


class _Frame(NamedTuple):
    """One frame: what it holds, and where it ends."""

    held: Stretch
    end: int


# The frame that begins at an octet (None where none does), and after an octet the next at which one may begin.
_FrameAt = Callable[[bytes, int], _Frame | None]
_Next = Callable[[bytes, int], int]


def gps_framed(data: bytes) -> bool:
    """Whether a file is a GPS recording: no block at its beginning, and good ones, ten octets between, at 2,200.

    The first of them must be of a category that is decoded: others are known by three octets, which prove little.
    """
    if len(data) <= GPS_HEADER_OCTETS or data[GPS_HEADER_OCTETS] not in PROFILES:
        return False
    if blocks_end(data, 0, GPS_HEADER_OCTETS) not in (None, 0):
        return False
    return good_chain(data, GPS_HEADER_OCTETS, len(data), trailer=GPS_TRAILER_OCTETS)


def framed(data: bytes) -> Iterator[Stretch] | None:
    """What a file's frames hold, and what stands between them; None where its first octets are no frame."""
    for frame_at, following in _KINDS:
        if frame_at(data, 0) is not None:
            return _stretches(data, frame_at, following)
    return None


def unframed(payload: bytes) -> list[bytes]:
    """The datagram itself, or, where its blocks stand in frames of length and time, what the frames hold."""
    parts: list[bytes] = []
    at = 0
    while (frame := _oradis(payload, at)) is not None:
        parts.append(payload[frame.held.start : frame.held.end])
        at = frame.end
    return parts if parts and at == len(payload) else [payload]


def _stretches(data: bytes, frame_at: _FrameAt, following: _Next) -> Iterator[Stretch]:
    at = loose = 0
    spare = MISSES_MAX
    while at < len(data):
        frame = frame_at(data, at)
        if frame is None:
            spare -= 1
            at = following(data, at) if spare else len(data)
            continue
        spare = min(spare + 1, MISSES_MAX)
        if loose < at:
            yield Stretch(data, loose, at, loose, framed=False)
        yield frame.held
        at = loose = frame.end
    if loose < len(data):
        yield Stretch(data, loose, len(data), loose, framed=False)


def _final(data: bytes, at: int) -> _Frame | None:
    end = at + int.from_bytes(data[at : at + 2], "big")
    start, stop = at + FINAL_HEADER_OCTETS, end - len(FINAL_END)
    if start + HEADER_OCTETS >= stop or data[stop:end] != FINAL_END:
        return None
    return _Frame(Stretch(data, start, stop, start), end)


def _after_final(data: bytes, at: int) -> int:
    """A frame of damaged length still ends as frames do."""
    end = data.find(FINAL_END, at + 1)
    return len(data) if end < 0 else end + len(FINAL_END)


def _oradis(data: bytes, at: int) -> _Frame | None:
    end = at + int.from_bytes(data[at : at + 2], "big")
    start = at + ORADIS_HEADER_OCTETS
    if start + HEADER_OCTETS >= end or end > len(data) or blocks_end(data, start, end) != end:
        return None
    return _Frame(Stretch(data, start, end, start), end)


def _before_block(header_octets: int) -> _Next:
    """The next place so many octets before one at which a block may begin."""

    def following(data: bytes, at: int) -> int:
        match = BEGINNING.search(data, at + 1 + header_octets)
        return len(data) if match is None else match.start() - header_octets

    return following


def _hdlc(data: bytes, at: int) -> _Frame | None:
    """A frame of flags and escapes, or of blocks up to the first at whose end the checksum is right."""
    if data[at : at + 1] == _FLAG:
        return _flagged(data, at)
    if data[at + 1 : at + 2] != b"\x03":
        return None
    head = bytes(data[at : at + HDLC_OCTETS_MAX])
    stop, checked, register = HDLC_OCTETS, 0, 0xFFFF
    while BEGINNING.match(head, stop):
        stop += max(int.from_bytes(head[stop + 1 : stop + HEADER_OCTETS], "big"), HEADER_OCTETS)
        if stop + 2 > len(head):
            break
        register, checked = _checksum(head[checked:stop], register), stop
        if register ^ 0xFFFF == head[stop] | head[stop + 1] << 8:
            return _Frame(Stretch(data, at + HDLC_OCTETS, at + stop, at + HDLC_OCTETS), at + stop + 2)
    return None


def _flagged(data: bytes, at: int) -> _Frame | None:
    """A frame between flags; several of them in a row are one."""
    start = at
    while data[start : start + 1] == _FLAG:
        start += 1
    end = data.find(_FLAG, start, start + HDLC_OCTETS_MAX)
    end = len(data) if end < 0 and len(data) - start < HDLC_OCTETS_MAX else end
    if end < 0:
        return None
    octets = re.sub(rb"\x7d(.)", lambda escaped: bytes([escaped[1][0] ^ 0x20]), bytes(data[start:end]), flags=re.S)
    body = octets[HDLC_OCTETS:-2]
    if octets[1:2] != b"\x03" or not only_blocks(body) or _checksum(octets, 0xFFFF) != 0xF0B8:
        return None
    return _Frame(Stretch(body, 0, len(body), start + HDLC_OCTETS), end)


def _after_flag(data: bytes, at: int) -> int:
    """Flags, or a control octet behind any address: where a frame of HDLC may begin."""
    match = re.compile(rb"\x7e|.\x03", re.S).search(data, at + 1)
    return len(data) if match is None else match.start()


def _checksum(octets: bytes, register: int) -> int:
    """CRC-16 of ITU-T X.25, reflected; over a frame with its checksum 0xF0B8."""
    for octet in octets:
        register = register >> 8 ^ _TABLE[(register ^ octet) & 0xFF]
    return register


def _row(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


_TABLE = [_row(value) for value in range(256)]
_KINDS: tuple[tuple[_FrameAt, _Next], ...] = (
    (_final, _after_final),
    (_oradis, _before_block(ORADIS_HEADER_OCTETS)),
    (_hdlc, _after_flag),
)
