"""How every sensor is doing: what it said, how often it is heard, how much of that makes sense."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.track.sites import BIAS_AZIMUTH, BIAS_RANGE, CELLS_AT, WATCHED, Sites

Floats = NDArray[np.float64]
State = Literal["up", "down", "silent", "flooded", "biased"]

# Columns of a sensor's watch: said to be down, first and newest report, smoothed delay, reports, reports in the
# present minute, that minute, reports in the minute before.
DOWN, FIRST, NEWEST, DELAY, REPORTS, MINUTE_REPORTS, MINUTE, LAST_MINUTE = range(8)

# A bias of twice the declared noise moves a warning's zone: people should know.
BIASED_SIGMAS = 2.0
FALSE_SCANS_MIN = 3.0
# Sensors that report whether or not anything is there. A microphone's silence means nothing by itself.
SPEAKS_ALWAYS = ("radar", "adsb")
SILENT_SCANS, SILENT_S = 4.0, 30.0
# A few hundred targets are a busy sky; many times the declared false plots on top is a fault or jamming.
FLOOD_FACTOR, FLOOD_TARGETS = 10.0, 500.0
FLOOD_OTHERS_PER_MINUTE = 300.0


class Watch:
    """Counts per sensor, in order of arrival."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sensors = tuple(sensors)
        self._counts = np.zeros((len(sensors), 8))
        self._counts[:, FIRST] = self._counts[:, NEWEST] = -np.inf

    def heard(self, number: int, time_s: float, received_s: float) -> None:
        """A report of sensor `number` arrived; reporters without a number are not watched."""
        if number >= len(self._counts):
            return
        row = self._counts[number]
        if row[REPORTS] == 0:
            row[FIRST], row[DELAY] = received_s, received_s - time_s
        row[DELAY] += 0.05 * (received_s - time_s - row[DELAY])
        row[NEWEST] = max(row[NEWEST], received_s)
        row[REPORTS] += 1
        minute = received_s // 60
        if minute != row[MINUTE]:
            row[LAST_MINUTE] = row[MINUTE_REPORTS] if minute == row[MINUTE] + 1 else 0.0
            row[MINUTE], row[MINUTE_REPORTS] = minute, 0.0
        row[MINUTE_REPORTS] += 1

    def said(self, number: int, state: Literal["up", "down"]) -> None:
        """A sensor said, or was found, to be up or down."""
        self._counts[number, DOWN] = 1.0 if state == "down" else 0.0

    def health(self, now_s: float, sensed: Floats, sites: Sites) -> tuple[SensorHealth, ...]:
        """One entry per sensor, in order."""
        return tuple(
            SensorHealth(
                sensor=sensor.id,
                state=self._state(i, now_s, sensed, sites),
                reports=int(self._counts[i, REPORTS]),
                range_bias_m=float(sensed[i, BIAS_RANGE]),
                azimuth_bias_deg=math.degrees(sensed[i, BIAS_AZIMUTH]),
                false_plots_per_scan=self._false(i, sensed),
                delay_s=max(float(self._counts[i, DELAY]), 0.0) if self._counts[i, REPORTS] else None,
            )
            for i, sensor in enumerate(self._sensors)
        )

    def _state(self, i: int, now_s: float, sensed: Floats, sites: Sites) -> State:
        sensor, row = self._sensors[i], self._counts[i]
        if row[DOWN]:
            return "down"
        scan_s = sensor.scan_s or 10.0
        if sensor.kind in SPEAKS_ALWAYS and row[REPORTS]:
            overdue_s = max(SILENT_SCANS * scan_s, SILENT_S) + (sensor.delay_s or 0.0)
            if now_s - row[NEWEST] > overdue_s:
                return "silent"
        rate = max(float(row[LAST_MINUTE]), float(row[MINUTE_REPORTS]) if now_s // 60 == row[MINUTE] else 0.0)
        if sensor.kind == "radar":
            expected = (FLOOD_FACTOR * (sensor.false_plots_per_scan or 0.0) + FLOOD_TARGETS) * 60.0 / scan_s
            if rate > expected:
                return "flooded"
            off = max(
                abs(sensed[i, BIAS_RANGE]) / sites.sigma_range[i], abs(sensed[i, BIAS_AZIMUTH]) / sites.sigma_azimuth[i]
            )
            return "biased" if off > BIASED_SIGMAS else "up"
        return "flooded" if sensor.kind != "adsb" and rate > FLOOD_OTHERS_PER_MINUTE else "up"

    def _false(self, i: int, sensed: Floats) -> float | None:
        """Unexplained plots per scan over the whole coverage, as learned; None before the first scans."""
        if self._sensors[i].kind != "radar" or sensed[i, WATCHED] < FALSE_SCANS_MIN:
            return None
        return float(sensed[i, CELLS_AT:].sum() / sensed[i, WATCHED])

    def dump(self) -> Any:
        """For snapshots."""
        return self._counts

    def load(self, state: Any) -> None:
        """What `dump` gave."""
        self._counts = state
