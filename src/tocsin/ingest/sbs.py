"""ADS-B from the SBS (BaseStation) port 30003 of readsb, dump1090 and others: lines of commas over TCP.

Quality: lines are bounded; every field is checked, a bad line costs itself only and a bad value that value only. A
line has 22 fields: one cut short, joined to another or with decimal commas has another number, and is rejected. The
time of a position is that of its arrival: what the lines carry is the receiver's local time without a zone. Speed,
course and callsign come in lines of their own and are joined to the next position when younger than a minute. Lost:
the age of a position in the receiver (milliseconds), aircraft on the ground, places that receivers computed from
times of arrival (`MLAT`), which come seconds late without saying so, everything while the line is down.
"""

from __future__ import annotations

import zlib

from tocsin.ingest import aircraft_fields
from tocsin.ingest.joined import SPARED, Busy, Joined, Recent
from tocsin.ingest.other_ports import looks_like, tell
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import SILENT_S
from tocsin.ingest.tcp import Read, TcpLineSource
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.utf8 import UTF8_MARK
from tocsin.model.value import time_of

LINE_BYTES_MAX = 1_000
FIELDS = 22
KIND = "SBS lines"
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
        self._busy = Busy()

    def read(self, line: bytes, received_s: float) -> Position | None:
        """The position of a line, None where it has none that can be used."""
        bare = line.removeprefix(UTF8_MARK).strip()
        if not bare:
            return None
        self._rejects.read()
        try:
            position = self._position([one.strip() for one in bare.decode("latin-1").split(",")], received_s, bare)
        except BadRecord as error:
            other = looks_like(bare, KIND)
            reason = str(error) if other is None else tell(other, self._name, KIND, self._rejects)
            self._rejects.add(reason, line, self._name)
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
        if self._busy.spare(icao24, now_s):
            self._rejects.pass_over(SPARED)
            return None
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


class SbsSource(TcpLineSource):
    """A TCP client of an SBS port; raises when the line cannot be had or breaks, or brings no place for a minute."""

    piece_bytes_max = LINE_BYTES_MAX
    kind = "an SBS line"

    def _reader(self) -> Read:
        reader = SbsReader(self.name, self._rejects)

        def read(line: bytes, received_s: float) -> list[Observation] | None:
            position = reader.read(line, received_s)
            return None if position is None else [position]

        return read

    def _in_vain(self, pieces: int, octets: int, last: bytes) -> str:
        none = "and none with the place of an aircraft in the air"
        return f"{pieces} lines in {SILENT_S:.0f} s, {none}, such as {last[:60]!r}"
