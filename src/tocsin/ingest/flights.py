"""Recorded flights as positions: the traffic library's JSON (records or columns, also gzipped) and readsb's traces.

| shape | origin |
|---|---|
| `[{"timestamp": ms, "latitude", "longitude", "altitude": ft, ...}, ...]` | traffic, records |
| `{"timestamp": {"0": ms, ...}, "latitude": {...}, ...}` | traffic, columns |
| `{"icao", "timestamp": s, "trace": [[dt, lat, lon, ft, kt, deg, ...], ...]}` | readsb, trace_full |

Recordings of raw messages (Beast, dump1090 binary) are not read: decode them first.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.earth.physics import DEGREE_M
from tocsin.ingest import aircraft_fields
from tocsin.ingest.loose_json import NoJson, loose_json
from tocsin.ingest.rejects import Rejects
from tocsin.model.aviation import JUMP_MPS
from tocsin.model.errors import BadFile, BadInput, BadRecord
from tocsin.model.observation import Position
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import NAME_CHARS_MAX, time_of

# The largest sample has 193,000 rows in 45 MB; a hostile archive must not fill the memory.
BYTES_MAX = 500_000_000
ROWS_MAX = 3_000_000
# Flights were recorded from 1980 on, and are until 2100: by its size alone a time tells its unit.
FIRST_S, LAST_S = 315_532_800.0, 4_102_444_800.0
UNITS = {"seconds": 1.0, "milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9}
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class _Sample(NamedTuple):
    """One row in the source's own words; any of them may be anything."""

    time: Any
    unit_s: float
    lat: Any
    lon: Any
    altitude_ft: Any
    speed_kt: Any
    heading_deg: Any
    icao24: Any
    callsign: Any


_NOTHING = _Sample(None, 1.0, *[None] * 7)


def name_of(path: Path) -> str:
    """What the positions of a file are called after, as far as an id may hold it."""
    return _UNFIT.sub("-", path.name.split(".")[0])[:NAME_CHARS_MAX] or "flights"


def read_flights(path: Path, rejects: Rejects, doubts: Counter[str], name: str | None = None) -> Iterator[Position]:
    """Every usable position of a file, in its order; `name` instead of the file's own begins their ids.

    Rows without a time or place go to `rejects`, and values that are none (a speed, a callsign) are left out of theirs;
    rows that are kept although they cannot be right (time going back, a jump, a height borrowed from the row before)
    are counted in `doubts`. Raises BadFile where nothing can be read.
    """
    document = _document(path)
    name = name or name_of(path)
    before: dict[str, Position] = {}
    for row, sample in enumerate(_samples(document, path)):
        if row >= ROWS_MAX:
            raise BadFile(f"{path} has more than {ROWS_MAX} rows; split it")
        rejects.read()
        position = _position(sample, f"{name}/{row}", before, doubts, rejects, f"{path}:row {row}")
        if position is not None:
            yield position


def _document(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give a file of recorded flights") from error
    if data[:2] == b"\x1f\x8b":
        data = _inflated(data, path)
    if len(data) > BYTES_MAX:
        raise BadFile(f"{path} holds more than {BYTES_MAX} bytes; split it")
    try:
        return loose_json(as_utf8(data))
    except BadRecord as error:
        raise BadFile(f"{path}: {error}; raw receiver recordings must be decoded first") from error


def _inflated(data: bytes, path: Path) -> bytes:
    """What gzip files that follow each other hold. Raises BadFile where one is damaged, cut short or too large."""
    parts: list[bytes] = []
    left = BYTES_MAX
    while data:
        inflate = zlib.decompressobj(wbits=31)
        try:
            parts.append(inflate.decompress(data, left))
        except zlib.error as error:
            # Padding after the last one is no part of it.
            if parts and not data.strip(b"\0"):
                break
            raise BadFile(f"{path} is a damaged gzip file: {error}; fetch it again") from error
        left -= len(parts[-1])
        if inflate.unconsumed_tail or left <= 0:
            raise BadFile(f"{path} holds more than {BYTES_MAX} bytes; split it")
        if not inflate.eof:
            raise BadFile(f"{path} is a gzip file cut short; fetch it again")
        data = inflate.unused_data
    return b"".join(parts)


def _samples(document: Any, path: Path) -> Iterator[_Sample]:
    if isinstance(document, dict) and isinstance(document.get("trace"), list):
        return _trace(document)
    if isinstance(document, dict) and isinstance(document.get("timestamp"), dict):
        return _columns(document)
    if isinstance(document, list):
        return (_row(row) for row in document)
    raise BadFile(f"{path} is no recording of flights: neither rows, columns nor a trace; see `tocsin import --help`")


def _row(row: Any) -> _Sample:
    if not isinstance(row, dict):
        return _NOTHING._replace(time=row if isinstance(row, NoJson) else None)
    altitude = row.get("altitude")
    return _Sample(
        row.get("timestamp"),
        1e-3,
        row.get("latitude"),
        row.get("longitude"),
        row.get("geoaltitude") if altitude is None else altitude,
        row.get("groundspeed"),
        row.get("track"),
        row.get("icao24"),
        row.get("callsign"),
    )


def _columns(document: dict[str, Any]) -> Iterator[_Sample]:
    columns = {name: column for name, column in document.items() if isinstance(column, dict)}
    return (_row({name: column.get(key) for name, column in columns.items()}) for key in document["timestamp"])


def _trace(document: dict[str, Any]) -> Iterator[_Sample]:
    start_s, callsign = document.get("timestamp"), None
    for row in document["trace"]:
        if not isinstance(row, list) or len(row) < 6:
            yield _row(row)
            continue
        details = row[8] if len(row) > 8 and isinstance(row[8], dict) else {}
        callsign = details.get("flight") or callsign
        altitude = 0.0 if row[3] == "ground" else row[3]
        lat, lon, _, speed, heading = row[1:6]
        yield _Sample(_sum(start_s, row[0]), 1.0, lat, lon, altitude, speed, heading, document.get("icao"), callsign)


def _sum(start_s: Any, offset_s: Any) -> Any:
    """When a row of a trace was, in POSIX seconds; of two values that make no time the one that does not."""
    total = 0.0
    for value in (start_s, offset_s):
        try:
            seconds = aircraft_fields.number("timestamp", value)
        except BadRecord:
            return value
        if seconds is None:
            return None
        total += seconds
    return total


def time_s(value: Any, unit_s: float) -> float:
    """POSIX seconds of a count of some unit. Raises BadRecord where that is no time at which flights were recorded.

    >>> time_s(1767225600000, 1e-3)
    1767225600.0
    """
    count = aircraft_fields.number("timestamp", value)
    if count is None:
        raise BadRecord("no time")
    if FIRST_S <= count * unit_s < LAST_S:
        return count * unit_s
    meant = next((name for name, unit in UNITS.items() if FIRST_S <= count * unit < LAST_S), None)
    read = next(name for name, unit in UNITS.items() if unit == unit_s)
    hint = f"is of {meant}, and {read} are read" if meant else f"is no time in {read} from 1980 to 2100"
    raise BadRecord(f"timestamp {count:.17g} {hint}")


def _position(
    sample: _Sample, name: str, before: dict[str, Position], doubts: Counter[str], rejects: Rejects, where: str
) -> Position | None:
    try:
        at_s = time_s(sample.time, sample.unit_s)
        place = aircraft_fields.place(sample.lat, sample.lon)
        if place is None:
            raise BadRecord("no position")
        aircraft = _who(sample, rejects)
        last = before.get(aircraft.get("icao24") or aircraft.get("callsign") or "")
        altitude_m = _altitude_m(sample, last, doubts, rejects)
        position = Position(
            id=name,
            time=time_of(at_s),
            source=name.split("/")[0],
            lat=place[0],
            lon=place[1],
            altitude_m=altitude_m,
            cooperative=True,
            **aircraft,
            **_motion(sample, rejects),
        )
    except BadInput as error:
        rejects.add(str(error), sample._asdict(), where)
        return None
    rejects.use()
    if last is not None:
        _doubt(last, position, doubts)
    before[position.icao24 or position.callsign or ""] = position
    return position


def _who(sample: _Sample, rejects: Rejects) -> dict[str, Any]:
    """The address and callsign of an aircraft, those that are such."""
    found: dict[str, Any] = {}
    if sample.icao24 is not None:
        try:
            found["icao24"] = aircraft_fields.icao24(sample.icao24)
        except BadRecord as error:
            rejects.leave_out(str(error))
    try:
        if (callsign := aircraft_fields.callsign(sample.callsign)) is not None:
            found["callsign"] = callsign
    except BadRecord as error:
        rejects.leave_out(str(error))
    return found


def _altitude_m(sample: _Sample, last: Position | None, doubts: Counter[str], rejects: Rejects) -> float | None:
    """The height of a row, else of the one before; None where neither has one."""
    try:
        altitude_m = aircraft_fields.altitude_m("altitude", sample.altitude_ft)
    except BadRecord as error:
        rejects.leave_out(str(error))
        altitude_m = None
    if altitude_m is not None:
        return round(altitude_m, 1)
    if last is None or last.altitude_m is None:
        return None
    doubts["altitude taken from the row before"] += 1
    return last.altitude_m


def _motion(sample: _Sample, rejects: Rejects) -> dict[str, Any]:
    try:
        moving = aircraft_fields.motion(sample.speed_kt, sample.heading_deg)
    except BadRecord as error:
        rejects.leave_out(str(error))
        return {}
    return {name: round(value, 2) for name, value in moving.items()}


def _doubt(last: Position, position: Position, doubts: Counter[str]) -> None:
    """Count what cannot be right between two positions of one aircraft; both are kept, as live."""
    seconds = (position.time - last.time).total_seconds()
    if seconds < 0:
        doubts["time goes back"] += 1
        return
    north = (position.lat - last.lat) * DEGREE_M
    east = (position.lon - last.lon) * DEGREE_M * math.cos(math.radians(position.lat))
    # One second of slack: stamps are whole seconds.
    if math.hypot(north, east) > JUMP_MPS * (seconds + 1):
        doubts["a jump no aircraft makes"] += 1
