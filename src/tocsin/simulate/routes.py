"""Routes of what flies by wings: waypoints in, release or impact, and home again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.field import Field
from tocsin.simulate.flight import steer
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.threats import Threats

# One detour for about this much way.
DETOUR_M = 35_000.0
# One standard deviation of a detour's width, as a share of the way.
SWING = 0.16
# Following a valley, a missile leaves it this far before its aim.
LEAVE_VALLEY_M = 12_000.0
CIRCLE_M = 6_000.0
HOME_M = 300_000.0


@dataclass(frozen=True)
class Route:
    """One object's whole way.

    points_m      [N, 2] every step of the class
    hit_step      index of the point where it strikes or lets go; None: it never does
    stand_off_m   distance from there to its aim
    """

    points_m: Floats
    hit_step: int | None
    stand_off_m: float


def way_in(
    field: Field, group: Threats, start_m: Floats, aim_m: Floats, turns_back: bool, rng: np.random.Generator
) -> Floats:
    """Waypoints [W, 2] from the start towards the aim; the last is the aim, or where it turns back."""
    goal = start_m + rng.uniform(0.4, 0.8) * (aim_m - start_m) if turns_back else aim_m
    if group.route == "valley":
        valley = field.ground.valley_m(start_m, goal)
        far = np.hypot(*(valley - goal).T) > LEAVE_VALLEY_M
        valley = valley[: int(np.argmin(far))] if not far.all() else valley
        return np.vstack([valley if len(valley) else start_m[None], goal])
    way = goal - start_m
    length = float(np.hypot(*way))
    count = round(length / DETOUR_M) if group.route == "detours" else 0
    if not count:
        return np.stack([start_m, goal])
    side = np.array([way[1], -way[0]]) / max(length, 1.0)
    share = (np.arange(1, count + 1) + rng.uniform(-0.3, 0.3, count)) / (count + 1)
    # Detours are wide in the middle and close up towards the aim.
    swing = rng.normal(0, SWING, count) * np.minimum(length, 150_000) * (1 - share)
    return np.vstack([start_m, start_m + share[:, None] * way + swing[:, None] * side, goal])


def way_home(
    inward_m: Floats,
    group: Threats,
    start_m: Floats,
    aim_m: Floats,
    duration_s: float,
    turns_back: bool,
    rng: np.random.Generator,
) -> Route:
    """The whole route flown at one speed: to the end for missiles and drones, back again for what returns."""
    kind = KINDS[group.kind]
    speed_mps = float(rng.uniform(*(group.speed_mps or kind.speed_mps)))
    stand_off = group.stand_off_m or kind.stand_off_m
    circles = rng.random() < group.circle
    radius_m = speed_mps**2 / kind.turn_mps2
    away = float(rng.choice([-1.0, 1.0]))

    def flown(waypoints: Floats, left_s: float) -> Floats:
        return steer(waypoints, speed_mps, kind.turn_mps2, kind.step_s, max(left_s, 0.0))

    if circles and not turns_back:
        bearing = rng.uniform(0, 2 * np.pi) + away * np.arange(9) * np.pi / 4
        ring = aim_m + max(CIRCLE_M, 2 * radius_m) * np.stack([np.sin(bearing), np.cos(bearing)], axis=-1)
        inward_m = np.vstack([inward_m[:-1], ring, aim_m])
    release_m = 0.0
    if stand_off and not turns_back:
        leg = inward_m[-2] - aim_m
        length = float(np.hypot(*leg))
        release_m = min(float(rng.uniform(*stand_off)), 0.9 * length)
        inward_m = np.vstack([inward_m[:-1], aim_m + release_m / max(length, 1.0) * leg])
    points = flown(inward_m, duration_s)
    arrived = bool(np.hypot(*(points[-1] - inward_m[-1])) < 1.0)
    hit_step = len(points) - 1 if arrived and not turns_back else None
    if arrived and (turns_back or release_m):
        heading = points[-1] - points[max(len(points) - 4, 0)]
        heading = heading / max(float(np.hypot(*heading)), 1e-6)
        side = away * np.array([heading[1], -heading[0]])
        turn = points[-1] + 2 * radius_m * side
        # Home lies beyond where it appeared: nothing vanishes from a radar in full view.
        beyond = start_m + HOME_M / max(float(np.hypot(*(start_m - aim_m))), 1.0) * (start_m - aim_m)
        home = np.stack([points[-1], points[-1] + 2 * radius_m * heading, turn, beyond])
        points = np.vstack([points, flown(home, duration_s - len(points) * kind.step_s)[1:]])
    return Route(points, hit_step, release_m)
