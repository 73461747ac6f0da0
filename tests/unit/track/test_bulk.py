"""Plots become rows in one order, however they came."""

from __future__ import annotations

import numpy as np

from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor
from tocsin.track.bulk import rows_of
from tocsin.track.report_rows import AZIMUTH, RANGE, SENSOR, TIME

SENSORS = [Sensor(id=name, kind="radar", lat=48.0, lon=31.0) for name in ("a", "b")]


def plots(order: np.ndarray, ranges: int) -> PlotTable:
    """A few looks of two radars, with some plots twice; `ranges` different ranges, in this order."""
    chance = np.random.default_rng(5)
    n = len(order)
    return PlotTable(
        time_s=chance.integers(0, 5, n).astype(float)[order],
        sensor=chance.integers(0, 2, n).astype(np.int32)[order],
        range_m=chance.integers(1, ranges, n).astype(float)[order],
        azimuth_deg=chance.integers(0, 4, n).astype(float)[order],
        altitude_m=np.full(n, np.nan),
        doppler_mps=np.full(n, np.nan),
        icao24=np.zeros(n, np.uint32),
        mode3a=np.full(n, -1, np.int16),
        sensors=("a", "b"),
    )


def test_plots_are_taken_by_time_sensor_range_and_azimuth_and_repetitions_once() -> None:
    for ranges in (4, 1_000_000):
        came = rows_of(plots(np.arange(300), ranges), SENSORS)
        other = rows_of(plots(np.random.default_rng(6).permutation(300), ranges), SENSORS)
        assert np.array_equal(came, other, equal_nan=True)
        keys = [tuple(row) for row in came[:, [TIME, SENSOR, RANGE, AZIMUTH]].tolist()]
        assert keys == sorted(set(keys))
        assert len(keys) == (300 if ranges > 4 else len(set(keys)))


def test_no_plots_are_no_rows() -> None:
    assert len(rows_of(plots(np.arange(0), 4), SENSORS)) == 0
