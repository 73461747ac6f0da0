"""How every sensor is doing: what it said, how often it is heard, how much of that makes sense."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.model.sensor import NOISY_SIGMAS, Sensor, SensorHealth, State, with_defaults
from tocsin.track.sensors.learned import (
    AZIMUTH_BIAS,
    AZIMUTH_POWER,
    BIASES,
    LOOKS,
    RANGE_BIAS,
    RANGE_POWER,
    RESIDUALS,
    TIME_BIAS,
    WATCHED,
    Sensed,
)
from tocsin.track.sensors.sites import Sites

Floats = NDArray[np.float64]

# Columns of a sensor's watch: said to be down, first and newest report, smoothed delay, reports, reports in the
# present minute, that minute, reports in the minute before; newest heartbeat since it was last said to be down,
# smoothed time between two (0: not known), share of the latest reports refused for their time.
DOWN, FIRST, NEWEST, DELAY, REPORTS, MINUTE_REPORTS, MINUTE, LAST_MINUTE, BEAT, PERIOD, REFUSED = range(11)

# A bias of twice the declared noise moves a warning's zone: people should know.
BIASED_SIGMAS = 2.0
# A clock wrong by this much puts a jet 150 m off, and more than one radar's errors explain.
BIASED_S = 0.5
FALSE_SCANS_MIN, LOOKS_MIN, RESIDUALS_MIN = 3.0, 50.0, 100.0
SILENT_SCANS, SILENT_S = 4.0, 30.0
# Who speaks only when something is there, and has ever sent heartbeats, is silent when three of them are missing.
SILENT_BEATS = 3.0
# A heartbeat after a pause makes the time between two at most so much longer, so that one outage does not double it;
# one an hour is the slowest that still says something.
BEAT_GROWTH, BEAT_S_MAX = 3.0, 3_600.0
# With most of its reports refused for their time, a sensor says nothing that is used.
REFUSED_SHARE, REFUSED_GAIN = 0.5, 0.1
# A few hundred targets are a busy sky; many times the declared false plots on top is a fault or jamming.
FLOOD_FACTOR, FLOOD_TARGETS = 10.0, 500.0
FLOOD_OTHERS_PER_MINUTE = 300.0


def unwatched(sensors: int) -> Floats:
    """[sensors, 11] counts before anything was heard."""
    counts = np.zeros((sensors, 11))
    counts[:, FIRST] = counts[:, NEWEST] = counts[:, BEAT] = -np.inf
    return counts


class Watch:
    """Counts per sensor, in order of arrival. Whoever was never heard sees nothing, as far as anybody knows."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sensors = tuple(sensors)
        self._counts = unwatched(len(sensors))
        self._last: list[SensorHealth | None] = [None] * len(sensors)
        scan_s = np.array([sensor.scan_s or 10.0 for sensor in sensors])
        self._overdue_s = np.maximum(SILENT_SCANS * scan_s, SILENT_S) + [sensor.delay_s or 0.0 for sensor in sensors]
        self._always = np.array([with_defaults(sensor).speaks == "always" for sensor in sensors], bool)
        false = np.array([sensor.false_plots_per_scan or 0.0 for sensor in sensors])
        self._radar = np.array([sensor.kind == "radar" for sensor in sensors], bool)
        self._flood = np.where(
            self._radar, (FLOOD_FACTOR * false + FLOOD_TARGETS) * 60.0 / scan_s, FLOOD_OTHERS_PER_MINUTE
        )
        self._flood[[sensor.kind == "adsb" for sensor in sensors]] = np.inf

    def heard(self, number: int, time_s: float, received_s: float) -> None:
        """A report of sensor `number` arrived; reporters without a number are not watched."""
        assert number >= 0, "a number below zero would be another sensor's, counted from the end"
        if number >= len(self._counts):
            return
        row = self._counts[number]
        row[REFUSED] *= 1.0 - REFUSED_GAIN
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

    def refused(self, number: int) -> None:
        """A report of sensor `number` could not be used, because of the time it gives."""
        assert number >= 0, "as in `heard`"
        if number < len(self._counts):
            row = self._counts[number]
            first = row[REPORTS] == 0 and row[REFUSED] == 0
            row[REFUSED] = 1.0 if first else row[REFUSED] + REFUSED_GAIN * (1.0 - row[REFUSED])

    def said(self, number: int, state: Literal["up", "down"], received_s: float) -> None:
        """A sensor said, or was found, to be up or down. Each `up` is a heartbeat."""
        assert 0 <= number < len(self._counts), "only sensors of the file say how they are"
        row = self._counts[number]
        if state == "down":
            row[DOWN], row[BEAT] = 1.0, -np.inf
            return
        if np.isfinite(row[BEAT]) and received_s > row[BEAT]:
            between_s = min(received_s - row[BEAT], BEAT_S_MAX)
            known = row[PERIOD] > 0
            row[PERIOD] += 0.25 * (min(between_s, BEAT_GROWTH * row[PERIOD]) - row[PERIOD]) if known else between_s
        row[DOWN], row[BEAT] = 0.0, max(row[BEAT], received_s)

    def health(self, now_s: float, sensed: Sensed, sites: Sites) -> tuple[SensorHealth, ...]:
        """One entry per sensor, in order."""
        reports = self._counts[:, REPORTS].astype(np.int64).tolist()
        for i, state in enumerate(self._states(now_s)):
            last = self._last[i]
            # A mesh is hundreds of microphones of which nearly all are as they were: only radars are measured anew.
            if last is None or self._radar[i] or last.state != state or last.reports != reports[i]:
                self._last[i] = SensorHealth(
                    sensor=self._sensors[i].id,
                    state="biased" if state == "up" and self._radar[i] and astray(i, sensed, sites) else state,
                    reports=reports[i],
                    delay_s=max(float(self._counts[i, DELAY]), 0.0) if reports[i] else None,
                    **measured(i, sensed, sites),
                )
        return tuple(entry for entry in self._last if entry is not None)

    def _states(self, now_s: float) -> list[State]:
        """State of each sensor, as far as that follows from how often it is heard; of several faults the gravest."""
        counts = self._counts
        # That somebody says "up" proves nothing of a sensor that would have reported by now.
        sign_s = np.where(self._always, counts[:, NEWEST], np.maximum(counts[:, NEWEST], counts[:, BEAT]))
        beats_s = np.where(counts[:, PERIOD] > 0, np.maximum(SILENT_BEATS * counts[:, PERIOD], SILENT_S), np.inf)
        silent = now_s - sign_s > np.where(self._always, self._overdue_s, beats_s)
        unheard = np.where(self._always, counts[:, REPORTS] == 0, ~np.isfinite(sign_s))
        clock = counts[:, REFUSED] > REFUSED_SHARE
        # A minute counts while it lasts and all of the next, whether anything is heard in that or not.
        ago = now_s // 60 - counts[:, MINUTE]
        of_late = np.where(ago <= 1, counts[:, MINUTE_REPORTS], 0.0)
        before = np.where(ago <= 0, counts[:, LAST_MINUTE], 0.0)
        flooded = np.maximum(before, of_late) > self._flood
        states: list[State] = ["up"] * len(counts)
        faults: list[tuple[State, NDArray[np.bool_]]] = [
            ("flooded", flooded),
            ("silent", silent),
            ("unheard", unheard),
            ("clock", clock),
            ("down", counts[:, DOWN] > 0),
        ]
        for state, found in faults:
            for i in np.flatnonzero(found).tolist():
                states[i] = state
        return states

    def dump(self) -> Any:
        """For snapshots."""
        return self._counts

    def load(self, state: Any) -> None:
        """What `dump` gave."""
        assert state.shape == self._counts.shape, f"counts of {len(state)} sensors for {len(self._sensors)}"
        self._counts = state
        self._last = [None] * len(self._sensors)


def sigmas(r: int, sensed: Sensed) -> Floats:
    """[3] one standard deviation of the biases of radar number r; NaN where they are not learned."""
    at = BIASES * r
    var = np.diag(sensed.cov)[at : at + BIASES]
    return np.asarray(np.sqrt(var) if len(var) else np.full(BIASES, np.nan), float)


def astray(i: int, sensed: Sensed, sites: Sites) -> bool:
    """Whether a bias of radar i, less what it may be wrong by, or its noise is beyond its declared errors."""
    r = int(sites.number[i])
    limit = np.array([BIASED_SIGMAS * sites.sigma_range[i], BIASED_SIGMAS * sites.sigma_azimuth[i], BIASED_S])
    if bool(np.any(np.abs(sensed.bias[r]) - sigmas(r, sensed) > limit)):
        return True
    state = sensed.state[r]
    power = max(state[RANGE_POWER], state[AZIMUTH_POWER])
    return bool(state[RESIDUALS] >= RESIDUALS_MIN and power > NOISY_SIGMAS**2)


def measured(i: int, sensed: Sensed, sites: Sites) -> dict[str, Any]:
    """What the tracker measured of sensor i, as fields of SensorHealth; only radars are measured."""
    from tocsin.track.sensors.clutter import detection

    r = int(sites.number[i])
    if r < 0:
        return {}
    state, bias, sigma = sensed.state[r], sensed.bias[r], sigmas(r, sensed)
    found: dict[str, Any] = {
        "range_bias_m": float(bias[RANGE_BIAS]),
        "azimuth_bias_deg": math.degrees(bias[AZIMUTH_BIAS]),
        "time_bias_s": float(bias[TIME_BIAS]),
    }
    if bool(np.isfinite(sigma).all()):
        found["range_bias_sigma_m"] = float(sigma[RANGE_BIAS])
        found["azimuth_bias_sigma_deg"] = math.degrees(sigma[AZIMUTH_BIAS])
        found["time_bias_sigma_s"] = float(sigma[TIME_BIAS])
    if state[WATCHED] >= FALSE_SCANS_MIN:
        found["false_plots_per_scan"] = float(sensed.cells[r].sum() / state[WATCHED])
    if state[LOOKS] >= LOOKS_MIN:
        found["detection_probability"] = float(detection(sites, sensed, i))
    if state[RESIDUALS] >= RESIDUALS_MIN:
        found["range_noise_m"] = float(sites.sigma_range[i] * math.sqrt(max(state[RANGE_POWER], 0.0)))
        found["azimuth_noise_deg"] = math.degrees(sites.sigma_azimuth[i] * math.sqrt(max(state[AZIMUTH_POWER], 0.0)))
    return found
