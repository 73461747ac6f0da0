"""Plane curves that laws share: resampling at one speed, curvature, a turn onto a point, and how a flight ends."""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.attack import WEAPON_MPS
from tocsin.simulate.motion.way import Hit, Order, Way

# Curves are drawn this finely before they are flown.
FINE_M = 50.0
ARC_RAD = math.radians(0.5)
# Home lies beyond where it appeared: nothing vanishes from a radar in full view.
HOME_M = 300_000.0
HOME_SPREAD_DEG = 40.0


def lengths_m(curve_m: Floats) -> Floats:
    """Length along a curve [P, 2] up to each of its points, [P]."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve_m, axis=0).T))])


def every(curve_m: Floats, stride_m: float) -> Floats:
    """Points [N, 2] of a curve [P, 2], `stride_m` of its length apart, and its end."""
    along = lengths_m(curve_m)
    at = np.append(np.arange(0.0, along[-1] - 1e-6, stride_m), along[-1])
    return np.stack([np.interp(at, along, column) for column in curve_m.T], axis=-1)


def sharpest(curve_m: Floats) -> float:
    """The greatest curvature, 1/m, of a curve [P, 2] sampled evenly: turn of heading over the way between chords."""
    steps = np.diff(curve_m, axis=0)
    length = np.hypot(*steps.T)
    steps, length = steps[length > 1e-6], length[length > 1e-6]
    heading = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    return float((np.abs(np.diff(heading)) / (0.5 * (length[1:] + length[:-1]))).max(initial=0.0))


def arc(centre_m: Floats, radius_m: float, from_rad: float, by_rad: float) -> Floats:
    """Points [P, 2] of a circle, half a degree apart; bearings from the centre, clockwise where `by_rad` > 0."""
    bearing = from_rad + np.linspace(0.0, by_rad, 2 + int(abs(by_rad) / ARC_RAD))
    return centre_m + radius_m * np.stack([np.sin(bearing), np.cos(bearing)], axis=-1)


def turn_onto(place_m: Floats, heading_rad: float, goal_m: Floats, radius_m: float) -> Floats:
    """The shortest arc and straight line [P, 2] from a place and heading to a point (Dubins 1957, the words CS).

    A point inside both turning circles cannot be reached so; none such is within two radii.
    """
    best: tuple[float, Floats] | None = None
    for side in (1.0, -1.0):
        centre = place_m + side * radius_m * np.array([math.cos(heading_rad), -math.sin(heading_rad)])
        to_goal = goal_m - centre
        away = float(np.hypot(*to_goal))
        if away < radius_m:
            continue
        # On a circle flown clockwise the point of leaving lies acos(r / d) before the bearing of the goal.
        leaves = math.atan2(*to_goal) - side * math.acos(radius_m / away)
        begins = heading_rad - side * math.pi / 2
        by = side * ((side * (leaves - begins)) % (2 * math.pi))
        # Straight on is no turn, not a whole one.
        by = 0.0 if 2 * math.pi - abs(by) < 1e-6 else by
        turn = arc(centre, radius_m, begins, by)
        length = abs(by) * radius_m + float(np.hypot(*(goal_m - turn[-1])))
        if best is None or length < best[0]:
            best = (length, np.vstack([turn, goal_m]))
    return best[1] if best is not None else np.stack([place_m, goal_m])


def heading_rad(curve_m: Floats) -> float:
    """Heading at the end of a curve [P, 2]."""
    step = curve_m[-1] - curve_m[-2]
    return math.atan2(step[0], step[1])


def flown(order: Order, curve_m: Floats, speed_mps: float, *, strikes: bool = True) -> Way:
    """One object along a curve [P, 2] at one speed: what dives ends at its end, what carries lets go and leaves.

    Without `strikes` it ends there in the air, and nothing falls.
    """
    kind, rng = order.kind, order.rng
    stride_m = speed_mps * kind.step_s
    carries = kind.stand_off_m is not None or order.group.stand_off_m is not None
    release_m = 0.0
    aim_m = curve_m[-1]
    if carries and strikes:
        wanted_m = float(rng.uniform(*(order.group.stand_off_m or kind.stand_off_m or (0.0, 0.0))))
        fine = every(curve_m, FINE_M)
        near = np.hypot(*(fine - aim_m).T) <= min(wanted_m, 0.9 * float(np.hypot(*(fine[0] - aim_m))))
        first = max(2, len(near) - int(np.argmin(near[::-1])))
        curve_m = fine[: first + 1]
        release_m = float(np.hypot(*(curve_m[-1] - aim_m)))
    inward = every(curve_m, stride_m)
    released_s = (len(inward) - 1) * kind.step_s
    hit = Hit(released_s + release_m / WEAPON_MPS, aim_m) if strikes and released_s <= order.left_s else None
    points = inward
    if carries and strikes:
        points = np.vstack([inward, every(homeward(order, curve_m, speed_mps), stride_m)[1:]])
    above_m = np.full(len(points), order.above_m())
    if kind.dive_m and not carries and strikes:
        above_m *= np.clip(np.hypot(*(points - aim_m).T) / kind.dive_m, 0.0, 1.0)
        # A loiter near the aim is no dive: it comes down once, at the end.
        left_m = stride_m * np.arange(len(points))[::-1]
        above_m[left_m > 1.5 * kind.dive_m] = above_m.max()
    time_s = np.asarray(np.arange(len(points)) * kind.step_s, np.float64)
    ground_m = order.field.ground.height_m(points[:, 0], points[:, 1])
    return Way(order.group.kind, kind, time_s, points, ground_m + above_m, hit)


def homeward(order: Order, curve_m: Floats, speed_mps: float) -> Floats:
    """The curve [P, 2] home from the end of another: a turn, then straight on to beyond where it came from."""
    spread = math.radians(float(order.rng.uniform(-HOME_SPREAD_DEG, HOME_SPREAD_DEG)))
    back = math.atan2(*(order.start_m - order.aims_m[0])) + spread
    home_m = curve_m[-1] + HOME_M * np.array([math.sin(back), math.cos(back)])
    return turn_onto(curve_m[-1], heading_rad(curve_m), home_m, speed_mps**2 / order.kind.turn_mps2)
