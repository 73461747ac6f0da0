"""The compiled geodesics against the projection they stand in for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame, ecef_of, enu_axes, geodetic_of
from tocsin.earth.geodesic import axes_of, centred, from_frame, geodetic, to_frame

ORIGINS = [(47.0, 8.0), (-33.0, 151.0), (0.0, 179.9), (68.5, -20.0)]


@pytest.mark.parametrize(("lat", "lon"), ORIGINS)
def test_they_agree_to_a_millimetre_across_a_sector(lat: float, lon: float) -> None:
    frame = LocalFrame(lat, lon)
    chance = np.random.default_rng(7)
    for east, north in some(chance.normal(0, 300_000, (40, 2)).tolist()):
        there_lat, there_lon = (math.radians(float(x)) for x in frame.to_geodetic(east, north))
        back_east, back_north, _ = to_frame(math.radians(lat), math.radians(lon), there_lat, there_lon)
        assert (back_east, back_north) == pytest.approx((east, north), abs=1e-3)
        found_lat, found_lon = from_frame(math.radians(lat), math.radians(lon), east, north)
        assert found_lat == pytest.approx(there_lat, abs=1e-9)
        assert math.remainder(found_lon - there_lon, 2 * math.pi) == pytest.approx(0.0, abs=1e-9)


def test_the_turn_is_the_frame_s_north_against_the_meridian() -> None:
    frame = LocalFrame(47.0, 8.0)
    lat, lon = frame.to_geodetic(200_000.0, 100_000.0)
    _, _, turn = to_frame(math.radians(47.0), math.radians(8.0), math.radians(float(lat)), math.radians(float(lon)))
    east, north = frame.to_local([float(lat), float(lat) + 0.01], [float(lon)] * 2)
    # A step along the meridian has this course in the frame, but for what the projection stretches it (2 in 10,000).
    assert math.atan2(east[1] - east[0], north[1] - north[0]) == pytest.approx(turn, abs=3e-4)


def test_earth_centred_points_there_and_back() -> None:
    out, axes = np.empty(3), np.empty((3, 3))
    centred(math.radians(47.3), math.radians(-120.0), 83_000.0, out)
    np.testing.assert_allclose(out, ecef_of(47.3, -120.0, 83_000.0), atol=1e-3)
    lat, lon, height = geodetic(*out.tolist())
    expected = geodetic_of(out)
    assert (math.degrees(lat), math.degrees(lon)) == pytest.approx((float(expected[0]), float(expected[1])), abs=1e-9)
    assert height == pytest.approx(83_000.0, abs=1e-2)
    axes_of(lat, lon, axes)
    np.testing.assert_allclose(axes, enu_axes(47.3, -120.0), atol=1e-9)
