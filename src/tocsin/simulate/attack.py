"""What every attacker draws: when and where it appears and where it is sent; and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.model.threat import ThreatClass
from tocsin.simulate.field import Field
from tocsin.simulate.threats import Threats

# Speed of a bomb or missile that a carrier lets go.
WEAPON_MPS = 240.0
AIMS_DRAWN = 32


@dataclass(frozen=True)
class Blow:
    """An object's hit, `at_s` on the world's clock, at place_m [2]."""

    object: str
    threat: ThreatClass
    at_s: float
    place_m: Floats


def drawn_moment_s(group: Threats, number: int, rng: np.random.Generator) -> float:
    """When one appears; the first of a group is punctual."""
    later = rng.random()
    return group.first_s + (group.spread_s * later if number else 0.0)


def drawn_start_m(group: Threats, rng: np.random.Generator) -> Floats:
    """Where one appears, [2]."""
    angle, distance = np.radians(rng.uniform(*group.from_deg)), rng.uniform(*group.from_m)
    return np.array([distance * np.sin(angle), distance * np.cos(angle)])


def drawn_aim_m(
    group: Threats, field: Field, start_m: Floats, radars_m: Sequence[Floats], rng: np.random.Generator
) -> Floats:
    """Where it is sent: the first draw within its reach; if none is, as far towards the last as it reaches."""
    aim = start_m
    for _ in range(AIMS_DRAWN if group.reach_m else 1):
        aim = field.among_people(rng)
        if rng.random() < group.elsewhere:
            aim = field.anywhere(rng)
        elif group.aim == "sensors" and radars_m:
            aim = radars_m[int(rng.integers(len(radars_m)))]
        if group.reach_m is None or np.hypot(*(aim - start_m)) <= group.reach_m:
            return aim
    assert group.reach_m is not None
    return start_m + group.reach_m / float(np.hypot(*(aim - start_m))) * (aim - start_m)
