"""One group that flies together and splits into parts with different aims: each steers by its neighbours.

Reynolds's rules (Flocks, Herds and Schools, 1987): towards the goal, towards the others, not too near to anyone;
turning no faster than the class does.
"""

from __future__ import annotations

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.motion.way import Hit, Order, Way

# They appear within this of each other, keep about `APART_M`, and hold together more the farther they stray.
SPREAD_M = 1_500.0
APART_M = 400.0
TOGETHER_M = 6_000.0
# They part on this share of the way.
PART_AT = (0.35, 0.75)
# Members of one part strike about one aim.
SCATTER_M = 350.0


def swarm(order: Order) -> tuple[Way, ...]:
    """The ways of all members; member k strikes near aim k modulo the number of parts, decoys end there in the air."""
    rng, kind, group = order.rng, order.kind, order.group
    count, parts = group.count, min(int(rng.integers(group.parts[0], group.parts[1] + 1)), group.count)
    part = np.arange(count) % parts
    aims = order.aims_m[part] + rng.normal(0, SCATTER_M, (count, 2)) * (np.arange(count) >= parts)[:, None]
    parting = order.start_m + float(rng.uniform(*PART_AT)) * (aims.mean(axis=0) - order.start_m)
    paths, ends = flock(order, parting, aims, part, order.speed_mps())
    decoy = rng.random(count) < group.decoys
    above = order.above_m() * rng.uniform(0.8, 1.2, count)
    ways = []
    for member in range(count):
        points = paths[: ends[member] + 1, member]
        arrived = bool(np.hypot(*(points[-1] - aims[member])) < 1.0)
        strikes = arrived and not decoy[member]
        to_go = np.hypot(*(points - aims[member]).T) / max(kind.dive_m, 1.0)
        height = above[member] * (np.clip(to_go, 0.0, 1.0) if strikes else np.ones(len(points)))
        time_s = np.asarray(np.arange(len(points)) * kind.step_s, np.float64)
        ground = order.field.ground.height_m(points[:, 0], points[:, 1])
        hit = Hit(float(time_s[-1]), aims[member]) if strikes else None
        ways.append(Way(group.kind, kind, time_s, points, ground + height, hit))
    return tuple(ways)


def flock(
    order: Order, parting_m: Floats, aims_m: Floats, part: np.ndarray[tuple[int], np.dtype[np.intp]], speed_mps: float
) -> tuple[Floats, list[int]]:
    """Paths [T, M, 2] of the members and the step at which each arrives, else the last."""
    rng, kind = order.rng, order.kind
    place = order.start_m + rng.uniform(-SPREAD_M, SPREAD_M, aims_m.shape)
    # Who is slower falls behind: within a hundredth all fly alike.
    stride = speed_mps * kind.step_s * (1 - 0.01 * rng.random(len(part)))
    turn, radius_m = kind.turn_mps2 / speed_mps * kind.step_s, speed_mps**2 / kind.turn_mps2
    heading = np.full(len(part), float(np.arctan2(*(parting_m - order.start_m))))
    flies, parted = np.ones(len(part), bool), False
    path, ends = [place.copy()], [0] * len(part)
    for step in range(1, max(2, int(order.left_s / kind.step_s) + 1)):
        parted = parted or bool(np.hypot(*(place[flies].mean(axis=0) - parting_m)) < max(2 * radius_m, SPREAD_M))
        goal = aims_m if parted else np.broadcast_to(parting_m, aims_m.shape)
        away = np.hypot(*(goal - place).T)
        wanted = (goal - place) / np.maximum(away, 1.0)[:, None]
        # Nobody minds the others on the last kilometres.
        minds = np.clip(away / (8 * radius_m) - 0.5, 0.0, 1.0)[:, None]
        wanted = wanted + minds * _company(place, part if parted else np.zeros_like(part), flies)
        change = (np.arctan2(wanted[:, 0], wanted[:, 1]) - heading + np.pi) % (2 * np.pi) - np.pi
        limit = np.where(parted & (away < 2 * radius_m), np.pi, turn)
        heading = heading + np.clip(change, -limit, limit)
        arrives = flies & parted & (away <= stride)
        moved = place + stride[:, None] * np.stack([np.sin(heading), np.cos(heading)], axis=-1)
        place = np.where(arrives[:, None], aims_m, np.where(flies[:, None], moved, place))
        path.append(place.copy())
        ends = [step if flying else end for flying, end in zip(flies, ends, strict=True)]
        flies &= ~arrives
        if not flies.any():
            break
    return np.array(path), ends


def _company(
    place_m: Floats, part: np.ndarray[tuple[int], np.dtype[np.intp]], flies: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Floats:
    """What pulls each member to the middle of its part and pushes it from whoever is too near, [M, 2]."""
    to_others = place_m[None] - place_m[:, None]
    away = np.hypot(to_others[..., 0], to_others[..., 1])
    with_me = (part[:, None] == part) & flies
    middle = (to_others * with_me[..., None]).sum(axis=1) / np.maximum(with_me.sum(axis=1), 1)[:, None]
    push = np.where(flies & (away > 0), np.clip(1.0 - away / APART_M, 0.0, 1.0), 0.0)
    apart = -(push[..., None] * to_others / np.maximum(away, 1.0)[..., None]).sum(axis=1)
    return np.asarray(middle / TOGETHER_M + apart, float)
