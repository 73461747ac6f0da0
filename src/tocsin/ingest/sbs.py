"""ADS-B from the SBS (BaseStation) port 30003 of readsb, dump1090 and others: lines of commas over TCP.

Quality: lines are bounded; every field is checked, a bad line costs itself only and a bad value that value only. A
line has 22 fields: one cut short, joined to another or with decimal commas has another number, and is rejected. The
time of a position is that of its arrival: what the lines carry is the receiver's local time without a zone. Speed,
course and callsign come in lines of their own and are joined to the next position when younger than a minute. Lost:
the age of a position in the receiver (milliseconds), aircraft on the ground, places that receivers computed from
times of arrival (`MLAT`), which come seconds late without saying so, everything while the line is down.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable

from tocsin.ingest import aircraft_fields
from tocsin.ingest.joined import Joined, Recent
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import SILENT_S, Deliver
from tocsin.ingest.tcp_lines import CONNECT_S_MAX, TcpLines
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Position
from tocsin.model.utf8 import UTF8_MARK
from tocsin.model.value import time_of

LINE_BYTES_MAX = 1_000
# A receiver in an empty sky still sends air traffic within minutes; a dead line never does.
SILENCE_S_MAX = 300.0
FIELDS = 22
# What a BaseStation says of itself and its screen.
_OTHER_LINES = frozenset({"SEL", "ID", "AIR", "STA", "CLK", "MLAT"})
_TYPES = frozenset("12345678")
_ON_GROUND, _IN_AIR = "2", "3"


class SbsReader:
    """Lines into positions, with what earlier lines said of the same aircraft; every line is accounted for."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self._name = name
        self._rejects = rejects
        self._known = Recent(Joined)

    def read(self, line: bytes, received_s: float) -> Position | None:
        """The position of a line, None where it has none that can be used."""
        bare = line.removeprefix(UTF8_MARK).strip()
        if not bare:
            return None
        self._rejects.read()
        try:
            position = self._position([one.strip() for one in bare.decode("latin-1").split(",")], received_s, bare)
        except BadRecord as error:
            self._rejects.add(str(error), line, self._name)
            return None
        if position is not None:
            self._rejects.use()
        return position

    def _position(self, fields: list[str], now_s: float, line: bytes) -> Position | None:
        if fields[0] in _OTHER_LINES:
            self._rejects.pass_over(f"an SBS line of {fields[0]}")
            return None
        _check_shape(fields)
        if fields[4].startswith("~"):
            self._rejects.pass_over("an address that is not ICAO's")
            return None
        icao24 = aircraft_fields.icao24(fields[4])
        known = self._known.of(icao24)
        faults = _learn(known, fields, now_s)
        why_not = _placeless(fields)
        if why_not is not None:
            if faults:
                raise faults[0]
            self._rejects.pass_over(why_not)
            return None
        place = aircraft_fields.place(fields[14], fields[15])
        assert place is not None, "a line without a place was passed over"
        altitude_m = None
        try:
            altitude_m = aircraft_fields.altitude_m("altitude", fields[11])
        except BadRecord as error:
            faults.append(error)
        for fault in faults:
            self._rejects.leave_out(str(fault))
        return Position(
            id=f"{self._name}/{icao24}/{round(now_s * 1000)}-{zlib.crc32(line):08x}",
            time=time_of(now_s),
            source=self._name,
            lat=place[0],
            lon=place[1],
            altitude_m=altitude_m,
            icao24=icao24,
            cooperative=True,
            **known.at(now_s),
        )


def _check_shape(fields: list[str]) -> None:
    """Raises BadRecord where a line is none of a transponder's messages, or not one whole."""
    if fields[0] != "MSG":
        raise BadRecord(f"not an SBS line: it begins with {aircraft_fields.shown(fields[0])}")
    if len(fields) != FIELDS:
        hint = "" if len(fields) < FIELDS else "; are two lines joined, or decimals written with commas?"
        raise BadRecord(f"{len(fields)} fields in an SBS line, which has {FIELDS}{hint}")
    if fields[1] not in _TYPES:
        raise BadRecord(f"an SBS message of type {aircraft_fields.shown(fields[1])}; there are 1 to 8")


def _learn(known: Joined, fields: list[str], now_s: float) -> list[BadRecord]:
    """Keep what a line says of its aircraft; returns what in it is no such value."""
    faults = []
    try:
        known.called(aircraft_fields.callsign(fields[10]), now_s)
    except BadRecord as error:
        faults.append(error)
    try:
        known.moved(aircraft_fields.motion(fields[12], fields[13]), now_s)
    except BadRecord as error:
        faults.append(error)
    return faults


def _placeless(fields: list[str]) -> str | None:
    """Why a sound line gives no place of an aircraft in the air; None: it gives one."""
    if fields[1] == _ON_GROUND or fields[21] in ("-1", "1"):
        return "an aircraft on the ground"
    if fields[1] != _IN_AIR or not (fields[14] or fields[15]):
        return f"an SBS line MSG,{fields[1]} without a place: what it says is joined to the next place"
    return None


class SbsSource:
    """A TCP client of an SBS port; raises when the line cannot be had or breaks, or brings no place for a minute."""

    def __init__(
        self, name: str, host: str, port: int, rejects: Rejects, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._host, self._port = host, port
        self._rejects = rejects
        self._clock = clock

    async def run(self, deliver: Deliver) -> None:
        """Deliver positions until cancelled; raises OSError, TimeoutError or BadRecord where the line fails."""
        reader = SbsReader(self.name, self._rejects)
        stream, writer = await asyncio.wait_for(
            asyncio.open_connection(self._host, self._port, limit=LINE_BYTES_MAX), CONNECT_S_MAX
        )
        incoming = TcpLines(stream, f"{self._host}:{self._port}", "an SBS line", LINE_BYTES_MAX, self._rejects)
        loop = asyncio.get_running_loop()
        placed_s, lines = loop.time(), 0
        try:
            while True:
                line = await incoming.next(SILENCE_S_MAX)
                lines += 1
                if (position := reader.read(line, self._clock())) is not None:
                    placed_s, lines = loop.time(), 0
                    await deliver([position])
                elif loop.time() - placed_s > SILENT_S:
                    raise BadRecord(
                        f"{lines} lines in {SILENT_S:.0f} s, and none with the place of an aircraft in the air, such "
                        f"as {line[:60]!r}"
                    )
        finally:
            writer.close()
