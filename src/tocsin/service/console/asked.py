"""What an officer asks before he acts: which zones an area touches, and how the service is set."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tocsin.model.access import Authority
from tocsin.model.value import Latitude, Longitude, Name
from tocsin.service.console.shown import ZoneLevel

CORNERS_MAX = 500


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/console/area: (lon, lat) of each corner, in order; it need not be closed."""

    polygon: Annotated[
        tuple[tuple[Longitude, Latitude], ...],
        msgspec.Meta(min_length=3, max_length=CORNERS_MAX, description="[lon, lat] of each corner"),
    ]


class AreaZone(msgspec.Struct, frozen=True, kw_only=True):
    """One zone that the area touches. `share`: how much of the zone lies in it; `may`: whether the asker may act."""

    zone: Name
    name: str | dict[str, str]
    people: int
    share: float
    level: ZoneLevel
    may: bool


class AreaZones(msgspec.Struct, frozen=True, kw_only=True):
    """What the area touches, the most covered first.

    waits   why raising all of them would wait for a second person; null: it would not
    """

    zones: tuple[AreaZone, ...]
    people: int
    waits: str | None


class SetOperator(msgspec.Struct, frozen=True, kw_only=True):
    """A duty officer of the settings."""

    id: Name
    actions: tuple[str, ...]
    zones: tuple[Name, ...]
    worlds: str


class SetChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel. `always`: it is there whatever the settings say."""

    id: Name
    kind: str
    always: bool


class SetSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source, and what it may say. `signatures`: what is asked of its alerts'."""

    id: Name
    kind: str
    authority: Authority
    signatures: str | None


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/settings: how this service is set. No secret, no address, no path is in it.

    people     in all zones
    accounts   how many people may sign in; officers with tokens are `operators`
    ledger     whether there is a ledger to be read
    minutes    whether minutes of warning are worked out
    """

    sector: str
    sender: str
    drill: bool
    policy: str
    zones: int
    people: int
    accounts: int
    sensors: dict[str, int]
    sources: tuple[SetSource, ...]
    channels: tuple[SetChannel, ...]
    operators: tuple[SetOperator, ...]
    second_person: tuple[Literal["raise", "cancel", "release", "wide", "drill"], ...]
    wide_zones: int
    wide_people: float
    waits_s: float
    languages: tuple[str, ...]
    signed: bool
    ledger: bool
    minutes: bool
