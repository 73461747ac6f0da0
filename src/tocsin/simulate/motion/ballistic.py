"""Ballistic flights with a boost on a pitch programme, depressed or lofted, and a manoeuvre at the end.

A vertical start, then the thrust pitches over evenly to its last elevation; gravity, the Earth's turning, and drag
that rises at the speed of sound (Fleeman, Missile Design and System Engineering, ch. 2), integrated by an adaptive
Runge-Kutta method (Dormand and Prince 1980) and aimed by Newton's method. Quasi-ballistic missiles are said to pull
aside in the last half minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from tocsin.earth.frames import Floats, ecef_of, enu_axes, geodetic_of
from tocsin.earth.physics import EARTH_RATE_RADPS, GRAVITY_MPS2, MU_M3PS2, SOUND_MPS
from tocsin.simulate.motion.way import Hit, Order, Way

# The standard atmosphere (ICAO Doc 7488) in two layers: where they meet, and the scale heights below and above.
RHO_KGPM3 = 1.225
LAYERS_M = (11_000.0, 9_500.0, 6_400.0)
# Drag below, at and far above the speed of sound, as a share of the peak.
SUBSONIC, PEAK_MACH, HYPERSONIC = 0.45, 1.15, 0.5
FLIGHT_S_MAX = 1_500.0
SHOTS, MISS_M = 14, 20.0


@dataclass(frozen=True)
class Shape:
    """How one class flies.

    boost_s, beta_kgpm2   [low, high]; beta at the peak of drag
    last_deg              [low, high] of the thrust's last elevation: depressed, usual and lofted
    first_deg             elevation of the start
    pulls_s, aside_m      [low, high]: how long before the end it pulls aside, and how far at most
    """

    boost_s: tuple[float, float]
    beta_kgpm2: tuple[float, float]
    first_deg: float
    last_deg: tuple[tuple[float, float], ...]
    pulls_s: tuple[float, float]
    aside_m: float


MISSILE = Shape((35, 75), (4_000, 10_000), 89.0, ((32, 38), (42, 50), (58, 66)), (20, 30), 4_000)
ROCKET = Shape((2, 6), (2_500, 5_500), 60.0, ((35, 42), (45, 55), (58, 66)), (8, 14), 400)


@dataclass(frozen=True)
class Arc:
    """One throw: direction and acceleration of the thrust, its programme, and the drag."""

    azimuth_deg: float
    thrust_mps2: float
    boost_s: float
    first_deg: float
    last_deg: float
    beta_kgpm2: float


def ballistic(order: Order) -> tuple[Way, ...]:
    """One missile's way: thrown at a point beside its aim, pulled onto the aim at the end."""
    rng = order.rng
    shape = MISSILE if order.group.kind == "ballistic_missile" else ROCKET
    last = shape.last_deg[int(rng.integers(len(shape.last_deg)))]
    boost_s, beta = float(rng.uniform(*shape.boost_s)), float(rng.uniform(*shape.beta_kgpm2))
    last_deg, pulls_s = float(rng.uniform(*last)), float(rng.uniform(*shape.pulls_s))
    bearing = float(rng.uniform(0, 2 * np.pi))
    aside = shape.aside_m * float(rng.random()) * np.array([math.sin(bearing), math.cos(bearing)])
    aim = order.aims_m[0]
    lat, lon = (
        np.array(one) for one in order.field.frame.to_geodetic(*np.stack([order.start_m, aim + aside], axis=-1))
    )
    time_s, path_m = thrown(lat, lon, Arc(0.0, 0.0, boost_s, shape.first_deg, last_deg, beta))
    flight_s = float(time_s[-1])
    grid = np.append(np.arange(0.0, flight_s - 1e-6, order.kind.step_s), flight_s)
    path = np.stack([np.interp(grid, time_s, column) for column in path_m.T], axis=-1)
    path_lat, path_lon, altitude = geodetic_of(path)
    points = np.stack(order.field.frame.to_local(path_lat, path_lon), axis=-1)
    # From nothing to the whole displacement without a jolt (smootherstep), and whatever the aiming missed.
    share = np.clip((grid - (flight_s - pulls_s)) / pulls_s, 0.0, 1.0)[:, None]
    points = points + share**3 * (10 - 15 * share + 6 * share**2) * (aim - points[-1])
    return (Way(order.group.kind, order.kind, grid, points, np.maximum(altitude, 0.0), Hit(flight_s, aim)),)


def thrown(lat: Floats, lon: Floats, arc: Arc) -> tuple[Floats, Floats]:
    """(time [T], Earth-centred path [T, 3]) from the first of two places to the second (degrees, [2])."""
    origin, target = ecef_of(lat, lon, np.zeros(2))
    axes = enu_axes(lat, lon)
    east, north, _ = axes[0] @ (target - origin)
    azimuth, range_m = math.degrees(math.atan2(east, north)), math.hypot(east, north)
    power = math.log(math.sqrt(GRAVITY_MPS2 * range_m) / arc.boost_s + 0.7 * GRAVITY_MPS2)

    def shot(azimuth_deg: float, log_thrust: float) -> tuple[Floats, Floats, Floats]:
        time_s, path = fly(origin, axes[0], Arc(azimuth_deg, math.exp(log_thrust), *_rest(arc)))
        return time_s, path, axes[1][:2] @ (path[-1] - target)

    time_s, path, miss = shot(azimuth, power)
    for _ in range(SHOTS):
        if float(np.hypot(*miss)) < MISS_M:
            break
        slopes = np.stack(
            [(shot(azimuth + 0.05, power)[2] - miss) / 0.05, (shot(azimuth, power + 0.003)[2] - miss) / 0.003], axis=-1
        )
        step = -np.linalg.solve(slopes + 1e-9 * np.eye(2), miss)
        azimuth += float(np.clip(step[0], -5, 5))
        power += float(np.clip(step[1], -0.2, 0.2))
        time_s, path, miss = shot(azimuth, power)
    return time_s, path


def _rest(arc: Arc) -> tuple[float, float, float, float]:
    return arc.boost_s, arc.first_deg, arc.last_deg, arc.beta_kgpm2


def fly(origin_m: Floats, axes: Floats, arc: Arc) -> tuple[Floats, Floats]:
    """(time [T], Earth-centred path [T, 3]) of one throw until it is down again, a point every half second or so."""
    azimuth = math.radians(arc.azimuth_deg)
    ahead, up = math.sin(azimuth) * axes[0] + math.cos(azimuth) * axes[1], axes[2]
    ground_m = float(np.linalg.norm(origin_m))

    def rate(time_s: float, state: Floats) -> Floats:
        x, y, z, u, v, w = state.tolist()
        radius, speed = math.sqrt(x * x + y * y + z * z), math.sqrt(u * u + v * v + w * w)
        drag = 0.5 * density(radius - ground_m) * speed * drag_share(speed / SOUND_MPS) / arc.beta_kgpm2
        fall = -MU_M3PS2 / radius**3
        a = fall * x - drag * u + 2 * EARTH_RATE_RADPS * v + EARTH_RATE_RADPS**2 * x
        b = fall * y - drag * v - 2 * EARTH_RATE_RADPS * u + EARTH_RATE_RADPS**2 * y
        c = fall * z - drag * w
        if time_s < arc.boost_s:
            pitch = math.radians(arc.first_deg + (arc.last_deg - arc.first_deg) * min(1.0, 1.4 * time_s / arc.boost_s))
            thrust = arc.thrust_mps2 * (math.cos(pitch) * ahead + math.sin(pitch) * up)
            a, b, c = a + thrust[0], b + thrust[1], c + thrust[2]
        return np.array([u, v, w, a, b, c])

    def down(time_s: float, state: Floats) -> float:
        # Never on the ramp.
        return float(np.linalg.norm(state[:3])) - _ground_m(state[:3]) + (1.0 if time_s < 1.0 else 0.0)

    down.terminal, down.direction = True, -1  # type: ignore[attr-defined]
    first = np.concatenate([origin_m + 0.5 * up, np.zeros(3)])
    boost = solve_ivp(rate, (0.0, arc.boost_s), first, max_step=2.0, rtol=1e-6, atol=0.1, events=down)
    parts = [boost]
    if boost.status == 0:
        parts.append(
            solve_ivp(rate, (arc.boost_s, FLIGHT_S_MAX), boost.y[:, -1], max_step=4.0, rtol=1e-6, atol=0.1, events=down)
        )
    time_s = np.concatenate([part.t[min(number, 1) :] for number, part in enumerate(parts)])
    return time_s, np.concatenate([part.y[:3, min(number, 1) :] for number, part in enumerate(parts)], axis=1).T


def _ground_m(place_m: Floats) -> float:
    """Radius of the ellipsoid under an Earth-centred point; a = 6,378,137 m, flattened by 21,385 m."""
    return 6_378_137.0 - 21_384.7 * float(place_m[2] ** 2 / (place_m @ place_m))


def density(height_m: float) -> float:
    """Density of the air, kg/m3, at a height."""
    knee_m, below_m, above_m = LAYERS_M
    low = min(max(height_m, 0.0), knee_m)
    return RHO_KGPM3 * math.exp(-low / below_m - max(height_m - knee_m, 0.0) / above_m)


def drag_share(mach: float) -> float:
    """Drag at a Mach number as a share of its peak just above the speed of sound."""
    if mach < PEAK_MACH:
        return SUBSONIC + (1 - SUBSONIC) / (1 + math.exp(-25 * (mach - 0.98)))
    return HYPERSONIC + (1 - HYPERSONIC) * PEAK_MACH / mach
