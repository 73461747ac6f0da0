"""Places as existing clients know them: our zones and what those are part of, by number and by title."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.model.zone import Zone, ZoneNames, name_in

# Schemes, as letters and digits, whose numbers are those of the Ukrainian forms.
_SCHEMES = frozenset({"alertsinua", "ukrainealarm", "uasiren"})
# The oblasts in the order of the oblasts' string: number, title, ISO 3166-2, GeoNames' code of the first level.
OBLASTS = (
    (29, "Автономна Республіка Крим", "UA-43", "UA.11"),
    (8, "Волинська область", "UA-07", "UA.24"),
    (4, "Вінницька область", "UA-05", "UA.23"),
    (9, "Дніпропетровська область", "UA-12", "UA.04"),
    (28, "Донецька область", "UA-14", "UA.05"),
    (10, "Житомирська область", "UA-18", "UA.27"),
    (11, "Закарпатська область", "UA-21", "UA.25"),
    (12, "Запорізька область", "UA-23", "UA.26"),
    (13, "Івано-Франківська область", "UA-26", "UA.06"),
    (31, "м. Київ", "UA-30", "UA.12"),
    (14, "Київська область", "UA-32", "UA.13"),
    (15, "Кіровоградська область", "UA-35", "UA.10"),
    (16, "Луганська область", "UA-09", "UA.14"),
    (27, "Львівська область", "UA-46", "UA.15"),
    (17, "Миколаївська область", "UA-48", "UA.16"),
    (18, "Одеська область", "UA-51", "UA.17"),
    (19, "Полтавська область", "UA-53", "UA.18"),
    (5, "Рівненська область", "UA-56", "UA.19"),
    (30, "м. Севастополь", "UA-40", "UA.20"),
    (20, "Сумська область", "UA-59", "UA.21"),
    (21, "Тернопільська область", "UA-61", "UA.22"),
    (22, "Харківська область", "UA-63", "UA.07"),
    (23, "Херсонська область", "UA-65", "UA.08"),
    (3, "Хмельницька область", "UA-68", "UA.09"),
    (24, "Черкаська область", "UA-71", "UA.01"),
    (26, "Чернівецька область", "UA-77", "UA.03"),
    (25, "Чернігівська область", "UA-74", "UA.02"),
)
_OBLAST_OF = {name.casefold(): (uid, title) for uid, title, *names in OBLASTS for name in (title, *names)}
_OBLAST_KINDS = frozenset({"oblast", "state", "region", "province"})
_RAION_KINDS = frozenset({"raion", "county"})
_HROMADA_KINDS = frozenset({"hromada", "community", "municipality"})
_CITY_KINDS = frozenset({"city", "town", "village"})
# A number beyond this is somebody's own key: the string of numbers would be mostly spaces.
UID_MAX = 9_999


@dataclass(frozen=True, slots=True)
class Place:
    """A zone, or what zones are part of.

    uid     its number in the Ukrainian forms; None: it has none
    sort    `oblast`, `raion`, `hromada`, `city` or `unknown`
    above   ids of what it is part of, the nearest first
    zones   numbers of the zones that it consists of, its own among them
    """

    id: str
    uid: int | None
    name: ZoneNames
    sort: str
    above: tuple[str, ...]
    zones: tuple[int, ...]

    @property
    def title(self) -> str:
        """Its name in Ukrainian, or the nearest to that."""
        return name_in(self.name, "uk")

    @property
    def key(self) -> str:
        """What clients call it: its number, else our own id."""
        return self.id if self.uid is None else str(self.uid)


class Places:
    """Every place, by id, by number, and the oblasts in their order."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        held: dict[str, list[int]] = defaultdict(list)
        by_id = {zone.id: zone for zone in zones}
        above = {zone.id: _above(zone, by_id) for zone in zones}
        named: dict[str, ZoneNames] = {}
        for number, zone in enumerate(zones):
            for place in (zone.id, *above[zone.id]):
                held[place].append(number)
            if zone.parent is not None and zone.parent_name is not None:
                named.setdefault(zone.parent, zone.parent_name)
        self.by_id = {
            name: _place(name, by_id.get(name), named.get(name, name), above.get(name, ()), tuple(numbers))
            for name, numbers in held.items()
        }
        self.by_uid = {place.uid: place for place in self.by_id.values() if place.uid is not None}
        self.by_key = {place.key: place for place in self.by_id.values()}
        self.oblasts = tuple(self.by_uid.get(uid) for uid, *_ in OBLASTS)
        # Places whose zones are several are named beside those: a client may follow either.
        self.zones = tuple(self.by_id[zone.id] for zone in zones)

    def oblast_of(self, place: Place) -> Place:
        """What it is part of in the end; itself where it is part of nothing."""
        return self.by_id[place.above[-1]] if place.above else place


def _above(zone: Zone, by_id: dict[str, Zone]) -> tuple[str, ...]:
    found: list[str] = []
    parent = zone.parent
    while parent is not None and parent not in found and parent != zone.id:
        found.append(parent)
        parent = by_id[parent].parent if parent in by_id else None
    return tuple(found)


def _place(name: str, zone: Zone | None, named: ZoneNames, above: tuple[str, ...], zones: tuple[int, ...]) -> Place:
    title = named if zone is None else zone.name
    numbers = (
        []
        if zone is None
        else [
            code
            for scheme, codes in zone.codes.items()
            if "".join(filter(str.isalnum, scheme.casefold())) in _SCHEMES
            for code in codes
        ]
    )
    uid = next((int(code) for code in numbers if _is_uid(code)), None)
    for known in (name, name_in(title, "uk")):
        if uid is None and known.casefold() in _OBLAST_OF:
            uid, ukrainian = _OBLAST_OF[known.casefold()]
            title = ukrainian if isinstance(title, str) else title | {"uk": ukrainian}
    return Place(name, uid, title, _sort(zone, uid), above, zones)


def _is_uid(code: str) -> bool:
    return code.isascii() and code.isdecimal() and int(code) <= UID_MAX


def _sort(zone: Zone | None, uid: int | None) -> str:
    if any(uid == oblast for oblast, *_ in OBLASTS):
        return "oblast"
    kind = "" if zone is None or zone.kind is None else zone.kind.casefold()
    for sort, kinds in (("oblast", _OBLAST_KINDS), ("raion", _RAION_KINDS), ("hromada", _HROMADA_KINDS)):
        if kind in kinds:
            return sort
    return "city" if kind in _CITY_KINDS else "unknown"
