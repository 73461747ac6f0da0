"""Feints: it comes in towards one aim, turns away near it, and goes for another, comes back, or goes home.

Arcs of the turning radius and straight lines, as Dubins (1957) showed shortest paths to be. Decoys fly like the rest
and strike nothing.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.motion.curves import FINE_M, every, flown, heading_rad, homeward, turn_onto
from tocsin.simulate.motion.way import Order, Way

# It turns away this far before its first aim.
AWAY_M = (5_000.0, 25_000.0)
# What comes of it: home (decoys, and what carries something), the other aim, or towards the other the first again.
HOME, RETURN = 0.4, 0.2


def feint(order: Order) -> tuple[Way, ...]:
    """One object's way."""
    rng, speed_mps = order.rng, order.speed_mps()
    radius_m = speed_mps**2 / order.kind.turn_mps2
    decoy, fate = rng.random() < order.group.decoys, rng.random()
    first = order.aims_m[0]
    inward = every(np.stack([order.start_m, first]), FINE_M)
    length_m = float(np.hypot(*(first - order.start_m)))
    away_m = min(max(float(rng.uniform(*AWAY_M)), 3 * radius_m), 0.6 * length_m)
    curve = inward[: max(2, len(inward) - int(away_m / FINE_M))]
    if fate < HOME and (decoy or order.kind.stand_off_m is not None):
        curve = np.vstack([curve, homeward(order, curve, speed_mps)[1:]])
        return (flown(order, curve, speed_mps, strikes=False),)
    other = _aside(curve[-1], order.aims_m)
    returns = HOME <= fate < HOME + RETURN
    if returns:
        curve = _towards(curve, 0.5 * (curve[-1] + other), radius_m)
    curve = _towards(curve, first if returns else other, radius_m)
    return (flown(order, curve, speed_mps, strikes=not decoy),)


def _aside(here_m: Floats, aims_m: Floats) -> Floats:
    """Of the other aims the one that lies farthest aside of the first, seen from here."""
    ways = aims_m - here_m
    ways = ways / np.maximum(np.hypot(*ways.T), 1.0)[:, None]
    return np.asarray(aims_m[1 + int(np.argmin(ways[1:] @ ways[0]))], float)


def _towards(curve_m: Floats, goal_m: Floats, radius_m: float) -> Floats:
    """The curve, then a turn and a straight line to a goal; one too near to be turned onto is first flown away from."""
    heading = heading_rad(curve_m)
    if float(np.hypot(*(goal_m - curve_m[-1]))) < 2 * radius_m:
        curve_m = np.vstack([curve_m, curve_m[-1] + 4 * radius_m * np.array([math.sin(heading), math.cos(heading)])])
    return np.vstack([curve_m, turn_onto(curve_m[-1], heading, goal_m, radius_m)[1:]])
