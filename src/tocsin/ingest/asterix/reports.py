"""Records into observations: what each category's target report says, in our units.

Scales are those of the EUROCONTROL specifications; the item is named beside each.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from tocsin.ingest.asterix.records import Record
from tocsin.model.aviation import FOOT_M, NAUTICAL_MILE_M
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Bearing, Plot, Position
from tocsin.model.value import bounds_of

# Flight levels and heights come in quarters of 100 ft.
QUARTER_LEVEL_M = 25 * FOOT_M
GEOMETRIC_M = 6.25 * FOOT_M
# Item 140 of category 021 says by this that the aircraft is higher than it can tell.
GREATER_THAN = b"\x7f\xff"
# Pressure at sea level moves barometric heights by some 500 m, and radars' own heights are known roughly.
PRESSURE_M = 3_000.0
ALTITUDE_M_MIN = bounds_of(Position, "altitude_m")[0]
TURN_DEG = 360 / 65_536
_LETTERS = "?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????"
# Estimated position uncertainty (95 %) by NACp, metres (DO-260B, table A-14), over 2.448 for one standard deviation.
_EPU_M = {11: 3, 10: 10, 9: 30, 8: 92.6, 7: 185.2, 6: 555.6, 5: 926, 4: 1_852, 3: 3_704, 2: 7_408, 1: 18_520}
EPU_PER_SIGMA = 2.448


class Place(NamedTuple):
    """Where a source stands: degrees WGS 84, metres."""

    lat: float
    lon: float
    altitude_m: float


def unsigned(octets: bytes) -> int:
    """A big-endian number."""
    return int.from_bytes(octets, "big")


def signed(octets: bytes, bits: int | None = None) -> int:
    """A big-endian two's complement number in the lowest `bits` bits.

    >>> signed(bytes([0x3F, 0xFF]), 14)
    -1
    """
    bits = 8 * len(octets) if bits is None else bits
    value = int.from_bytes(octets, "big") & ((1 << bits) - 1)
    return value - (1 << bits) if value >> (bits - 1) else value


def callsign(octets: bytes) -> str | None:
    """Eight characters of six bits (ICAO annex 10), None where there are none or they are not letters and digits."""
    number = int.from_bytes(octets, "big")
    text = "".join(_LETTERS[number >> shift & 63] for shift in range(42, -1, -6)).strip()
    return text if text and "?" not in text else None


def time_of_day_s(category: int, record: Record) -> float | None:
    """Seconds since midnight, None where the record has no full time.

    Category 021: time of reception or applicability of position (073, 071), of transmission (077).
    """
    for name in _TIMES[category]:
        if name in record:
            of_day_s = unsigned(record[name]) / 128
            if of_day_s >= 86_400:
                raise BadRecord(f"a time of day of {of_day_s} s; a day has 86400")
            return of_day_s
    return None


_TIMES = {
    1: (), 2: ("030",), 15: ("145",), 16: ("140",), 21: ("073", "071", "075", "077"), 34: ("030",), 48: ("140",),
    62: ("070",),
}  # fmt: skip


def unreal(category: int, record: Record) -> str | None:
    """Why a target report is of no real aircraft; None where it is of one."""
    descriptor = record.get({1: "020", 15: "020", 48: "020", 21: "040", 62: "080"}.get(category, ""), b"")
    first = descriptor[0] if descriptor else 0
    second = descriptor[1] if len(descriptor) > 1 else 0
    if category == 15:
        return (None, "a reference target", *["a simulated or test target"] * 2)[first >> 4 & 3]
    simulated, test, monitor = {
        1: (first & 0x40, second & 0x80, first & 0x02),
        48: (first & 0x10, second & 0x80, first & 0x02),
        21: (second & 0x20, second & 0x10, first & 0x02),
        62: (second & 0x80, 0, 0),
    }[category]
    if simulated or test:
        return "a simulated or test target"
    return "a fixed transponder that monitors the radar" if monitor else None


def plot_fields(category: int, record: Record) -> dict[str, Any]:
    """Fields of a `Plot` from a record of category 048 or 001. Raises BadRecord where it has no range and azimuth."""
    polar = record.get("040")
    if polar is None:
        raise BadRecord(f"a report of category {category:03} without range and azimuth (item 040)")
    # 001/040 counts range in 1/128 NM, 048/040 in 1/256 NM.
    fields: dict[str, Any] = {
        "range_m": unsigned(polar[:2]) * NAUTICAL_MILE_M / (128 if category == 1 else 256),
        "azimuth_deg": unsigned(polar[2:]) * TURN_DEG,
    }
    height, level, code = record.get("110"), record.get("090"), record.get("070")
    if height is not None and category == 48:
        fields["altitude_m"] = signed(height, 14) * QUARTER_LEVEL_M
    elif level is not None and not level[0] & 0xC0:
        fields["altitude_m"] = signed(level, 14) * QUARTER_LEVEL_M
    if code is not None and not code[0] & 0xC0:
        fields["mode3a"] = f"{unsigned(code) & 0xFFF:04o}"
    if category == 48:
        if "220" in record:
            fields["icao24"] = record["220"].hex()
        doppler = record.get("120/CAL")
        if doppler is not None and not doppler[0] & 0x80:
            fields["doppler_mps"] = float(signed(doppler, 10))
    return fields


def passive_fields(record: Record) -> tuple[type[Plot | Position | Bearing], dict[str, Any]]:
    """What a record of category 015 is, and its fields; `sigma_deg` is 0 where it does not say.

    A position where it has one (600), else range and azimuth of a sensor that sends and receives in one place, else a
    direction. The range of one that listens to others' transmitters is a difference of ways, and is not used; neither
    is the velocity: the specification does not say along which axes. Raises BadRecord where there is none of these.
    """
    place, azimuth, far = record.get("600/P84"), record.get("627/AZ"), record.get("625/R")
    if place is not None:
        if record.get("170", b"\0")[0] & 0x08:
            raise BadRecord("a position that is extrapolated, not measured")
        scale = 180 / (1 << 31)
        fields: dict[str, Any] = {"lat": signed(place[:4]) * scale, "lon": signed(place[4:]) * scale}
        if "601/GH" in record:
            fields["altitude_m"] = signed(record["601/GH"]) / 100
        spread = record.get("600/HPP", bytes(5))
        if sigma_m := math.hypot(unsigned(spread[:2]), unsigned(spread[2:4])) / 4 / math.sqrt(2):
            fields["sigma_m"] = sigma_m
        return Position, fields
    if azimuth is None:
        raise BadRecord("a report of category 015 without position or azimuth (items 600, 627)")
    direction = {"azimuth_deg": unsigned(azimuth) * TURN_DEG}
    if far is not None and record.get("020", b"\xc0")[0] >> 6 == 0:
        return Plot, direction | {"range_m": signed(far) / 10}
    return Bearing, direction | {"sigma_deg": unsigned(record.get("627/SDASZ", b"\0\0")) * 45 / 65_536}


def position_fields(category: int, record: Record) -> dict[str, Any]:
    """Fields of a `Position` from a record of category 021 or 062. Raises BadRecord without a position."""
    fields = _position_021(record) if category == 21 else _position_062(record)
    if fields["lat"] == fields["lon"] == 0:
        raise BadRecord("lat and lon are both 0, which stands for no place")
    altitude_m = _height_m(record, *(("140", "145") if category == 21 else ("130", "136", "135")))
    return fields if altitude_m is None else fields | {"altitude_m": altitude_m}


def _position_021(record: Record) -> dict[str, Any]:
    place, scale = record.get("131"), 180 / (1 << 30)
    if place is None:
        place, scale = record.get("130"), 180 / (1 << 23)
    if place is None:
        raise BadRecord("a report of category 021 without position (items 130, 131)")
    half = len(place) // 2
    fields: dict[str, Any] = {
        "lat": signed(place[:half]) * scale,
        "lon": signed(place[half:]) * scale,
        "cooperative": True,
    }
    if "080" in record:
        fields["icao24"] = record["080"].hex()
    if "170" in record:
        fields["callsign"] = callsign(record["170"])
    quality = record.get("090", b"")
    if len(quality) > 1 and (epu_m := _EPU_M.get(quality[1] >> 1 & 0x0F)):
        fields["sigma_m"] = epu_m / EPU_PER_SIGMA
    vector = record.get("160")
    if vector is not None and not vector[0] & 0x80:
        fields["speed_mps"] = unsigned(vector[:2]) * NAUTICAL_MILE_M / (1 << 14)
        fields["heading_deg"] = unsigned(vector[2:]) * TURN_DEG
    return fields


def _position_062(record: Record) -> dict[str, Any]:
    place = record.get("105")
    if place is None:
        raise BadRecord("a track of category 062 without latitude and longitude (item 105)")
    scale = 180 / (1 << 25)
    fields: dict[str, Any] = {
        "lat": signed(place[:4]) * scale,
        "lon": signed(place[4:]) * scale,
    }
    if "380/ADR" in record:
        fields["icao24"] = record["380/ADR"].hex()
    name = record.get("380/ID") or record.get("245", b"")[1:]
    if name:
        fields["callsign"] = callsign(name)
    if "185" in record:
        east_mps, north_mps = signed(record["185"][:2]) / 4, signed(record["185"][2:]) / 4
        fields["speed_mps"] = math.hypot(east_mps, north_mps)
        fields["heading_deg"] = math.degrees(math.atan2(east_mps, north_mps)) % 360
    if accuracy := record.get("500/APC"):
        sigma_m = math.hypot(unsigned(accuracy[:2]), unsigned(accuracy[2:])) / 2 / math.sqrt(2)
        if sigma_m > 0:
            fields["sigma_m"] = sigma_m
    return fields


def _height_m(record: Record, geometric: str, *levels: str) -> float | None:
    """Geometric height where there is one, else the first barometric one; None: what flies there says none."""
    # 062 has no such word: its highest height is a height.
    if geometric in record and not (geometric == "140" and record[geometric] == GREATER_THAN):
        return signed(record[geometric]) * GEOMETRIC_M
    for name in levels:
        if name in record:
            # 062/135 keeps a flag in its first bit.
            return signed(record[name], 15 if name == "135" else 16) * QUARTER_LEVEL_M
    return None


def impossible_height(altitude_m: float, above_m: float, range_m: float) -> str | None:
    """Why a height cannot be true, None where it can: so far above its radar, at this slant range (inf: unknown)."""
    if altitude_m < ALTITUDE_M_MIN:
        return f"a height of {altitude_m:.0f} m, which is under the ground"
    if above_m > range_m + PRESSURE_M:
        return f"a height of {altitude_m:.0f} m, which is farther above its radar than it is away"
    return None


def north_mark(category: int, record: Record) -> bool:
    """Whether a service message (002, 034) says that the antenna passes north."""
    return category in (2, 34) and record.get("000") == b"\x01"


def out_of_service(record: Record) -> bool:
    """Whether a service message of category 034 says that its data must not be used (item 050, COM, NOGO)."""
    return bool(record.get("050/COM", b"\x00")[0] & 0x80)


def place_of(category: int, record: Record) -> Place | None:
    """Where a service message says that its source stands (034/120, 016/400), None where it does not.

    Heights: of 034 above sea level, of 016 above the ellipsoid, in which they differ by some tens of metres.
    """
    if category == 34 and "120" in record:
        octets, scale = record["120"], 180 / (1 << 23)
        return Place(signed(octets[2:5]) * scale, signed(octets[5:]) * scale, float(signed(octets[:2])))
    if category == 16 and "400" in record:
        octets, scale = record["400"], 180 / (1 << 31)
        height_m = signed(record.get("405", b"\0\0")) / 4
        return Place(signed(octets[:4]) * scale, signed(octets[4:]) * scale, height_m)
    return None


def turn_s(category: int, record: Record) -> float | None:
    """How long the antenna takes to turn once (item 041), None where the message does not say."""
    spoken = record.get("041") if category in (2, 34) else None
    return None if spoken is None or not any(spoken) else unsigned(spoken) / 128
