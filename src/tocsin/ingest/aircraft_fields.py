"""What receivers of transponders say of an aircraft, field by field, in our units.

Quality: every function refuses what is no such value by BadRecord, naming the field and what it was, so that the
reader may drop that value alone. Text that is a number is read as one, the way some decoders write all of them; an
absent value (null, an empty text) is None.
"""

from __future__ import annotations

import math
import re
from typing import Any

from tocsin.ingest.loose_json import NoJson
from tocsin.model.aviation import FOOT_M, JUMP_MPS, KNOT_MPS
from tocsin.model.errors import BadRecord

# Mode S can say up to 126,750 feet; balloons go as high.
ALTITUDE_FT = (-2_000.0, 150_000.0)
_NUMBER = re.compile(r"[-+]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:[eE][-+]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[-+]?\d{1,20},\d{1,20}", re.ASCII)
_ICAO24 = re.compile(r"[0-9A-Fa-f]{6}")
_CALLSIGN = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{0,15}")
# 0 and FFFFFF are given to nobody: a transponder that was never set.
_NOBODYS = ("000000", "ffffff")
# What programs write for a text that they have not; none is how a callsign is written.
_NO_TEXT = ("nan", "NaN", "-nan", "None", "none", "null", "NULL", "<NA>", "NaT")
_SHOWN_CHARS_MAX = 20


def shown(value: Any) -> str:
    """The beginning of any value, for a reason."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, str):
        return ("no JSON: " if isinstance(value, NoJson) else "") + repr(value[:_SHOWN_CHARS_MAX])
    return "null" if value is None else str(value)[:_SHOWN_CHARS_MAX]


def number(name: str, value: Any) -> float | None:
    """A number, given as one or as text; None where it is absent.

    >>> number("lat", "50.1"), number("lat", ""), number("lat", None)
    (50.1, None, None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            value = float(text)
        elif _DECIMAL_COMMA.fullmatch(text):
            raise BadRecord(f"{name} is {shown(value)}; write decimals with a point")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRecord(f"{name} is {shown(value)}, which is no number")
    # A whole number may be too large for any other.
    if isinstance(value, int) and abs(value) > 1 << 63:
        raise BadRecord(f"{name} is a number of {value.bit_length()} bits")
    if not math.isfinite(value):
        raise BadRecord(f"{name} is {shown(value)}, which is no number")
    return float(value)


def place(lat: Any, lon: Any) -> tuple[float, float] | None:
    """Degrees north and east; None where there is neither. 0, 0 is how a receiver writes that it has none."""
    north, east = number("lat", lat), number("lon", lon)
    if north is None and east is None:
        return None
    if north is None or east is None:
        raise BadRecord(f"{'lat' if north is None else 'lon'} is missing beside the other")
    if not -90 <= north <= 90:
        raise BadRecord(f"lat is {north:g}; it must lie between -90 and 90")
    if not -180 <= east <= 180:
        raise BadRecord(f"lon is {east:g}; it must lie between -180 and 180")
    if abs(north) < 1e-5 and abs(east) < 1e-5:
        raise BadRecord("lat and lon are both 0, which stands for no place")
    return north, east


def altitude_m(name: str, altitude: Any, unit_m: float = FOOT_M) -> float | None:
    """Metres, from feet or another unit; None where there is none."""
    value = number(name, altitude)
    if value is None:
        return None
    metres = value * unit_m
    low, high = ALTITUDE_FT
    if not low <= metres / FOOT_M <= high:
        raise BadRecord(f"{name} is {metres / FOOT_M:g} ft; it must lie between {low:g} and {high:g}")
    return metres


def motion(speed: Any, course: Any, unit_mps: float = KNOT_MPS) -> dict[str, float]:
    """`speed_mps` and `heading_deg`, or nothing: one without the other says not where an aircraft will be.

    A course of -10 degrees is one of 350.
    """
    value, degrees = number("speed", speed), number("course", course)
    if value is None or degrees is None:
        return {}
    mps = value * unit_mps
    if not 0 <= mps <= JUMP_MPS:
        raise BadRecord(f"speed is {mps / KNOT_MPS:g} kt; it must lie between 0 and {JUMP_MPS / KNOT_MPS:.0f}")
    if not -180 <= degrees <= 360:
        raise BadRecord(f"course is {degrees:g} degrees; it must lie between 0 and 360")
    return {"speed_mps": mps, "heading_deg": degrees % 360}


def callsign(text: Any) -> str | None:
    """A callsign without what fills it up; None where there is none.

    >>> callsign("RYR1  "), callsign("@@@@@@@@"), callsign("NaN")
    ('RYR1', None, None)
    """
    if text is None:
        return None
    bare = text.strip(" @_\0") if isinstance(text, str) else ""
    if isinstance(text, str) and (not bare or bare in _NO_TEXT):
        return None
    if not _CALLSIGN.fullmatch(bare):
        raise BadRecord(f"callsign is {shown(text)}; it may have up to 16 letters and digits")
    return bare


def icao24(text: Any) -> str:
    """An aircraft's address in lower case."""
    bare = text.strip() if isinstance(text, str) else ""
    if not _ICAO24.fullmatch(bare):
        raise BadRecord(f"the address is {shown(text)}; it must be six hexadecimal digits")
    if bare.lower() in _NOBODYS:
        raise BadRecord(f"the address {bare} is nobody's")
    return bare.lower()
