"""Rockets and ballistic missiles hit what they are shot at, and fly as long and as high as such things do."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.earth.frames import Floats, LocalFrame, destination, ecef_of, geodetic_of
from tocsin.earth.physics import EARTH_RATE_RADPS, MU_M3PS2
from tocsin.simulate.arcs import ARTILLERY_ROCKET, SHORT_RANGE_MISSILE, Missile, fly, shoot


def shot(azimuth_deg: float, range_km: int, missile: Missile) -> tuple[Floats, Floats, Floats]:
    """One missile from 35 N 38 E."""
    aim_lat, aim_lon = (np.atleast_1d(one) for one in destination(35.0, 38.0, azimuth_deg, range_km * 1_000.0))
    start, range_m = (np.array([35.0]), np.array([38.0])), np.array([range_km * 1_000.0])
    return shoot(*start, np.array([azimuth_deg]), range_m, aim_lat, aim_lon, missile)


@pytest.mark.parametrize("range_km", [150, 300, 500])
@pytest.mark.parametrize("azimuth_deg", [10.0, 100.0, 260.0])
def test_a_missile_hits_its_aim_after_minutes_and_rises_to_about_a_quarter_of_its_range(
    range_km: int, azimuth_deg: float
) -> None:
    aim_lat, aim_lon = destination(35.0, 38.0, azimuth_deg, range_km * 1_000.0)
    states, flown_s, impact = shot(azimuth_deg, range_km, SHORT_RANGE_MISSILE)
    lat, lon, altitude_m = geodetic_of(impact)
    east, north = LocalFrame(float(aim_lat), float(aim_lon)).to_local(lat, lon)
    assert float(np.hypot(east, north)[0]) < 50
    assert abs(float(altitude_m[0])) < 200
    assert 150 < float(flown_s[0]) < 480
    apogee_m = float(geodetic_of(states[:, 0, :3])[2].max())
    assert 0.15 < apogee_m / (range_km * 1_000) < 0.45


@pytest.mark.parametrize("range_km", [10, 25, 40])
def test_a_rocket_flies_half_a_minute_to_two_minutes(range_km: int) -> None:
    _, flown_s, _ = shot(45.0, range_km, ARTILLERY_ROCKET)
    assert 25 < float(flown_s[0]) < 140


def test_without_air_the_energy_on_the_turning_earth_is_kept() -> None:
    vacuum = Missile(elevation_deg=60.0, boost_s=40.0, beta_kgpm2=1e15, step_s=1.0)
    states = fly(ecef_of([40.0], [20.0], [0.0]), np.array([75.0]), np.array([45.0]), vacuum)[41:, 0]
    position, velocity = states[:, :3], states[:, 3:]
    spin = EARTH_RATE_RADPS**2 * (position[:, :2] ** 2).sum(axis=1) / 2
    energy = (velocity**2).sum(axis=1) / 2 - MU_M3PS2 / np.linalg.norm(position, axis=1) - spin
    # The Jacobi integral; its largest part is 6e7.
    assert np.ptp(energy) < 60


def test_the_turning_earth_carries_a_missile_shot_north_to_the_east() -> None:
    vacuum = Missile(elevation_deg=60.0, boost_s=40.0, beta_kgpm2=1e15, step_s=1.0)
    states = fly(ecef_of([70.0], [20.0], [0.0]), np.array([0.0]), np.array([45.0]), vacuum)
    lat, lon, _ = geodetic_of(states[-1, :, :3])
    assert float(lat[0]) > 71
    assert 20.02 < float(lon[0]) < 20.5
