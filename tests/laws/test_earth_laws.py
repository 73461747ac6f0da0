"""Frames, horizon and zone index, held against geodesics and brute force everywhere on Earth, poles included."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from tocsin.earth.frames import LocalFrame, destination, ecef_of, enu_axes, frame_around, geodetic_of
from tocsin.earth.sight import horizon_m
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone

GEOD = Geod(ellps="WGS84")
ECEF = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
lats, lons = st.floats(-90, 90), st.floats(-180, 180)
inner_lats = st.floats(-89, 89)
azimuths, distances = st.floats(0, 360), st.floats(0, 400_000)
heights = st.floats(-1_000, 30_000)


@given(inner_lats, lons, azimuths, distances)
def test_distance_and_bearing_from_the_origin_are_the_geodesics(
    lat: float, lon: float, az: float, far_m: float
) -> None:
    there_lon, there_lat, _ = GEOD.fwd(lon, lat, az, far_m)
    east, north = LocalFrame(lat, lon).to_local(there_lat, there_lon)
    # GEOD and the projection agree to micrometres; the bearing of a near point is no better than the point.
    assert np.hypot(east, north) == pytest.approx(far_m, abs=0.01)
    assert (float(east), float(north)) == pytest.approx(
        (far_m * np.sin(np.radians(az)), far_m * np.cos(np.radians(az))), abs=0.01
    )


@given(inner_lats, lons, azimuths, distances)
def test_a_destination_is_where_the_geodesic_leads(lat: float, lon: float, az: float, far_m: float) -> None:
    there_lat, there_lon = destination(lat, lon, az, far_m)
    expected_lon, expected_lat, _ = GEOD.fwd(lon, lat, az, far_m)
    assert GEOD.inv(float(there_lon), float(there_lat), expected_lon, expected_lat)[2] < 0.01


@given(lats, lons, st.floats(-400_000, 400_000), st.floats(-400_000, 400_000))
def test_there_and_back_again_is_the_same_place_even_at_the_poles(lat: float, lon: float, e: float, n: float) -> None:
    frame = LocalFrame(lat, lon)
    east, north = frame.to_local(*frame.to_geodetic(e, n))
    assert (float(east), float(north)) == pytest.approx((e, n), abs=0.01)


@given(lats, lons, st.floats(-5_000, 2_000_000))
def test_earth_centred_positions_are_projs_and_come_back(lat: float, lon: float, up_m: float) -> None:
    ecef = ecef_of(lat, lon, up_m)
    assert ecef == pytest.approx(np.array(ECEF.transform(lon, lat, up_m)), abs=1e-3)
    back_lat, _, back_up = geodetic_of(ecef)
    assert float(back_lat) == pytest.approx(lat, abs=1e-8)
    assert float(back_up) == pytest.approx(up_m, abs=1e-3)
    assert ecef_of(*geodetic_of(ecef)) == pytest.approx(ecef, abs=1e-3)


@given(lats, lons)
def test_east_north_up_are_a_right_handed_set_of_unit_vectors(lat: float, lon: float) -> None:
    axes = enu_axes(lat, lon)
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    assert axes[2] @ (ecef_of(lat, lon, 100.0) - ecef_of(lat, lon, 0.0)) == pytest.approx(100.0, abs=1e-6)


@given(heights, heights, st.floats(1, 500))
def test_a_taller_mast_never_sees_less(mast_m: float, target_m: float, raise_m: float) -> None:
    assert horizon_m(mast_m + raise_m, target_m) >= horizon_m(mast_m, target_m)


@given(heights, heights)
def test_who_sees_is_seen(one_m: float, other_m: float) -> None:
    assert horizon_m(one_m, other_m) == pytest.approx(horizon_m(other_m, one_m))
    assert horizon_m(one_m, other_m) == pytest.approx(
        4_120 * (max(one_m, 0) ** 0.5 + max(other_m, 0) ** 0.5), rel=2e-3, abs=1e-6
    )


@given(st.floats(-80, 80), st.floats(-180, 179.99), st.lists(st.floats(-3, 3), min_size=2, max_size=6))
def test_a_sector_may_lie_across_the_date_line(lat: float, lon: float, steps: list[float]) -> None:
    turned = (np.array([lon + step for step in steps]) + 180) % 360 - 180
    frame = frame_around(np.full(len(steps), lat), turned)
    east, _ = frame.to_local(np.full(len(steps), lat), turned)
    assert np.abs(east).max() <= 360_000


def _zone(name: str, lon: float, lat: float, size: float) -> Zone:
    ring = ((lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat))
    return Zone(id=name, name=name, population=1, polygons=((ring,),))


boxes = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.01, 0.5)), min_size=1, max_size=12)


@settings(max_examples=50)
@given(
    boxes, st.lists(st.tuples(st.floats(-1.2, 1.5), st.floats(-1.2, 1.5)), min_size=1, max_size=8), st.floats(0, 60_000)
)
def test_the_index_answers_as_asking_every_zone_would(
    boxes: list[tuple[float, float, float]], points: list[tuple[float, float]], radius_m: float
) -> None:
    index = ZoneIndex([_zone(f"z{i}", *box) for i, box in enumerate(boxes)])
    lon, lat = np.array(points).T
    east, north = index.frame.to_local(lat, lon)
    dots = shapely.points(east, north)
    found = set(zip(*(column.tolist() for column in index.at(lat, lon)), strict=True))
    assert found == {
        (p, z) for p, dot in enumerate(dots) for z, shape in enumerate(index.outlines) if shapely.intersects(shape, dot)
    }
    distance = index.distance_m(lat, lon)
    assert distance.shape == (len(points), len(boxes))
    for p, dot in enumerate(dots):
        near = {z for z, shape in enumerate(index.outlines) if shapely.distance(shape, dot) <= radius_m}
        assert set(index.within(lat[p], lon[p], radius_m).tolist()) == near
        assert set(index.touching(dot.buffer(1_000)).tolist()) == {
            z for z, shape in enumerate(index.outlines) if shapely.intersects(shape, dot.buffer(1_000))
        }


def test_an_index_of_nothing_answers_nothing() -> None:
    index = ZoneIndex([])
    assert len(index) == 0
    assert [column.tolist() for column in index.at(46.9, 7.4)] == [[], []]
    assert index.within(46.9, 7.4, 1e6).tolist() == []


@pytest.mark.parametrize(("lat", "lon"), [(-17.0, 179.9), (89.0, 0.0), (-89.5, 120.0), (46.9, 7.4)])
def test_a_point_inside_each_zone_lies_inside_it(lat: float, lon: float) -> None:
    index = ZoneIndex([_zone("a", lon - 0.1, lat, 0.1), _zone("b", lon - 0.3, lat, 0.05)])
    for z in range(2):
        assert shapely.Point(index.east_m[z], index.north_m[z]).within(index.outlines[z])
        corners = shapely.get_coordinates(index.outlines[z])
        assert np.hypot(*(corners - [index.east_m[z], index.north_m[z]]).T).max() <= index.radius_m[z] + 1e-6


def test_a_zone_cut_at_the_date_line_is_one_place() -> None:
    west = ((179.9, -17.0), (180.0, -17.0), (180.0, -16.9), (179.9, -16.9), (179.9, -17.0))
    east = ((-180.0, -17.0), (-179.9, -17.0), (-179.9, -16.9), (-180.0, -16.9), (-180.0, -17.0))
    index = ZoneIndex([Zone(id="a", name="a", polygons=((west,), (east,)))])
    assert index.radius_m[0] < 25_000
    assert index.at([-16.95, -16.95], [179.95, -179.95])[1].tolist() == [0, 0]
