"""What stands behind the warning of one zone. For operators only."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.announce.delivery import Delivered
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Name, Text, Time, TrackId
from tocsin.service.console.shown import ZoneLevel
from tocsin.warn.blindness import Blindness


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """One track that may attack the zone.

    probability   of an attack by it on this zone within the forecast's horizon
    window        the earliest time that its class's speed and turning allow, and the likely one
    sensors       how many sensors and spotters support it; null: it is no track that is shown (a launch not yet seen)
    taken_back    an officer's cancel took it back here
    """

    track: TrackId
    threat: ThreatClass
    probability: float
    eta_earliest: Time
    eta_likely: Time
    sensors: int | None
    heard: Time | None
    taken_back: bool


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that asks for a level here.

    by      `sensors`: the policy, from what sensors see; `officer`; `impact`; `neighbour`: an alert; `reports`
    until   when it ends by itself; null: it does not, or nobody can tell
    who     whose word it is: an officer, sources; empty: nobody's in particular
    lingers what sensors saw called for it; what they see does not any more
    """

    by: Literal["sensors", "officer", "impact", "neighbour", "reports"]
    level: Literal["prepare", "take_cover"]
    until: Time | None
    who: tuple[str, ...]
    why: str
    lingers: bool = False


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """What must be so before an all clear, and whether it is.

    earliest   when it may come if nothing changes from now on; null: not as long as something here is not met
    """

    reachable: bool
    held: bool
    blind: bool
    quiet_s: float
    needed_quiet_s: float
    earliest: Time | None
    why: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/zones/{zone}/evidence.

    name        by language, or one for all
    probability of an attack by anything within the forecast's horizon
    cover, prepare   how strongly evidence calls for each level; from 1 it is ordered
    reason      the sentence for operators of the warning in force
    carriers    tracks that may attack here, the likeliest first; at most 100 of `carrier_count`
    sources     who spoke: sensors and sources behind it, as far as it can be told
    clearing    null: nothing stands that could be cleared
    blindness   what `degraded_reason` is made of, for whoever says it in another language; null: another's words
    delivered   the warning in force on every channel
    """

    zone: Name
    name: str | dict[str, str]
    people: int
    shelter_s: float
    level: ZoneLevel
    since: Time | None
    expires: Time | None
    warning: Id | None
    threat: ThreatClass | None
    probability: float
    cover: float
    prepare: float
    reason: Text
    carriers: tuple[Carrier, ...]
    carrier_count: int
    sources: tuple[str, ...]
    holds: tuple[Hold, ...]
    clearing: Clearing | None
    degraded_reason: str | None
    blindness: Blindness | None
    delivered: tuple[Delivered, ...]
