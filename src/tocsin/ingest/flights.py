"""Recorded flights as positions, in the shapes that flight_shapes.py lists, also gzipped.

Recordings of raw messages (Beast, AVR) are not read, nor SBS lines, whose times have no zone: decode them first.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.earth.physics import DEGREE_M
from tocsin.ingest import aircraft_fields
from tocsin.ingest.flight_shapes import Sample, samples_of
from tocsin.ingest.flight_texts import document_of
from tocsin.ingest.other_ports import looks_like
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
_MOMENT = re.compile(r"\s*\d{4}-\d\d-\d\d[T ]")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def name_of(path: Path) -> str:
    """What the positions of a file are called after, as far as an id may hold it."""
    return _UNFIT.sub("-", path.name.split(".")[0])[:NAME_CHARS_MAX] or "flights"


def read_flights(path: Path, rejects: Rejects, doubts: Counter[str], name: str | None = None) -> Iterator[Position]:
    """Every usable position of a file, in its order; `name` instead of the file's own begins their ids.

    Rows without a time or place go to `rejects`, those of aircraft on the ground or without an address of their own are
    passed over, and values that are none (a speed, a callsign) are left out of theirs;
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
        if sample.passed_over is not None:
            rejects.pass_over(sample.passed_over)
            continue
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
    what = "Beast frames" if data[:1] == b"\x1a" else looks_like(data, "JSON", "an answer of a web server")
    if what is not None:
        raise BadFile(f"{path} holds {what}, which must be decoded first; save what a receiver makes of it as JSON")
    try:
        return document_of(as_utf8(data))
    except BadRecord as error:
        raise BadFile(f"{path}: {error}; see `tocsin import --help` for what is read") from error


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


def _samples(document: Any, path: Path) -> Iterator[Sample]:
    try:
        return samples_of(document)
    except BadRecord as error:
        raise BadFile(f"{path} is no recording of flights: {error}; see `tocsin import --help`") from error


def time_s(value: Any, unit_s: float) -> float:
    """POSIX seconds of a count of some unit. Raises BadRecord where that is no time at which flights were recorded.

    >>> time_s(1767225600000, 1e-3)
    1767225600.0
    """
    if isinstance(value, str) and _MOMENT.match(value):
        return _moment_s(value)
    count = aircraft_fields.number("timestamp", value)
    if count is None:
        raise BadRecord("no time")
    if FIRST_S <= count * unit_s < LAST_S:
        return count * unit_s
    meant = next((name for name, unit in UNITS.items() if FIRST_S <= count * unit < LAST_S), None)
    read = next(name for name, unit in UNITS.items() if unit == unit_s)
    hint = f"is of {meant}, and {read} are read" if meant else f"is no time in {read} from 1980 to 2100"
    raise BadRecord(f"timestamp {count:.17g} {hint}")


def _moment_s(text: str) -> float:
    """POSIX seconds of a time written as ISO 8601 has it. Raises BadRecord without a zone, or where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip().removesuffix(" UTC").replace("Z", "+00:00"))
    except ValueError as error:
        raise BadRecord(f"timestamp is {text[:40]!r}, which is no time") from error
    if moment.tzinfo is None and not text.strip().endswith(" UTC"):
        raise BadRecord(f"timestamp is {text[:40]!r}, which has no zone")
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _position(
    sample: Sample, name: str, before: dict[str, Position], doubts: Counter[str], rejects: Rejects, where: str
) -> Position | None:
    try:
        if sample.fault is not None:
            raise BadRecord(sample.fault)
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


def _who(sample: Sample, rejects: Rejects) -> dict[str, Any]:
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


def _altitude_m(sample: Sample, last: Position | None, doubts: Counter[str], rejects: Rejects) -> float | None:
    """The height of a row, else of the one before; None where neither has one."""
    try:
        altitude_m = aircraft_fields.altitude_m("altitude", sample.altitude, sample.altitude_unit_m)
    except BadRecord as error:
        rejects.leave_out(str(error))
        altitude_m = None
    if altitude_m is not None:
        return round(altitude_m, 1)
    if last is None or last.altitude_m is None:
        return None
    doubts["altitude taken from the row before"] += 1
    return last.altitude_m


def _motion(sample: Sample, rejects: Rejects) -> dict[str, Any]:
    try:
        moving = aircraft_fields.motion(sample.speed, sample.heading_deg, sample.speed_unit_mps)
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
