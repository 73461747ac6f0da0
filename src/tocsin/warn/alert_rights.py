"""What of a neighbour's alert its source may say: no higher a level than its authority, and only where it may raise."""

from __future__ import annotations

import msgspec

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.access import Access, Authority
from tocsin.model.observation import Alert, AlertPart


def allowed(alert: Alert, access: Access, index: ZoneIndex) -> tuple[Alert, tuple[str, ...]]:
    """The alert within its source's authority, and what had to be left out of it, and why.

    An all clear passes: it ends only what the same source and sender said.
    """
    if access.trusting:
        return alert, ()
    authority = access.authority(alert)
    parts = tuple(may for part in alert.asked if (may := _within(part, authority, index)) is not None)
    if parts == alert.asked:
        return alert, ()
    limit = "none" if authority.alerts == "none" else f"{authority.alerts}, in its zones"
    why = f"source {authority.id} may raise {limit}; an operator can change its `alerts` and `alert_zones`"
    return msgspec.structs.replace(alert, parts=parts, level=None, zones=(), expires=None), (why,)


def _within(part: AlertPart, authority: Authority, index: ZoneIndex) -> AlertPart | None:
    if part.level == "all_clear":
        return part
    zones = tuple(zone for zone in part.zones if _covers(authority, zone, index))
    if authority.alerts == "none" or not zones:
        return None
    level = "prepare" if authority.alerts == "prepare" else part.level
    return msgspec.structs.replace(part, level=level, zones=zones)


def _covers(authority: Authority, zone: str, index: ZoneIndex) -> bool:
    named, number = authority.alert_zones, index.number.get(zone)
    return not named or zone in named or (number is not None and index.zones[number].parent in named)
