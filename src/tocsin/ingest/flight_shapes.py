"""The shapes in which people save flights: rows, columns and lines of JSON, traces, pictures of aircraft, tables.

| shape | origin |
|---|---|
| `[{"timestamp": ms, "latitude", "altitude": ft, ...}, ...]`, the same a line, or under `data` | traffic, pandas |
| `{"timestamp": {"0": ms, ...}, "latitude": {...}, ...}`, lists instead of objects, `columns` and `data` | the same |
| `{"icao", "timestamp": s, "trace": [[dt, lat, lon, ft, kt, deg, ...], ...]}` | readsb, trace_full |
| `{"icao24", "path": [[s, lat, lon, m, deg, on_ground], ...]}` | OpenSky, a track |
| rows and tables with `time` in seconds, `velocity` and `baroaltitude` in metres | OpenSky, state vectors |
| pictures of aircraft of every dialect, also several in a list or one behind the other | aircraft.json, saved |
| tables with `timestamp`, `position` and feet | Flightradar24 |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tocsin.ingest import aircraft_fields
from tocsin.ingest.aircraft_dialects import PICTURES, Said, named, passed_over, picture_of, said_yes, seconds
from tocsin.model.aviation import FOOT_M, KNOT_MPS
from tocsin.model.errors import BadRecord

TIMES, PLACES = {"timestamp", "time"}, {"latitude", "lat", "position"}
_OPENSKY = {"velocity", "baroaltitude", "lastposupdate"}
_ON_GROUND = ("onground", "on_ground", "onGround")


class Sample(NamedTuple):
    """One row in the source's own words; any of them may be anything.

    passed_over   why nobody wants it, sound as it may be
    fault         why it is no row at all
    """

    time: Any = None
    unit_s: float = 1.0
    lat: Any = None
    lon: Any = None
    altitude: Any = None
    speed: Any = None
    heading_deg: Any = None
    icao24: Any = None
    callsign: Any = None
    altitude_unit_m: float = FOOT_M
    speed_unit_mps: float = KNOT_MPS
    passed_over: str | None = None
    fault: str | None = None


def samples_of(document: Any) -> Iterator[Sample]:
    """The rows of a document, in its order. Raises BadRecord where it is of no shape that is read."""
    if isinstance(document, list):
        return (sample for row in document for sample in _entry(row))
    if isinstance(document, dict):
        if isinstance(document.get("trace"), list):
            return _trace(document)
        if isinstance(document.get("path"), list):
            return _path(document)
        if isinstance(document.get("timestamp"), dict | list):
            return _columns(document)
        if isinstance(document.get("data"), list):
            return _data(document)
        return _picture(document)
    raise BadRecord("neither rows, columns, a trace nor a picture of aircraft")


def _entry(entry: Any) -> Iterator[Sample]:
    """The rows of what stands in a list: a row, or a picture of aircraft."""
    if not isinstance(entry, dict) or not PICTURES & entry.keys():
        yield entry if isinstance(entry, Sample) else _row(entry)
        return
    try:
        picture = picture_of(entry)
    except BadRecord as error:
        yield Sample(fault=f"not a picture of aircraft: {error}")
        return
    yield from (_seen(one, picture.said_of, picture.now_s) for one in picture.aircraft)


def _row(row: Any) -> Sample:
    if not isinstance(row, dict):
        return Sample(fault=f"a row is {aircraft_fields.shown(row)}, and none of ours")
    if not TIMES & row.keys():
        return Sample(fault=f"a row without a time; its keys are {named(row)}")
    lat, lon = _of(row, "latitude", "lat"), _of(row, "longitude", "lon")
    if lat is None and isinstance(row.get("position"), str):
        lat, _, lon = row["position"].partition(",")
    metric = "timestamp" not in row and bool(_OPENSKY & row.keys())
    return Sample(
        _of(row, "timestamp", "time"),
        1e-3 if "timestamp" in row else 1.0,
        lat,
        lon,
        _of(row, "altitude", "baroaltitude", "geoaltitude"),
        _of(row, "groundspeed", "velocity", "gs", "speed"),
        _of(row, "track", "heading", "direction"),
        _of(row, "icao24", "icao", "hex"),
        _of(row, "callsign", "flight"),
        1.0 if metric else FOOT_M,
        1.0 if metric else KNOT_MPS,
        _why_not(_of(row, "icao24", "icao", "hex"), said_yes(_of(row, *_ON_GROUND))),
    )


def _why_not(address: Any, on_ground: bool) -> str | None:
    """Why a row is passed over, as the same aircraft would be that came live."""
    # A place is asked for later: a row without one is no row of a flight.
    return passed_over(Said(address, 0.0, 0.0, (), None, None, None, on_ground=on_ground))


def _of(row: dict[str, Any], *names: str) -> Any:
    """The first of some values that is there."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def _columns(document: dict[str, Any]) -> Iterator[Sample]:
    keyed = {
        name: dict(enumerate(column)) if isinstance(column, list) else column
        for name, column in document.items()
        if isinstance(column, dict | list)
    }
    return (_row({name: column.get(key) for name, column in keyed.items()}) for key in keyed["timestamp"])


def _data(document: dict[str, Any]) -> Iterator[Sample]:
    """Rows under `data`, as objects or, beside `columns`, as lists."""
    names = document.get("columns")
    for row in document["data"]:
        yield _row(dict(zip(names, row, strict=False)) if isinstance(names, list) and isinstance(row, list) else row)


def _trace(document: dict[str, Any]) -> Iterator[Sample]:
    start_s, callsign = document.get("timestamp"), None
    for row in document["trace"]:
        if not isinstance(row, list) or len(row) < 6:
            yield _row(row)
            continue
        details = row[8] if len(row) > 8 and isinstance(row[8], dict) else {}
        callsign = details.get("flight") or callsign
        lat, lon, altitude, speed, heading = row[1:6]
        who, why_not = document.get("icao"), _why_not(document.get("icao"), altitude == "ground")
        time = _sum(start_s, row[0])
        yield Sample(time, 1.0, lat, lon, altitude, speed, heading, who, callsign, passed_over=why_not)


def _path(document: dict[str, Any]) -> Iterator[Sample]:
    """A track of OpenSky, which says no speeds."""
    for row in document["path"]:
        if not isinstance(row, list) or len(row) < 5:
            yield _row(row)
            continue
        who = document.get("icao24"), document.get("callsign")
        why_not = _why_not(who[0], len(row) > 5 and said_yes(row[5]))
        time, lat, lon, altitude, heading = row[:5]
        yield Sample(time, 1.0, lat, lon, altitude, None, heading, *who, altitude_unit_m=1.0, passed_over=why_not)


def _picture(document: dict[str, Any]) -> Iterator[Sample]:
    picture = picture_of(document)
    return (_seen(entry, picture.said_of, picture.now_s) for entry in picture.aircraft)


def _seen(entry: Any, said_of: Callable[[Any], Said], now_s: float | None) -> Sample:
    try:
        said = said_of(entry)
        age_s = aircraft_fields.number("its age", said.age_s) or 0.0
        time_s = seconds("its time", said.time_s)
        why_not = passed_over(said)
        # As live: an aircraft of a picture is known by its address, or not at all.
        address = aircraft_fields.icao24(said.address) if why_not is None else None
    except BadRecord as error:
        return Sample(fault=f"not an aircraft: {error}")
    if time_s is None and now_s is not None:
        time_s = now_s - age_s
    altitude = next((one for one in said.altitudes if one is not None), None)
    return Sample(
        time_s, 1.0, said.lat, said.lon, altitude, said.speed, said.course, address, said.callsign,
        said.altitude_unit_m, said.speed_unit_mps, why_not,
    )  # fmt: skip


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
