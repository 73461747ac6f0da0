"""The minutes of warning as planners see them. Plans are secret: of this, nothing is for the public."""

from __future__ import annotations

import msgspec

from tocsin.model.threat import ThreatClass
from tocsin.model.value import Name, Time


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """What attacks of one class leave the people of a zone; null: none can come.

    tracked_least_s    nine ways in of ten are tracked so long before the strike, or longer
    tracked_median_s   half of them
    told_median_s      half of the orders to take cover come so long before, or longer
    could              share of people who can be in shelter when it strikes, told as soon as there is a track
    """

    tracked_least_s: float | None
    tracked_median_s: float | None
    told_median_s: float | None
    could: float | None


class ZoneMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """One zone. `now` is left out where it is as usual."""

    zone: Name
    usual: Minutes
    now: Minutes | msgspec.UnsetType = msgspec.UNSET


class ClassMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """One class of threat. `enough_…`: people who could be in shelter in time, told as soon as there is a track."""

    threat: ThreatClass
    enough_usual: float
    enough_now: float
    zones: tuple[ZoneMinutes, ...]


class ConsoleMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/console/minutes: the minutes of warning, as usual and as sensors do now.

    since   when sensors began to do so
    lost    sensors that were heard before and do not work
    """

    since: Time
    lost: tuple[Name, ...]
    classes: tuple[ClassMinutes, ...]
