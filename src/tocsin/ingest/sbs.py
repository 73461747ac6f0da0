"""ADS-B from the SBS (BaseStation) port 30003 of readsb, dump1090 and others: lines of commas over TCP.

Quality: lines are bounded; every field is checked against the contracts' bounds, a bad line costs itself only. The
time of a position is that of its arrival: what the lines carry is the receiver's local time without a zone. Speed,
course and callsign come in lines of their own and are joined to the next position when younger than a minute. Lost:
the age of a position in the receiver (milliseconds), aircraft on the ground, everything while the line is down.
"""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.model.aviation import FOOT_M, KNOT_MPS
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.value import time_of

LINE_BYTES_MAX = 1_000
CONNECT_S_MAX = 10.0
# A receiver in an empty sky still sends air traffic within minutes; a dead line never does.
SILENCE_S_MAX = 300.0
AIRCRAFT_MAX = 20_000
JOIN_S_MAX = 60.0
_FIELDS_MIN = 16
_ICAO24 = re.compile(r"^[0-9A-Fa-f]{6}$")


@dataclass(slots=True)
class _Known:
    at_s: float
    callsign: str | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None


class SbsReader:
    """Lines into positions, with what earlier lines said of the same aircraft."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[str, _Known] = {}

    def read(self, line: str, received_s: float) -> Position | None:
        """The position in a line, None where it has none. Raises BadInput."""
        fields = [field.strip() for field in line.split(",")]
        if fields[0] != "MSG":
            return None
        if len(fields) < _FIELDS_MIN or not _ICAO24.match(fields[4]):
            raise BadRecord(
                f"an SBS line of {len(fields)} fields with address {fields[4:5]}; it is not one of aircraft"
            )
        known = self._aircraft(fields[4].lower(), received_s)
        try:
            if fields[10]:
                known.callsign = fields[10][:16]
            if fields[12] and fields[13]:
                known.speed_mps, known.heading_deg = float(fields[12]) * KNOT_MPS, float(fields[13]) % 360
            if fields[1] != "3" or not (fields[11] and fields[14] and fields[15]) or fields[21:22] in (["-1"], ["1"]):
                return None
            altitude_m, lat, lon = float(fields[11]) * FOOT_M, float(fields[14]), float(fields[15])
        except ValueError as error:
            raise BadRecord(f"an SBS line with a field that is no number: {error}") from error
        return Position(
            id=f"{self._name}/{fields[4].lower()}/{round(received_s * 1000)}-{zlib.crc32(line.encode()):08x}",
            time=time_of(received_s),
            source=self._name,
            lat=lat,
            lon=lon,
            altitude_m=altitude_m,
            icao24=fields[4].lower(),
            callsign=known.callsign,
            speed_mps=known.speed_mps,
            heading_deg=known.heading_deg,
            cooperative=True,
        )

    def _aircraft(self, icao24: str, now_s: float) -> _Known:
        known = self._known.pop(icao24, None)
        if known is None or now_s - known.at_s > JOIN_S_MAX:
            known = _Known(now_s)
        known.at_s = now_s
        if len(self._known) >= AIRCRAFT_MAX:
            # Dictionaries keep the order of insertion: the first is the one heard least recently.
            del self._known[next(iter(self._known))]
        self._known[icao24] = known
        return known


class SbsSource:
    """A TCP client of an SBS port; raises when the line cannot be had or breaks."""

    def __init__(
        self, name: str, host: str, port: int, rejects: Rejects, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._host, self._port = host, port
        self._rejects = rejects
        self._clock = clock

    async def run(self, deliver: Deliver) -> None:
        """Deliver positions until cancelled; raises OSError, TimeoutError or BadRecord where the line fails."""
        reader_of_lines = SbsReader(self.name)
        stream, writer = await asyncio.wait_for(
            asyncio.open_connection(self._host, self._port, limit=LINE_BYTES_MAX), CONNECT_S_MAX
        )
        try:
            while True:
                try:
                    line = await asyncio.wait_for(stream.readline(), SILENCE_S_MAX)
                except ValueError as error:
                    raise BadRecord(f"{self.name} sent a line longer than {LINE_BYTES_MAX} bytes") from error
                if not line:
                    raise ConnectionError(f"{self._host}:{self._port} closed the line")
                if found := self._read(reader_of_lines, line):
                    await deliver(found)
        finally:
            writer.close()

    def _read(self, reader: SbsReader, line: bytes) -> list[Observation]:
        try:
            position = reader.read(line.decode("ascii", errors="replace"), self._clock())
        except BadInput as error:
            self._rejects.add(str(error), line, self.name)
            return []
        return [] if position is None else [position]
