"""Cities out of places: what is part of which, and whose people are counted where."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from tests.some import some
from tocsin.earth.frames import ecef_of
from tocsin.ingest.cities import DENSEST_PER_KM2, DISTRICT_KM2_MIN, Places, districts_of
from tocsin.ingest.gazetteer import build_zones, known_places
from tocsin.model.zone import Zone

GEOD = Geod(ellps="WGS84")
# They never change, and take seconds to make.
zones_of = cache(build_zones)
SPOTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 3_000_000)),
    min_size=4, max_size=30, unique_by=lambda spot: spot[:2],
)  # fmt: skip


def _km2(zone: Zone) -> float:
    rings = [shapely.Polygon(polygon[0], polygon[1:]) for polygon in zone.polygons]
    return sum(abs(GEOD.geometry_area_perimeter(ring)[0]) for ring in rings) / 1e6


def _laid_out(spots: list[tuple[int, int, int]], names: list[str] | None = None) -> Places:
    """Places on a grid of about a kilometre, each with the ground nearest to it."""
    spots = sorted(spots, key=lambda spot: -spot[2])
    lon = np.array([8 + 0.013 * x for x, _, _ in spots])
    lat = np.array([47 + 0.009 * y for _, y, _ in spots])
    points = shapely.points(lon, lat)
    edge = shapely.box(7.8, 46.8, 9.0, 47.8)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(list(points)), extend_to=edge))
    place, cell = shapely.STRtree(cells).query(points, "within")
    cell = shapely.intersection(cells[cell[np.argsort(place)]], edge)
    people = np.array([float(people) for _, _, people in spots])
    named = names or [f"Place {number}" for number in range(len(spots))]
    return Places(lon, lat, ecef_of(lat, lon, 0.0).reshape(-1, 3), people, ["ZH"] * len(spots), named, cell)


@settings(max_examples=60, deadline=None)
@given(SPOTS, st.sampled_from([0, 5_000, 200_000]))
def test_a_citys_zones_hold_its_people_and_nobody_elses(spots: list[tuple[int, int, int]], least: int) -> None:
    places = _laid_out(spots)
    city, zone, people = districts_of(places, least)
    assert some(city[city] == city).all() and some(zone[zone] == zone).all() and some(city[zone] == city).all()
    held = np.bincount(city, np.where(zone == np.arange(len(zone)), people, 0.0), len(city))
    assert held.tolist() == np.where(city == np.arange(len(city)), places.people, 0.0).tolist()
    assert some((people > 0) == np.isin(np.arange(len(zone)), zone)).all()


@settings(max_examples=60, deadline=None)
@given(SPOTS)
def test_nowhere_live_more_people_than_live_anywhere(spots: list[tuple[int, int, int]]) -> None:
    places = _laid_out(spots)
    _, zone, people = districts_of(places)
    area_deg2 = np.bincount(zone, shapely.area(places.cell), len(zone))
    crowded = people > DENSEST_PER_KM2 * area_deg2 * 111.2**2 * np.cos(np.radians(places.lat))
    assert not some(crowded).any()


def test_a_quarter_far_out_is_the_citys_by_its_name_and_a_town_there_is_not() -> None:
    spots = [(20, 20, 400_000), (20, 29, 50_000), (29, 20, 49_000), (20, 23, 30_000), (40, 40, 10_000)]
    places = _laid_out(spots, ["Zürich", "Zürich (Kreis 11)", "Dübendorf", "Unterstrass", "Uster"])
    assert districts_of(places).city.tolist() == [0, 0, 2, 0, 4]


def test_across_the_line_of_a_unit_only_the_inner_half_of_the_disc_is_the_citys() -> None:
    places = _laid_out([(20, 20, 400_000), (20, 24, 30_000), (22, 20, 20_000), (50, 50, 10)])
    places = places._replace(unit=["ZH", "AG", "AG", "AG"])
    assert districts_of(places).city.tolist() == [0, 1, 0, 3]


def test_a_city_hemmed_in_by_a_units_line_takes_in_what_hems_it_in() -> None:
    around = [(20 + x, 20 + y, 900) for x, y in ((3, 0), (-3, 0), (0, 3), (0, -3), (2, 2), (-2, 2), (2, -2), (-2, -2))]
    places = _laid_out([(20, 20, 400_000), *around])._replace(unit=["ZH", *["AG"] * 8])
    assert not some(districts_of(places).city).any()


@pytest.mark.parametrize("country", ["CH", "IL", "SY", "LB"])
def test_zones_are_peoples_places(country: str) -> None:
    zones = zones_of(country)
    assert all(zone.population > 0 and zone.population <= DENSEST_PER_KM2 * _km2(zone) for zone in some(zones))
    assert min(_km2(zone) for zone in zones) > DISTRICT_KM2_MIN / 2
    own = [place for place in known_places() if place.countrycode == country]
    listed = {f"{country}-{place.geonameid}": place.population for place in own}
    cities: dict[str, float] = defaultdict(float)
    for zone in zones:
        if zone.kind == "district":
            assert zone.parent is not None and zone.parent_name is not None
            cities[zone.parent] += zone.population
        else:
            assert zone.population == (listed[zone.id] or 500)
    assert cities and all(people == listed[city] for city, people in some(cities.items()))
    assert not {zone.id for zone in zones} & set(cities)


def test_zurich_is_its_quarters() -> None:
    quarters = [zone for zone in zones_of("CH") if zone.parent == "CH-2657896"]
    assert len(quarters) > 20
    assert sum(zone.population for zone in quarters) == 415_367
    assert max(zone.population for zone in quarters) < 20_000
    assert {zone.name_in("en") for zone in quarters} > {"Zürich (Kreis 11) / Oerlikon", "Zürich (Kreis 10) / Höngg"}


def test_a_city_bears_its_other_spellings_and_so_do_its_districts_for_it() -> None:
    geneva = next(zone for zone in zones_of("CH") if zone.id == "CH-2660646-centre")
    assert geneva.parent_name == geneva.name and geneva.spellings == ()
    assert {"Genf", "Geneve", "Ginevra", "Женева"} <= set(geneva.parent_spellings)
