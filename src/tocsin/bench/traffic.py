"""A country with busy air: its zones, its radars, and what these see of a hundred aircraft."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from tocsin.earth.physics import DEGREE_M
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone

ZONES = 1_449
# A hundred unknown aircraft put every zone near them under warning; a probe needs one that is not.
PROBE_ZONES = 120
PROBE_ZONES_AWAY_DEG = 8.0
TARGETS = 100
RADARS = 10
LAT, LON = 46.8, 8.2
REACH_M = 150_000.0


def country_zones() -> tuple[Zone, ...]:
    """A chessboard of square zones, 0.05 degrees wide; the last ones far from everything that flies, for the probes."""
    side = math.ceil(math.sqrt(ZONES))
    zones = []
    for number in range(ZONES):
        away_deg = PROBE_ZONES_AWAY_DEG if number >= ZONES - PROBE_ZONES else 0.0
        south = LAT - side * 0.025 + number // side * 0.05 + away_deg
        west = LON - side * 0.025 + number % side * 0.05
        ring = ((west, south), (west + 0.05, south), (west + 0.05, south + 0.05), (west, south + 0.05), (west, south))
        zones.append(Zone(id=f"zone{number:04d}", name=f"Zone {number}", population=5_000, polygons=((ring,),)))
    return tuple(zones)


def country_radars(count: int = RADARS) -> tuple[Sensor, ...]:
    """So many, each with the whole country in its reach, turning once a second."""
    return tuple(
        Sensor(
            id=f"radar{n}",
            kind="radar",
            lat=LAT + 0.3 * math.cos(n),
            lon=LON + 0.3 * math.sin(n),
            range_m=400_000,
            range_kind="ground",
            sigma_range_m=60,
            sigma_azimuth_deg=0.1,
            scan_s=1.0,
        )
        for n in range(count)
    )


class Traffic:
    """A hundred aircraft on circles at different distances, seen by every radar in turn.

    name   begins the ids of its plots
    """

    def __init__(self, seed: int = 1, sensors: Sequence[Sensor] | None = None, name: str = "plot") -> None:
        rng = np.random.default_rng(seed)
        self._rng = rng
        self._radius_m = rng.uniform(20_000, REACH_M, TARGETS)
        self._phase = rng.uniform(0, 2 * math.pi, TARGETS)
        self._speed_mps = rng.uniform(50, 250, TARGETS)
        self._sensors = country_radars() if sensors is None else sensors
        self._name = name
        self._count = 0

    def plots(self, count: int, now: datetime) -> list[Plot]:
        """The next plots, targets and radars in turn."""
        made = []
        for _ in range(count):
            target, sensor = self._count % TARGETS, self._sensors[self._count // TARGETS % len(self._sensors)]
            self._count += 1
            angle = self._phase[target] + self._speed_mps[target] / self._radius_m[target] * now.timestamp()
            lat = LAT + self._radius_m[target] * math.cos(angle) / DEGREE_M
            lon = LON + self._radius_m[target] * math.sin(angle) / (DEGREE_M * math.cos(math.radians(LAT)))
            north = (lat - sensor.lat) * DEGREE_M
            east = (lon - sensor.lon) * DEGREE_M * math.cos(math.radians(LAT))
            made.append(
                Plot(
                    id=f"{self._name}{self._count}",
                    time=now,
                    sensor=sensor.id,
                    range_m=max(0.0, math.hypot(east, north) + self._rng.normal(0, 60)),
                    azimuth_deg=math.degrees(math.atan2(east, north)) % 360,
                    altitude_m=3_000,
                )
            )
        return made
