"""Warnings: what people in one zone are told, and how each zone stands."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Name, Probability, PublicReason, Text, Time, TrackId, Value

Level = Literal["prepare", "take_cover", "all_clear"]


class Warning(Value, tag_field="effect", tag="warning", frozen=True, kw_only=True, omit_defaults=False):
    """One warning for one zone. A renewal or a change of level replaces the one before.

    id             zone/episode/revision/level: never built from a measured number
    time           when it was issued
    expires        when it lapses unless renewed
    eta_earliest   earliest and likely time of attack; None on an all clear
    reason         one sentence with the evidence, for operators; public texts never use it
    replaces       id of the warning it takes the place of
    tracks         ids of the tracks behind it, `launch:…` for a launch not yet seen in flight (`identity.launch_track`)
    public_reason  what an operator tells everybody along with it; left out when there is nothing
    lapses         it ends by itself when it expires, and no all clear follows; left out where that is not so
    """

    id: Id
    zone: Name
    level: Level
    time: Time
    expires: Time
    eta_earliest: Time | None = None
    eta_likely: Time | None = None
    probability: Probability = 0.0
    threat: ThreatClass = "unknown"
    reason: Text = ""
    replaces: Id | None = None
    tracks: tuple[TrackId, ...] = ()
    drill: bool = False
    public_reason: PublicReason | UnsetType = UNSET
    lapses: bool | UnsetType = UNSET


class ZoneState(Value, frozen=True, kw_only=True, omit_defaults=False):
    """How one zone stands now.

    level      `none`, or the level of the warning in force; `all_clear` for a while after one
    degraded   we may be blind here; `degraded_reason` says why without naming a sensor
    public_reason   what an operator tells everybody along with the warning in force
    """

    zone: Name
    level: Literal["none", "prepare", "take_cover", "all_clear"] = "none"
    since: Time | None = None
    expires: Time | None = None
    eta_earliest: Time | None = None
    eta_likely: Time | None = None
    threat: ThreatClass | None = None
    warning: Id | None = None
    degraded: bool = False
    degraded_reason: Text | None = None
    drill: bool = False
    public_reason: PublicReason | UnsetType = UNSET
