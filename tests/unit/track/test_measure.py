"""Where a report says that something is: slant ranges over the round Earth, sounds of the past, people's words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Bearing, Observation, Plot, Position, Presence, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.track.likelihood import adapted
from tocsin.track.motion import ARC
from tocsin.track.report_rows import ordered, row_of
from tocsin.track.sensors.measure import (
    ACROSS,
    ALONG,
    HEIGHT,
    HEIGHT_VAR,
    MEASUREMENT,
    SLOPE,
    U_EAST,
    U_NORTH,
    Z_EAST,
    Z_NORTH,
    measured,
)  # fmt: skip
from tocsin.track.sensors.sites import sites_of
from tocsin.track.state import State

Floats = NDArray[np.float64]

GEOD = Geod(ellps="WGS84")
ECEF = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
FRAME = LocalFrame(48.0, 31.0)
SLANT = Sensor(id="slant", kind="radar", lat=48.6, lon=30.2, altitude_m=150, range_m=250_000, sigma_range_m=70,
               sigma_azimuth_deg=0.1, sigma_altitude_m=300, range_kind="slant")  # fmt: skip
GROUND = Sensor(id="ground", kind="radar", lat=48.6, lon=30.2, range_m=250_000, sigma_range_m=70,
                sigma_azimuth_deg=0.1, range_kind="ground")  # fmt: skip
EAR = Sensor(id="ear", kind="acoustic", lat=48.0, lon=31.0, range_m=6_000)
NODE = Sensor(id="node", kind="presence", lat=48.0, lon=31.0, range_m=4_000)
SENSORS = (SLANT, GROUND, EAR, NODE)
SITES = sites_of(SENSORS, FRAME, 1)
NO_BIAS = np.zeros(3)
NOW = time_of(1_700_000_000.0)


def of(observation: Observation, bias: Floats = NO_BIAS) -> tuple[Floats, Floats]:
    """(row, measurement) of an observation."""
    number = {sensor.id: k for k, sensor in enumerate(SENSORS)}.get(getattr(observation, "sensor", ""), len(SENSORS))
    row = row_of(observation, number, SENSORS, FRAME)
    assert row is not None
    z = np.empty(MEASUREMENT)
    measured(np.array(row), SITES, bias, 2_500.0, 2_500.0**2, z)
    return np.array(row), z


def plot(range_m: float, azimuth_deg: float, height_m: float | None, sensor: str = "slant") -> Plot:
    return Plot(id="p", time=NOW, sensor=sensor, range_m=range_m, azimuth_deg=azimuth_deg, altitude_m=height_m)


@settings(max_examples=60, deadline=None)
@given(st.floats(5_000, 240_000), st.floats(0, 359.9), st.floats(0, 12_000))
def test_a_slant_range_and_a_height_are_the_place_over_which_it_flies(far: float, az: float, up_m: float) -> None:
    lon, lat, _ = GEOD.fwd(SLANT.lon, SLANT.lat, az, far)
    there, here = (np.array(ECEF.transform(*place)) for place in ((lon, lat, up_m), (SLANT.lon, SLANT.lat, 150.0)))
    range_m = float(np.linalg.norm(there - here))
    if range_m < 2.0 * abs(up_m - 150.0):
        return
    _, z = of(plot(range_m, az, up_m))
    east, north = FRAME.to_local(lat, lon)
    # The Earth's radius differs by direction: a few metres in two hundred kilometres.
    assert math.hypot(z[Z_EAST] - float(east), z[Z_NORTH] - float(north)) < 15.0 + 2e-4 * far
    ahead = np.array(FRAME.to_local(*GEOD.fwd(SLANT.lon, SLANT.lat, az, far + 500.0)[1::-1])) - [east, north]
    assert [z[U_EAST], z[U_NORTH]] == pytest.approx((ahead / np.hypot(*ahead)).tolist(), abs=2e-3)
    # Metres of ground range per metre of height, by trying.
    _, above = of(plot(range_m, az, up_m + 10.0))
    slope = ((above[Z_EAST] - z[Z_EAST]) * z[U_EAST] + (above[Z_NORTH] - z[Z_NORTH]) * z[U_NORTH]) / 10.0
    assert z[SLOPE] == pytest.approx(slope, abs=0.01 + 0.02 * abs(slope))
    assert z[ALONG] == pytest.approx(70.0**2 * (1 + z[SLOPE] ** 2))
    assert z[ACROSS] == pytest.approx((math.radians(0.1) * far) ** 2 + 1.0, rel=0.01)
    assert (z[HEIGHT], z[HEIGHT_VAR]) == (up_m, 300.0**2)


def test_a_ground_range_needs_no_height_and_a_height_nobody_measured_is_the_one_believed() -> None:
    _, flat = of(plot(80_000.0, 40.0, None, "ground"))
    lon, lat, _ = GEOD.fwd(GROUND.lon, GROUND.lat, 40.0, 80_000.0)
    assert [flat[Z_EAST], flat[Z_NORTH]] == pytest.approx([float(part) for part in FRAME.to_local(lat, lon)], abs=5.0)
    assert (flat[SLOPE], flat[ALONG]) == (0.0, 70.0**2)
    _, unknown = of(plot(80_000.0, 40.0, None))
    _, believed = of(plot(80_000.0, 40.0, 2_500.0))
    assert unknown[[Z_EAST, Z_NORTH]].tolist() == believed[[Z_EAST, Z_NORTH]].tolist()
    assert math.isnan(unknown[HEIGHT])


def test_a_bias_is_taken_off_range_and_azimuth() -> None:
    _, z = of(plot(80_150.0, 40.5, 2_500.0), np.array([150.0, math.radians(0.5), 0.0]))
    _, right = of(plot(80_000.0, 40.0, 2_500.0))
    assert z[[Z_EAST, Z_NORTH]] == pytest.approx(right[[Z_EAST, Z_NORTH]], abs=1e-3)


def test_near_the_zenith_a_place_is_a_guess_and_stays_a_number() -> None:
    _, z = of(plot(3_000.0, 40.0, 9_000.0))
    assert some(np.isfinite(z)).all()
    assert abs(z[SLOPE]) <= 10.0
    assert math.hypot(z[Z_EAST] - SITES.east[0], z[Z_NORTH] - SITES.north[0]) == pytest.approx(300.0, rel=0.05)


def test_what_is_heard_is_somewhere_in_the_disc_or_two_thirds_down_the_bearing() -> None:
    _, disc = of(Presence(id="n", time=NOW, sensor="node"))
    assert disc[[Z_EAST, Z_NORTH]] == pytest.approx([0.0, 0.0], abs=0.1)
    assert disc[[ALONG, ACROSS]].tolist() == [4_000.0**2 / 4] * 2
    _, ray = of(Bearing(id="b", time=NOW, sensor="ear", azimuth_deg=90.0, sigma_deg=5.0))
    assert ray[[Z_EAST, Z_NORTH]] == pytest.approx([4_000.0, 0.0], abs=1.0)
    assert [ray[U_EAST], ray[U_NORTH]] == pytest.approx([1.0, 0.0], abs=1e-9)
    assert ray[ALONG] == pytest.approx(6_000.0**2 / 18)
    assert ray[ACROSS] == pytest.approx((math.radians(5.0) * 4_002.0) ** 2, rel=1e-3)


def test_a_position_is_as_good_as_it_says_or_fifty_metres() -> None:
    place: dict[str, Any] = {"id": "a", "time": NOW, "lat": 48.1, "lon": 31.0, "altitude_m": 900.0}
    for quality, sigma_m in ({}, 50.0), ({"sigma_m": 200.0}, 200.0):
        row, z = of(Position(**place | quality, icao24="4b1234", speed_mps=80.0, heading_deg=270.0))
        assert z[[ALONG, ACROSS]].tolist() == [sigma_m**2] * 2
        assert z[HEIGHT] == 900.0
        assert (row[7], row[12], row[13]) == (0x4B1234, 80.0, pytest.approx(1.5 * math.pi))
        assert row[16] == 0.0, "nobody is cooperative who does not say so"
    assert of(Position(**place, cooperative=True))[0][16] == 1.0


def state(
    east: float, north: float, v_east: float, v_north: float, height: tuple[float, float] = (2_500, 1e6)
) -> State:
    """A track that is level, with a height of a mean and a variance."""
    mu, h, hp = np.eye(6)[0].copy(), np.zeros((2, 2)), np.ones((2, 3))
    h[:, 0], hp[:, 0] = height[0], height[1]
    cov = np.diag([1e4, 1e4, 400.0, 400.0])[np.triu_indices(4)].copy()
    return State(np.zeros((6, 4)), np.zeros((6, 10)), mu, h, hp, np.array([east, north, v_east, v_north]), cov)


def test_a_plot_is_brought_to_the_track_s_time_by_the_track_s_speed_both_ways() -> None:
    for dt in (-0.3, 0.4):
        row, z = of(plot(80_000.0, 40.0, None, "ground"))
        before = z.copy()
        adapted(row, SITES, z, state(0.0, 0.0, 200.0, -100.0), dt)
        assert z[Z_EAST] == pytest.approx(before[Z_EAST] - 200.0 * dt)
        assert z[Z_NORTH] == pytest.approx(before[Z_NORTH] + 100.0 * dt)
        assert z[ALONG] == before[ALONG]


def test_a_slant_range_is_read_at_the_height_that_is_best_known() -> None:
    row, z = of(plot(80_000.0, 40.0, None))
    adapted(row, SITES, z, state(0.0, 0.0, 0.0, 0.0, (2_500.0, 400.0**2)), 0.0)
    assert z[ALONG] == pytest.approx(70.0**2 * (1 + z[SLOPE] ** 2) + (z[SLOPE] * 400.0) ** 2)
    row, z = of(plot(20_000.0, 40.0, 4_000.0))
    before = z.copy()
    adapted(row, SITES, z, state(0.0, 0.0, 0.0, 0.0, (3_500.0, 300.0**2)), 0.0)
    # Two that are as good meet half-way, and are then as sure as both together.
    shift = (z[Z_EAST] - before[Z_EAST]) * z[U_EAST] + (z[Z_NORTH] - before[Z_NORTH]) * z[U_NORTH]
    assert shift == pytest.approx(before[SLOPE] * -250.0, rel=1e-6)
    assert z[ALONG] == pytest.approx(before[ALONG] + before[SLOPE] ** 2 * 300.0**2 / 2)
    row, z = of(plot(20_000.0, 40.0, 4_000.0))
    adapted(row, SITES, z, state(0.0, 0.0, 0.0, 0.0, (500.0, 300.0**2)), 0.0)
    assert z[Z_EAST] == pytest.approx(before[Z_EAST]), "where they disagree, the measured one decides"
    arc = state(0.0, 0.0, 0.0, 0.0, (500.0, 300.0**2))
    arc.mu[:], arc.h[1, 0] = np.eye(6)[ARC], 4_000.0
    row, z = of(plot(20_000.0, 40.0, 4_000.0))
    adapted(row, SITES, z, arc, 0.0)
    assert z[ALONG] == pytest.approx(before[ALONG] + before[SLOPE] ** 2 * 300.0**2 / 2), "what falls has its own height"


def test_a_sound_tells_of_where_it_was_when_it_set_out() -> None:
    for far, heard_s in ((3_403.0, 10.0), (9_000.0, 6_000.0 / 340.3)):
        row, z = of(Bearing(id="b", time=NOW, sensor="ear", azimuth_deg=0.0, sigma_deg=5.0))
        before = z.copy()
        adapted(row, SITES, z, state(0.0, far, 50.0, 0.0), 0.0)
        assert z[Z_EAST] - before[Z_EAST] == pytest.approx(50.0 * heard_s, rel=1e-4)
        assert z[ACROSS] == pytest.approx((math.radians(5.0) * far) ** 2 + 400.0 * heard_s**2, rel=1e-3)
        assert z[ALONG] == pytest.approx(before[ALONG] + 400.0 * heard_s**2, rel=1e-3)
    row, z = of(Presence(id="n", time=NOW, sensor="node"))
    adapted(row, SITES, z, state(0.0, 3_403.0, 50.0, 0.0), 0.0)
    assert z[Z_EAST] == pytest.approx(500.0, rel=1e-4)
    row, z = of(Bearing(id="b", time=NOW, sensor="ear", azimuth_deg=0.0, sigma_deg=5.0))
    adapted(row, SITES, z, state(0.0, 100.0, 0.0, 0.0), 0.0)
    assert z[ACROSS] > (math.radians(5.0) * 500.0) ** 2, (
        "right over it a bearing tells no more than at half a kilometre"
    )


def test_a_sighting_is_blurred_by_five_seconds_of_flight() -> None:
    row, z = of(Sighting(id="s", time=NOW, lat=48.1, lon=31.0, bearing_deg=30.0, distance_m=2_000.0))
    before = z.copy()
    adapted(row, SITES, z, state(0.0, 0.0, 30.0, -40.0), 0.0)
    assert (z - before)[[ALONG, ACROSS]].tolist() == pytest.approx([250.0**2] * 2)


def test_rows_stand_by_time_and_then_by_their_names_however_they_arrived() -> None:
    rows = np.array([of(plot(1_000.0 * k, 40.0, None, "ground"))[0] for k in range(1, 6)])
    rows[:, 0], rows[:, 17] = [5.0, 5.0, 4.0, 6.0, 5.0], [3.0, 1.0, 9.0, 0.0, 2.0]
    assert ordered(rows)[:, 3].tolist() == [3_000.0, 2_000.0, 5_000.0, 1_000.0, 4_000.0]
