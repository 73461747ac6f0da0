"""The JSON bodies the public sees. They hold no reason, track, sensor or probability: see `tests/laws`.

`Board` writes them as bytes by hand where speed asks for it; these types say what the bytes mean, and the published
OpenAPI description is made from them.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, PublicReason, Seconds, Time
from tocsin.model.warning import Level, Warning, ZoneState


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """`event: pulse`, every second: the line is alive, and how old the picture is.

    now          the service's clock when this was written
    picture_at   the time the picture was decided for; null before the first
    degraded     we may be blind somewhere, or the picture is old
    seq          from a server that passes the stream on: `seq` of the last state or change before; who has heard
                 another has a hole, and should connect anew
    """

    now: Time
    picture_at: Time | None
    degraded: bool
    seq: int | UnsetType = UNSET


class PublicZone(ZoneState, frozen=True, kw_only=True):
    """How one zone stands, as everybody may know it.

    less_time   there is less warning time than usual here; said late and of whole regions, and never the contrary
    """

    less_time: bool | UnsetType = UNSET


class State(Pulse, frozen=True, kw_only=True):
    """GET /v1/zones and `event: state`: how every zone stands.

    drill   everything here is an exercise
    seq     the journal's number of the last event this picture rests on
    cut     another where zones were re-cut or renamed: then GET /v1/outlines has changed
    """

    drill: bool
    seq: int
    cut: str
    zones: tuple[PublicZone, ...]


class ZonesChange(Pulse, frozen=True, kw_only=True):
    """`event: zones`: the zones that changed, each as a whole."""

    seq: int
    zones: tuple[PublicZone, ...]


class Here(Pulse, frozen=True, kw_only=True):
    """GET /v1/zones/at: the zones that hold one point; none: the point is outside every zone."""

    zones: tuple[PublicZone, ...]


class PublicWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A warning as the public sees it.

    public_reason   what an operator tells everybody along with it
    lapses          it ends by itself when it expires, and no all clear follows
    """

    id: Id
    zone: Id
    level: Level
    time: Time
    expires: Time
    eta_earliest: Time | None
    eta_likely: Time | None
    threat: ThreatClass
    replaces: Id | None
    drill: bool
    public_reason: PublicReason | UnsetType = UNSET
    lapses: bool | UnsetType = UNSET


class Warnings(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/warnings: the last warning of every zone whose level is not `none`, by zone."""

    picture_at: Time | None
    drill: bool
    seq: int
    warnings: tuple[PublicWarning, ...]


class Geometry(msgspec.Struct, frozen=True, kw_only=True):
    """A GeoJSON Polygon or MultiPolygon; [lon, lat], five decimals (about 1 m)."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: Any


class OutlineProperties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the public map needs to know of a zone."""

    id: Id
    name: str | dict[str, str]
    spellings: tuple[str, ...] = ()
    shelter_s: Seconds
    population: float
    parent: Id | None
    parent_name: str | dict[str, str] | None = None
    parent_spellings: tuple[str, ...] = ()
    valid_from: Time | None = None
    valid_to: Time | None = None


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """One zone of the public map."""

    type: Literal["Feature"] = "Feature"
    properties: OutlineProperties
    geometry: Geometry


class Outlines(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/outlines: the zones' outlines, simplified for the wire with common borders kept common.

    cut   as in State
    """

    type: Literal["FeatureCollection"] = "FeatureCollection"
    cut: str
    features: tuple[Outline, ...]


class WarnedProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What a map, or somebody's home, needs to know of a warned zone.

    title   the headline and the zone's name, in the first language of the settings
    """

    title: str
    zone: Id
    name: str
    level: Level
    since: Time | None
    expires: Time | None
    warning: Id | None
    degraded: bool
    drill: bool


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """A zone under a warning. The geometry is a Polygon, or a GeometryCollection of Polygons: home automation knows
    those; null where the zone has no outline."""

    type: Literal["Feature"] = "Feature"
    id: Id
    properties: WarnedProperties
    geometry: Any


class WarnedZones(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/warned.geojson: the zones at `prepare` or `take_cover`."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    picture_at: Time | None
    degraded: bool
    drill: bool
    features: tuple[Warned, ...]


def public_warning(warning: Warning) -> PublicWarning:
    """A warning without its reason, probability and tracks."""
    return PublicWarning(**{name: getattr(warning, name) for name in PublicWarning.__struct_fields__})
