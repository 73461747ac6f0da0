"""Finding a place by what somebody typed, in any script and spelling; the page's own search knows slips beside this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tocsin.model.zone import Zone, ZoneNames

TYPED_MAX = 100
# Letters that people type for one another, after marks have been taken off.
_ALIKE = str.maketrans(
    {"ة": "ه", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ک": "ك", "ٱ": "ا", "ך": "כ", "ם": "מ", "ן": "נ"}
    | {"ף": "פ", "ץ": "צ", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ґ": "г"}
)
_SILENT = re.compile("[\u0640'’ʼʹʿʾ`\"״׳]")
_ARTICLES = re.compile(r"(^| )(?:ال(?=\w{2})|(?:al|el|ash|as|ad|ar|at|az|an) )")


def folded(name: str) -> str:
    """A name as it is compared: without case, accents, vowel points, apostrophes or the Arabic article."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if unicodedata.category(c)[0] != "M")
    words = re.sub(r"[\W_]+", " ", _SILENT.sub("", bare).translate(_ALIKE))
    return _ARTICLES.sub(r"\1", words).strip()


@dataclass(frozen=True, slots=True)
class Place:
    """What can be asked about: a zone, or a city that is no zone itself. `zones`: ids of what it is judged by.

    A zone is judged with what it is part of; a city by its districts.
    """

    id: str
    name: ZoneNames
    population: float
    zones: tuple[str, ...]


class Finder:
    """The places of a set of zones, by id and by what they are called."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._by_id = {zone.id: zone for zone in zones}
        self.places = {place.id: place for place in (*self._cities(zones), *map(self._place, zones))}
        spelt = {zone.id: zone.spellings for zone in zones}
        spelt |= {zone.parent: zone.parent_spellings for zone in zones if zone.parent and zone.parent not in spelt}
        self._names = [
            ([folded(name) for name in _names(place.name)], [folded(name) for name in spelt[place.id]], place)
            for place in self.places.values()
        ]

    def _place(self, zone: Zone) -> Place:
        ids: dict[str, None] = {}
        one: Zone | None = zone
        while one is not None and one.id not in ids:
            ids[one.id] = None
            one = self._by_id.get(one.parent or "")
        return Place(zone.id, zone.name, zone.population, tuple(ids))

    def _cities(self, zones: Sequence[Zone]) -> Iterable[Place]:
        parts: dict[str, list[Zone]] = {}
        for zone in zones:
            if zone.parent is not None and zone.parent_name is not None and zone.parent not in self._by_id:
                parts.setdefault(zone.parent, []).append(zone)
        for city, held in parts.items():
            name = held[0].parent_name
            assert name is not None, "a district"
            yield Place(city, name, sum(zone.population for zone in held), tuple(zone.id for zone in held))

    def find(self, typed: str, most: int) -> list[Place]:
        """The places that a text may mean, the likeliest first, so many at most."""
        wanted = folded(typed[:TYPED_MAX])
        if not wanted:
            return []
        fits = ((_misfit(wanted, names, spellings), place) for names, spellings, place in self._names)
        found = sorted((fit, -place.population, place.id, place) for fit, place in fits if fit is not None)
        return [place for *_, place in found[:most]]


def _names(name: ZoneNames) -> list[str]:
    return [name] if isinstance(name, str) else list(name.values())


def _misfit(wanted: str, names: Sequence[str], spellings: Sequence[str]) -> int | None:
    """How badly a place fits, 0 not at all; None: it is not meant. Of spellings, dozens each, a beginning counts."""
    if wanted in names:
        return 0
    if wanted in spellings:
        return 1
    if any(name.startswith(wanted) for name in names):
        return 2
    long = len(wanted) >= 3
    if any(f" {wanted}" in name for name in names) or (long and any(s.startswith(wanted) for s in spellings)):
        return 3
    return 4 if long and any(wanted in name for name in names) else None
