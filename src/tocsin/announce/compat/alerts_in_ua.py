"""The form of alerts.in.ua, versions 1 and 2: lists of alerts, and strings of one letter a place.

In version 1 an alert is *take cover* alone, for its clients ring on whatever they find. Version 2 tells red, *take
cover*, from yellow, *prepare*. A place that we may be blind over is a space: nothing is known of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tocsin.announce.compat.episodes import Episode, Episodes
from tocsin.announce.compat.places import Place
from tocsin.model.zone import name_in

DISCLAIMER = "Written by Tocsin in the form of alerts.in.ua, from its own warnings."
DRILL = "НАВЧАННЯ. Це не справжня тривога."
_PERIODS = {"day_ago": 1, "week_ago": 7, "month_ago": 31}


def active(episodes: Episodes, now: datetime, version: int) -> dict[str, Any]:
    """`alerts/active.json`: every alert in force. Raises Unseen."""
    standing = list(episodes.covered()) if version == 1 else [one for _, one in sorted(episodes.standing.items())]
    if not standing:
        episodes.look()
    return _listed(episodes, standing)


def history(episodes: Episodes, uid: str, period: str, now: datetime) -> dict[str, Any] | None:
    """`regions/UID/alerts/PERIOD.json`: those of a region, ended ones too; None: no such region or period."""
    place = episodes.places.by_key.get(uid)
    if place is None or period not in _PERIODS:
        return None
    since, zones = now - timedelta(days=_PERIODS[period]), frozenset(place.zones)
    told = [one for one in (*episodes.ended, *episodes.covered()) if one.zone in zones and one.began >= since]
    return _listed(episodes, reversed(told))


def statuses(episodes: Episodes, version: int) -> str:
    """`iot/active_air_raid_alerts.json`: a letter for each number, from 0."""
    letters = {uid: letter(episodes, place, version) for uid, place in episodes.places.by_uid.items()}
    return "".join(letters.get(uid, " ") for uid in range(max(letters, default=0) + 1))


def by_oblast(episodes: Episodes, version: int) -> str:
    """`iot/active_air_raid_alerts_by_oblast.json`: a letter for each oblast, in their order."""
    return "".join(" " if one is None else letter(episodes, one, version) for one in episodes.places.oblasts)


def status(episodes: Episodes, uid: str, version: int) -> str | None:
    """`iot/active_air_raid_alerts/UID.json`: the letter of one place; None: there is none."""
    place = episodes.places.by_key.get(uid)
    return None if place is None else letter(episodes, place, version)


def letter(episodes: Episodes, place: Place, version: int) -> str:
    """How a place stands: the whole of it in alert (A, or R and Y), a part (P), none (N); or nobody knows."""
    zones, covered, raised, blind = episodes.level(place.zones)
    if covered == zones:
        return "A" if version == 1 else "R"
    if covered:
        return "P"
    if version > 1 and raised == zones:
        return "Y"
    # A part that nobody sees is a part that nobody may call quiet.
    return " " if blind else "N"


def _listed(episodes: Episodes, told: Iterable[Episode]) -> dict[str, Any]:
    picture_at = episodes.board.picture_at
    return {
        "alerts": [_alert(episodes, one) for one in told],
        "meta": {"last_updated_at": picture_at and f"{picture_at:%Y/%m/%d %H:%M:%S} +0000", "type": "full"},
        "disclaimer": DISCLAIMER,
    }


def _alert(episodes: Episodes, episode: Episode) -> dict[str, Any]:
    place = episodes.places.zones[episode.zone]
    oblast = episodes.places.oblast_of(place)
    above = [episodes.places.by_id[name] for name in place.above]
    raion = next((one.title for one in (place, *above) if one.sort == "raion"), None)
    return {
        "id": episode.number,
        "location_title": place.title,
        "location_title_en": name_in(place.name, "en"),
        "location_type": place.sort,
        "started_at": _time(episode.began),
        "finished_at": episode.ended and _time(episode.ended),
        "updated_at": _time(episode.ended or episode.began),
        "alert_type": "air_raid",
        "location_uid": place.key,
        "location_oblast": oblast.title,
        "location_oblast_uid": oblast.key if oblast.uid is None else oblast.uid,
        "location_raion": raion,
        "notes": DRILL if episode.drill else None,
        "country": None,
        "calculated": None,
        "alert_level": "red" if episode.level == "take_cover" else "yellow",
        "threats": [],
    }


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
