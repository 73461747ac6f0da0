"""Where and when, as sources tell it: a point with its uncertainty, and a time as said and as resolved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta
from msgspec.structs import force_setattr

from tocsin.ledger.record import Label, Name
from tocsin.ledger.shapes import Kept, shaped
from tocsin.model.errors import BadValue
from tocsin.model.value import Latitude, Longitude, Sigma, Time

Rule = Annotated[str, Meta(max_length=300)]
# Names of time zones, as IANA has them.
ZoneName = Annotated[str, shaped("^[A-Za-z0-9_+/-]*$", 0, 64, "a time zone such as Asia/Kyiv", recurs=True)]


class Place(Kept, frozen=True, kw_only=True):
    """A point, WGS 84, and how well it is known.

    sigma_m   one standard deviation; "near the capital" is 20 km, a crater with a photograph 10 m
    name      as the source has it
    zone      the id of the zone it lies in; None: not known, or in none
    """

    lat: Latitude
    lon: Longitude
    sigma_m: Sigma
    name: Label = ""
    zone: Name | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        # 33 and 33.0 are one number, and a record's bytes must be one, however it was made.
        for field in ("lat", "lon", "sigma_m"):
            force_setattr(self, field, float(getattr(self, field)))


class Window(Kept, frozen=True, kw_only=True):
    """From when to when, in UTC.

    begin, end   the earliest and latest it may have been, or from and to; end None: not known, or it lasts
    said         as the source said it; empty: it gave the times themselves
    zone         the time zone in which that was resolved
    rule         the rule that resolved it, in words

    Raises BadValue where it ends before it begins.
    """

    begin: Time
    end: Time | None = None
    said: Label = ""
    zone: ZoneName = ""
    rule: Rule = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.end is not None and self.end < self.begin:
            raise BadValue(
                f"end is {self.end.isoformat()}, before begin, {self.begin.isoformat()}; swap or correct them"
            )

    def meets(self, other: Window) -> bool:
        """Whether both may be of one moment."""
        return not (_over(self, other.begin) or _over(other, self.begin))


def _over(window: Window, at: datetime) -> bool:
    return window.end is not None and window.end < at
