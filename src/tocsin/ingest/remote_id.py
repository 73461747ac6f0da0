"""Remote ID that drones broadcast (ASTM F3411-22a, ASD-STAN EN 4709-002): octets into what they say of the drone.

A message is 25 octets, a pack up to nine of them; numbers are little-endian. Read are whose it is (Basic ID) and where
it is (Location). What is said of the people (where the operator stands, the operator's id, free text) is never looked
at: it leaves this module in no form.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from tocsin.model.errors import BadRecord

MESSAGE_BYTES = 25
PACK_MESSAGES_MAX = 9
_PACK_HEAD_BYTES = 3
# F3411-19, EN 4709-002 and F3411-22a.
_VERSIONS = range(3)
_BASIC_ID, _LOCATION, _PACK = 0x0, 0x1, 0xF
_NAMES = {0: "Basic ID", 1: "Location", 2: "Authentication", 3: "Self ID", 4: "System", 5: "Operator ID"}
# Where in what is on the air this stands, the message begins an octet (a counter) behind it: parts of Bluetooth's
# advertisements and of Wi-Fi's beacons, with and without their length and kind, and the application's code alone.
_WRAPPINGS = (
    (1, b"\x16\xfa\xff\x0d"),
    (2, b"\xfa\x0b\xbc\x0d"),
    (0, b"\xfa\xff\x0d"),
    (0, b"\xfa\x0b\xbc\x0d"),
    (0, b"\x0d"),
)

# Octets 1 to 22 of a location: flags, direction, speed, vertical speed, latitude, longitude, pressure altitude,
# geodetic altitude, height, two of accuracies, timestamp.
_FIELDS = struct.Struct("<BBBbiiHHHBBH")
_PER_DEGREE = 1e7
_ALTITUDE_M, _ALTITUDE_FROM_M = 0.5, -1_000.0
_SLOW_MPS, _FAST_MPS, _FAST_FROM_MPS = 0.25, 0.75, 255 * 0.25
_DIRECTION_UNKNOWN, _SPEED_UNKNOWN, _TENTHS_UNKNOWN = 361, 255, 0xFFFF
TENTHS_MAX = 36_000
# Horizontal accuracy -> the radius within which 95 % of places lie, in metres; 0: unknown.
_EPU_M = {
    1: 18_520.0, 2: 7_408.0, 3: 3_704.0, 4: 1_852.0, 5: 926.0, 6: 555.6, 7: 185.2, 8: 92.6, 9: 30.0, 10: 10.0, 11: 3.0,
    12: 1.0,
}  # fmt: skip
_EPU_PER_SIGMA = 2.448
ON_GROUND, FAILED = 1, 4
_STATUS_MAX = 4


class UasId(NamedTuple):
    """What a drone calls itself. kind: 1 serial number, 2 registration, 3 assigned by traffic management, 4 session."""

    kind: int
    octets: bytes


class Heard(NamedTuple):
    """What was broadcast at once.

    location   the message that says where the drone is; None: none does
    uas_id     None: none does; of several the one of the lowest kind
    name       what it is, for whoever passes it over
    """

    location: bytes | None
    uas_id: UasId | None
    name: str


class Location(NamedTuple):
    """Where a drone says it is.

    lat, lon       degrees; both None where the drone does not know
    altitude_m     over the ellipsoid, else by air pressure; None: unknown
    sigma_m        None: unknown
    speed_mps, heading_deg   over ground, from true north; None: unknown
    tenths         tenths of a second since the full hour (UTC); None: unknown
    left_out       what in it is no value
    """

    status: int
    lat: float | None
    lon: float | None
    altitude_m: float | None
    sigma_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    tenths: int | None
    left_out: tuple[str, ...]


def heard(octets: bytes) -> Heard:
    """What a message or a pack holds, with or without what surrounds it on the air. Raises BadRecord."""
    octets = _unwrapped(octets)
    if not octets:
        raise BadRecord("an empty message of Remote ID")
    kind, version = octets[0] >> 4, octets[0] & 0xF
    if version not in _VERSIONS:
        return Heard(None, None, f"Remote ID of version {version}")
    if kind != _PACK:
        return _of([_whole(octets)], f"Remote ID: {_NAMES.get(kind, f'a message of type {kind}')}")
    return _of(_packed(octets), "Remote ID: a pack without a location")


def location(message: bytes) -> Location:
    """What a location says. Raises BadRecord where it has a time that is none.

    >>> location(bytes.fromhex("12 20 5a 14 00 00 65 cd 1d 00 a3 e1 11 00 00 98 08 00 00 0a 00 2c 01 00 00"))[1:4]
    (50.0, 30.0, 100.0)
    """
    flags, direction, speed, _, lat, lon, pressure, geodetic, _, accuracies, _, tenths = _FIELDS.unpack_from(message, 1)
    if tenths > TENTHS_MAX and tenths != _TENTHS_UNKNOWN:
        raise BadRecord(f"a Remote ID of {tenths} tenths of a second past the hour, which has {TENTHS_MAX}")
    left_out = []
    status = flags >> 4
    if status > _STATUS_MAX:
        left_out.append("a status of Remote ID that is reserved")
    heading_deg: float | None = direction + (180 if flags & 2 else 0)
    if heading_deg == _DIRECTION_UNKNOWN:
        heading_deg = None
    elif direction > 180:
        heading_deg = None
        left_out.append("a direction of Remote ID beyond 360 degrees")
    accuracy = accuracies & 0xF
    if accuracy > max(_EPU_M):
        left_out.append("an accuracy of Remote ID that is reserved")
    placed = bool(lat or lon)
    return Location(
        status=status,
        lat=lat / _PER_DEGREE if placed else None,
        lon=lon / _PER_DEGREE if placed else None,
        altitude_m=_altitude_m(geodetic) if geodetic else _altitude_m(pressure),
        sigma_m=_EPU_M[accuracy] / _EPU_PER_SIGMA if accuracy in _EPU_M else None,
        speed_mps=_speed_mps(speed, fast=bool(flags & 1)),
        heading_deg=None if heading_deg is None else heading_deg % 360,
        tenths=None if tenths == _TENTHS_UNKNOWN else tenths,
        left_out=tuple(left_out),
    )


def time_s(tenths: int, heard_s: float) -> float:
    """The POSIX seconds nearest to when it was heard that lie so many tenths of a second past a full hour.

    >>> time_s(35_990, 7_201.0), time_s(5, 7_199.0)
    (7199.0, 7200.5)
    """
    past_s = tenths / 10
    return past_s + 3_600 * round((heard_s - past_s) / 3_600)


def _unwrapped(octets: bytes) -> bytes:
    for at, before in _WRAPPINGS:
        if octets.startswith(before, at):
            return octets[at + len(before) + 1 :]
    return octets


def _whole(octets: bytes) -> bytes:
    """A message, without the noughts that fill up a buffer behind it."""
    if len(octets) < MESSAGE_BYTES or any(octets[MESSAGE_BYTES:]):
        raise BadRecord(f"a message of Remote ID of {len(octets)} octets; it has {MESSAGE_BYTES}")
    return octets[:MESSAGE_BYTES]


def _packed(octets: bytes) -> list[bytes]:
    """The messages of a pack."""
    if len(octets) < _PACK_HEAD_BYTES:
        raise BadRecord(f"a pack of Remote ID of {len(octets)} octets")
    size, number = octets[1], octets[2]
    if size != MESSAGE_BYTES or not 1 <= number <= PACK_MESSAGES_MAX:
        raise BadRecord(f"a pack of Remote ID of {number} messages of {size} octets")
    end = _PACK_HEAD_BYTES + number * MESSAGE_BYTES
    if len(octets) < end or any(octets[end:]):
        raise BadRecord(f"a pack of Remote ID of {len(octets)} octets; its {number} messages have {end}")
    return [octets[at : at + MESSAGE_BYTES] for at in range(_PACK_HEAD_BYTES, end, MESSAGE_BYTES)]


def _of(messages: list[bytes], name: str) -> Heard:
    """What is read of messages; of those of another version nothing is."""
    known = [one for one in messages if one[0] & 0xF in _VERSIONS]
    places = [one for one in known if one[0] >> 4 == _LOCATION]
    if len(places) > 1:
        raise BadRecord("a pack of Remote ID with more than one location")
    ids = [UasId(one[1] >> 4, one[2:22].rstrip(b"\0 ")) for one in known if one[0] >> 4 == _BASIC_ID]
    named = min((one for one in ids if one.kind and one.octets), default=None)
    return Heard(places[0] if places else None, named, name)


def _altitude_m(coded: int) -> float | None:
    """Metres; 0 stands for -1,000 m, which stands for none."""
    return coded * _ALTITUDE_M + _ALTITUDE_FROM_M if coded else None


def _speed_mps(coded: int, *, fast: bool) -> float | None:
    if not fast:
        return coded * _SLOW_MPS
    return None if coded == _SPEED_UNKNOWN else coded * _FAST_MPS + _FAST_FROM_MPS
