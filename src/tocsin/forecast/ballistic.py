"""Arcs: from a state in flight to where and when it falls, with its uncertainty.

Equations of motion in the Earth-fixed rotating frame (Vallado, Fundamentals of Astrodynamics, 4th ed., 2013):
point-mass gravity with the J2 term (eq. 8-30), Coriolis and centrifugal acceleration, and drag on a ballistic
coefficient beta = m / (Cd A) through the 1976 standard atmosphere. Classical Runge-Kutta of fourth order, with a step
per particle: long in the vacuum, short where the air decides. The state's covariance and the ballistic coefficient's
spread are carried through by the unscented transform (Julier & Uhlmann, Proc. IEEE 92:401, 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import WGS84_A_M, ecef_of, enu_axes, geodetic_of

Floats = NDArray[np.float64]

MU_M3S2 = 3.986004418e14
J2 = 1.08262668e-3
EARTH_RATE_RADPS = 7.292115e-5

# Nothing on a sub-orbital arc of the classes served here flies longer.
FLIGHT_MAX_S = 1_500.0
STEP_AIR_S = 1.0
STEP_VACUUM_S = 8.0
# Below 1e-6 of the density at the ground, drag moves an impact by metres.
AIR_TOP_M = 95_000.0

# U.S. Standard Atmosphere 1976 (NOAA-S/T 76-1562): geometric height, density; interpolated in its logarithm.
_HEIGHT_M = np.array([-1, 0, 2, 5, 8, 11, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 120, 150.0]) * 1_000.0
_DENSITY = np.array(
    [1.347, 1.225, 1.0066, 0.73643, 0.52579, 0.36480, 0.19476, 0.088910, 0.040084, 0.018410, 3.9957e-3, 1.0269e-3,
     3.0968e-4, 8.2829e-5, 1.8458e-5, 3.4160e-6, 5.6040e-7, 2.2220e-8, 2.0760e-9]
)  # fmt: skip
_LOG_DENSITY = np.log(_DENSITY)


def air_density(height_m: Floats) -> Floats:
    """Density of the 1976 standard atmosphere in kg/m3; the same shape."""
    return np.asarray(np.exp(np.interp(height_m, _HEIGHT_M, _LOG_DENSITY)), float)


def _height_m(position_m: Floats) -> Floats:
    """Height above the ellipsoid, to a few metres for any height below 1,000 km; [..., 3] -> [...]."""
    radius = np.linalg.norm(position_m, axis=-1)
    sine2 = (position_m[..., 2] / radius) ** 2
    flattening = 1 / 298.257223563
    # Radius of the ellipsoid at geocentric latitude, to second order in the flattening.
    surface = WGS84_A_M * (1 - flattening * sine2 - 1.5 * flattening**2 * sine2 * (1 - sine2))
    return np.asarray(radius - surface, float)


def acceleration(position_m: Floats, velocity_mps: Floats, beta_kg_m2: Floats) -> Floats:
    """Acceleration in the Earth-fixed frame, [..., 3], of Earth-fixed positions and velocities [..., 3]."""
    x, y, z = np.moveaxis(position_m, -1, 0)
    r2 = x * x + y * y + z * z
    r = np.sqrt(r2)
    pull = -MU_M3S2 / (r2 * r)
    oblate = 1.5 * J2 * (WGS84_A_M**2 / r2)
    fivefold = 5.0 * z * z / r2
    gravity = np.stack(
        [
            pull * x * (1 + oblate * (1 - fivefold)),
            pull * y * (1 + oblate * (1 - fivefold)),
            pull * z * (1 + oblate * (3 - fivefold)),
        ],
        axis=-1,
    )
    rate = EARTH_RATE_RADPS
    vx, vy = velocity_mps[..., 0], velocity_mps[..., 1]
    zero = np.zeros_like(x)
    turning = np.stack([2 * rate * vy + rate**2 * x, -2 * rate * vx + rate**2 * y, zero], axis=-1)
    speed = np.linalg.norm(velocity_mps, axis=-1)
    drag = -0.5 * air_density(_height_m(position_m)) * speed / beta_kg_m2
    return np.asarray(gravity + turning + drag[..., None] * velocity_mps, float)


def _step(position_m: Floats, velocity_mps: Floats, beta_kg_m2: Floats, dt: Floats) -> tuple[Floats, Floats]:
    """One Runge-Kutta step of `dt` [P] seconds for P particles."""
    h = dt[:, None]
    a1 = acceleration(position_m, velocity_mps, beta_kg_m2)
    v2 = velocity_mps + 0.5 * h * a1
    a2 = acceleration(position_m + 0.5 * h * velocity_mps, v2, beta_kg_m2)
    v3 = velocity_mps + 0.5 * h * a2
    a3 = acceleration(position_m + 0.5 * h * v2, v3, beta_kg_m2)
    v4 = velocity_mps + h * a3
    a4 = acceleration(position_m + h * v3, v4, beta_kg_m2)
    return (
        position_m + h / 6 * (velocity_mps + 2 * v2 + 2 * v3 + v4),
        velocity_mps + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4),
    )


def coast(position_m: Floats, velocity_mps: Floats, beta_kg_m2: Floats, seconds: float) -> tuple[Floats, Floats]:
    """Earth-fixed positions and velocities [P, 3] after `seconds` of unpowered flight."""
    left = seconds
    while left > 0:
        dt = min(STEP_AIR_S, left)
        position_m, velocity_mps = _step(position_m, velocity_mps, beta_kg_m2, np.full(len(position_m), dt))
        left -= dt
    return position_m, velocity_mps


def fall(position_m: Floats, velocity_mps: Floats, beta_kg_m2: Floats, ground_m: float = 0.0) -> tuple[Floats, Floats]:
    """(positions at impact [P, 3], seconds until it [P]) of Earth-fixed particles [P, 3]; NaN where it never falls.

    ground_m   height of the ground above the ellipsoid. What is already below it has fallen now.
    """
    position, velocity = position_m.copy(), velocity_mps.copy()
    elapsed = np.zeros(len(position))
    height = _height_m(position)
    flying = height > ground_m
    while flying.any():
        p, v, beta = position[flying], velocity[flying], beta_kg_m2[flying]
        before = height[flying]
        up = p / np.linalg.norm(p, axis=-1, keepdims=True)
        climb = np.sum(v * up, axis=-1)
        # In vacuum a step may be long, but must not leap from there deep into the air.
        room = (before - AIR_TOP_M) / np.maximum(np.abs(climb), 100.0)
        dt = np.where(before > AIR_TOP_M, np.clip(room, STEP_AIR_S, STEP_VACUUM_S), STEP_AIR_S)
        q, w = _step(p, v, beta, dt)
        after = _height_m(q)
        down = after <= ground_m
        # The last step is shortened to end on the ground: within one second its fall is a straight line.
        share = np.where(down, (before - ground_m) / np.maximum(before - after, 1e-9), 1.0)
        position[flying] = p + share[:, None] * (q - p)
        velocity[flying] = w
        elapsed[flying] += share * dt
        height[flying] = np.where(down, ground_m, after)
        flying = (height > ground_m) & (elapsed < FLIGHT_MAX_S)
    position[height > ground_m] = np.nan
    return position, elapsed


@dataclass(frozen=True, slots=True)
class Fall:
    """Where and when an arc ends, with its uncertainty.

    lat, lon       the mean impact
    covariance_m2  float64 [2, 2], of (east, north) there
    after_s        seconds from the state's time to the mean impact
    sigma_s        one standard deviation of that
    """

    lat: float
    lon: float
    covariance_m2: Floats
    after_s: float
    sigma_s: float


def impact(
    lat: float, lon: float, altitude_m: float, velocity_mps: Floats, covariance: Floats, beta_kg_m2: float,
    beta_factor: float,
) -> Fall | None:  # fmt: skip
    """The impact of a state in flight; None when it does not come down.

    velocity_mps   float64 [3]: east, north, up
    covariance     float64 [6, 6] of (east, north, up, and their velocities), metres and metres per second
    beta_factor    one-sigma factor of the ballistic coefficient
    """
    axes = enu_axes(lat, lon)
    points, mean_weight, weight = _sigma_points(covariance, float(np.log(beta_factor)))
    origin = ecef_of(lat, lon, altitude_m)
    positions = origin + points[:, :3] @ axes
    velocities = (velocity_mps + points[:, 3:6]) @ axes
    where, after = fall(positions, velocities, beta_kg_m2 * np.exp(points[:, 6]))
    if np.isnan(where).any():
        return None
    local = (where - where[0]) @ axes_at(where[0]).T
    weights = np.full(len(points), weight)
    weights[0] = mean_weight
    mean = weights @ local[:, :2]
    mean_s = float(weights @ after)
    spread = local[:, :2] - mean
    spread_s = after - mean_s
    middle_lat, middle_lon, _ = geodetic_of(where[0] + np.append(mean, 0.0) @ axes_at(where[0]))
    return Fall(
        float(middle_lat),
        float(middle_lon),
        np.asarray((weights[:, None] * spread).T @ spread, float),
        max(0.0, mean_s),
        float(np.sqrt(max(0.0, weights @ spread_s**2))),
    )


def axes_at(position_m: Floats) -> Floats:
    """East, north, up at an Earth-fixed point, [3, 3]."""
    lat, lon, _ = geodetic_of(position_m)
    return enu_axes(float(lat), float(lon))


def _sigma_points(covariance: Floats, sigma_log_beta: float) -> tuple[Floats, float, float]:
    """(offsets [15, 7], weight of the first, weight of each other): the symmetric set with kappa = 1.

    kappa = 1 keeps every weight positive, so that the covariance that comes out is one.
    """
    joint = np.zeros((7, 7))
    joint[:6, :6] = covariance
    joint[6, 6] = sigma_log_beta**2
    values, vectors = np.linalg.eigh(joint)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    scale = np.sqrt(8.0)
    offsets = np.concatenate([np.zeros((1, 7)), scale * root.T, -scale * root.T])
    return offsets, 1.0 / 8.0, 1.0 / 16.0
