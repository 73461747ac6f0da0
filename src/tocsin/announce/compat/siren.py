"""The form of siren.pp.ua, version 3, which is that of the Ukrainian alarm: regions, and the alerts in force in each.

An alert is *take cover*. What is larger than a zone has the alerts of its zones: who follows a region that is partly
in danger is told so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tocsin.announce.compat.episodes import Episode, Episodes
from tocsin.announce.compat.places import Place
from tocsin.model.zone import name_in

_SORTS = {"oblast": "State", "raion": "District"}


def alerts(episodes: Episodes) -> list[dict[str, Any]]:
    """`alerts`: the places in alert. Raises Unseen."""
    episodes.look()
    return [_region(episodes, episodes.places.zones[one.zone], [one]) for one in episodes.covered()]


def alerts_of(episodes: Episodes, region: str) -> list[dict[str, Any]] | None:
    """`alerts/ID`: one place, in alert or not; None: there is none. Raises Unseen."""
    place = episodes.places.by_key.get(region)
    if place is None:
        return None
    episodes.look(place.zones)
    zones = frozenset(place.zones)
    return [_region(episodes, place, (one for one in episodes.covered() if one.zone in zones))]


def index(episodes: Episodes) -> dict[str, int]:
    """`alerts/status`: a number that grows whenever anything changes."""
    return {"lastActionIndex": int(episodes.changed_at.timestamp()) if episodes.changed_at else 0}


def regions(episodes: Episodes) -> dict[str, Any]:
    """`regions`: every place, as a tree."""
    children: dict[str | None, list[Place]] = {}
    for place in episodes.places.by_id.values():
        children.setdefault(place.above[0] if place.above else None, []).append(place)

    def tree(place: Place) -> dict[str, Any]:
        return _named(place) | {"regionChildIds": [tree(child) for child in children.get(place.id, ())]}

    return {"states": [tree(place) for place in children.get(None, ())]}


def _region(episodes: Episodes, place: Place, told: Iterable[Episode]) -> dict[str, Any]:
    active = [
        {"regionId": at.key, "regionType": _sort(at), "type": "AIR", "lastUpdate": _time(one.began)}
        for one in told
        for at in [episodes.places.zones[one.zone]]
    ]
    latest = max((one["lastUpdate"] for one in active), default=_time(episodes.changed_at))
    return _named(place) | {"lastUpdate": latest, "activeAlerts": active}


def _named(place: Place) -> dict[str, Any]:
    return {
        "regionId": place.key,
        "regionType": _sort(place),
        "regionName": place.title,
        "regionEngName": name_in(place.name, "en"),
    }


def _sort(place: Place) -> str:
    return _SORTS.get(place.sort, "Community")


def _time(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%dT%H:%M:%S}Z"
