"""Where the words of the line may be: the gazetteer's places, what people call them, and regions."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from tocsin.ingest.gazetteer import KnownPlace, known_places
from tocsin.ingest.place_names import script_of
from tocsin.ingest.text.language import Language
from tocsin.ingest.text.language import languages as shipped
from tocsin.ingest.text.names import Entry, Names
from tocsin.model.errors import BadSettings
from tocsin.model.zone import Zone

# A town of a country whose villages are not known is named by those channels as seldom as one of so few people here.
FAR_WEIGHT = 0.03
# Where villages are not known, a small town's name is no sure sign of the town; of so many people it is.
FAR_ALONE, FAR_SURE_PEOPLE = 0.75, 40_000
# What people call a town, where other places are named so: it is meant as often as a place of so much fewer people.
COMMON = 0.05
# Spellings in Latin letters other than the name itself are kept for towns: there are thirty of each.
SPELT_FROM_PEOPLE = 10_000
# The gazetteer lists towns of unknown size with 0 people: any of them may be the one that is meant.
PEOPLE_UNKNOWN = 5_000
# People per square kilometre of a town, roughly: how wide a name is.
_DENSITY = 2_500.0
SIGMA_M_MIN, SIGMA_M_MAX = 700.0, 6_000.0
SIGMA_DISTRICT_M = 18_000.0


class Region(msgspec.Struct, frozen=True):
    """A region: id, middle, spread as one standard deviation."""

    id: str
    lat: float
    lon: float
    sigma_m: float


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    words: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    sigma_km: float | None = None


class _Called(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    of: str | None = None
    id: str | None = None
    lat: float | None = None
    lon: float | None = None
    sigma_km: float = 1.0
    exact: bool = False
    alone: float = 1.0


def _table(name: str, key: str) -> list[object]:
    rows: list[object] = tomllib.loads((files(__package__) / name).read_text("utf-8")).get(key, [])
    return rows


@cache
def region_rows() -> tuple[_Row, ...]:
    """The regions that have words of their own, as shipped."""
    rows = [*_table("regions.toml", "unit"), *_table("regions.toml", "area")]
    return tuple(msgspec.convert(rows, list[_Row]))


def countries_of(languages: Mapping[str, Language]) -> dict[str, float]:
    """The countries of languages: ISO 3166 -> people that a place has at least to be known there."""
    found: dict[str, float] = {}
    for language in languages.values():
        for country, people in language.countries.items():
            found[country] = min(people, found.get(country, people))
    return found


def _scripts_of(languages: Mapping[str, Language]) -> dict[str, set[str]]:
    """Country -> the scripts that its places' names are looked for in."""
    found: dict[str, set[str]] = {}
    for language in languages.values():
        for country in language.countries:
            found.setdefault(country, set()).add(language.script)
    return found


def names_of(countries: Mapping[str, float], languages: Mapping[str, Language]) -> Names:
    """Every place of countries of so many people, by its names, inflected as languages do.

    Raises BadSettings for a country without places.
    """
    names = Names(languages.values())
    # In what a country writes depends on none of the languages that a channel does.
    every = {**shipped(), **languages}
    scripts = _scripts_of(every)
    joined = {language.script for language in every.values() if language.joins_words}
    for place in known_places():
        least = countries.get(place.countrycode)
        if least is not None and place.population >= least:
            written = scripts.get(place.countrycode, set())
            names.add(_entry(place, not least), _spellings(place, written, joined))
    for country in countries:
        if not any(entry.unit.startswith(f"{country}.") for entry in names.entries):
            raise BadSettings(f"no places are known for country {country!r}; give an ISO 3166 code such as UA")
    for called in msgspec.convert(_table("places.toml", "place"), list[_Called]):
        if called.of is not None:
            if called.of in names.known:
                for name in called.names:
                    share = COMMON if names.has(name, but=names.known[called.of]) else 1.0
                    names.call(names.known[called.of], [name], called.exact, share=share)
        else:
            assert called.id is not None and called.lat is not None and called.lon is not None
            own = Entry(
                called.id, called.names[0], called.lat, called.lon, 20_000, "", 1e3 * called.sigma_km, called.alone
            )
            names.add(own, called.names)
    return names


def know_zones(names: Names, zones: Iterable[Zone]) -> None:
    """Zones as further places, each as wide as its outline and with its own people."""
    for zone in zones:
        points = [point for polygon in zone.polygons for point in polygon[0]]
        west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
        south, north = min(lat for _, lat in points), max(lat for _, lat in points)
        lat, lon = (south + north) / 2, (west + east) / 2
        half_m = 111_195 * max(north - south, (east - west) * math.cos(math.radians(lat))) / 2
        called = [zone.name] if isinstance(zone.name, str) else list(zone.name.values())
        people = zone.population or PEOPLE_UNKNOWN
        names.add(
            Entry(zone.id, called[0], lat, lon, people, "", max(half_m / 2, SIGMA_M_MIN)), [*called, *zone.spellings]
        )


def _entry(place: KnownPlace, villages: bool) -> Entry:
    """A place of a country; `villages`: whether all its villages are known too."""
    people = place.population or PEOPLE_UNKNOWN
    sigma_m = min(max(500 * math.sqrt(people / _DENSITY / math.pi), SIGMA_M_MIN), SIGMA_M_MAX)
    return Entry(
        f"{place.countrycode}-{place.geonameid}", place.name, place.latitude, place.longitude,
        people * (1.0 if villages else FAR_WEIGHT), f"{place.countrycode}.{place.admin1code}", sigma_m,
        1.0 if villages or people >= FAR_SURE_PEOPLE else FAR_ALONE,
    )  # fmt: skip


def _spellings(place: KnownPlace, scripts: Collection[str], joined: Collection[str]) -> Iterable[str]:
    """The names worth looking for: in the country's scripts all, in Latin letters a town's.

    `joined`: scripts in which names of two words are also written as one ("كفرزيتا").
    """
    yield place.name
    near = "Arab" in scripts
    for name in msgspec.json.decode(place.alternatenames, type=list[str]):
        if name.isascii() and "Latn" not in scripts:
            if place.population >= SPELT_FROM_PEOPLE and len(name) > 3 and name[0].isupper() and not name.isupper():
                yield name
        elif (script := script_of(name)) in scripts or (
            script in ("Arab", "Hebr") and near and place.population >= 5 * SPELT_FROM_PEOPLE
        ):
            yield name
            if script in joined and name.count(" ") == 1:
                yield name.replace(" ", "")


def regions_of(names: Names) -> dict[str, Region]:
    """Every first-level unit with places, and every area, by id."""
    weights: dict[str, list[tuple[float, float, float]]] = {}
    for entry in names.entries:
        if entry.unit:
            weights.setdefault(entry.unit, []).append((entry.lat, entry.lon, math.sqrt(entry.people)))
    found = {unit: _spread(unit, rows) for unit, rows in weights.items()}
    for row in region_rows():
        if row.lat is not None and row.lon is not None and row.sigma_km is not None:
            found[row.id] = Region(row.id, row.lat, row.lon, 1e3 * row.sigma_km)
    return found


def _spread(unit: str, rows: list[tuple[float, float, float]]) -> Region:
    """The middle of a unit's places and how far they lie from it, weighted by the root of their people."""
    total = sum(weight for _, _, weight in rows)
    lat = sum(lat * weight for lat, _, weight in rows) / total
    lon = sum(lon * weight for _, lon, weight in rows) / total
    shrink = math.cos(math.radians(lat))
    square = sum(((a - lat) ** 2 + ((o - lon) * shrink) ** 2) * weight for a, o, weight in rows) / total
    # Along one axis: half of the square of the distance.
    return Region(unit, lat, lon, max(111_195 * math.sqrt(square / 2), 5_000.0))
