"""Recorded reports through the tracker alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.sensor import Sensor
from tocsin.replay.configuration import read_sensors, read_tuning
from tocsin.replay.track_files import write_tracks
from tocsin.replay.track_input import Read, read_rows
from tocsin.track.bulk import EVERY_S, TrackTable, frame_of, glanced, table_of
from tocsin.track.report import pictures
from tocsin.track.report_rows import KIND, PLOT, SENSOR
from tocsin.track.sensors.health import astray, measured
from tocsin.track.sensors.learned import Sensed, unlearned
from tocsin.track.sensors.sites import Sites, sites_of
from tocsin.track.warm import warm


@dataclass(frozen=True, slots=True)
class TrackRun:
    """What came of a run of the tracker.

    tracks        one row per track and tick, as columns
    confirmed     how many tracks were confirmed
    sensors       of the known sensors, in their order; `frame` is the flat frame about them
    radars        of each radar that reported, the fields of SensorHealth that were measured
    rows          [n, WIDTH] the reports in order of time, as `track.report_rows` names their columns
    records       what became of the records read: `Rejects.figures`
    read_s, track_s, write_s   seconds spent
    """

    tracks: TrackTable
    confirmed: int
    sensors: tuple[Sensor, ...]
    frame: LocalFrame
    radars: list[dict[str, Any]]
    rows: NDArray[np.float64]
    records: dict[str, Any]
    read_s: float
    track_s: float
    write_s: float


def track(
    plots: str | PathLike[str],
    *,
    sensors: str | PathLike[str],
    out: str | PathLike[str] | None = None,
    every_s: float = EVERY_S,
    day_s: float = 0.0,
    config: str | PathLike[str] | None = None,
    progress: Callable[[float], None] | None = None,
) -> TrackRun:
    """Track a file of reports as fast as it goes.

    plots      a recording or table of any kind `tocsin track` reads; `-` is stdin
    out        where the tracks go, .csv or .parquet; None keeps them in memory
    every_s    seconds between two rows of a track, at least 0.05
    day_s      POSIX seconds of the midnight that begins the day of a recording that holds none
    config     a tocsin.toml whose table [track] holds
    progress   called now and then with the share of the reports done

    The same arguments give the same tracks. Raises BadFile and BadSettings.
    """
    if not every_s >= 0.05:
        raise BadSettings(f"every_s is {every_s}; it must be at least 0.05")
    told = read_tuning(None if config is None else Path(config)).track
    known = read_sensors(Path(sensors), [Path(plots)])
    frame = frame_of(known)
    rejects = Rejects(None)
    begun_s = time.perf_counter()
    read = read_rows(str(plots), known, frame, rejects, day_s=day_s)
    read_s = time.perf_counter() - begun_s
    if not len(read.rows):
        raise BadFile(f"{plots} holds no report that can be tracked. {rejects.summary()}".rstrip())
    warm()
    begun_s = time.perf_counter()
    sites = sites_of(known, frame, read.strangers)
    sensed = unlearned(sites)
    tracks = table_of(pictures(glanced(read.rows, sites, sensed, every_s, told, progress), frame))
    track_s = time.perf_counter() - begun_s
    begun_s = time.perf_counter()
    if out is not None:
        write_tracks(tracks, Path(out))
    return TrackRun(
        tracks=tracks,
        confirmed=len(np.unique(tracks.track[tracks.status > 0])),
        sensors=known,
        frame=frame,
        radars=_radars(known, read, sensed, sites),
        rows=read.rows,
        records=rejects.figures(),
        read_s=read_s,
        track_s=track_s,
        write_s=time.perf_counter() - begun_s,
    )


def _radars(sensors: tuple[Sensor, ...], read: Read, sensed: Sensed, sites: Sites) -> list[dict[str, Any]]:
    found = []
    plots = np.bincount(read.rows[read.rows[:, KIND] == PLOT, SENSOR].astype(int), minlength=len(sensors))
    for i, sensor in enumerate(sensors):
        if sensor.kind == "radar" and plots[i]:
            state = "biased" if astray(i, sensed, sites) else "up"
            fields = {"sensor": sensor.id, "state": state, "reports": int(plots[i])} | measured(i, sensed, sites)
            late_s = read.delay_s.get(sensor.id)
            found.append(fields | ({} if late_s is None else {"delay_s": round(late_s, 3)}))
    return found
