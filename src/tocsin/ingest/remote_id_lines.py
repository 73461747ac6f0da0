"""Remote ID of drones as receivers pass it on over TCP: a JSON object a line, with the raw message in hexadecimal.

Quality: lines are bounded; a bad line costs itself only and a bad value that value only. The time of a place is what
the drone says past the full hour, of the hour that fits when it was heard; without one, when it was heard. A drone is
known by a short code made of its UAS id, else of its transmitter's address: neither is told. Passed over, by name:
messages without a place, drones on the ground or without a place, those whose Remote ID fails, places older than 15 s
or told before.

Nothing of the people is kept: what is said of operators is not read, and of a line that is rejected only the reason
stays. A place is a claim by whoever transmits; it calls nothing off.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import zlib
from typing import Any

from tocsin.ingest import aircraft_fields, remote_id
from tocsin.ingest.joined import JOIN_S_MAX, Recent
from tocsin.ingest.other_ports import looks_like, tell
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.remote_id import UasId
from tocsin.ingest.remote_id_dialects import AHEAD_S_MAX, LINE_BYTES_MAX, Said, said_of
from tocsin.ingest.tcp import Read, TcpLineSource
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.utf8 import UTF8_MARK
from tocsin.model.value import time_of

AGE_S_MAX = 15.0
# What is kept of a line that is rejected.
NOT_KEPT = "not kept: it may tell of people"


class _Drone:
    """What is kept of one transmitter: what it calls itself, and the last place it told."""

    __slots__ = ("last", "named_s", "uas_id")

    def __init__(self) -> None:
        self.uas_id: UasId | None = None
        self.named_s = -math.inf
        self.last: tuple[float, bytes] | None = None

    def called(self, uas_id: UasId | None, now_s: float) -> None:
        """Keep what it calls itself. Some call themselves by two ids in turn; the one of the lower kind is kept."""
        if uas_id is not None and (self.uas_id is None or uas_id.kind <= self.uas_id.kind or self._forgotten(now_s)):
            self.uas_id, self.named_s = uas_id, now_s

    def name(self, now_s: float) -> bytes | None:
        """What it called itself within a minute."""
        return None if self.uas_id is None or self._forgotten(now_s) else self.uas_id.octets

    def _forgotten(self, now_s: float) -> bool:
        return now_s - self.named_s > JOIN_S_MAX


class RemoteIdReader:
    """Lines into positions; every line is accounted for."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._drones = Recent(_Drone)

    def read(self, line: bytes, received_s: float) -> Position | str | None:
        """The position of a line, why a sound one gives none, or None where it is rejected."""
        bare = line.removeprefix(UTF8_MARK).strip()
        if not bare:
            return "an empty line"
        self._rejects.read()
        try:
            said = said_of(bare, received_s)
            found = said if isinstance(said, str) else self._position(said, received_s)
        except BadRecord as error:
            other = looks_like(bare, "JSON")
            reason = str(error) if other is None else tell(other, self._name, "lines of Remote ID", self._rejects)
            self._rejects.add(reason, NOT_KEPT, self._name)
            return None
        if isinstance(found, str):
            self._rejects.pass_over(found)
        else:
            self._rejects.use()
        return found

    def _position(self, said: Said, received_s: float) -> Position | str:
        heard = remote_id.heard(said.octets)
        known = said.address or (None if heard.uas_id is None else heard.uas_id.octets.hex())
        if known is None:
            if heard.location is None:
                return heard.name
            raise BadRecord("neither a transmitter's address nor a UAS id says whose place it is")
        drone = self._drones.of(known)
        drone.called(heard.uas_id, received_s)
        if heard.location is None:
            return heard.name
        at = remote_id.location(heard.location)
        if at.status == remote_id.ON_GROUND:
            return "a drone on the ground"
        if at.status == remote_id.FAILED:
            return "a drone whose Remote ID fails"
        if at.lat is None:
            return "a drone without a place"
        heard_s = received_s if said.heard_s is None else said.heard_s
        time_s = heard_s if at.tenths is None else remote_id.time_s(at.tenths, heard_s)
        if time_s > received_s + AHEAD_S_MAX:
            raise BadRecord(f"a place of a drone that is {time_s - received_s:.0f} s in the future")
        if received_s - time_s > AGE_S_MAX:
            return f"a position older than {AGE_S_MAX:.0f} s"
        place = aircraft_fields.place(at.lat, at.lon)
        assert place is not None, "both numbers are there"
        if drone.last == (time_s, heard.location):
            return "a position told before"
        drone.last = time_s, heard.location
        code = code_of(drone.name(received_s) or known.encode())
        moving: dict[str, Any] = dict(aircraft_fields.motion(at.speed_mps, at.heading_deg, unit_mps=1.0))
        for fault in (*said.left_out, *at.left_out):
            self._rejects.leave_out(fault)
        return Position(
            id=f"{self._name}/{code}/{round(time_s * 1000)}-{zlib.crc32(heard.location):08x}",
            time=time_of(time_s),
            received=time_of(received_s),
            source=self._name,
            lat=place[0],
            lon=place[1],
            altitude_m=at.altitude_m,
            sigma_m=at.sigma_m,
            callsign=code,
            cooperative=True,
            **moving,
        )


def code_of(name: bytes) -> str:
    """What a drone is known by: the same for the same name, which it does not tell.

    >>> code_of(b"1596F350745200000000")
    'RIDB7D40BA5'
    """
    return f"RID{hashlib.blake2s(name, digest_size=4).hexdigest().upper()}"


class RemoteIdSource(TcpLineSource):
    """A TCP client of a receiver; raises where the line cannot be had or breaks, or brings lines and no Remote ID."""

    piece_bytes_max = LINE_BYTES_MAX
    kind = "a line of Remote ID"
    # Where no drone flies there is nothing to hear: a line that stays open is all that a receiver can say.
    silence_s_max = 5.0

    def _reader(self) -> Read:
        reader = RemoteIdReader(self.name, self._rejects)

        def read(line: bytes, received_s: float) -> list[Observation] | None:
            found = reader.read(line, received_s)
            return None if found is None else [found] if isinstance(found, Position) else []

        return read

    async def _next(self, stream: asyncio.StreamReader) -> bytes:
        """The same; an empty line after a while of silence."""
        try:
            return await super()._next(stream)
        except TimeoutError:
            return b""

    def _in_vain(self, pieces: int, octets: int, last: bytes) -> str:
        return f"{pieces} lines in a row that are no Remote ID; does {self._where} send it raw, as JSON?"
