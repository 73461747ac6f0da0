"""Cities out of places: which places are parts of a larger one, and how its people are shared over them.

A gazetteer gives a city's people to its centre and lists its quarters beside it, most of them without saying so. The
built-up area is estimated from the people: people over a usual density, as a disc about the centre. What lies in it is
part of the city, and its own number of people is taken to be among the city's: counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.earth.physics import EARTH_RADIUS_M

# People on a square kilometre of built-up area. Zürich has 4,700 within its limits, Kharkiv 4,100, Tel Aviv 8,300; a
# city in which more live is taken for a larger disc than it has, and its quarters for fewer people than they have.
USUAL_PER_KM2 = 5_000.0
# No zone holds more: only quarters of towers do, and they are smaller than any place of the gazetteer.
DENSEST_PER_KM2 = 30_000.0
# A built-up area smaller than this is a neighbourhood and no district: the nearest district has it.
DISTRICT_KM2_MIN = 1.0
# A quarter that bears its city's name ("Zürich (Kreis 11)") is found this many radii away.
NAMED_REACH = 3.0
# A city too dense for its cell (its disc crosses a border) reaches further, and takes in what lies there.
WIDEN, WIDENINGS_MAX = 1.5, 6
_KM_PER_DEG = np.radians(1.0) * EARTH_RADIUS_M / 1e3
_TURN = np.linspace(0, 2 * np.pi, 33)


class Places(NamedTuple):
    """The places of a country, most populous first; arrays [N].

    lon, lat   degrees
    point_m    earth-centred positions, float64 [N, 3]
    people     their own numbers of people, all above 0
    unit       first-level unit, a code
    name       as the gazetteer writes it
    cell       what is nearer to it than to any other place: polygons in degrees
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    point_m: NDArray[np.float64]
    people: NDArray[np.float64]
    unit: Sequence[str]
    name: Sequence[str]
    cell: NDArray[np.object_]


class Districts(NamedTuple):
    """city: int [N], the place whose city each place is part of, itself for a town. zone: int [N], the place by which
    the zone is known that each place's cell belongs to; places of one city only share one. people: float [N], people
    in the zone known by a place, 0 where none is; those of a city's zones sum to the city's."""

    city: NDArray[np.intp]
    zone: NDArray[np.intp]
    people: NDArray[np.float64]


def districts_of(places: Places, least_people: float = 0.0) -> Districts:
    """Cities and their zones: districts of at least DISTRICT_KM2_MIN built-up and `least_people`, or the city whole."""
    widening = np.ones(len(places.people))
    for _ in range(WIDENINGS_MAX):
        radius_km = widening * np.sqrt(np.maximum(places.people / USUAL_PER_KM2, DISTRICT_KM2_MIN) / np.pi)
        city = _cities(places, radius_km, widening > 1)
        built_km2 = _built_km2(places, city, radius_km)
        total_km2 = np.bincount(city, built_km2, len(city))
        dense = (city == np.arange(len(city))) & (places.people > DENSEST_PER_KM2 * total_km2)
        if not dense.any():
            break
        widening[dense] *= WIDEN
    zone, people = city.copy(), np.where(city == np.arange(len(city)), places.people, 0.0)
    for head in np.flatnonzero(np.bincount(city, minlength=len(city)) > 1):
        members = np.flatnonzero(city == head)
        per_km2 = places.people[head] / total_km2[head]
        owner = _joined(places.point_m[members], built_km2[members], max(DISTRICT_KM2_MIN, least_people / per_km2))
        known_by = np.unique(owner)
        if len(known_by) > 1:
            zone[members] = members[owner]
            shares = np.bincount(owner, built_km2[members])[known_by] * per_km2
            # Whole people, none lost: each zone has what the running sum grows by.
            people[members] = 0.0
            people[members[known_by]] = np.diff(np.round(np.cumsum(shares)), prepend=0.0)
    return Districts(city, zone, people)


def _cities(places: Places, radius_km: NDArray[np.float64], widened: NDArray[np.bool_]) -> NDArray[np.intp]:
    """int [N]: the city of each place; the most populous claim first, and what is claimed claims nothing.

    Across the line of a first-level unit only what lies in the inner half of the disc is claimed: the next town there
    is rather a town of its own.
    """
    tree = cKDTree(places.point_m)
    near = tree.query_ball_point(places.point_m, NAMED_REACH * 1e3 * radius_km, return_sorted=True)
    city = np.full(len(radius_km), -1)
    for head, around in enumerate(near):
        if city[head] >= 0:
            continue
        city[head] = head
        others = np.array([i for i in around if city[i] < 0], dtype=np.intp)
        if not len(others):
            continue
        away = np.linalg.norm(places.point_m[others] - places.point_m[head], axis=1) / (1e3 * radius_km[head])
        own_unit = np.array([places.unit[i] == places.unit[head] for i in others])
        marks = (f"{places.name[head]} (", f"{places.name[head]} /", f"{places.name[head]}/")
        named = np.array([places.name[i].startswith(marks) for i in others])
        within = away <= np.where(own_unit | widened[head], 1.0, 0.5)
        city[others[within | (named & own_unit)]] = head
    return city


def _built_km2(places: Places, city: NDArray[np.intp], radius_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """float [N]: what of each place's cell lies in its city's disc or its own. A town alone has its whole cell."""
    km2_per_deg2 = _KM_PER_DEG**2 * np.cos(np.radians(places.lat))
    built: NDArray[np.float64] = shapely.area(places.cell) * km2_per_deg2
    parts = np.flatnonzero((np.bincount(city, minlength=len(city)) > 1)[city])
    heads = city[parts]
    # A cell lies on its own place's side of the date line.
    head_lon = places.lon[heads] + 360 * np.round((places.lon[parts] - places.lon[heads]) / 360)
    of_city = _discs(head_lon, places.lat[heads], radius_km[heads])
    of_place = _discs(places.lon[parts], places.lat[parts], radius_km[parts])
    cells = places.cell[parts]
    inside = [shapely.area(shapely.intersection(cells, discs)) for discs in (of_city, of_place)]
    built[parts] = np.maximum(*inside) * km2_per_deg2[parts]
    return built


def _discs(lon: NDArray[np.float64], lat: NDArray[np.float64], radius_km: NDArray[np.float64]) -> NDArray[np.object_]:
    """Discs on the ground as polygons in degrees, object [N]."""
    high = radius_km / _KM_PER_DEG
    wide = high / np.cos(np.radians(lat))
    rings = np.stack(
        [lon[:, None] + wide[:, None] * np.cos(_TURN), lat[:, None] + high[:, None] * np.sin(_TURN)], axis=-1
    )
    discs: NDArray[np.object_] = shapely.polygons(rings)
    return discs


def _joined(point_m: NDArray[np.float64], km2: NDArray[np.float64], smallest_km2: float) -> NDArray[np.intp]:
    """int [N]: the district that each part of a city belongs to; the smallest joins its nearest until all are large."""
    owner = np.arange(len(km2))
    size = km2.copy()
    while np.isfinite(size).sum() > 1 and size.min() < smallest_km2:
        small = int(size.argmin())
        away = np.where(np.isfinite(size), np.linalg.norm(point_m - point_m[small], axis=1), np.inf)
        away[small] = np.inf
        nearest = int(away.argmin())
        size[nearest] += size[small]
        size[small] = np.inf
        owner[owner == small] = nearest
    return owner
