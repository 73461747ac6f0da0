"""The base of every value: frozen, and refusing nonsense at birth.

Bounds are declared once, in the type (``Annotated[float, msgspec.Meta(ge=..., le=...)]``). They guard JSON on its way
in, direct construction in Python, and appear in the published JSON Schemas.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from tocsin.model.errors import BadValue

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LARGEST = sys.float_info.max

# Identifiers end up in file names, URLs and logs: short, printable, no white space and no path tricks.
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Time = Annotated[datetime, Meta(tz=True)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Azimuth = Annotated[float, Meta(ge=0, le=360)]
# The Dead Sea shore is at -430 m; a 1,000 km ballistic missile may pass 400 km.
Altitude = Annotated[float, Meta(ge=-1_000, le=2_000_000)]
Speed = Annotated[float, Meta(ge=0, le=12_000)]
Distance = Annotated[float, Meta(ge=0, le=20_100_000)]
Sigma = Annotated[float, Meta(gt=0, le=20_100_000)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=31_557_600)]
Text = Annotated[str, Meta(max_length=2_000)]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen value whose declared bounds hold from birth; times are turned to UTC.

    Raises BadValue on construction, msgspec.ValidationError on decoding.
    """

    def __post_init__(self) -> None:
        for name, low, high in _bounds(type(self)):
            value = getattr(self, name)
            # Bounds are finite: neither an infinity nor what is no number lies between them.
            if value is not None and not low <= value <= high:
                raise BadValue(f"{name} is {value!r}; it must lie between {low:g} and {high:g}")
        for name in _times(type(self)):
            time = getattr(self, name)
            if time is None or time.tzinfo is UTC:
                continue
            if time.tzinfo is None:
                raise BadValue(f"{name} is {time.isoformat()}, without a time zone; write it in UTC with a Z")
            msgspec.structs.force_setattr(self, name, time.astimezone(UTC))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@cache
def _bounds(kind: type) -> tuple[tuple[str, float, float], ...]:
    """(field, lowest, highest) for every bounded number of a value type."""
    rows = []
    for name, hint in _hints(kind).items():
        for part in (hint, *get_args(hint)):
            metas = [meta for meta in getattr(part, "__metadata__", ()) if isinstance(meta, Meta)]
            if metas and get_args(part)[0] in (int, float):
                low = max((v for m in metas for v in (m.ge, m.gt) if v is not None), default=-LARGEST)
                high = min((v for m in metas for v in (m.le, m.lt) if v is not None), default=LARGEST)
                rows.append((name, low, high))
    return tuple(rows)


def bounds_of(kind: type, name: str) -> tuple[float, float]:
    """The lowest and highest a number field of a value type may be; for those who check whole columns at once."""
    return next((low, high) for field, low, high in _bounds(kind) if field == name)


@cache
def _times(kind: type) -> tuple[str, ...]:
    return tuple(name for name, hint in _hints(kind).items() if hint == Time or Time in get_args(hint))


def seconds_of(time: datetime) -> float:
    """POSIX seconds of an aware time, exact to the microsecond.

    >>> seconds_of(datetime(1970, 1, 2, tzinfo=UTC))
    86400.0
    """
    return (time - EPOCH) / SECOND


def time_of(seconds: float) -> datetime:
    """The aware UTC time of POSIX seconds, rounded to the microsecond.

    >>> time_of(86400.5).isoformat()
    '1970-01-02T00:00:00.500000+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC)


def time_text(time: datetime) -> str:
    """RFC 3339 in UTC with Z, as the contracts write times.

    >>> time_text(time_of(86400.5))
    '1970-01-02T00:00:00.500000Z'
    """
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
