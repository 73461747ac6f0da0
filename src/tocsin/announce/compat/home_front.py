"""The form of the Home Front Command: one alert that shows what is new, for half a minute, and the districts.

Its clients know an alert's kind by number and title: missiles and rockets, hostile aircraft, "alerts are expected in
your area within minutes" (*prepare*), "the event is over"; drills have numbers and a word of their own. Where several
kinds are new at once, each is shown for SHOWN_S in turn: a client that looks every second or two sees them all.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.announce.compat.episodes import Episode, Episodes
from tocsin.announce.compat.places import Place
from tocsin.model.zone import name_in

SHOWN_S = 3
HISTORY_H = 24
# The clients' own clocks show this time.
LOCAL = ZoneInfo("Asia/Jerusalem")
MISSILES, AIRCRAFT, OVER, SOON = 1, 2, 13, 14
_AIRCRAFT = frozenset({"drone", "jet", "helicopter", "aircraft"})
# Number of the kind -> that of its drill, and the number by which histories know it.
_DRILLS = {MISSILES: 15, AIRCRAFT: 16, OVER: 27, SOON: 28}
_MATRIX = {MISSILES: 1, AIRCRAFT: 6, OVER: 10, SOON: 10}
TITLES = {
    MISSILES: {
        "he": "ירי רקטות וטילים",
        "en": "Rocket and missile fire",
        "ru": "Ракетный обстрел",
        "ar": "إطلاق صواريخ",
    },
    AIRCRAFT: {
        "he": "חדירת כלי טיס עוין",
        "en": "Hostile aircraft intrusion",
        "ru": "Вторжение вражеского летательного аппарата",
        "ar": "تسلل طائرة معادية",
    },
    OVER: {"he": "האירוע הסתיים", "en": "The event is over", "ru": "Событие завершено", "ar": "انتهى الحدث"},
    SOON: {
        "he": "בדקות הקרובות צפויות להתקבל התרעות באזורך",
        "en": "Alerts are expected in your area within minutes",
        "ru": "В ближайшие минуты в вашем районе ожидается тревога",
        "ar": "من المتوقع صدور إنذارات في منطقتك خلال الدقائق القريبة",
    },
}
_TO_SHELTER = {
    "he": "היכנסו למרחב המוגן",
    "en": "Enter the shelter",
    "ru": "Войдите в укрытие",
    "ar": "ادخلوا إلى الملجأ",
}
DESCRIPTIONS = {
    MISSILES: _TO_SHELTER,
    AIRCRAFT: _TO_SHELTER,
    OVER: {
        "he": "אפשר לצאת מהמרחב המוגן",
        "en": "You may leave the shelter",
        "ru": "Можно выйти из укрытия",
        "ar": "يمكنكم مغادرة الملجأ",
    },
    SOON: {
        "he": "היו מוכנים להיכנס למרחב המוגן",
        "en": "Be ready to enter the shelter",
        "ru": "Будьте готовы войти в укрытие",
        "ar": "استعدوا لدخول الملجأ",
    },
}
_DRILL = {"he": "תרגיל", "en": "Drill", "ru": "Учения", "ar": "تمرين"}
_LANGUAGES = {"heb": "he", "eng": "en", "rus": "ru", "arb": "ar"}


def alerts(episodes: Episodes, now: datetime, *, sure: bool = True) -> dict[str, Any] | None:
    """`Alerts.json`; None: nothing is new. `sure`: the picture can be relied on; where not, no end is told.

    Raises Unseen.
    """
    kinds: dict[tuple[int, bool], list[Episode]] = defaultdict(list)
    for one in episodes.lately(now):
        if one.ended is not None and not sure:
            continue
        kinds[_kind(one), one.drill].append(one)
    if not kinds:
        episodes.look()
        return None
    kind, drill = sorted(kinds)[int(now.timestamp() / SHOWN_S) % len(kinds)]
    told = kinds[kind, drill]
    numbers = ",".join(str(one.number) for one in told)
    digest = hashlib.sha256(f"{kind}/{drill}/{numbers}".encode()).digest()
    return {
        "id": str(int.from_bytes(digest[:7], "big")),
        "cat": str(_DRILLS[kind] if drill else kind),
        "title": _text(TITLES, kind, "he", drill),
        "data": [_name(episodes.places.zones[one.zone], "he") for one in told],
        "desc": _text(DESCRIPTIONS, kind, "he", drill),
    }


def history(episodes: Episodes, now: datetime) -> list[dict[str, Any]]:
    """`AlertsHistory.json`: a row for each start of a zone's alarm within a day, and each end, the newest first."""
    rows: list[tuple[datetime, int, Episode]] = []
    for one in (*episodes.ended, *episodes.standing.values()):
        kind = SOON if one.level == "prepare" else _struck_by(one)
        rows.append((one.began, kind, one))
        if one.ended is not None:
            rows.append((one.ended, OVER, one))
    since = now - timedelta(hours=HISTORY_H)
    newest = sorted((row for row in rows if row[0] >= since), key=lambda row: row[0], reverse=True)
    return [
        {
            "alertDate": f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}",
            "title": _text(TITLES, kind, "he", one.drill),
            "data": _name(episodes.places.zones[one.zone], "he"),
            "category": _DRILLS[kind] if one.drill else kind,
        }
        for at, kind, one in newest
    ]


def districts(episodes: Episodes, language: str) -> list[dict[str, Any]]:
    """`GetDistricts.aspx`: the zones, each with its area and the seconds that people there need."""
    areas: dict[str, int] = {}
    rows = []
    for number, (zone, place) in enumerate(zip(episodes.zones, episodes.places.zones, strict=True), 1):
        area = episodes.places.oblast_of(place)
        rows.append(
            {
                "label": _name(place, language),
                "value": hashlib.sha256(zone.id.encode()).hexdigest()[:32].upper(),
                "id": str(number),
                "areaid": areas.setdefault(area.id, len(areas) + 1),
                "areaname": _name(area, language),
                "label_he": _name(place, "he"),
                "migun_time": round(zone.shelter_s),
            }
        )
    return rows


def translations() -> list[dict[str, Any]]:
    """`alertsTranslation.json`: titles and instructions of every kind, drills too, in four languages."""
    return [
        {name: _text(DESCRIPTIONS, kind, language, drill) for name, language in _LANGUAGES.items()}
        | {f"{name}Title": _text(TITLES, kind, language, drill) for name, language in _LANGUAGES.items()}
        | {
            "catId": _DRILLS[kind] if drill else kind,
            "matrixCatId": _MATRIX[kind] + (100 if drill else 0),
            "updateType": "-",
        }
        for drill in (False, True)
        for kind in TITLES
    ]


def _kind(episode: Episode) -> int:
    if episode.ended is not None:
        return OVER
    return SOON if episode.level == "prepare" else _struck_by(episode)


def _struck_by(episode: Episode) -> int:
    return AIRCRAFT if episode.threat in _AIRCRAFT else MISSILES


def _text(texts: dict[int, dict[str, str]], kind: int, language: str, drill: bool) -> str:
    text = texts[kind][language]
    return f"{_DRILL[language]}: {text}" if drill else text


def _name(place: Place, language: str) -> str:
    return name_in(place.name, language)
