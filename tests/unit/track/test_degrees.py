"""Frames to degrees by polynomials: where the exact projection is, or the exact projection itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.track.degrees import NEAR_M, convergence, degrees_of


@pytest.mark.parametrize(("lat", "lon"), [(48.0, 31.0), (0.0, 179.95), (-35.0, -179.0), (59.9, 10.0), (78.0, 16.0)])
def test_a_point_has_the_degrees_the_projection_gives_it(lat: float, lon: float) -> None:
    frame = LocalFrame(lat, lon)
    chance = np.random.default_rng(1)
    # Some beyond the polynomials' disc.
    far, ray = 1.1 * NEAR_M * np.sqrt(chance.random(500)), chance.uniform(0, 2 * np.pi, 500)
    east, north = far * np.sin(ray), far * np.cos(ray)
    found_lat, found_lon, turn = degrees_of(frame, east, north)
    true_lat, true_lon = frame.to_geodetic(east, north)
    apart = (found_lon - true_lon + 180) % 360 - 180
    assert np.abs(found_lat - true_lat).max() * 111_000 < 0.02
    assert np.abs(apart * np.cos(np.radians(true_lat))).max() * 111_000 < 0.02
    assert np.abs(found_lon).max() <= 180
    exact = convergence(east, north, math.radians(lat))
    assert np.abs((turn - exact + np.pi) % (2 * np.pi) - np.pi).max() < 1e-7
