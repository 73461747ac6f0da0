"""What `tocsin track` reads: a file of any kind as rows for the tracker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.ingest.files import is_table, read_observations, read_plots
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Bearing, Observation, Plot, Position, Presence, Sighting
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.value import seconds_of, time_of, time_text
from tocsin.track.bulk import rows_of
from tocsin.track.report_rows import SENSOR, TIE, TIME, WIDTH, ordered, row_of

Floats = NDArray[np.float64]

# No recording is longer by half; a clock that was never set is further off.
AWAY_S_MAX = 366 * 86_400.0
TWICE = "a report told before"
TRACKED = (Plot, Position, Bearing, Presence, Sighting)


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
    if path != "-" and is_table(Path(path)):
        plots = read_plots(path, sensors, rejects)
        table = rows_of(plots, sensors)
        _pass_over(TWICE, len(plots.time_s) - len(table), rejects)
        return Read(_of_one_time(table, rejects, path), 0, {})
    full = [with_defaults(sensor) for sensor in sensors]
    number = {sensor.id: i for i, sensor in enumerate(full)}
    delays: dict[str, list[float]] = {}
    rows = []
    for one in read_observations(path, sensors, rejects, day_s=day_s):
        if not isinstance(one, TRACKED):
            kind = type(one).__struct_config__.tag
            _pass_over(f"an observation that says nothing of a track: {kind}", 1, rejects)
            continue
        name = one.sensor if isinstance(one, (Plot, Bearing, Presence)) else one.source
        if reason := _useless(one, name, number, full):
            rejects.turn_away(reason, f"{one.id} of {name}", path)
            continue
        row = row_of(one, number.setdefault(name, len(number)), full, frame)
        assert row is not None, "kinds that say nothing about a track were passed over"
        rows.append(row)
        delays.setdefault(name, []).append(seconds_of(one.received_at) - seconds_of(one.time))
    table = ordered(np.array(rows, float).reshape(-1, WIDTH))
    again = np.all(np.diff(table[:, [TIME, SENSOR, TIE]], axis=0) == 0, axis=1)
    table = table[np.concatenate([[True], ~again])] if len(table) else table
    _pass_over(TWICE, int(np.count_nonzero(again)), rejects)
    found = {name: float(np.median(late)) for name, late in delays.items() if any(late)}
    return Read(_of_one_time(table, rejects, path), len(number) - len(full), found)


def _pass_over(kind: str, number: int, rejects: Rejects) -> None:
    """Records that their reader counted as used, and that the tracker has no use for."""
    if number:
        rejects.take_back(number)
        rejects.pass_over(kind, number)


def _of_one_time(rows: Floats, rejects: Rejects, path: str) -> Floats:
    """The reports of the years around the middle one; each of the others has a clock that was never set.

    The tracker looks at every second from the first to the last.
    """
    if not len(rows):
        return rows
    # The middle one, not the mean of two: between a wrong clock and a right one nothing was measured.
    middle_s = np.sort(rows[:, TIME])[len(rows) // 2]
    away = np.abs(rows[:, TIME] - middle_s) > AWAY_S_MAX
    for time_s in rows[away, TIME].tolist():
        reason = f"its time, {time_text(time_of(time_s))}, is more than a year from the middle of all reports"
        rejects.turn_away(reason, f"a report of {time_text(time_of(time_s))}", path)
    kept: Floats = rows[~away]
    return kept


def _useless(one: Observation, name: str, number: dict[str, int], sensors: Sequence[Sensor]) -> str | None:
    if not isinstance(one, (Plot, Bearing, Presence)):
        return None
    if number.get(name, len(sensors)) >= len(sensors):
        return f"its sensor {name!r} is not in the sensors file"
    if isinstance(one, Plot) and sensors[number[name]].kind != "radar":
        return f"a plot of {name!r}, a sensor that is no radar"
    return None
