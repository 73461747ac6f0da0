"""The ways in which receivers and their servers write down the aircraft they hear, told apart by their keys.

| what is there | who writes it |
|---|---|
| `{"now", "aircraft": [{"hex", "alt_baro", "gs", ...}]}` | readsb, dump1090-fa, tar1090, adsb.fi |
| the same with `altitude` and `speed` | dump1090-mutability |
| `[{"hex", "altitude", "speed", "validposition", ...}]` | the first dump1090s: `data.json` |
| `{"now" or "ctime", "ac": [...]}` | adsb.lol, ADS-B Exchange and others, versions 1 and 2 |
| `{"aircraft": {"4CA123": {"lat", "altitude", "speed", "pos_update_time", ...}}}` | the Plane Finder client |
| `{"stm", "acList": [{"Icao", "Alt", "Spd", ...}]}` | Virtual Radar Server |
| `{"time", "states": [[icao24, callsign, ...], ...]}` | OpenSky: metres, metres a second |
| `{"4b1801": ["4b1801", lat, lon, course, feet, knots, ...]}` | the Flightradar24 feeder; `{}`: an empty sky |

Heights are feet and speeds knots except where it says otherwise. Nothing is judged here but the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tocsin.ingest.aircraft_fields import number, shown
from tocsin.model.aviation import FOOT_M, KNOT_MPS
from tocsin.model.errors import BadRecord

_LISTS = ("aircraft", "ac", "acList")
# By these keys a picture is known among other objects.
PICTURES = frozenset({*_LISTS, "states"})
_TIMES = ("now", "stm", "ctime", "time")
_ADDRESS = ("hex", "icao", "Icao", "icao24")
_LAT, _LON = ("lat", "Lat", "latitude"), ("lon", "Long", "lng", "Lng", "Lon", "longitude")
_ALTITUDE = ("alt_geom", "GAlt", "galt", "alt_baro", "altitude", "Alt", "alt")
_SPEED, _COURSE = ("gs", "speed", "Spd", "spd"), ("track", "Trak", "trak", "heading")
# How fast through the air, and where the nose points, is not how fast and whither over the ground.
_SPEED_KIND, _IS_HEADING = ("SpdTyp", "spdtyp"), ("TrkH", "trkh")
_CALLSIGN = ("flight", "Call", "call", "callsign")
_AGE, _MOMENT = ("seen_pos", "seen"), ("PosTime", "postime", "pos_update_time")
_GROUND = ("Gnd", "gnd", "ground", "on_ground", "onGround")
_MLAT, _TISB = ("mlat", "Mlat"), ("tisb", "Tisb")
_YES = frozenset({"1", "true"})
# Which fields of a list say what; both have had more added at their ends.
_STATE_FIELDS, _FLIGHT_FIELDS = 17, 14
# What Flightradar24 says beside its rows; where nothing else is there, nothing flies.
_BESIDE_FLIGHTS = frozenset({"full_count", "version", "stats"})
_STATE_SOURCES = {1: "radar", 2: "mlat"}
_GROUND_TELLERS = ("tisb", "radar")
# A time in seconds has ten digits until the year 2286; more are milliseconds, or finer.
_SECONDS_MAX, _NANOSECONDS_MAX = 1e10, 1e19
_NAMED_MAX, _KEY_CHARS_MAX = 8, 24


class Said(NamedTuple):
    """One aircraft in the writer's own words; any of them may be anything.

    age_s, time_s   of the position: seconds before the picture, or POSIX seconds; None: the writer does not say
    altitudes       the best first
    teller          who says where it is, if not the aircraft: `mlat` (receivers), `tisb` or `radar` (the ground)
    """

    address: Any
    lat: Any
    lon: Any
    altitudes: tuple[Any, ...]
    speed: Any
    course: Any
    callsign: Any
    age_s: Any = None
    time_s: Any = None
    on_ground: bool = False
    teller: str = ""
    altitude_unit_m: float = FOOT_M
    speed_unit_mps: float = KNOT_MPS


class Picture(NamedTuple):
    """All aircraft of one moment, not yet looked at.

    now_s      when it was by the writer's clock, in POSIX seconds; None: it does not say
    said_of    one aircraft in its words; raises BadRecord where it is none
    """

    now_s: float | None
    aircraft: list[Any]
    said_of: Callable[[Any], Said]


def picture_of(document: Any) -> Picture:
    """What a document of any known dialect holds. Raises BadRecord, naming its keys, where we know of none like it."""
    if isinstance(document, list):
        return _known(Picture(None, document, _said))
    if not isinstance(document, dict):
        raise BadRecord(f"it holds no aircraft we can read: it is {shown(document)}")
    now_s = _now_s(document)
    if "states" in document:
        return Picture(now_s, _listed(document, "states"), _state)
    for key in _LISTS:
        if key in document:
            return _known(Picture(now_s, _listed(document, key), _said))
    flights = [value for value in document.values() if isinstance(value, list)]
    if not document.keys() - _BESIDE_FLIGHTS:
        return Picture(now_s, [], _flight)
    if flights and all(len(one) >= _FLIGHT_FIELDS for one in flights):
        return Picture(now_s, flights, _flight)
    raise BadRecord(f"it holds no aircraft we can read: its keys are {named(document)}")


def said_yes(value: Any) -> bool:
    """Whether a flag is set, however it is written: 1, true, "True".

    >>> said_yes("True"), said_yes(1.0), said_yes(None), said_yes([1])
    (True, True, False, False)
    """
    return value in (True, 1) if isinstance(value, bool | int | float) else str(value).lower() in _YES


def passed_over(said: Said) -> str | None:
    """Why a sound aircraft gives no place that anybody wants; None: it gives one, if its fields are sound.

    Who does not speak for himself under his own address identifies nothing; who stands on the ground is no track.
    """
    if isinstance(said.address, str) and said.address.lstrip().startswith("~"):
        return "an address that is not ICAO's"
    if said.teller in _GROUND_TELLERS:
        return "an aircraft placed by the ground, not by itself (TIS-B, radar)"
    if said.on_ground:
        return "an aircraft on the ground"
    if said.lat in (None, "") and said.lon in (None, ""):
        return "an aircraft without a place"
    return None


def seconds(name: str, value: Any) -> float | None:
    """POSIX seconds of a time that counts seconds, milliseconds or finer; None where there is none, or 0."""
    moment = number(name, value)
    if moment is not None and moment > _NANOSECONDS_MAX:
        raise BadRecord(f"{name} is {moment:g}, which is no time")
    while moment is not None and moment > _SECONDS_MAX:
        moment /= 1_000
    return moment or None


def _now_s(document: Mapping[str, Any]) -> float | None:
    return next((seconds(key, document[key]) for key in _TIMES if document.get(key) is not None), None)


def _listed(document: Mapping[str, Any], key: str) -> list[Any]:
    """The aircraft under a key: a list, an object by address, or null where there are none."""
    value = document[key]
    if isinstance(value, dict):
        return [{"hex": address} | one if isinstance(one, dict) else one for address, one in value.items()]
    if not isinstance(value, list | None):
        raise BadRecord(f"it holds no aircraft we can read: {key} is {shown(value)}")
    return value or []


def _known(picture: Picture) -> Picture:
    """The same. Raises BadRecord where none of its aircraft has an address under any name we know."""
    objects = [one for one in picture.aircraft if isinstance(one, dict)]
    if picture.aircraft and not any(key in one for one in objects for key in _ADDRESS):
        keys = dict.fromkeys(key for one in objects[:_NAMED_MAX] for key in one)
        raise BadRecord(f"it holds no aircraft we can read: the keys of its aircraft are {named(keys)}")
    return picture


def named(keys: Iterable[str]) -> str:
    names = [repr(key[:_KEY_CHARS_MAX]) for key in keys]
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    return (", ".join(names[:_NAMED_MAX]) or "none") + more


def _first(one: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((one[name] for name in names if one.get(name) is not None), None)


def _said(one: Any) -> Said:
    if not isinstance(one, dict):
        raise BadRecord(f"it is {shown(one)}")
    sure = one.get("validposition", 1) not in (0, False, "0")
    on_ground = any(one.get(name) == "ground" for name in _ALTITUDE) or said_yes(_first(one, _GROUND))
    return Said(
        address=_first(one, _ADDRESS),
        lat=_first(one, _LAT) if sure else None,
        lon=_first(one, _LON) if sure else None,
        altitudes=tuple(one[name] for name in _ALTITUDE if one.get(name) is not None),
        speed=_first(one, _SPEED) if _first(one, _SPEED_KIND) in (None, 0, "0", "") else None,
        course=None if said_yes(_first(one, _IS_HEADING)) else _first(one, _COURSE),
        callsign=_first(one, _CALLSIGN),
        age_s=_first(one, _AGE) if _first(one, _MOMENT) is None else None,
        time_s=_first(one, _MOMENT),
        on_ground=on_ground,
        teller=_teller(one),
    )


def _teller(one: Mapping[str, Any]) -> str:
    """A list names the fields that others told; readsb says the same by a type."""
    for teller, names in (("tisb", _TISB), ("mlat", _MLAT)):
        told = _first(one, names)
        listed = isinstance(told, list) and ("lat" in told or "lon" in told)
        kind = one.get("type")
        if listed or said_yes(told) or (isinstance(kind, str) and teller in kind):
            return teller
    return ""


def _state(one: Any) -> Said:
    """A state vector of OpenSky."""
    if not isinstance(one, list) or len(one) < _STATE_FIELDS:
        raise BadRecord(f"it is {shown(one)}, and no state of {_STATE_FIELDS} fields")
    source = one[16] if isinstance(one[16], int) else 0
    return Said(
        address=one[0], callsign=one[1], time_s=one[3], lon=one[5], lat=one[6],
        altitudes=(one[13], one[7]), on_ground=said_yes(one[8]), speed=one[9], course=one[10],
        teller=_STATE_SOURCES.get(source, ""), altitude_unit_m=1.0, speed_unit_mps=1.0,
    )  # fmt: skip


def _flight(one: Any) -> Said:
    """A row of Flightradar24; its 17th field is the callsign, the 14th a flight's number."""
    return Said(
        address=one[0], lat=one[1], lon=one[2], course=one[3], altitudes=(one[4],), speed=one[5], time_s=one[10],
        on_ground=len(one) > 14 and said_yes(one[14]), callsign=one[16] if len(one) > 16 else None,
    )  # fmt: skip
