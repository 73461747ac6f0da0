"""What `tocsin track` reads: a file of any kind as rows for the tracker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.ingest.files import TABLES, read_observations, read_plots
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Alert, Bearing, Impact, Launch, Observation, Plot, Presence, Status
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.value import seconds_of
from tocsin.track.bulk import rows_of
from tocsin.track.report_rows import SENSOR, TIE, TIME, WIDTH, ordered, row_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Read:
    """Rows of reports for `track.bulk.glanced`.

    rows       [n, WIDTH] in order of time, each once
    strangers  how many reporters are not among the sensors; their numbers follow those of the sensors
    delay_s    median time from measurement to arrival by sensor, where arrivals were recorded
    """

    rows: Floats
    strangers: int
    delay_s: dict[str, float]


def read_rows(path: str, sensors: Sequence[Sensor], frame: LocalFrame, rejects: Rejects, *, day_s: float = 0.0) -> Read:
    """Every report of a file that says something about a track; what cannot be used goes to `rejects`.

    Raises BadFile where the file cannot be used as a whole.
    """
    if path != "-" and Path(path).suffix.lower() in TABLES:
        return Read(rows_of(read_plots(path, sensors, rejects), sensors), 0, {})
    full = [with_defaults(sensor) for sensor in sensors]
    number = {sensor.id: i for i, sensor in enumerate(full)}
    delays: dict[str, list[float]] = {}
    rows = []
    for one in read_observations(path, sensors, rejects, day_s=day_s):
        if isinstance(one, (Launch, Impact, Alert, Status)):
            continue
        name = one.sensor if isinstance(one, (Plot, Bearing, Presence)) else one.source
        if reason := _useless(one, name, number, full):
            rejects.turn_away(reason, f"{one.id} of {name}", path)
            continue
        row = row_of(one, number.setdefault(name, len(number)), full, frame)
        if row is not None:
            rows.append(row)
            delays.setdefault(name, []).append(seconds_of(one.received_at) - seconds_of(one.time))
    table = ordered(np.array(rows, float).reshape(-1, WIDTH))
    again = np.all(np.diff(table[:, [TIME, SENSOR, TIE]], axis=0) == 0, axis=1)
    table = table[np.concatenate([[True], ~again])] if len(table) else table
    found = {name: float(np.median(late)) for name, late in delays.items() if any(late)}
    return Read(table, len(number) - len(full), found)


def _useless(one: Observation, name: str, number: dict[str, int], sensors: Sequence[Sensor]) -> str | None:
    if not isinstance(one, (Plot, Bearing, Presence)):
        return None
    if number.get(name, len(sensors)) >= len(sensors):
        return f"its sensor {name!r} is not in the sensors file"
    if isinstance(one, Plot) and sensors[number[name]].kind != "radar":
        return f"a plot of {name!r}, a sensor that is no radar"
    return None
