"""Jets that let glide bombs go 20 to 70 km before the aim and turn away; the bombs fly on, are seen, and strike.

Public accounts of winged bombs: let go at 8 to 12 km and 250 to 300 m/s, a way of six to eight times the height, four
to six minutes of flight, a steep end. A bomb loses energy evenly over its way, by just so much that it arrives at its
last speed (total energy of a point mass); it glides straight in height and dives at the end. Truth and people call it
a cruise missile: of the classes there are, the one that flies so.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.earth.physics import GRAVITY_MPS2
from tocsin.simulate.kinds import KINDS, Kind
from tocsin.simulate.motion.curves import FINE_M, every, heading_rad, homeward
from tocsin.simulate.motion.way import Hit, Order, Way

AWAY_M = (20_000.0, 70_000.0)
ALTITUDE_M = (8_000.0, 12_000.0)
# Speed at the end, of the carrier when it lets go, and the height from which it dives at this angle.
LAST_MPS = (240.0, 300.0)
FAST_MPS = (250.0, 300.0)
DIVE_FROM_M = 1_500.0
DIVE_DEG = 35.0
BOMBS = (1, 2)
# The bombs of one jet fall this far from each other.
BETWEEN_M = 500.0
# It is let go in about this direction and comes round.
OFF_DEG = 12.0
# Nothing of a bomb is faster than this, nor slower than the next.
GLIDE_MPS = (120.0, 330.0)
GLIDE_BOMB = Kind(
    GLIDE_MPS, ALTITUDE_M, 25, 1, 0, None, 25, 0.45, 3_000, 0.3, KINDS["cruise_missile"].taken_for
)  # fmt: skip


def stand_off(order: Order) -> tuple[Way, ...]:
    """The jet's way, then its bombs'."""
    rng, group = order.rng, order.group
    speed_mps = float(rng.uniform(*(group.speed_mps or FAST_MPS)))
    above_m = float(rng.uniform(*(group.altitude_m or ALTITUDE_M)))
    aim_m = order.aims_m[0]
    length_m = float(np.hypot(*(aim_m - order.start_m)))
    away_m = min(float(rng.uniform(*(group.stand_off_m or AWAY_M))), 0.9 * length_m)
    released_m = aim_m + away_m / length_m * (order.start_m - aim_m)
    off = math.radians(OFF_DEG) * float(rng.uniform(-1, 1))
    inward = _run_in(order.start_m, released_m, aim_m, off)
    stride_m = speed_mps * order.kind.step_s
    points = every(inward, stride_m)
    released_s = (len(points) - 1) * order.kind.step_s
    points = np.vstack([points, every(homeward(order, inward, speed_mps), stride_m)[1:]])
    height = order.field.ground.height_m(points[:, 0], points[:, 1]) + above_m
    time_s = np.asarray(np.arange(len(points)) * order.kind.step_s, np.float64)
    ways = [Way(group.kind, order.kind, time_s, points, height, None)]
    for number in range(int(rng.integers(BOMBS[0], BOMBS[1] + 1))):
        # The carrier lets one go after the other.
        aim = aim_m + (rng.normal(0, BETWEEN_M, 2) if number else 0.0)
        ways.append(_bomb(order, inward, aim, speed_mps, above_m, released_s))
    return tuple(ways)


def _run_in(start_m: Floats, released_m: Floats, aim_m: Floats, off: float) -> Floats:
    """A gentle bow [P, 2] from the start to where it lets go, heading `off` the aim there: a quadratic Bézier curve."""
    to_aim = math.atan2(*(aim_m - released_m)) + off
    back_m = 0.5 * float(np.hypot(*(released_m - start_m)))
    middle = released_m - back_m * np.array([math.sin(to_aim), math.cos(to_aim)])
    return _bezier(start_m, middle, released_m)


def _bezier(first_m: Floats, middle_m: Floats, last_m: Floats) -> Floats:
    share = np.linspace(0, 1, 2 + int(float(np.hypot(*(last_m - first_m))) / FINE_M))[:, None]
    curve = (1 - share) ** 2 * first_m + 2 * share * (1 - share) * middle_m + share**2 * last_m
    return every(np.asarray(curve, float), FINE_M)


def _bomb(order: Order, inward_m: Floats, aim_m: Floats, speed_mps: float, above_m: float, released_s: float) -> Way:
    """One bomb: it bends from the carrier's heading towards its aim, glides, dives and strikes."""
    last_m, heading = inward_m[-1], heading_rad(inward_m)
    bend_m = 0.4 * float(np.hypot(*(aim_m - last_m)))
    curve = _bezier(last_m, last_m + bend_m * np.array([math.sin(heading), math.cos(heading)]), aim_m)
    ground_m = order.field.ground.height_m(*aim_m)
    top_m = float(order.field.ground.height_m(*last_m)) + above_m - float(ground_m)
    along_m, height_m, moment_s = glide(
        FINE_M * (len(curve) - 1), top_m, speed_mps, float(order.rng.uniform(*LAST_MPS))
    )
    flight_s = float(moment_s[-1])
    time_s = np.append(np.arange(0.0, flight_s - 1e-6, GLIDE_BOMB.step_s), flight_s)
    at_m = np.interp(time_s, moment_s, along_m)
    grid = np.linspace(0, along_m[-1], len(curve))
    points = np.stack([np.interp(at_m, grid, column) for column in curve.T], axis=-1)
    altitude = float(ground_m) + np.interp(time_s, moment_s, height_m)
    # The dive begins lower where there is less to dive from, but nothing flies under the ground on its way.
    altitude = np.maximum(altitude, order.field.ground.height_m(points[:, 0], points[:, 1]))
    hit = Hit(released_s + flight_s, aim_m)
    return Way("cruise_missile", GLIDE_BOMB, released_s + time_s, points, altitude, hit)


def glide(way_m: float, top_m: float, first_mps: float, last_mps: float) -> tuple[Floats, Floats, Floats]:
    """(distance flown, height, time in s) of a bomb, [P] each, from `top_m` over its aim down to it."""
    dive_m = min(DIVE_FROM_M, 0.5 * top_m)
    flat_m = max(way_m - dive_m / math.tan(math.radians(DIVE_DEG)), 0.5 * way_m)
    along = np.linspace(0, way_m, max(3, int(way_m / FINE_M) + 1))
    height = np.interp(along, [0.0, flat_m, way_m], [top_m, dive_m, 0.0])
    energy = np.interp(along, [0.0, way_m], [0.5 * first_mps**2 + GRAVITY_MPS2 * top_m, 0.5 * last_mps**2])
    speed = np.clip(np.sqrt(np.maximum(2 * (energy - GRAVITY_MPS2 * height), 0.0)), *GLIDE_MPS)
    step = np.hypot(np.diff(along), np.diff(height))
    return along, height, np.concatenate([[0.0], np.cumsum(step / (0.5 * (speed[1:] + speed[:-1])))])
