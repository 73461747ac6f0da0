"""What a network sees, by class of threat and height: how surely, by how many, and what hangs on one sensor alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.model.sensor import Sensor
from tocsin.model.threat import ThreatClass
from tocsin.plan.flown import seen_at
from tocsin.plan.land import land_of
from tocsin.plan.looking import USUAL, Conditions, counted, lookers

# A sensor sees a place where it notices what is there at one look of two.
SURELY = 0.5


@dataclass(frozen=True)
class Seen:
    """One class at one height over P places.

    chance   float32 [S, P]: that each sensor notices it at one look
    """

    threat: ThreatClass
    height_m: float
    chance: NDArray[np.float32]

    @property
    def by(self) -> NDArray[np.int64]:
        """How many sensors see each place, [P]."""
        return np.asarray((self.chance >= SURELY).sum(axis=0), np.int64)

    @property
    def together(self) -> NDArray[np.float64]:
        """Chance that any notices it at one look of each, [P]."""
        return np.asarray(1.0 - np.prod(1.0 - self.chance.astype(float), axis=0))

    @property
    def alone(self) -> NDArray[np.int64]:
        """The number of the sensor whose loss leaves a place unseen, [P]; -1: there is none, or nobody sees it."""
        only = self.by == 1
        return np.where(only, np.argmax(self.chance >= SURELY, axis=0), -1) if len(self.chance) else only - 1


class Sight:
    """A network over the land, to be asked what it sees."""

    def __init__(
        self,
        sensors: Sequence[Sensor],
        frame: LocalFrame,
        *,
        elevation: Elevation | None = None,
        conditions: Conditions = USUAL,
    ) -> None:
        self.sensors, self._frame, self._conditions = counted(sensors), frame, conditions
        self._elevation = elevation
        self._land, self._rasters = land_of(elevation, self.sensors, frame)

    def at(self, threat: ThreatClass, height_m: float, lat: ArrayLike, lon: ArrayLike) -> Seen:
        """What is seen of a class so high above the ground at places in degrees, [P]."""
        lats, lons = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
        east, north = self._frame.to_local(lats, lons)
        ground = np.zeros(len(lats)) if self._elevation is None else self._elevation.at(lats, lons)
        places = np.stack([east, north, ground + height_m, np.full(len(lats), height_m)], axis=-1)
        chance = np.empty((len(self.sensors), len(lats)), np.float32)
        look = lookers(self.sensors, threat, self._frame, self._conditions, self._rasters)
        seen_at(look, self._land, places, chance)
        return Seen(threat, height_m, chance)


def losses(seen: Sequence[Seen], sensors: Sequence[Sensor], population: NDArray[np.float64]) -> list[dict[str, object]]:
    """For each sensor and class how many people, at any of the heights, only it sees over; the most first."""
    rows: list[dict[str, object]] = []
    for threat in dict.fromkeys(one.threat for one in seen):
        alone = np.stack([one.alone for one in seen if one.threat == threat])
        for number, sensor in enumerate(sensors):
            hangs = (alone == number).any(axis=0)
            if hangs.any():
                people = float(population[hangs].sum())
                rows.append({"sensor": sensor.id, "class": threat, "zones": int(hangs.sum()), "people": people})
    return sorted(rows, key=lambda row: (-float(str(row["people"])), -int(str(row["zones"])), str(row["sensor"])))
