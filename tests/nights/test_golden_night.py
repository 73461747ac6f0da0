"""One night of which it is written down who was told what and when: the same journal must go on saying the same.

Written down are the warnings alone: time, level, zone, the threat and why there is one. Positions and probabilities may
differ in their last digits from one processor to another; what people are told must not.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tocsin.engine.engine import Engine
from tocsin.engine.snapshot import SNAPSHOT_VERSION
from tocsin.model.event import Configuration, Event, OperatorAct, Tick
from tocsin.model.observation import Alert, Impact, Launch, Plot, Position, Sighting, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_text
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

WRITTEN = Path(__file__).with_name("golden_night.txt")
RENEW = "TOCSIN_RENEW_GOLDEN=1 python -m pytest tests/nights/test_golden_night.py"
START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
LAT, LON = 46.0, 8.0
NORTH_M, EAST_M = 111_180.0, 111_320.0 * math.cos(math.radians(LAT))
SECONDS = 900

SENSORS = (
    Sensor(id="radar", kind="radar", lat=LAT, lon=LON, altitude_m=50, range_m=150_000, scan_s=4),
    Sensor(id="north", kind="radar", lat=LAT + 0.5, lon=LON, altitude_m=50, range_m=120_000, scan_s=6),
)


def square(row: int, column: int) -> Zone:
    south, west = LAT - 0.25 + 0.1 * row, LON - 0.3 + 0.12 * column
    ring = ((west, south), (west + 0.12, south), (west + 0.12, south + 0.1), (west, south + 0.1), (west, south))
    people = 2_000 * (1 + row) * (1 + column)
    return Zone(id=f"r{row}c{column}", name=f"r{row}c{column}", population=people, polygons=((ring,),))


ZONES = tuple(square(row, column) for row in range(5) for column in range(5))
# Threat, height, and corners of a path: second, metres east and north of the radar.
PATHS: tuple[tuple[str, float, tuple[tuple[float, float, float], ...]], ...] = (
    ("drone", 600.0, ((0, 4_000, 55_000), (880, 1_000, 9_000))),
    ("jet", 6_000.0, ((120, -80_000, 20_000), (330, -25_000, 8_000), (350, -25_000, 12_000), (600, -95_000, 40_000))),
    ("cruise_missile", 150.0, ((300, 90_000, -30_000), (690, 2_000, -9_000))),
    ("civil", 10_500.0, ((0, -90_000, -60_000), (900, 90_000, -20_000))),
)


def place(path: tuple[tuple[float, float, float], ...], at_s: float) -> tuple[float, float] | None:
    for (s0, e0, n0), (s1, e1, n1) in pairwise(path):
        if s0 <= at_s < s1:
            part = (at_s - s0) / (s1 - s0)
            return e0 + part * (e1 - e0), n0 + part * (n1 - n0)
    return None


def seen(at_s: int, chance: random.Random) -> Iterator[Event]:
    """What radars and a receiver say in one second; noise of random() alone, which is the same for good."""

    def noise(sigma: float) -> float:
        return sigma * (sum(chance.random() for _ in range(4)) - 2.0) * math.sqrt(3.0)

    time = START + timedelta(seconds=at_s)
    for sensor, north_m in ((SENSORS[0], 0.0), (SENSORS[1], 0.5 * NORTH_M)):
        if at_s % int(sensor.scan_s or 4) or (sensor.id == "north" and 400 <= at_s < 560):
            continue
        for number, (_, height_m, path) in enumerate(PATHS):
            where = place(path, at_s)
            range_m = 0.0 if where is None else math.hypot(where[0], where[1] - north_m, height_m)
            if where is None or range_m > 119_000 or chance.random() > 0.9:
                continue
            azimuth = math.degrees(math.atan2(where[0], where[1] - north_m)) + noise(0.08)
            yield Plot(
                id=f"{sensor.id}/{at_s}/{number}", time=time, sensor=sensor.id, range_m=range_m + noise(50.0),
                azimuth_deg=azimuth % 360, altitude_m=height_m + noise(80.0),
            )  # fmt: skip
    airliner = place(PATHS[3][2], at_s)
    if airliner is not None and at_s % 5 == 0:
        yield Position(
            id=f"ads-b/{at_s}", time=time, source="receiver", lat=LAT + airliner[1] / NORTH_M,
            lon=LON + airliner[0] / EAST_M, altitude_m=10_500, icao24="4b1234", cooperative=True,
        )  # fmt: skip


def said(at_s: int) -> Iterator[Event]:
    """What people say, and what becomes of sensors."""
    time = START + timedelta(seconds=at_s)
    if at_s == 200:
        yield Sighting(id="s", time=time, source="post", lat=LAT + 0.35, lon=LON, threat="drone", bearing_deg=20.0)
    if at_s == 240:
        yield Launch(id="l", time=time, lat=LAT - 0.4, lon=LON, sigma_m=800, threat="rocket", azimuth_deg=5.0)
    if at_s == 290:
        yield Impact(id="i", time=time, lat=LAT - 0.12, lon=LON + 0.02, sigma_m=80, threat="rocket")
    if at_s == 410:
        yield Alert(
            id="n", time=time, cap="<alert/>", zones=("r4c4",), level="take_cover", expires=time + timedelta(seconds=90)
        )
    if at_s in (450, 560):
        yield Status(id=f"d{at_s}", time=time, sensor="north", state="down" if at_s == 450 else "up")
    if at_s in (600, 660):
        action = "raise" if at_s == 600 else "release"
        yield OperatorAct(id=f"a{at_s}", time=time, operator="duty", action=action, zones=("r0c0",))  # type: ignore[arg-type]


def journal() -> Iterator[Event]:
    chance = random.Random(7)
    yield Configuration(id="c", time=START, sensors=SENSORS, zones=ZONES, drill=True)
    for at_s in range(SECONDS):
        yield from seen(at_s, chance)
        yield from said(at_s)
        yield Tick(time=START + timedelta(seconds=at_s + 0.5))


def told() -> list[str]:
    """One line a warning."""
    engine = Engine()
    return [
        f"{time_text(effect.time)[11:19]} {effect.level} {effect.zone} {effect.threat}"
        for event in journal()
        for effect in engine.step(event)
        if isinstance(effect, Warning)
    ]


def test_the_golden_night_is_told_as_it_is_written_down() -> None:
    head, *wanted = WRITTEN.read_text().splitlines()
    version, found = int(head.split()[-1]), told()
    if os.environ.get("TOCSIN_RENEW_GOLDEN") == "1" and (found != wanted or version != SNAPSHOT_VERSION):
        assert version < SNAPSHOT_VERSION, "raise SNAPSHOT_VERSION in engine/snapshot.py before the night is renewed"
        WRITTEN.write_text("\n".join([f"snapshot version {SNAPSHOT_VERSION}", *found]) + "\n")
        return
    assert found == wanted, (
        "The same journal gives other warnings than before. If that was not meant, it is a fault. If it was: raise "
        f"SNAPSHOT_VERSION in engine/snapshot.py, say why in the changelog, renew the night with\n    {RENEW}\n"
        f"and read what has changed in {WRITTEN.name}, line by line."
    )
    assert version == SNAPSHOT_VERSION, f"the golden night was written down for version {version}; renew it: {RENEW}"


def test_the_golden_night_holds_what_a_night_may_hold() -> None:
    lines = [line.split() for line in WRITTEN.read_text().splitlines()[1:]]
    assert {level for _, level, _, _ in lines} == {"prepare", "take_cover", "all_clear"}
    assert {threat for *_, threat in lines} >= {"drone", "jet", "cruise_missile", "rocket"}
    assert len({zone for _, _, zone, _ in lines}) > len(ZONES) // 2
