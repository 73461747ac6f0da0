"""Radars come and go while the service runs: tracks go on, and what was learned stays with its radar."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Plot, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.track.tracker import Tracker

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)


def radar(name: str, lon: float) -> Sensor:
    return Sensor(
        id=name, kind="radar", lat=48.0, lon=lon, range_m=300_000, range_kind="ground", sigma_range_m=60,
        sigma_azimuth_deg=0.08, scan_s=4,
    )  # fmt: skip


WEST, EAST = radar("west", 30.5), radar("east", 31.5)
MICROPHONE = Sensor(id="m", kind="presence", lat=48.0, lon=31.0, range_m=4_000)


def feed(tracker: Tracker, sensors: list[Sensor], begin: int, end: int) -> None:
    """Eight aircraft; the east radar measures 300 m too far. A person reports now and then."""
    chance = np.random.default_rng(begin)
    starts, speeds = (
        np.random.default_rng(1).uniform(-6e4, 6e4, (8, 2)),
        np.random.default_rng(2).uniform(-150, 150, (8, 2)),
    )
    for scan in range(begin, end):
        for number, sensor in enumerate(sensors):
            at = 4.0 * scan + number
            own = LocalFrame(sensor.lat, sensor.lon)
            for k, (east, north) in enumerate(starts + speeds * at):
                de, dn = (float(part) for part in own.to_local(*FRAME.to_geodetic(east, north)))
                reason = tracker.observe(
                    Plot(
                        id=f"{sensor.id}/{scan}/{k}", time=time_of(START_S + at), sensor=sensor.id,
                        range_m=math.hypot(de, dn) + (300.0 if sensor.id == "east" else 0.0) + chance.normal(0, 60),
                        azimuth_deg=(math.degrees(math.atan2(de, dn)) + chance.normal(0, 0.08)) % 360,
                    )
                )  # fmt: skip
                assert reason is None
        tracker.observe(
            Sighting(id=f"s{scan}", time=time_of(START_S + 4.0 * scan), source="person", lat=48.0, lon=31.0)
        )
        tracker.advance(START_S + 4.0 * scan + 3)


@pytest.mark.parametrize("others", [[MICROPHONE, EAST, WEST], [EAST], [radar("new", 31.0), WEST, EAST]])
def test_tracks_and_what_was_learned_survive_a_change_of_the_sensors(others: list[Sensor]) -> None:
    tracker = Tracker([WEST, EAST], FRAME)
    feed(tracker, [WEST, EAST], 0, 30)
    before = {one.sensor: one for one in tracker.health(START_S + 120)}
    known = {one.id for one in tracker.advance(START_S + 120) if one.status == "confirmed"}
    changed = Tracker.load(tracker.dump(), others, FRAME)
    for one in changed.health(START_S + 120):
        if one.sensor in before:
            assert one == before[one.sensor]
        else:
            assert (one.reports, one.range_bias_m) == (0, 0.0)
    feed(changed, [one for one in others if one.kind == "radar"], 30, 40)
    after = {one.id for one in changed.advance(START_S + 160) if one.status == "confirmed"}
    assert len(known) >= 8
    assert len(known & after) >= 8
    assert changed.dump() == Tracker.load(changed.dump(), others, FRAME).dump()
