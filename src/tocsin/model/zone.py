"""Zones: the places people are warned by."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from tocsin.model.errors import BadValue
from tocsin.model.value import Name, Seconds, Time, Value

# (lon, lat) in degrees, closed, as GeoJSON writes them.
Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]

ZoneName = Annotated[str, Meta(max_length=300)]
ZoneNames = ZoneName | dict[Annotated[str, Meta(max_length=35)], ZoneName]
Spellings = Annotated[tuple[ZoneName, ...], Meta(max_length=200)]
DEFAULT_SHELTER_S = 90.0
# Gazetteers often know a name's script and not its language; a reader of the script can read it all the same.
_SCRIPTS = {
    "Arab": ("ar", "fa", "ps", "ur", "ckb"),
    "Cyrl": ("uk", "ru", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"),
    "Grek": ("el",),
    "Hebr": ("he", "yi"),
    "Armn": ("hy",),
    "Geor": ("ka",),
    "Hani": ("zh", "ja"),
    "Hang": ("ko",),
}
_SCRIPT_OF = {language: script for script, languages in _SCRIPTS.items() for language in languages}


class Zone(Value, frozen=True, kw_only=True):
    """One zone: an outline people know by name.

    name         a string, or language -> string
    population   people in it
    shelter_s    seconds people there need to reach shelter
    spellings    other ways people write its name: found by a search, shown nowhere
    parent       id of the zone it is part of, or of a city that is no zone itself: its zones are all that name it
    parent_name, parent_spellings   the same of the parent, where that is no zone
    codes        scheme -> what others call it there, such as {"EMMA_ID": ["UA001"]}: neighbours' alerts name areas so
    valid_from, valid_to   outlines change: this one holds from (inclusive) and to (exclusive) these times
    polygons     a MultiPolygon: outer ring first, then holes; (lon, lat) WGS 84 degrees
    """

    id: Name
    name: ZoneNames
    spellings: Spellings = ()
    population: Annotated[float, Meta(ge=0, le=2_000_000_000)] = 0
    shelter_s: Seconds = DEFAULT_SHELTER_S
    parent: Name | None = None
    parent_name: ZoneNames | None = None
    parent_spellings: Spellings = ()
    kind: Annotated[str, Meta(max_length=100)] | None = None
    codes: dict[Annotated[str, Meta(max_length=200)], tuple[Name, ...]] = {}  # noqa: RUF012 - msgspec copies defaults
    valid_from: Time | None = None
    valid_to: Time | None = None
    polygons: tuple[Polygon, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.polygons:
            raise BadValue(f"zone {self.id} has no outline; give it at least one polygon")
        for ring in (ring for polygon in self.polygons for ring in polygon):
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise BadValue(f"zone {self.id} has a ring of {len(ring)} points; a ring has at least 4 and is closed")
            for lon, lat in ring:
                if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                    raise BadValue(f"zone {self.id} has the point lon {lon}, lat {lat}; write lon before lat, degrees")

    def name_in(self, language: str) -> str:
        """Its name in a language; else in that language's script, else in English, else any name it has."""
        return name_in(self.name, language) or self.id

    def valid_at(self, time: datetime) -> bool:
        """Whether this outline holds at a time."""
        return (self.valid_from is None or self.valid_from <= time) and (self.valid_to is None or time < self.valid_to)


def name_in(name: ZoneNames, language: str) -> str:
    """The name in a language; else in that language's script, else in English, else any; empty where there is none."""
    if isinstance(name, str):
        return name
    script = f"und-{_SCRIPT_OF.get(language, 'Latn')}"
    return name.get(language) or name.get(script) or name.get("en") or next(iter(name.values()), "")
