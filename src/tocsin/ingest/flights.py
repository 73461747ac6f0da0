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

import msgspec

from tocsin.earth.physics import DEGREE_M
from tocsin.ingest.rejects import Rejects
from tocsin.model.aviation import FOOT_M, JUMP_MPS, KNOT_MPS
from tocsin.model.errors import BadFile
from tocsin.model.observation import Position
from tocsin.model.value import NAME_CHARS_MAX, time_of

# The largest sample has 193,000 rows in 45 MB; a hostile archive must not fill the memory.
BYTES_MAX = 500_000_000
ROWS_MAX = 3_000_000
_ADDRESS = re.compile(r"^[0-9a-fA-F]{6}$")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class _Sample(NamedTuple):
    """One row in the source's own words; any of them may be anything."""

    time_s: Any
    lat: Any
    lon: Any
    altitude_ft: Any
    speed_kt: Any
    heading_deg: Any
    icao24: Any
    callsign: Any


def read_flights(path: Path, rejects: Rejects, doubts: Counter[str]) -> Iterator[Position]:
    """Every usable position of a file, in its order.

    Rows without a time or place go to `rejects`; rows that are kept although they cannot be right (time going back, a
    jump, a height borrowed from the row before) are counted in `doubts`. Raises BadFile where nothing can be read.
    """
    document = _document(path)
    name = _UNFIT.sub("-", path.name.split(".")[0])[:NAME_CHARS_MAX] or "flights"
    before: dict[str, Position] = {}
    for row, sample in enumerate(_samples(document, path)):
        if row >= ROWS_MAX:
            raise BadFile(f"{path} has more than {ROWS_MAX} rows; split it")
        position = _position(sample, f"{name}/{row}", before, doubts, rejects, f"{path}:row {row}")
        if position is not None:
            yield position


def _document(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give a file of recorded flights") from error
    if data[:2] == b"\x1f\x8b":
        inflate = zlib.decompressobj(wbits=31)
        try:
            data = inflate.decompress(data, BYTES_MAX)
        except zlib.error as error:
            raise BadFile(f"{path} is a damaged gzip file: {error}; fetch it again") from error
        if inflate.unconsumed_tail:
            raise BadFile(f"{path} holds more than {BYTES_MAX} bytes; split it")
    if len(data) > BYTES_MAX:
        raise BadFile(f"{path} holds more than {BYTES_MAX} bytes; split it")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(f"{path} is not JSON: {error}; raw receiver recordings must be decoded first") from error


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
        return _Sample(*[None] * 8)
    stamp = _number(row.get("timestamp"))
    altitude = row.get("altitude")
    return _Sample(
        None if stamp is None else stamp / 1_000,
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
    start, callsign = _number(document.get("timestamp")), None
    for row in document["trace"]:
        if not isinstance(row, list) or len(row) < 6:
            yield _Sample(*[None] * 8)
            continue
        details = row[8] if len(row) > 8 and isinstance(row[8], dict) else {}
        callsign = details.get("flight") or callsign
        later_s = _number(row[0])
        altitude = 0.0 if row[3] == "ground" else row[3]
        lat, lon, _, speed, heading = row[1:6]
        stamp = None if start is None or later_s is None else start + later_s
        yield _Sample(stamp, lat, lon, altitude, speed, heading, document.get("icao"), callsign)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _position(
    sample: _Sample, name: str, before: dict[str, Position], doubts: Counter[str], rejects: Rejects, where: str
) -> Position | None:
    time_s, lat, lon = _number(sample.time_s), _number(sample.lat), _number(sample.lon)
    if time_s is None or lat is None or lon is None:
        rejects.add("no time" if time_s is None else "no position", sample._asdict(), where)
        return None
    icao24 = sample.icao24 if isinstance(sample.icao24, str) and _ADDRESS.match(sample.icao24) else None
    callsign = sample.callsign.strip()[:16] if isinstance(sample.callsign, str) else None
    aircraft = icao24 or callsign or ""
    last = before.get(aircraft)
    altitude_ft = _number(sample.altitude_ft)
    if altitude_ft is None and last is None:
        rejects.add("no altitude, and none before it", sample._asdict(), where)
        return None
    if altitude_ft is None:
        doubts["altitude taken from the row before"] += 1
    speed_kt, heading = _number(sample.speed_kt), _number(sample.heading_deg)
    try:
        position = Position(
            id=name,
            time=time_of(time_s),
            source=name.split("/")[0],
            lat=lat,
            lon=lon,
            altitude_m=last.altitude_m if altitude_ft is None and last else round((altitude_ft or 0.0) * FOOT_M, 1),
            icao24=icao24.lower() if icao24 else None,
            callsign=callsign or None,
            speed_mps=round(speed_kt * KNOT_MPS, 2) if speed_kt is not None and 0 <= speed_kt < 5_000 else None,
            heading_deg=round(heading % 360, 2) if heading is not None else None,
            cooperative=True,
        )
    # Of a time: no year between 1 and 9999.
    except (ValueError, OverflowError) as error:
        rejects.add(str(error), sample._asdict(), where)
        return None
    if last is not None:
        _doubt(last, position, doubts)
    before[aircraft] = position
    return position


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
