"""Wingmen stay two; a missile's arc is recognised; kernels without a compiler say the same."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tocsin.bench.track_scenario import scenario
from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.track.bulk import track_plots
from tocsin.track.tracker import Tracker

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)


def plot(
    sensor: Sensor, at_s: float, east: float, north: float, height: float, off: tuple[float, float, float]
) -> Plot:
    de, dn = LocalFrame(sensor.lat, sensor.lon).to_local(*FRAME.to_geodetic(east, north))
    return Plot(
        id=f"{sensor.id}/{at_s}/{hash(off)}",
        time=time_of(START_S + at_s),
        sensor=sensor.id,
        range_m=math.sqrt(float(de) ** 2 + float(dn) ** 2 + height**2) + off[0],
        azimuth_deg=(math.degrees(math.atan2(float(de), float(dn))) + off[1]) % 360,
        altitude_m=height + off[2],
    )


def radar(name: str, lon: float) -> Sensor:
    return Sensor(
        id=name, kind="radar", lat=48.0, lon=lon, range_m=300_000, sigma_range_m=60, sigma_azimuth_deg=0.08,
        sigma_altitude_m=100, scan_s=4,
    )  # fmt: skip


def test_two_wingmen_stay_two() -> None:
    sensor = radar("radar", 31.0)
    tracker = Tracker([sensor], FRAME)
    chance = np.random.default_rng(6)
    for scan in range(30):
        at = 4.0 * scan
        for beside in (0.0, 900.0):
            off = (chance.normal(0, 60), chance.normal(0, 0.08), chance.normal(0, 100))
            tracker.observe(plot(sensor, at, -60_000 + 220 * at, 50_000 + beside, 5_000.0, off))
    tracks = [one for one in tracker.advance(START_S + 117) if one.status == "confirmed"]
    assert len(tracks) == 2
    norths = sorted(float(FRAME.to_local(one.lat, one.lon)[1]) for one in tracks)
    assert norths[1] - norths[0] == pytest.approx(900, abs=400)


def test_a_ballistic_missile_is_recognised_by_its_arc() -> None:
    sensor = radar("radar", 31.0)
    tracker = Tracker([sensor], FRAME)
    chance = np.random.default_rng(8)
    for scan in range(25):
        at = 4.0 * scan
        height = 30_000 + 1_000 * at - 0.5 * 9.6 * at**2
        off = (chance.normal(0, 60), chance.normal(0, 0.08), chance.normal(0, 100))
        tracker.observe(plot(sensor, at, -150_000 + 1_300 * at, 40_000, height, off))
    (track,) = [one for one in tracker.advance(START_S + 97) if one.status == "confirmed"]
    assert track.threat == "ballistic_missile"
    assert track.speed_mps == pytest.approx(1_300, rel=0.05)
    assert track.climb_mps == pytest.approx(1_000 - 9.6 * 97, abs=60)


WITHOUT_COMPILER = """
import json, sys
from tocsin.bench.track_scenario import scenario
from tocsin.track.bulk import track_plots
one = scenario(6, 3, duration_s=16.0)
table = track_plots(one.plots, one.sensors, every_s=8.0)
json.dump([table.track.tolist(), table.lat.tolist(), table.speed_mps.tolist(), table.status.tolist()], sys.stdout)
"""


def test_kernels_without_a_compiler_say_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_COMPILER],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    track, lat, speed, status = json.loads(done.stdout)
    one = scenario(6, 3, duration_s=16.0)
    table = track_plots(one.plots, one.sensors, every_s=8.0)
    assert table.track.tolist() == track
    assert table.status.tolist() == status
    assert table.lat == pytest.approx(lat, abs=1e-7)
    assert table.speed_mps == pytest.approx(speed, abs=1e-3)


def test_the_same_plots_give_the_same_table_and_a_repeated_plot_changes_nothing() -> None:
    one = scenario(10, 5, duration_s=30.0)
    columns: dict[str, Any] = {
        field.name: np.repeat(getattr(one.plots, field.name), 2)
        for field in dataclasses.fields(one.plots)
        if field.name != "sensors"
    }
    twice = dataclasses.replace(one.plots, **columns)
    first, second = track_plots(one.plots, one.sensors), track_plots(twice, one.sensors)
    assert len(first) > 0
    for field in dataclasses.fields(first):
        assert np.array_equal(getattr(first, field.name), getattr(second, field.name))
