"""Rockets and ballistic missiles: boost, then an unpowered arc with drag over a rotating Earth, aimed by shooting.

Point mass in the Earth-fixed frame: gravity mu / r^2, drag rho v^2 / (2 beta) against air that turns with the Earth,
Coriolis and centrifugal acceleration (Zarchan, Tactical and Strategic Missile Guidance, ch. 15-17).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import Floats, ecef_of, enu_axes, geodetic_of
from tocsin.earth.physics import EARTH_RATE_RADPS, GRAVITY_MPS2, MU_M3PS2

# Exponential atmosphere: sea-level density and scale height.
RHO_KGPM3 = 1.225
SCALE_M = 7_200.0
STEPS_MAX = 4_000
# Newton halves the digits left with each shot; nobody aims better than this.
SHOTS = 8
MISS_M = 5.0


@dataclass(frozen=True)
class Missile:
    """elevation_deg: of the thrust; boost_s: its duration; beta_kgpm2: ballistic coefficient; step_s: of the path."""

    elevation_deg: float
    boost_s: float
    beta_kgpm2: float
    step_s: float


SHORT_RANGE_MISSILE = Missile(elevation_deg=54.0, boost_s=60.0, beta_kgpm2=8_000.0, step_s=1.0)
ARTILLERY_ROCKET = Missile(elevation_deg=52.0, boost_s=3.0, beta_kgpm2=4_500.0, step_s=0.5)


def _acceleration(state: Floats, thrust: Floats, missile: Missile) -> Floats:
    position, velocity = state[..., :3], state[..., 3:]
    radius = np.linalg.norm(position, axis=-1, keepdims=True)
    speed = np.linalg.norm(velocity, axis=-1, keepdims=True)
    density = RHO_KGPM3 * np.exp(-np.maximum(radius - _ground_radius(position), 0.0) / SCALE_M)
    force = -MU_M3PS2 * position / radius**3 - density * speed * velocity / (2 * missile.beta_kgpm2) + thrust
    force[..., 0] += 2 * EARTH_RATE_RADPS * velocity[..., 1] + EARTH_RATE_RADPS**2 * position[..., 0]
    force[..., 1] += -2 * EARTH_RATE_RADPS * velocity[..., 0] + EARTH_RATE_RADPS**2 * position[..., 1]
    return np.asarray(force, float)


def _ground_radius(position: Floats) -> Floats:
    """Radius of the ellipsoid under a point, [..., 1]; a = 6,378,137 m, flattened by 21,385 m towards the poles."""
    sine2 = position[..., 2:] ** 2 / np.sum(position**2, axis=-1, keepdims=True)
    return np.asarray(6_378_137.0 - 21_384.7 * sine2, float)


def fly(origin_m: Floats, azimuth_deg: Floats, boost_mps2: Floats, missile: Missile) -> Floats:
    """Earth-centred states [T, M, 6] every `step_s` of M missiles from origin [M, 3], until all are down again."""
    lat, lon, _ = geodetic_of(origin_m)
    axes = enu_axes(lat, lon)
    azimuth, elevation = np.radians(azimuth_deg), np.radians(missile.elevation_deg)
    aim = np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.cos(azimuth) * np.cos(elevation),
            np.full_like(azimuth, np.sin(elevation)),
        ],
        axis=-1,
    )
    thrust = boost_mps2[:, None] * np.einsum("mij,mi->mj", axes, aim)
    state = np.concatenate([origin_m, np.zeros_like(origin_m)], axis=-1)
    states, h = [state], missile.step_s

    def rate(at: Floats, burn: Floats) -> Floats:
        return np.concatenate([at[..., 3:], _acceleration(at, burn, missile)], axis=-1)

    for step in range(STEPS_MAX):
        # The share of the step that burns, so that burn-out need not fall on the grid.
        burn = thrust * np.clip((missile.boost_s - step * h) / h, 0.0, 1.0)
        k1 = rate(state, burn)
        k2 = rate(state + h / 2 * k1, burn)
        k3 = rate(state + h / 2 * k2, burn)
        k4 = rate(state + h * k3, burn)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        states.append(state)
        if (
            step * h > missile.boost_s
            and (np.linalg.norm(state[:, :3], axis=-1) < _ground_radius(state[:, :3])[:, 0]).all()
        ):
            break
    return np.stack(states)


def landing(states: Floats, missile: Missile) -> tuple[Floats, Floats]:
    """(time_s [M], position [M, 3]) at which paths [T, M, 6] come back to the ellipsoid; linear within a step."""
    height = np.linalg.norm(states[..., :3], axis=-1) - _ground_radius(states[..., :3])[..., 0]
    # Skip the first seconds on the ramp; a path that never comes down ends where it was left.
    down = (height < 0) & (np.arange(len(states)) > max(2, missile.boost_s / missile.step_s))[:, None]
    after = np.where(down.any(axis=0), down.argmax(axis=0), len(states) - 1)
    which = np.arange(states.shape[1])
    high, low = height[after - 1, which], height[after, which]
    share = np.clip(high / np.where(high - low == 0, 1.0, high - low), 0.0, 1.0)
    before = states[after - 1, which, :3]
    return (after - 1 + share) * missile.step_s, before + share[:, None] * (states[after, which, :3] - before)


def shoot(
    lat: Floats, lon: Floats, azimuth_deg: Floats, range_m: Floats, aim_lat: Floats, aim_lon: Floats, missile: Missile
) -> tuple[Floats, Floats, Floats]:
    """Paths that hit: (states [T, M, 6], flight time [M], impact [M, 3]) from launch points to aims, degrees [M].

    Newton's method on (azimuth, log of thrust), starting from the vacuum arc over a flat Earth.
    """
    origin, target = ecef_of(lat, lon, np.zeros_like(lat)), ecef_of(aim_lat, aim_lon, np.zeros_like(lat))
    axes = enu_axes(aim_lat, aim_lon)[:, :2]
    azimuth = azimuth_deg.copy()
    power = np.log(np.sqrt(GRAVITY_MPS2 * range_m) / missile.boost_s + 7.0)
    count = len(azimuth)
    for _ in range(SHOTS):
        turned, pushed = np.full(count, 0.05), np.full(count, 0.002)
        states = fly(
            np.tile(origin, (3, 1)),
            np.concatenate([azimuth, azimuth + turned, azimuth]),
            np.exp(np.concatenate([power, power, power + pushed])),
            missile,
        )
        miss = np.einsum("kmj,mij->kmi", landing(states, missile)[1].reshape(3, count, 3) - target, axes)
        slopes = np.stack([(miss[1] - miss[0]) / turned[:, None], (miss[2] - miss[0]) / pushed[:, None]], axis=-1)
        if np.abs(miss[0]).max() < MISS_M:
            break
        step = -np.linalg.solve(slopes + 1e-9 * np.eye(2), miss[0][..., None])[..., 0]
        azimuth = azimuth + np.clip(step[:, 0], -5, 5)
        power = power + np.clip(step[:, 1], -0.3, 0.3)
    states = fly(origin, azimuth, np.exp(power), missile)
    return states, *landing(states, missile)
