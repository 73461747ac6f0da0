"""Arcs against flights that other people measured, and against mechanics solved by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tocsin.earth.frames import ecef_of, enu_axes, geodetic_of
from tocsin.forecast.ballistic import coast, fall

ARCS = ("BulgariaSat-1", "KoreaSat_5A", "SES-11")


@pytest.mark.reference
def test_a_stone_dropped_from_a_kilometre_in_thin_air_falls_for_as_long_as_galileo_says() -> None:
    start = ecef_of(0.0, 0.0, 1_000.0)[None, :]
    _, after_s = fall(start, np.zeros((1, 3)), np.array([1e12]))
    assert after_s[0] == pytest.approx(np.sqrt(2 * 1_000 / 9.780), rel=0.01)


@pytest.mark.reference
@pytest.mark.parametrize("name", ARCS)
def test_the_recorded_stage_falls_within_2_km_of_the_computed_height_after_a_long_coast(
    data_dir: Path, name: str
) -> None:
    folder = data_dir / "tracks" / "rockets" / "spacex-webcast"
    record = json.loads((folder / f"{name}_stage1_raw.json").read_text())
    events = json.loads((folder / f"{name}_events.json").read_text())
    time_s = np.array(record["time"], float)
    speed_mps, altitude_m = np.array(record["velocity"], float), 1_000 * np.array(record["altitude"], float)
    # From well after engine cut-off and separation until just before the entry burn.
    begin_s = float(events["meco"]) + 30
    end_s = min(begin_s + 197, float(events["entry_start"]) - 2)
    begin = (time_s >= begin_s - 5) & (time_s <= begin_s + 5)
    climb_mps, _ = np.polyfit(time_s[begin] - begin_s, altitude_m[begin], 1)
    height_m, speed = float(altitude_m[begin].mean()), float(speed_mps[begin].mean())
    along_mps = float(np.sqrt(max(speed**2 - climb_mps**2, 0.0)))
    position, velocity = _coast(height_m, along_mps, float(climb_mps), end_s - begin_s)
    recorded_m = float(np.interp(end_s, time_s, altitude_m))
    assert end_s - begin_s > 120
    assert abs(position - recorded_m) < 2_000, (name, end_s - begin_s, position, recorded_m, velocity)


def _coast(height_m: float, along_mps: float, climb_mps: float, seconds: float) -> tuple[float, float]:
    """Height and speed after coasting eastwards from the Cape."""
    axes = enu_axes(28.6, -80.6)
    start = ecef_of(28.6, -80.6, height_m)
    position, velocity = coast(
        start[None, :], (np.array([along_mps, 0.0, climb_mps]) @ axes)[None, :], np.array([10_000.0]), seconds
    )
    return float(geodetic_of(position)[2][0]), float(np.linalg.norm(velocity))
