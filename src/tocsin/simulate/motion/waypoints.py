"""Doglegs at fixed angles, long straight legs and a late turn onto the aim; corners are rounded by arcs.

What published maps of raids draw: legs of 10 to 40 km between turning points that planners choose from a map,
headings that change by round angles, and a last leg that does not continue the one before.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.motion.curves import arc, flown
from tocsin.simulate.motion.way import Order, Way

LEG_M = (10_000.0, 40_000.0)
DOGLEGS_DEG = (0.0, 20.0, 30.0, 45.0, 60.0)
LAST_M = (4_000.0, 14_000.0)
LAST_DEG = (30.0, 90.0)
LEGS_MAX = 12
# A leg is at least as long as this many turning radii.
LEG_RADII = 4.0


def waypoints(order: Order) -> tuple[Way, ...]:
    """One object's way."""
    speed_mps = order.speed_mps()
    radius_m = speed_mps**2 / order.kind.turn_mps2
    corners = corners_m(order.start_m, order.aims_m[0], radius_m, order.rng)
    return (flown(order, rounded(corners, radius_m), speed_mps),)


def corners_m(start_m: Floats, aim_m: Floats, radius_m: float, rng: np.random.Generator) -> Floats:
    """Turning points [W, 2] from the start to the aim, drawn from the aim backwards."""
    least_m = LEG_RADII * radius_m
    angle = math.radians(float(rng.uniform(*LAST_DEG))) * float(rng.choice([-1.0, 1.0]))
    leg_m = max(float(rng.uniform(*LAST_M)), least_m)
    corners = [aim_m]
    for _ in range(LEGS_MAX):
        back = start_m - corners[-1]
        if float(np.hypot(*back)) < leg_m + least_m:
            break
        bearing = math.atan2(back[0], back[1]) + angle
        corners.append(corners[-1] + leg_m * np.array([math.sin(bearing), math.cos(bearing)]))
        leg_m = max(float(rng.uniform(*LEG_M)), least_m)
        angle = math.radians(float(rng.choice(DOGLEGS_DEG))) * float(rng.choice([-1.0, 1.0]))
    return np.array([start_m, *reversed(corners)])


def rounded(corners_m: Floats, radius_m: float) -> Floats:
    """The curve [P, 2] through corners [W, 2] with arcs of one radius; corners without room for one are left out."""
    corners = [*corners_m]
    while (crowded := _crowded(np.array(corners), radius_m)) is not None:
        del corners[crowded]
    kept = np.array(corners)
    parts = [kept[:1]]
    for number, (turn, reach_m) in enumerate(_turns(kept, radius_m), 1):
        inward = kept[number] - kept[number - 1]
        heading = math.atan2(inward[0], inward[1])
        side = math.copysign(1.0, turn)
        begins = kept[number] - reach_m * inward / float(np.hypot(*inward))
        centre = begins + side * radius_m * np.array([math.cos(heading), -math.sin(heading)])
        parts.append(arc(centre, radius_m, heading - side * math.pi / 2, turn))
    return np.vstack([*parts, kept[-1:]])


def _turns(corners_m: Floats, radius_m: float) -> list[tuple[float, float]]:
    """(turn in radians, clockwise positive, and length from the corner to where its arc begins) of inner corners."""
    legs = np.diff(corners_m, axis=0)
    headings = np.arctan2(legs[:, 0], legs[:, 1])
    turns = (np.diff(headings) + np.pi) % (2 * np.pi) - np.pi
    return [(float(turn), radius_m * math.tan(min(abs(float(turn)), 3.1) / 2)) for turn in turns]


def _crowded(corners_m: Floats, radius_m: float) -> int | None:
    """A corner to be left out, because two arcs do not fit on the leg between them; None: all fit."""
    reach = [0.0, *(reach_m for _, reach_m in _turns(corners_m, radius_m)), 0.0]
    length = np.hypot(*np.diff(corners_m, axis=0).T)
    for leg, room_m in enumerate(length):
        if reach[leg] + reach[leg + 1] > room_m:
            return leg if reach[leg] >= reach[leg + 1] else leg + 1
    return None
