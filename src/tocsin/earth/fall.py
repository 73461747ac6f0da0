"""Unpowered flight through air over a turning Earth, compiled: what falls, for the tracker and the forecast alike.

Earth-fixed rotating frame (Vallado, Fundamentals of Astrodynamics, 4th ed., 2013): point-mass gravity with the J2 term
(eq. 8-30), Coriolis and centrifugal acceleration, drag on a ballistic coefficient m / (Cd A) through the 1976 standard
atmosphere; classical Runge-Kutta of fourth order.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import WGS84_A_M, WGS84_F
from tocsin.earth.physics import EARTH_RATE_RADPS, MU_M3PS2
from tocsin.kernels import kernel, leaf

Floats = NDArray[np.float64]

# Parts of an Earth-fixed state: position and velocity.
X, Y, Z, VX, VY, VZ = range(6)

J2 = 1.08262668e-3

# Nothing on a sub-orbital arc of the classes served here flies longer.
FLIGHT_MAX_S = 1_500.0
STEP_AIR_S = 1.0
STEP_VACUUM_S = 8.0
# Below 1e-6 of the density at the ground, drag moves an impact by metres.
AIR_TOP_M = 95_000.0

# U.S. Standard Atmosphere 1976 (NOAA-S/T 76-1562): geometric height, density; interpolated in its logarithm.
HEIGHT_M = np.array([-1, 0, 2, 5, 8, 11, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 120, 150.0]) * 1_000.0
DENSITY = np.array(
    [1.347, 1.225, 1.0066, 0.73643, 0.52579, 0.36480, 0.19476, 0.088910, 0.040084, 0.018410, 3.9957e-3, 1.0269e-3,
     3.0968e-4, 8.2829e-5, 1.8458e-5, 3.4160e-6, 5.6040e-7, 2.2220e-8, 2.0760e-9]
)  # fmt: skip
LOG_DENSITY = np.log(DENSITY)


@leaf
def air_density(height_m: float) -> float:
    """Density of the 1976 standard atmosphere in kg/m3; constant beyond the table's ends."""
    last = len(HEIGHT_M) - 1
    if height_m <= HEIGHT_M[0]:
        return math.exp(LOG_DENSITY[0])
    if height_m >= HEIGHT_M[last]:
        return math.exp(LOG_DENSITY[last])
    i = 0
    while HEIGHT_M[i + 1] < height_m:
        i += 1
    share = (height_m - HEIGHT_M[i]) / (HEIGHT_M[i + 1] - HEIGHT_M[i])
    return math.exp(LOG_DENSITY[i] + share * (LOG_DENSITY[i + 1] - LOG_DENSITY[i]))


@leaf
def height_of(x: float, y: float, z: float) -> float:
    """Height above the ellipsoid in metres, to a few metres for any height below 1,000 km."""
    radius = math.sqrt(x * x + y * y + z * z)
    sine2 = (z / radius) ** 2
    # Radius of the ellipsoid at geocentric latitude, to second order in the flattening.
    return radius - WGS84_A_M * (1 - WGS84_F * sine2 - 1.5 * WGS84_F**2 * sine2 * (1 - sine2))


@leaf
def derivative(state: Floats, beta_kg_m2: float, out: Floats) -> None:
    """Velocity and acceleration [6] of an Earth-fixed state (position, velocity) [6], into `out`."""
    x, y, z, vx, vy, vz = state[X], state[Y], state[Z], state[VX], state[VY], state[VZ]
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    pull = -MU_M3PS2 / (r2 * r)
    oblate = 1.5 * J2 * (WGS84_A_M**2 / r2)
    fivefold = 5.0 * z * z / r2
    rate = EARTH_RATE_RADPS
    speed = math.sqrt(vx * vx + vy * vy + vz * vz)
    drag = -0.5 * air_density(height_of(x, y, z)) * speed / beta_kg_m2
    out[X], out[Y], out[Z] = vx, vy, vz
    out[VX] = pull * x * (1 + oblate * (1 - fivefold)) + 2 * rate * vy + rate * rate * x + drag * vx
    out[VY] = pull * y * (1 + oblate * (1 - fivefold)) - 2 * rate * vx + rate * rate * y + drag * vy
    out[VZ] = pull * z * (1 + oblate * (3 - fivefold)) + drag * vz


@kernel
def advance(state: Floats, beta_kg_m2: float, dt_s: float, out: Floats) -> None:
    """One classical Runge-Kutta step of fourth order, into `out` [6]."""
    k1, k2, k3, k4 = np.empty(6), np.empty(6), np.empty(6), np.empty(6)
    derivative(state, beta_kg_m2, k1)
    derivative(state + 0.5 * dt_s * k1, beta_kg_m2, k2)
    derivative(state + 0.5 * dt_s * k2, beta_kg_m2, k3)
    derivative(state + dt_s * k3, beta_kg_m2, k4)
    out[:] = state + dt_s / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@kernel
def coast_all(states: Floats, beta_kg_m2: Floats, seconds: float) -> Floats:
    """States [P, 6] after `seconds` of unpowered flight."""
    out = states.copy()
    after = np.empty(6)
    for i in range(len(states)):
        left = seconds
        while left > 0:
            dt = min(STEP_AIR_S, left)
            advance(out[i], beta_kg_m2[i], dt, after)
            out[i] = after
            left -= dt
    return out


@kernel
def fall_all(states: Floats, beta_kg_m2: Floats, ground_m: float) -> tuple[Floats, Floats]:
    """(positions at impact [P, 3], NaN where it never falls; seconds until it [P]) of states [P, 6]."""
    where, elapsed = np.empty((len(states), 3)), np.zeros(len(states))
    after = np.empty(6)
    for i in range(len(states)):
        state = states[i].copy()
        height = height_of(state[X], state[Y], state[Z])
        while height > ground_m and elapsed[i] < FLIGHT_MAX_S:
            dt = STEP_AIR_S
            if height > AIR_TOP_M:
                radius = math.sqrt(state[X] ** 2 + state[Y] ** 2 + state[Z] ** 2)
                climb = (state[X] * state[VX] + state[Y] * state[VY] + state[Z] * state[VZ]) / radius
                # In vacuum a step may be long, but must not leap from there deep into the air.
                dt = min(max((height - AIR_TOP_M) / max(abs(climb), 100.0), STEP_AIR_S), STEP_VACUUM_S)
            advance(state, beta_kg_m2[i], dt, after)
            below = height_of(after[X], after[Y], after[Z])
            share = 1.0
            if below <= ground_m:
                # The last step is shortened to end on the ground: within one second its fall is a straight line.
                share = (height - ground_m) / max(height - below, 1e-9)
                after[:3] = state[:3] + share * (after[:3] - state[:3])
                below = ground_m
            state[:] = after
            height = below
            elapsed[i] += share * dt
        where[i] = state[:3]
        if height > ground_m:
            where[i] = np.nan
    return where, elapsed
