"""The base of every value: frozen, and refusing nonsense at birth.

What a field may be is declared once, in its type (``Annotated[float, msgspec.Meta(ge=..., le=...)]``). That guards JSON
on its way in and direct construction in Python (`birth`), and appears in the published JSON Schemas.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, get_type_hints

import msgspec
from msgspec import Meta

from tocsin.model.birth import ID_PATTERN, PUBLIC_PATTERN, RECURS, Check, bounds, check_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# What decoding JSON or MessagePack of somebody else's may raise: octets that are no text are no `DecodeError`.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_ID_SAID = (
    "characters without white space, control or invisible characters and backslashes; no / in front, no . or .. "
    "between slashes"
)
# What a text of that pattern is, however long.
ID_SAID = f"made of {_ID_SAID}"
# Three lengths, so that what is made from a name or an id always fits in the next. A source's name and what its reader
# adds (aircraft, milliseconds, checksum: 35 characters) make an observation's id; a zone's and `/23/4/take_cover` a
# warning's; an observation's, `launch:` and 17 characters the track of a launch.
NAME_CHARS_MAX, ID_CHARS_MAX, TRACK_CHARS_MAX = 140, 200, 224
# What people call their zones, sensors, sources and duty officers.
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=NAME_CHARS_MAX,
        pattern=ID_PATTERN,
        description=f"1 to {NAME_CHARS_MAX} {_ID_SAID}",
        extra=RECURS,
    ),
]
Id = Annotated[
    str,
    Meta(min_length=1, max_length=ID_CHARS_MAX, pattern=ID_PATTERN, description=f"1 to {ID_CHARS_MAX} {_ID_SAID}"),
]
# A track's id, or `launch:` and the id of the report of a launch, as `identity.launch_track` makes it.
TrackId = Annotated[
    str,
    Meta(
        min_length=1, max_length=TRACK_CHARS_MAX, pattern=ID_PATTERN, description=f"1 to {TRACK_CHARS_MAX} {_ID_SAID}"
    ),
]
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
# A sender's clock may run ahead by this much; farther, and nothing it says of time is worth anything.
SENT_AHEAD_S = 60.0
TEXT_CHARS_MAX = 2_000
Text = Annotated[str, Meta(max_length=TEXT_CHARS_MAX)]
# What everybody is shown or told. No character in it may be one that is not seen, or that turns round what is: a reader
# must be able to trust his eyes. The joiners that Persian and Indian words are spelt with are no such.
PUBLIC_CHARS_MAX = 300
PUBLIC_SAID = (
    "text without control or invisible characters and without marks that change the direction of writing; "
    "retype it, or paste it as plain text"
)
# What an operator tells everybody: read aloud in half a minute, and short enough for every channel.
PublicReason = Annotated[
    str,
    Meta(
        max_length=PUBLIC_CHARS_MAX,
        pattern=PUBLIC_PATTERN,
        description=f"at most {PUBLIC_CHARS_MAX} characters of {PUBLIC_SAID}",
    ),
]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen value that is what its fields declare from birth; times are turned to UTC.

    Raises BadValue on construction, msgspec.ValidationError on decoding.
    """

    def __post_init__(self) -> None:
        kind = self.__class__
        check = _checks.get(kind)
        if check is None:
            check = _checks[kind] = check_of(kind)
        check(self)


_checks: dict[type, Check] = {}


def bounds_of(kind: type, name: str) -> tuple[float, float]:
    """The lowest and highest a number field of a value type may be; for those who check whole columns at once."""
    found = bounds(get_type_hints(kind, include_extras=True)[name])
    assert found is not None, f"{name} of {kind.__name__} is no number"
    return found


def clipped(text: str) -> str:
    r"""A text that `Text` takes: its beginning, where it is too long, with `?` for what cannot be written.

    >>> clipped("a\ud800"), len(clipped("a" * 3_000))
    ('a?', 2000)
    """
    text = text.encode(errors="replace").decode()
    return text if len(text) <= TEXT_CHARS_MAX else f"{text[: TEXT_CHARS_MAX - 1]}…"


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
