"""ADS-B as raw messages of Mode S in Beast frames, over TCP: port 30005 of readsb, dump1090, Radarcape and others.

Quality: frames are found again after other octets; a message whose checksum does not hold is rejected. A place needs
two messages, an even and an odd one, within ten seconds of each other; one to which an aircraft would have jumped is
rejected, and the one before it is forgotten. Its time is that of arrival: the frame's counts from nowhere. Callsign
and motion are joined to the next place when younger than a minute. The error is what the message's type says
(DO-260). Passed over: what is no extended squitter of the aircraft itself (DF 17; DF 18 with an address of its own),
aircraft on the ground, speeds through the air, places that receivers computed (MLAT).
"""

from __future__ import annotations

import asyncio
import math
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.earth.physics import DEGREE_M
from tocsin.ingest import aircraft_fields, cpr, mode_s
from tocsin.ingest.joined import SPARED, Busy, Joined, Recent
from tocsin.ingest.other_ports import looks_like, tell
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import SILENT_S
from tocsin.ingest.tcp import Read, TcpSource
from tocsin.model.aviation import JUMP_MPS
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.value import time_of

# Some 400 messages, which take the event loop 5 ms.
CHUNK_BYTES = 8_192
KIND = "Beast frames"
ESCAPE = 0x1A
# Kind of frame -> octets of its message; a clock of 6 and a strength of 1 stand before it.
_MESSAGE_BYTES = {ord("1"): 2, ord("2"): mode_s.SHORT_BYTES, ord("3"): mode_s.LONG_BYTES, ord("4"): mode_s.LONG_BYTES}
_HEAD_BYTES = 7
_LONG = ord("3")
_KIND_NAMES = {ord("1"): "Mode A/C", ord("2"): "a short message of Mode S", ord("4"): "a receiver's status"}
# The clock of a frame that a receiver made up from computed places.
_MLAT_CLOCK = b"\xff\x00MLAT"
_EPU_PER_SIGMA = 2.448
_SQUITTER, _SQUITTER_OF_OTHERS = 17, 18
_NAMED, _ON_GROUND, _AIRBORNE, _VELOCITY = range(1, 5), range(5, 9), (*range(9, 19), *range(20, 23)), 19


class Frame(NamedTuple):
    """A frame without its escapes. kind: None where the octets were none."""

    kind: int | None
    clock: bytes
    message: bytes


class Framing:
    """Octets as they come into frames; each stretch of what is no frame comes out as one of kind None."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, octets: bytes) -> Iterator[Frame]:
        """The frames that are whole by now."""
        data = self._rest + octets
        # Where what is no frame begins, and from where one is looked for.
        lost = at = 0
        while True:
            start = data.find(ESCAPE, at)
            if start < 0:
                start = len(data)
            end, body = _body(data, start)
            if end is not None and body is None:
                at = end
                continue
            if start > lost:
                yield Frame(None, b"", data[lost:start])
            if end is None or body is None:
                # As long as the longest frame at most.
                break
            yield Frame(data[start + 1], body[:6], body[_HEAD_BYTES:])
            lost = at = end
        self._rest = data[start:]


def _body(data: bytes, start: int) -> tuple[int | None, bytes | None]:
    """(where a frame ends, what is in it): no end yet, or nothing in it where it is broken off by another."""
    if start + 1 >= len(data):
        return None, None
    length = _MESSAGE_BYTES.get(data[start + 1])
    if length is None:
        # Two escapes are one octet of a frame whose beginning is lost.
        return start + (2 if data[start + 1] == ESCAPE else 1), None
    wanted = _HEAD_BYTES + length
    body = bytearray()
    at = start + 2
    while len(body) < wanted:
        if at >= len(data) or (data[at] == ESCAPE and at + 1 >= len(data)):
            return None, None
        if data[at] == ESCAPE:
            if data[at + 1] != ESCAPE:
                return at, None
            at += 1
        body.append(data[at])
        at += 1
    return at, bytes(body)


class _Aircraft:
    """What is kept of one aircraft: what it said beside its place, its last halves, and where it was."""

    __slots__ = ("halves", "joined", "last")

    def __init__(self) -> None:
        self.joined = Joined()
        self.halves: dict[bool, cpr.Half] = {}
        self.last: tuple[float, float, float] | None = None


class BeastReader:
    """Octets into positions; every frame is accounted for."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._framing = Framing()
        self._aircraft = Recent(_Aircraft)
        self._busy = Busy()

    def read(self, octets: bytes, received_s: float) -> list[Observation]:
        """The positions that some more octets give."""
        found: list[Observation] = []
        for frame in self._framing.feed(octets):
            self._rejects.read()
            try:
                position = self._position(frame, received_s)
            except BadRecord as error:
                self._rejects.add(str(error), frame.message, self._name)
                continue
            if isinstance(position, str):
                self._rejects.pass_over(position)
            else:
                self._rejects.use()
                found.append(position)
        return found

    def _position(self, frame: Frame, now_s: float) -> Position | str:
        """The position of a frame, or why a sound one gives none. Raises BadRecord."""
        if frame.kind is None:
            other = looks_like(frame.message)
            between = "octets between two Beast frames"
            raise BadRecord(between if other is None else tell(other, self._name, KIND, self._rejects))
        if frame.kind != _LONG:
            return _KIND_NAMES[frame.kind]
        if frame.clock == _MLAT_CLOCK:
            return "a place that receivers computed (MLAT)"
        message = frame.message
        form, of_whom = message[0] >> 3, message[0] & 7
        if form != _SQUITTER and (form, of_whom) != (_SQUITTER_OF_OTHERS, 0):
            return f"Mode S, DF {form}" + (f" CF {of_whom}" if form == _SQUITTER_OF_OTHERS else "")
        if mode_s.remainder(message):
            raise BadRecord("a message of Mode S whose checksum does not hold")
        icao24 = aircraft_fields.icao24(message[1:4].hex())
        aircraft = self._aircraft.of(icao24)
        kind = mode_s.type_code(message)
        if kind in _AIRBORNE:
            return self._placed(aircraft, icao24, message, now_s)
        if kind in _NAMED:
            aircraft.joined.called(aircraft_fields.callsign(mode_s.callsign(message)), now_s)
        elif kind == _VELOCITY and (moving := mode_s.motion(message)) is not None:
            aircraft.joined.moved(aircraft_fields.motion(*moving, unit_mps=1.0), now_s)
        elif kind in _ON_GROUND:
            return "an aircraft on the ground"
        return f"ADS-B of type {kind} without a place: what it says is joined to the next place"

    def _placed(self, aircraft: _Aircraft, icao24: str, message: bytes, now_s: float) -> Position | str:
        said = mode_s.airborne_place(message, now_s)
        aircraft.halves[said.half.odd] = said.half
        other = aircraft.halves.get(not said.half.odd)
        found = None if other is None else cpr.place_of(said.half, other)
        if found is None:
            return "half a place: the other half has not come, or does not go with it"
        place = aircraft_fields.place(*found)
        assert place is not None, "both numbers are there"
        last, aircraft.last = aircraft.last, None
        if last is not None and _jumped(last, (*place, now_s)):
            aircraft.halves.clear()
            raise BadRecord("a place that is farther from the one before than an aircraft flies")
        aircraft.last = (*place, now_s)
        if self._busy.spare(icao24, now_s):
            return SPARED
        return Position(
            id=f"{self._name}/{icao24}/{round(now_s * 1000)}-{zlib.crc32(message):08x}",
            time=time_of(now_s),
            source=self._name,
            lat=place[0],
            lon=place[1],
            altitude_m=said.altitude_m,
            sigma_m=None if said.epu_m is None else said.epu_m / _EPU_PER_SIGMA,
            icao24=icao24,
            cooperative=True,
            **aircraft.joined.at(now_s),
        )


def _jumped(before: tuple[float, float, float], now: tuple[float, float, float]) -> bool:
    """Whether no aircraft gets from one place to another in that time.

    Messages that waited for each other arrive at once; halves of two zones put an aircraft hundreds of km away.
    """
    north_m = (now[0] - before[0]) * DEGREE_M
    turn_deg = (now[1] - before[1] + 180) % 360 - 180
    east_m = turn_deg * DEGREE_M * math.cos(math.radians(now[0]))
    return math.hypot(north_m, east_m) > JUMP_MPS * (abs(now[2] - before[2]) + cpr.PAIR_S_MAX)


class BeastSource(TcpSource):
    """A TCP client of a Beast port; raises when it cannot be had or breaks, or brings no place for a minute."""

    piece_bytes_max = CHUNK_BYTES

    def _reader(self) -> Read:
        reader = BeastReader(self.name, self._rejects)
        return lambda octets, received_s: reader.read(octets, received_s) or None

    async def _next(self, stream: asyncio.StreamReader) -> bytes:
        async with asyncio.timeout(self.silence_s_max):
            octets = await stream.read(CHUNK_BYTES)
        if not octets:
            raise ConnectionError(f"{self._where} closed the line")
        return octets

    def _in_vain(self, pieces: int, octets: int, last: bytes) -> str:
        return (
            f"{octets} octets in {SILENT_S:.0f} s, and no place of an aircraft in the air; is it a Beast port (30005)?"
        )
