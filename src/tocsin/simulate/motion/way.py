"""What a law of motion is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.model.threat import ThreatClass
from tocsin.simulate.field import Field
from tocsin.simulate.kinds import KINDS, Kind
from tocsin.simulate.threats import Threats


@dataclass(frozen=True)
class Order:
    """One attack to be flown.

    start_m   [2] where it appears (is launched), in the world's frame
    aims_m    [A, 2] what it is sent to, as many as its law asks for
    left_s    how long the world lasts from its appearance
    """

    field: Field
    group: Threats
    start_m: Floats
    aims_m: Floats
    left_s: float
    rng: np.random.Generator

    @property
    def kind(self) -> Kind:
        """How the group's class flies."""
        return KINDS[self.group.kind]

    def speed_mps(self) -> float:
        """A speed drawn from the group's interval, or its class's."""
        return float(self.rng.uniform(*(self.group.speed_mps or self.kind.speed_mps)))

    def above_m(self) -> float:
        """A height above the ground drawn from the group's interval, or its class's."""
        return float(self.rng.uniform(*(self.group.altitude_m or self.kind.altitude_m)))


@dataclass(frozen=True)
class Hit:
    """A strike, `at_s` after the order's appearance, at place_m [2]."""

    at_s: float
    place_m: Floats


@dataclass(frozen=True)
class Way:
    """What one object flies: columns of length N >= 2.

    time_s       after the order's appearance, increasing; what a carrier lets go begins later than its carrier
    points_m     [N, 2] in the world's frame
    altitude_m   above a smooth Earth
    hit          None: it strikes nothing
    """

    threat: ThreatClass
    kind: Kind
    time_s: Floats
    points_m: Floats
    altitude_m: Floats
    hit: Hit | None
