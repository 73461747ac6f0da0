"""Tracks of a whole table of plots: the bulk path of recordings and benchmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame, frame_around
from tocsin.model.errors import BadSettings
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor
from tocsin.track.bank import empty
from tocsin.track.picture import Glance, unseen
from tocsin.track.report import Pictures, pictures
from tocsin.track.report_rows import (
    ALTITUDE,
    AZIMUTH,
    CLASS,
    COOPERATIVE,
    DOPPLER,
    ICAO,
    KIND,
    MODE3A,
    PLOT,
    RANGE,
    SENSOR,
    TIE,
    TIME,
    WEIGHT,
    WIDTH,
)
from tocsin.track.sensors.learned import Sensed, unlearned
from tocsin.track.sensors.sites import Sites, sites_of
from tocsin.track.settings import TrackSettings, for_kernels
from tocsin.track.sky import sky_of
from tocsin.track.tracker import roomier

Floats = NDArray[np.float64]

# One row per track and tick unless told otherwise: no radar turns faster.
EVERY_S = 1.0
# Ticks between two words about the progress.
PROGRESS_TICKS = 64
# Room for so many tracks, and for so many pictures of each row, but not more in all, to begin with: memory that is not
# needed costs nothing, and growing does.
ROOM, PICTURES_PER_ROW, PICTURES_MAX = 1_024, 4, 262_144


@dataclass(frozen=True, slots=True)
class TrackTable:
    """Tracks as columns of length K, by time and then by age of the track; the contract's tracks file.

    time_s        float64, in the plots' own seconds
    track         int64, number of the track: 1 is T000001
    lat, lon, altitude_m, speed_mps, heading_deg, sigma_m   float64
    threat        int64, index into THREAT_CLASSES of the likeliest class
    probability   float64, of that class
    status        int64: 0 tentative, 1 confirmed, 2 coasted
    sensors       int64
    """

    time_s: Floats
    track: NDArray[np.int64]
    lat: Floats
    lon: Floats
    altitude_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    sigma_m: Floats
    threat: NDArray[np.int64]
    probability: Floats
    status: NDArray[np.int64]
    sensors: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.time_s)


def frame_of(sensors: Sequence[Sensor]) -> LocalFrame:
    """The flat frame about a set of sensors."""
    if not sensors:
        raise BadSettings("no sensors; plots need to know where their radars stand")
    return frame_around([sensor.lat for sensor in sensors], [sensor.lon for sensor in sensors])


def rows_of(plots: PlotTable, sensors: Sequence[Sensor]) -> Floats:
    """The plots as rows in order of time; simultaneous ones by what they measured; exact repetitions once.

    Raises BadSettings when a plot names a sensor that is not among `sensors` or is no radar.
    """
    place = {sensor.id: i for i, sensor in enumerate(sensors)}
    used = [plots.sensors[number] for number in np.flatnonzero(np.bincount(plots.sensor)).tolist()]
    mute = [name for name in used if name in place and sensors[place[name]].kind != "radar"]
    if mute:
        raise BadSettings(f"plots name the sensor {mute[0]}, which is no radar; mend its kind in the sensors file")
    missing = [name for name in plots.sensors if name not in place]
    if missing:
        raise BadSettings(f"plots name the sensor {missing[0]}, which the sensors file does not; add it there")
    sensor = np.array([place[name] for name in plots.sensors], np.int64)[plots.sensor]
    time_s, range_m = np.ascontiguousarray(plots.time_s, float), np.ascontiguousarray(plots.range_m, float)
    azimuth = np.radians(plots.azimuth_deg)
    order = _order(time_s, sensor, range_m, azimuth)
    again = np.zeros(len(order), bool)
    again[1:] = np.all([column[order[1:]] == column[order[:-1]] for column in (time_s, sensor, range_m, azimuth)], 0)
    order = order[~again]
    rows = np.full((len(order), WIDTH), np.nan)
    rows[:, TIME], rows[:, KIND], rows[:, SENSOR] = time_s[order], PLOT, sensor[order]
    rows[:, RANGE], rows[:, AZIMUTH] = range_m[order], azimuth[order]
    rows[:, ALTITUDE], rows[:, DOPPLER] = plots.altitude_m[order], plots.doppler_mps[order]
    icao = plots.icao24[order]
    rows[:, ICAO] = np.where(icao == 0, -1.0, icao.astype(float))
    rows[:, MODE3A] = plots.mode3a[order]
    rows[:, CLASS], rows[:, WEIGHT], rows[:, COOPERATIVE], rows[:, TIE] = -1.0, 1.0, 0.0, 0.0
    return rows


def _order(time_s: Floats, sensor: NDArray[np.int64], range_m: Floats, azimuth: Floats) -> NDArray[np.int64]:
    """Where the plots [N] are, by time, sensor, range, azimuth; those alike in all of it in order of arrival.

    Sorting by four columns took as long as a tenth of all tracking. But recordings are in order of time, or nearly,
    and that much is found at once; within a look of one sensor hardly any ranges are alike.
    """
    by_look = np.lexsort((sensor, time_s))
    look = np.empty(len(by_look), np.int64)
    t, s = time_s[by_look], sensor[by_look]
    look[by_look] = np.cumsum(np.concatenate([[0], (t[1:] != t[:-1]) | (s[1:] != s[:-1])]))[: len(look)]
    by_range = np.argsort(range_m)
    order = by_range[np.argsort(look[by_range], kind="stable")]
    looks, ranges = look[order], range_m[order]
    if np.any((looks[1:] == looks[:-1]) & ~(ranges[1:] > ranges[:-1])):
        return np.lexsort((azimuth, range_m, look))
    return order


def track_plots(
    plots: PlotTable,
    sensors: Sequence[Sensor],
    *,
    every_s: float | None = None,
    settings: TrackSettings = TrackSettings(),  # noqa: B008
    frame: LocalFrame | None = None,
    progress: Callable[[float], None] | None = None,
) -> TrackTable:
    """Tracks at every tick of `every_s` seconds (default 1) from the first plot to the last.

    progress is called now and then with the share of the plots done. Raises BadSettings as `rows_of` does.
    """
    frame = frame or frame_of(sensors)
    return table_of(pictures(glances(plots, sensors, frame, every_s or EVERY_S, settings, progress), frame))


def glances(
    plots: PlotTable,
    sensors: Sequence[Sensor],
    frame: LocalFrame,
    every_s: float,
    settings: TrackSettings,
    progress: Callable[[float], None] | None = None,
) -> Glance:
    """The raw filter output of a table of plots at every tick, with covariances."""
    sites = sites_of(sensors, frame, 0)
    return glanced(rows_of(plots, sensors), sites, unlearned(sites), every_s, settings, progress)


def glanced(
    rows: Floats,
    sites: Sites,
    sensed: Sensed,
    every_s: float,
    settings: TrackSettings,
    progress: Callable[[float], None] | None = None,
) -> Glance:
    """The raw filter output at every tick from rows in order of time; `sensed` is left as what was learned."""
    from tocsin.track.kernel import ROW, SEEN, TICK, played

    sky = sky_of(empty(min(ROOM, settings.tracks_max)), sites, sensed, for_kernels(settings))
    seen = unseen(min(PICTURES_PER_ROW * len(rows), PICTURES_MAX))
    if not len(rows):
        return Glance._make(column[:0] for column in seen)
    ticks = np.arange(math.ceil(rows[0, TIME] / every_s), math.ceil(rows[-1, TIME] / every_s) + 1) * every_s
    assert np.all(rows[1:, TIME] >= rows[:-1, TIME]), "rows that are not in order of time"
    ends = np.searchsorted(rows[:, TIME], ticks, side="right")
    at = np.zeros(3, np.int64)
    while at[TICK] < len(ticks):
        stop = int(at[TICK]) + PROGRESS_TICKS
        if not played(sky, rows, ticks[:stop], ends[:stop], at, seen):
            rest = int(ends[at[TICK]] - at[ROW])
            sky = sky._replace(bank=roomier(sky.bank, rest, settings.tracks_max))
        elif at[TICK] < min(stop, len(ticks)):
            seen = Glance._make(np.concatenate([column, np.empty_like(column)]) for column in seen)
        assert at[ROW] <= len(rows) and at[SEEN] <= len(seen.at_s), "the kernel went beyond what it was given"
        if progress is not None:
            progress(float(at[ROW] / len(rows)))
    return Glance._make(column[: at[SEEN]] for column in seen)


def table_of(seen: Pictures) -> TrackTable:
    """The contract's columns of pictures."""
    threat = seen.classes.argmax(axis=1)
    return TrackTable(
        time_s=seen.at_s,
        track=seen.number,
        lat=seen.lat,
        lon=seen.lon,
        altitude_m=seen.altitude_m,
        speed_mps=seen.speed_mps,
        heading_deg=seen.heading_deg,
        sigma_m=seen.sigma_m,
        threat=threat,
        probability=seen.classes[np.arange(len(threat)), threat],
        status=seen.status,
        sensors=seen.sensors,
    )
