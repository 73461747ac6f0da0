"""Falling, against the same mechanics in a frame that does not turn, solved by SciPy; and the air by its layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.integrate import solve_ivp

from tests.some import some
from tocsin.earth.fall import FLIGHT_MAX_S, air_density, fall_all, height_of
from tocsin.earth.frames import ecef_of, enu_axes

Floats = NDArray[np.float64]

GEODETIC = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
MU, A_M, J2, TURN = 3.986004418e14, 6_378_137.0, 1.08262668e-3, 7.292115e-5
# U.S. Standard Atmosphere 1976, table 4: geopotential base, lapse rate, temperature there, pressure there.
LAYERS = (
    (0.0, -0.0065, 288.15, 101_325.0), (11_000.0, 0.0, 216.65, 22_632.06), (20_000.0, 0.001, 216.65, 5_474.889),
    (32_000.0, 0.0028, 228.65, 868.0187), (47_000.0, 0.0, 270.65, 110.9063), (51_000.0, -0.0028, 270.65, 66.93887),
    (71_000.0, -0.002, 214.65, 3.956420),
)  # fmt: skip


def layered_density(height_m: float) -> float:
    """Of the standard atmosphere up to 86 km, by its formulas; next to nothing above."""
    up = 6_356_766.0 * height_m / (6_356_766.0 + height_m)
    base, lapse, warm, pressure = max(layer for layer in LAYERS if up >= layer[0] or layer[0] == 0.0)
    kelvin = warm + lapse * (up - base)
    pull = 9.80665 * 0.0289644 / 8.31432
    pressed = pressure * (
        math.exp(-pull * (up - base) / warm) if lapse == 0 else (warm / kelvin) ** (pull / lapse)
    )  # fmt: skip
    return pressed * 0.0289644 / (8.31432 * kelvin) if height_m < 86_000.0 else 0.0


def height(place: Floats) -> float:
    places = GEODETIC.transform(*place[:, None])
    return float(places[-1][0])


def potential(place: Floats) -> float:
    r = float(np.linalg.norm(place))
    return MU / r * (1 - J2 * (A_M / r) ** 2 * (1.5 * (place[2] / r) ** 2 - 0.5))


def fixed(place: Floats, seconds: float, back: float = 1.0) -> Floats:
    """A place in space, as it is in the Earth's turning frame so many seconds on."""
    c, s = math.cos(TURN * seconds), back * math.sin(TURN * seconds)
    return np.array([c * place[0] + s * place[1], -s * place[0] + c * place[1], place[2]])


def dropped(place: Floats, velocity: Floats, beta: float) -> tuple[Floats, float]:
    """(where it strikes, Earth-fixed; after how many seconds), flown in a frame that does not turn."""
    spin = np.array([0.0, 0.0, TURN])

    def flow(_: float, state: Floats) -> Floats:
        at, moves = state[:3], state[3:]
        steps = np.eye(3) * 10.0
        pull = np.array([(potential(at + step) - potential(at - step)) / 20.0 for step in steps])
        wind = moves - np.cross(spin, at)
        drag = -0.5 * layered_density(height(at)) * float(np.linalg.norm(wind)) / beta * wind
        return np.concatenate([moves, pull + drag])

    def grounded(_: float, state: Floats) -> float:
        return height(state[:3])

    grounded.terminal = True  # type: ignore[attr-defined]
    start = np.concatenate([place, velocity + np.cross(spin, place)])
    found = solve_ivp(flow, (0.0, 2_000.0), start, "DOP853", events=grounded, rtol=1e-9, atol=1e-3, max_step=5.0)
    after = float(np.asarray(found.t_events[0])[0])
    return fixed(np.asarray(found.y_events[0])[0, :3], after), after


@pytest.mark.parametrize(
    ("lat", "lon", "up_m", "velocity", "beta"),
    [
        (48.0, 31.0, 60_000.0, (700.0, 300.0, 400.0), 8_000.0),
        (-33.0, -70.0, 120_000.0, (-1_200.0, -900.0, -200.0), 5_000.0),
        (2.0, 179.5, 9_000.0, (150.0, -350.0, 300.0), 3_000.0),
        (78.0, -40.0, 30_000.0, (-400.0, 900.0, 0.0), 12_000.0),
    ],
)
def test_what_falls_strikes_where_and_when_it_does_in_a_frame_that_does_not_turn(
    lat: float, lon: float, up_m: float, velocity: tuple[float, float, float], beta: float
) -> None:
    place, moves = ecef_of(lat, lon, up_m), np.array(velocity) @ enu_axes(lat, lon)
    wanted, wanted_s = dropped(place, moves, beta)
    where, after = fall_all(np.concatenate([place, moves])[None], np.array([beta]), 0.0)
    way = float(np.linalg.norm(wanted - place))
    # What differs is the air between the table's heights: a few per cent of a drag that costs a tenth of the way.
    assert float(np.linalg.norm(where[0] - wanted)) < 0.004 * way
    assert after[0] == pytest.approx(wanted_s, rel=0.004)
    assert abs(height(where[0])) < 5.0


def test_without_air_it_strikes_within_metres_of_where_it_should() -> None:
    for lat, velocity in ((45.0, (900.0, -700.0, 500.0)), (-10.0, (-800.0, 200.0, 900.0))):
        place, moves = ecef_of(lat, 10.0, 50_000.0), np.array(velocity) @ enu_axes(lat, 10.0)
        wanted, wanted_s = dropped(place, moves, 1e12)
        where, after = fall_all(np.concatenate([place, moves])[None], np.array([1e12]), 0.0)
        assert float(np.linalg.norm(where[0] - wanted)) < 10.0
        assert after[0] == pytest.approx(wanted_s, abs=0.02)


@pytest.mark.parametrize("height_m", [0, 1_000, 3_500, 7_000, 13_000, 18_000, 27_000, 35_000, 45_000, 65_000, 78_000])
def test_the_air_is_as_dense_as_the_layers_of_the_standard_atmosphere_say(height_m: float) -> None:
    # Interpolated between heights up to ten kilometres apart.
    assert air_density(height_m) == pytest.approx(layered_density(height_m), rel=0.08)


def test_beyond_the_table_the_air_is_as_at_its_ends() -> None:
    assert air_density(-5_000.0) == air_density(-1_000.0) == pytest.approx(1.347)
    assert air_density(9e5) == air_density(150_000.0) == pytest.approx(2.076e-9)


def test_the_ground_may_be_high_and_what_is_below_it_or_never_comes_down_is_told_apart() -> None:
    place, moves = ecef_of(47.0, 8.0, 5_000.0), np.array([100.0, 0.0, 0.0]) @ enu_axes(47.0, 8.0)
    states = np.tile(np.concatenate([place, moves]), (2, 1))
    states[1, 3:] *= 120.0
    where, after = fall_all(states, np.array([1e12, 1e12]), 2_000.0)
    assert height(where[0]) == pytest.approx(2_000.0, abs=3.0)
    assert after[0] == pytest.approx(math.sqrt(2 * 3_000.0 / 9.8), rel=0.01)
    assert some(np.isnan(where[1])).all() and after[1] >= FLIGHT_MAX_S == 1_500.0, (
        "faster than escape: it does not come down"
    )
    below, at_once = fall_all(states[:1], np.array([1e12]), 6_000.0)
    assert at_once[0] == 0.0 and below[0].tolist() == place.tolist()


def test_the_height_of_a_place_is_the_geodetic_one_to_a_few_metres() -> None:
    for lat in (-90.0, -45.0, 0.0, 20.0, 70.0):
        for up_m in (0.0, 10_000.0, 300_000.0):
            assert height_of(*ecef_of(lat, 33.0, up_m).tolist()) == pytest.approx(up_m, abs=10.0)
