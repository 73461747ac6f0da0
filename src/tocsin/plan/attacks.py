"""Who may come, from where and how: the groups of attackers that minutes are planned against, and their ways in.

How a class flies stands in `simulate.kinds` and how far what is thrown reaches in `forecast.limits`; a group is what a
scenario says of one (`simulate.threats`), so that a plan and a raid may be made of the same file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tocsin.earth.frames import LocalFrame, geodetic_of
from tocsin.forecast.limits import ARCS
from tocsin.model.threat import BALLISTIC
from tocsin.plan.flown import BENDS, LEFT, NODES, Arcs, Draws
from tocsin.simulate.arcs import ARTILLERY_ROCKET, SHORT_RANGE_MISSILE, shoot
from tocsin.simulate.attack import WEAPON_MPS
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.routes import DETOUR_M, LEAVE_VALLEY_M, SWING
from tocsin.simulate.threats import Attacker, Threats

# Where what flies by wings comes from, unless a file says otherwise: beyond what is seen of it low over the ground, and
# far enough that nobody has more use for the minutes before.
FROM_M = (150_000.0, 250_000.0)
# Drones and cruise missiles come over waypoints; a pilot mostly flies straight.
BENDING = ("drone", "cruise_missile")
ARCS_KEPT = 12
# A tenth of them is three; with more, what a loss changes would take longer than a second for a whole country.
DRAWS = 32


def usual(kind: Attacker) -> Threats:
    """The group of a class when nothing is known of where it will come from: every direction, typical of its class."""
    if kind in BALLISTIC:
        return Threats(kind=kind, from_m=(ARCS[kind].range_min_m, ARCS[kind].range_max_m))
    return Threats(kind=kind, from_m=FROM_M, route="detours" if kind in BENDING else "direct")


def drawn(group: Threats, count: int, *, about_zone: bool, seed: int = 1) -> Draws:
    """`count` ways of a group, spread evenly over what it may do (a Latin hypercube); the same seed, the same ways.

    about_zone   its directions and distances are from the zone it is bound for, not from the frame's origin
    """
    rng, kind = np.random.default_rng(seed), KINDS[group.kind]

    def even() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return (rng.permutation(count) + rng.random(count)) / count

    def between(low: float, high: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return low + (high - low) * even()

    angle, away = np.radians(between(*group.from_deg)), between(*group.from_m)
    thrown = group.kind in BALLISTIC
    bending = group.route == "detours" or (group.law != "route" and group.kind in BENDING)
    release = group.stand_off_m or kind.stand_off_m
    return Draws(
        east_m=away * np.sin(angle),
        north_m=away * np.cos(angle),
        about_zone=int(about_zone),
        reach_m=group.reach_m or np.inf,
        speed_mps=between(*(group.speed_mps or kind.speed_mps)) if not thrown else np.ones(count),
        above_m=between(*(group.altitude_m or kind.altitude_m)),
        release_m=between(*release) if release else np.zeros(count),
        release_mps=WEAPON_MPS,
        jitter=rng.uniform(-0.3, 0.3, (count, BENDS)),
        swing=rng.normal(0, SWING, (count, BENDS)),
        bend_m=DETOUR_M if bending else 0.0,
        dive_m=kind.dive_m,
        arc=int(thrown),
        valley_m=LEAVE_VALLEY_M if group.route == "valley" or group.law == "terrain" else 0.0,
    )


def shared_out(groups: Sequence[Threats], count: int) -> list[int]:
    """How many of `count` ways each of some groups of a class gets: by its number of attackers, and one at least."""
    total = sum(group.count for group in groups)
    return [max(1, round(count * group.count / total)) for group in groups]


@lru_cache(maxsize=64)
def arcs_of(kind: Attacker, frame: LocalFrame, range_m: tuple[float, float]) -> Arcs:
    """Arcs of a thrown class over some ranges, as the simulator throws them eastwards at the frame's origin."""
    missile = SHORT_RANGE_MISSILE if kind == "ballistic_missile" else ARTILLERY_ROCKET
    ranges = np.geomspace(*range_m, ARCS_KEPT)
    lat, lon = frame.to_geodetic(-ranges, np.zeros(ARCS_KEPT))
    origin = np.full(ARCS_KEPT, frame.lat), np.full(ARCS_KEPT, frame.lon)
    states, flight_s, _ = shoot(lat, lon, np.full(ARCS_KEPT, 90.0), ranges, *origin, missile)
    grid = np.arange(len(states)) * missile.step_s
    share, height = np.empty((ARCS_KEPT, NODES)), np.empty((ARCS_KEPT, NODES))
    for m, flown_s in enumerate(flight_s.tolist()):
        at_s = flown_s * (1.0 - LEFT)
        places = np.stack([np.interp(at_s, grid, column) for column in states[:, m, :3].T], axis=-1)
        east = frame.to_local(*geodetic_of(places)[:2])[0]
        share[m], height[m] = 1.0 + east / ranges[m], np.maximum(geodetic_of(places)[2], 0.0)
    return Arcs(ranges, np.asarray(flight_s, float), share, height)


NO_ARCS = Arcs(np.array([1.0, 2.0]), np.ones(2), np.zeros((2, NODES)), np.zeros((2, NODES)))
