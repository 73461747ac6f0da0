"""A raid for chaos nights: slow drones over small zones, so that within a minute many are warned and many are cleared.

Everything in it comes from a seed and the second since it began; nothing of it is real.
"""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tocsin.earth.frames import LocalFrame
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

LAT, LON = 35.0, 38.0
ROWS = 10
CELL_DEG = 0.025
HEIGHT_M = 600.0
DRONES = 4
SPEED_MPS = (50.0, 60.0)
# Within this of the middle they begin, and fly on beyond the zones.
BEGIN_M, ASIDE_M = 12_000.0, 12_000.0
# People are told and cleared within seconds, so that a minute shows it.
POLICY = """
name = "brisk"
description = "For nights of a minute: every duration is short."
linger_s = 2
min_on_s = 3
clear_quiet_s = 3
clear_utmost_s = 10
clear_reach_s = 15
cooldown_s = 2
clear_shown_s = 5
blind_hold_s = 5
valid_s = 60
renew_s = 45
margin_s = 5
delivery_s = 1
prepare_s = 40
"""
TABLES = "[track]\ncoast_s = 6\ndrop_score = 5\nlate_s = 20\n"
_FRAME = LocalFrame(LAT, LON)


class Drone(NamedTuple):
    """A straight flight: from a place, metres from the middle, with a velocity."""

    east_m: float
    north_m: float
    east_mps: float
    north_mps: float

    def at(self, second: float) -> tuple[float, float]:
        """Where it is, east and north, metres from the middle."""
        return self.east_m + self.east_mps * second, self.north_m + self.north_mps * second


class Raid:
    """The drones of a seed, and what two radars see of them."""

    def __init__(self, seed: int, drones: int = DRONES) -> None:
        self._chance = random.Random(f"raid/{seed}")  # noqa: S311 - a seed is a night
        self.drones = [self._drawn() for _ in range(drones)]

    def _drawn(self) -> Drone:
        course = self._chance.uniform(0, math.tau)
        along, aside = self._chance.uniform(-BEGIN_M, 0), self._chance.uniform(-ASIDE_M, ASIDE_M)
        speed = self._chance.uniform(*SPEED_MPS)
        east, north = math.sin(course), math.cos(course)
        return Drone(east * along + north * aside, north * along - east * aside, speed * east, speed * north)

    def seen(self, radar: Sensor, second: int, begun: datetime) -> list[Plot]:
        """What a radar sees in this second: every drone, and something that is none, so that it is known to see."""
        at_m = _metres(radar.lat, radar.lon)
        now = datetime.fromtimestamp(begun.timestamp() + second, UTC)
        plots = []
        for number, drone in enumerate(self.drones):
            east, north = (mine - its for mine, its in zip(drone.at(second), at_m, strict=True))
            slant = math.hypot(east, north, HEIGHT_M - radar.altitude_m) + self._chance.gauss(0, 60)
            azimuth = math.degrees(math.atan2(east, north)) + self._chance.gauss(0, 0.1)
            height = HEIGHT_M + self._chance.gauss(0, 100)
            plots.append(_plot(radar, f"{second}/{number}", now, slant, azimuth, height))
        away = self._chance.uniform(60_000, 120_000), self._chance.uniform(0, 360)
        return [*plots, _plot(radar, f"{second}/nothing", now, *away, None)]


def _plot(radar: Sensor, number: str, now: datetime, slant: float, azimuth: float, height: float | None) -> Plot:
    return Plot(
        id=f"{radar.id}/{number}",
        time=now,
        received=now,
        source=radar.id,
        sensor=radar.id,
        range_m=slant,
        azimuth_deg=azimuth % 360,
        altitude_m=height,
    )


def _metres(lat: float, lon: float) -> tuple[float, float]:
    east, north = _FRAME.to_local(lat, lon)
    return float(east), float(north)


def zones() -> tuple[Zone, ...]:
    """A hundred cells around the middle, ten seconds from shelter."""
    made = []
    for row in range(ROWS):
        for column in range(ROWS):
            south, west = LAT + (row - ROWS / 2) * CELL_DEG, LON + (column - ROWS / 2) * CELL_DEG
            north, east = south + CELL_DEG, west + CELL_DEG
            ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
            name = f"{row}{column}"
            made.append(Zone(id=f"z{name}", name=f"Zone {name}", population=1_000, shelter_s=10, polygons=((ring,),)))
    return tuple(made)


def radars() -> tuple[Sensor, ...]:
    """Two that see everything, once a second."""
    return tuple(
        Sensor(
            id=f"radar-{name}", kind="radar", lat=LAT + off, lon=LON - off, altitude_m=300.0, range_m=150_000.0,
            sigma_range_m=60.0, sigma_azimuth_deg=0.1, sigma_altitude_m=100.0, scan_s=1.0,
            detection_probability=0.95, false_plots_per_scan=1.0, delay_s=0.0,
        )
        for name, off in (("a", 0.0), ("b", 0.05))
    )  # fmt: skip


def write(folder: Path) -> Path:
    """Write zones.geojson, sensors.json and policy.toml into a folder; the last one's path."""
    (folder / "zones.geojson").write_bytes(zones_to_geojson(zones()))
    (folder / "sensors.json").write_bytes(to_json(radars()))
    (folder / "policy.toml").write_text(POLICY)
    return folder / "policy.toml"
