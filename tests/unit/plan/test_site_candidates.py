"""Where sensors could stand: high, allowed, near roads, and where a grid would put them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.bench.sitings_made import made_land
from tocsin.earth.frames import LocalFrame
from tocsin.model.errors import BadValue
from tocsin.plan.site_candidates import Area, Offer, at_places, even, grid_of

LAND = made_land(1)
FRAME = LocalFrame(40.0, LAND.middle_deg)
SQUARE = Area(FRAME, (-20_000.0, -20_000.0, 20_000.0, 20_000.0))


def test_radars_stand_high_and_microphones_in_the_middle() -> None:
    radars, ears = grid_of(SQUARE, LAND, "radar", 5), grid_of(SQUARE, LAND, "acoustic", 5)
    assert len(radars.lat) == len(ears.lat) == 25
    assert (radars.ground_m > ears.ground_m).sum() >= 20
    east, north = FRAME.to_local(ears.lat, ears.lon)
    assert np.abs(np.sort(np.unique(np.round(east, -3))) - np.array([-16, -8, 0, 8, 16]) * 1e3).max() <= 1_000
    assert np.ptp(north) == pytest.approx(32_000, rel=0.01)


@tried(20, 500)
@given(st.integers(1, 12), st.floats(-30_000, 30_000), st.floats(500, 20_000))
def test_nothing_stands_where_it_is_forbidden_or_far_from_a_road(side: int, place_m: float, size_m: float) -> None:
    forbidden = shapely.box(place_m, -10_000, place_m + size_m, 10_000)
    roads = shapely.LineString([(-20_000, 3_000), (20_000, 3_000)])
    area = Area(FRAME, SQUARE.bounds_m, forbidden, roads, road_m=4_000.0)
    found = grid_of(area, LAND, "radar", side)
    east, north = FRAME.to_local(found.lat, found.lon)
    assert (np.abs(north - 3_000) > 4_001).sum() == 0
    assert shapely.contains_xy(shapely.buffer(forbidden, -1), east, north).sum() == 0


@tried(20, 500)
@given(st.integers(1, 60))
def test_a_regular_grid_has_as_many_sensors_as_asked_all_inside(count: int) -> None:
    grid = even(SQUARE, count, grid_of(SQUARE, None, "radar", 3), None)
    east, north = FRAME.to_local(grid.lat, grid.lon)
    assert len(grid.lat) == count
    assert max(np.abs(east).max(), np.abs(north).max()) < 20_001


def test_a_grid_moves_out_of_what_is_forbidden() -> None:
    area = Area(FRAME, SQUARE.bounds_m, shapely.box(-1_000, -1_000, 1_000, 1_000))
    moved = even(area, 1, grid_of(area, None, "radar", 5), None)
    assert area.allowed(*FRAME.to_local(moved.lat, moved.lon)).tolist() == [True]


def test_given_places_are_kept_where_something_may_stand() -> None:
    area = Area(FRAME, SQUARE.bounds_m, shapely.box(-1_000, -1_000, 1_000, 1_000))
    found = at_places(area, None, np.array([40.0, 40.1]), np.full(2, FRAME.lon))
    assert found.lat.tolist() == [40.1]


def test_an_offer_stands_on_its_mast_and_refuses_what_no_sensor_declares() -> None:
    sensor = Offer(name="small", sensor={"kind": "radar", "range_m": 30_000.0}).at("small-1", 40.0, 1.0, 500.0)
    assert (sensor.altitude_m, sensor.range_m) == (520.0, 30_000.0)
    with pytest.raises(BadValue, match="the offer odd: "):
        Offer(name="odd", sensor={"kind": "telescope"}).at("odd-1", 40.0, 1.0, 0.0)


def test_a_grid_of_no_cells_or_too_many_is_refused() -> None:
    with pytest.raises(BadValue, match="0 cells a side"):
        grid_of(SQUARE, None, "radar", 0)
