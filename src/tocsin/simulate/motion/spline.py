"""Smooth curves through drawn points, with circles or racetracks flown anywhere on the way.

Loitering munitions, and aircraft that wait for an order, a gap or a tanker; the racetrack is the holding pattern of
ICAO Doc 8168: two straight legs, two half circles.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicSpline

from tocsin.earth.frames import Floats
from tocsin.simulate.motion.curves import FINE_M, arc, every, flown, lengths_m, sharpest
from tocsin.simulate.motion.way import Order, Way

BENDS = (1, 4)
# Standard deviation of a bend to the side, as a share of the distance from start to aim.
SWING = 0.14
LOITER = 0.6
# A loiter as a share of the turning radius (wide: no one waits at the limit) and no tighter than this.
LOITER_RADII = (1.3, 3.0)
LOITER_M = 1_200.0
ROUNDS = (1, 3)
# Straight legs of a racetrack in radii; 0 draws a circle.
LEG_RADII = (1.0, 5.0)


def spline(order: Order) -> tuple[Way, ...]:
    """One object's way."""
    speed_mps, rng = order.speed_mps(), order.rng
    radius_m = speed_mps**2 / order.kind.turn_mps2
    curve = curve_m(order.start_m, order.aims_m[0], radius_m, rng)
    if rng.random() < LOITER:
        loiter_radius_m = max(LOITER_M, radius_m) * float(rng.uniform(*LOITER_RADII))
        leg_m = loiter_radius_m * float(rng.uniform(*LEG_RADII)) * float(rng.choice([0.0, 1.0]))
        curve = with_loiter(curve, float(rng.uniform(0.25, 0.9)), loiter_radius_m, leg_m, rng)
    return (flown(order, curve, speed_mps),)


def curve_m(start_m: Floats, aim_m: Floats, radius_m: float, rng: np.random.Generator) -> Floats:
    """A natural cubic spline [P, 2] through 1 to 4 drawn bends, nowhere tighter than `radius_m`."""
    count = int(rng.integers(BENDS[0], BENDS[1] + 1))
    share = (np.arange(1, count + 1) + rng.uniform(-0.25, 0.25, count)) / (count + 1)
    way = aim_m - start_m
    side = np.array([way[1], -way[0]])
    swing = rng.normal(0, SWING, count)
    while True:
        inner = start_m + share[:, None] * way + swing[:, None] * side
        through = np.vstack([start_m, inner, aim_m])
        at = lengths_m(through)
        fine = CubicSpline(at, through, bc_type="natural")(np.linspace(0, at[-1], 2 + int(at[-1] / FINE_M)))
        curve = every(np.asarray(fine, float), FINE_M)
        if sharpest(curve) * radius_m < 1.0:
            return curve
        # Too tight to be flown: flatter, in the limit the straight line.
        swing = 0.8 * swing if np.abs(swing).max() > 1e-3 else 0.0 * swing
        if not swing.any():
            share = np.arange(1, count + 1) / (count + 1)


def with_loiter(curve_m: Floats, at: float, radius_m: float, leg_m: float, rng: np.random.Generator) -> Floats:
    """The curve with rounds flown at a share of its length, in and out along its own heading there."""
    number = min(max(1, int(at * (len(curve_m) - 1))), len(curve_m) - 2)
    step = curve_m[number + 1] - curve_m[number]
    heading = math.atan2(step[0], step[1])
    side = float(rng.choice([-1.0, 1.0]))
    ahead = np.array([math.sin(heading), math.cos(heading)])
    right = side * np.array([ahead[1], -ahead[0]])
    here = curve_m[number]
    first = arc(here + leg_m * ahead + radius_m * right, radius_m, heading - side * math.pi / 2, side * math.pi)
    second = arc(here + radius_m * right, radius_m, heading + side * math.pi / 2, side * math.pi)
    # Each half circle begins where the leg before it ended.
    once = np.vstack([first, second])
    rounds = int(rng.integers(ROUNDS[0], ROUNDS[1] + 1))
    return np.vstack([curve_m[: number + 1], *([once] * rounds), curve_m[number + 1 :]])
