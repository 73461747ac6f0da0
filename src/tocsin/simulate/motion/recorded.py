"""Real motion: a piece of a recorded flight, scaled to the class's speed and turning, placed to end at its aim.

Speeds keep their ups and downs: the fastest moment of the piece becomes the class's drawn speed, and lengths grow
until the hardest turn is one the class flies (v' = v l / t, a' = a l / t^2). What carries something lets it fall on
the way and flies on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.attack import WEAPON_MPS
from tocsin.simulate.motion.curves import every, homeward, lengths_m
from tocsin.simulate.motion.recordings import EVERY_S, Recording, recordings
from tocsin.simulate.motion.way import Hit, Order, Way

# Of so many drawn pieces the first is flown that leads about as far as its aim lies and not straight there.
DRAWN = 40
AS_FAR = (0.5, 1.2)
WINDING = 1.15
# What carries something strikes on this share of its way.
ON_THE_WAY = (0.45, 0.85)


@dataclass(frozen=True)
class Part:
    """From `begins_s` to `ends_s` of a piece as recorded, striking at `hits_s`; lengths and times grow by factors."""

    piece: Recording
    begins_s: float
    ends_s: float
    hits_s: float
    longer: float
    slower: float

    def points_m(self, recorded_s: Floats | float) -> Floats:
        """Where it is, as long as it is flown, [..., 2]."""
        return np.asarray(self.longer * self.piece.curve(recorded_s), float)

    @property
    def leads_m(self) -> float:
        """How far its hit lies from its beginning."""
        return float(np.hypot(*(self.points_m(self.hits_s) - self.points_m(self.begins_s))))

    @property
    def winds(self) -> float:
        """The length of its way to the hit, as a multiple of that."""
        path = self.points_m(np.linspace(self.begins_s, self.hits_s, 200))
        return float(np.hypot(*np.diff(path, axis=0).T).sum()) / max(self.leads_m, 1.0)


def recorded(order: Order) -> tuple[Way, ...]:
    """One object's way. Raises Missing, BadFile: see `recordings`."""
    sources, speed_mps = recordings(), order.speed_mps()
    wanted_m = float(np.hypot(*(order.aims_m[0] - order.start_m)))
    parts = []
    for _ in range(DRAWN):
        # First the kind of flying: one fire-fighting day holds most of the pieces.
        pieces = sources[int(order.rng.integers(len(sources)))]
        part = drawn(order, pieces[int(order.rng.integers(len(pieces)))], speed_mps)
        if AS_FAR[0] <= part.leads_m / wanted_m <= AS_FAR[1] and part.winds >= WINDING:
            return (placed(order, part, speed_mps),)
        parts.append(part)
    nearest = min(parts, key=lambda part: abs(part.leads_m - wanted_m))
    return (placed(order, nearest, speed_mps),)


def drawn(order: Order, piece: Recording, speed_mps: float) -> Part:
    """A part of a piece that fits the time left, scaled: never faster than told, turning no harder than the class."""
    rng, kind = order.rng, order.kind
    fastest_mps, hardest_mps2 = piece.bounds
    faster = speed_mps / fastest_mps
    longer = max(1.0, faster**2 * hardest_mps2 / kind.turn_mps2)
    slower = longer / faster
    ends_s = piece.lasts_s * float(rng.uniform(0.5, 1.0))
    begins_s = max(0.0, ends_s - 0.95 * order.left_s / slower)
    share = 1.0 if kind.stand_off_m is None else float(rng.uniform(*ON_THE_WAY))
    return Part(piece, begins_s, ends_s, begins_s + share * (ends_s - begins_s), longer, slower)


def placed(order: Order, part: Part, speed_mps: float) -> Way:
    """A part in the world: turned so that it leads to the aim from where it appears, and home where it carries."""
    kind, aim_m = order.kind, order.aims_m[0]
    there, wanted = part.points_m(part.hits_s) - part.points_m(part.begins_s), aim_m - order.start_m
    turn = math.atan2(*wanted) - math.atan2(*there)
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    lasts_s, at_s = (part.slower * (one - part.begins_s) for one in (part.ends_s, part.hits_s))
    time_s = np.append(np.arange(0.0, lasts_s - 1e-6, kind.step_s), lasts_s)
    recorded_s = part.begins_s + time_s / part.slower
    points = (part.points_m(recorded_s) - part.points_m(part.hits_s)) @ turned + aim_m
    low_m, high_m = order.group.altitude_m or kind.altitude_m
    above_m = low_m + (high_m - low_m) * _profile(part.piece, recorded_s)
    fall_s = 0.0
    if kind.dive_m:
        left_m = lengths_m(points[::-1])[::-1]
        above_m *= np.clip(left_m / kind.dive_m, 0.0, 1.0)
    else:
        fall_s = float(np.interp(at_s, time_s, above_m)) / WEAPON_MPS
        home = every(homeward(order, points, speed_mps), speed_mps * kind.step_s)[1:]
        points, above_m = np.vstack([points, home]), np.append(above_m, np.full(len(home), above_m[-1]))
        time_s = np.append(time_s, lasts_s + kind.step_s * np.arange(1, len(home) + 1))
    ground_m = order.field.ground.height_m(points[:, 0], points[:, 1])
    return Way(order.group.kind, kind, time_s, points, ground_m + above_m, Hit(at_s + fall_s, aim_m))


def _profile(piece: Recording, recorded_s: Floats) -> Floats:
    """Heights at moments of a piece, from 0 (the lowest of them) to 1."""
    height = np.interp(recorded_s, EVERY_S * np.arange(len(piece.altitude_m)), piece.altitude_m)
    height = height - height.min()
    return np.asarray(height / max(float(height.max()), 100.0), float)
