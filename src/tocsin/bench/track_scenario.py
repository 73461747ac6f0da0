"""Seeded air pictures for `tocsin bench track`: known paths, three radars, and the plots these would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.earth.physics import EARTH_RADIUS_M, GRAVITY_MPS2
from tocsin.earth.sight import horizon_m
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor

Floats = NDArray[np.float64]

FRAME = LocalFrame(48.0, 31.0)
HALF_M = 200_000.0
STEP_S = 0.5
CLASSES = ("airliner", "jet", "drone", "cruise")
SHARE = (0.40, 0.20, 0.25, 0.15)
WINGMEN = 0.10


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happened, and what the radars said.

    time_s   float64 [T], of the truth
    path     float64 [N, T, 4]: east, north, and their speeds, in FRAME; NaN before the target appears
    height_m float64 [N]
    kind     int64 [N], index into CLASSES
    pair     int64 [N], the target each one is wingman of; -1
    """

    time_s: Floats
    path: Floats
    height_m: Floats
    kind: NDArray[np.int64]
    pair: NDArray[np.int64]
    plots: PlotTable
    sensors: tuple[Sensor, ...]


def radars(slant: bool) -> tuple[Sensor, ...]:
    """Two terminal radars and a long-range one."""
    places = (
        ("near-4", -70_000.0, -50_000.0, 4.0, 220e3, 60.0, 0.08),
        ("near-6", 80_000.0, 60_000.0, 6.0, 220e3, 60.0, 0.08),
        ("far-10", 0.0, -20_000.0, 10.0, 400e3, 120.0, 0.14),
    )
    made = []
    for name, east, north, scan_s, reach_m, sigma_m, sigma_deg in places:
        lat, lon = FRAME.to_geodetic(east, north)
        made.append(
            Sensor(
                id=name, kind="radar", lat=float(lat), lon=float(lon), altitude_m=100.0, range_m=reach_m,
                range_kind="slant" if slant else "ground", sigma_range_m=sigma_m, sigma_azimuth_deg=sigma_deg,
                sigma_altitude_m=150.0, scan_s=scan_s, detection_probability=0.9,
            )
        )  # fmt: skip
    return tuple(made)


def scenario(targets: int, seed: int, *, duration_s: float = 180.0, real: bool = False) -> Scenario:
    """An air picture of `targets` targets.

    real   rotating time stamps, slant ranges, horizons, and heights on the plots of airliners; else every plot of a
           scan has the scan's time and ranges are over the ground
    """
    chance = np.random.default_rng([seed, targets, int(real)])
    time_s = np.arange(0.0, duration_s + STEP_S / 2, STEP_S)
    wing = round(targets * WINGMEN)
    kind = chance.choice(len(CLASSES), targets - wing, p=SHARE)
    path, height = _paths(kind, time_s, chance)
    lead = np.flatnonzero(kind < 4)[:wing]
    # A wingman keeps its place beside the leader's track.
    offset = chance.uniform(500.0, 1_500.0, wing)
    angle = chance.uniform(0.0, 2 * np.pi, wing)
    beside = path[lead].copy()
    beside[:, :, 0] += (offset * np.sin(angle))[:, None]
    beside[:, :, 1] += (offset * np.cos(angle))[:, None]
    pair = np.concatenate([np.full(len(kind), -1), lead])
    path, height, kind = (
        np.concatenate([path, beside]),
        np.concatenate([height, height[lead]]),
        np.concatenate([kind, kind[lead]]),
    )
    sensors = radars(real)
    return Scenario(
        time_s, path, height, kind, pair, _plots(path, height, kind, time_s, sensors, real, chance), sensors
    )


def _paths(kind: NDArray[np.int64], time_s: Floats, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Paths of single targets, integrated with the turns of their class."""
    n = len(kind)
    low = np.array([180.0, 220.0, 40.0, 220.0])[kind]
    high = np.array([250.0, 350.0, 60.0, 260.0])[kind]
    speed = chance.uniform(low, high)
    height = chance.uniform(np.array([8e3, 1e3, 200.0, 60.0])[kind], np.array([12e3, 9e3, 2e3, 300.0])[kind])
    # Chance of a turn beginning per second, its acceleration (m/s^2) and its length (s).
    begin = np.array([1 / 120, 1 / 30, 1 / 25, 1 / 20])[kind]
    pull_low = np.array([3.0, 2 * GRAVITY_MPS2, 2.0, 4.0])[kind]
    pull_high = np.array([7.0, 5 * GRAVITY_MPS2, 5.0, 15.0])[kind]
    long_low, long_high = np.array([10.0, 4.0, 5.0, 3.0])[kind], np.array([30.0, 12.0, 20.0, 8.0])[kind]
    heading = chance.uniform(0, 2 * np.pi, n)
    place = chance.uniform(-HALF_M * 0.9, HALF_M * 0.9, (n, 2))
    appears = np.where(chance.random(n) < 0.5, 0.0, chance.uniform(0.0, 60.0, n))
    rate, left = np.zeros(n), np.zeros(n)
    path = np.empty((n, len(time_s), 4))
    for k in range(len(time_s)):
        path[:, k, :2] = place
        path[:, k, 2], path[:, k, 3] = speed * np.sin(heading), speed * np.cos(heading)
        starts = (left <= 0) & (chance.random(n) < begin * STEP_S)
        pull, long, side = (
            chance.uniform(pull_low, pull_high),
            chance.uniform(long_low, long_high),
            chance.choice([-1.0, 1.0], n),
        )
        rate = np.where(starts, side * pull / speed, np.where(left <= 0, 0.0, rate))
        left = np.where(starts, long, left - STEP_S)
        middle = heading + rate * STEP_S / 2
        place = place + speed[:, None] * STEP_S * np.stack([np.sin(middle), np.cos(middle)], axis=1)
        heading = heading + rate * STEP_S
    path[time_s[None, :] < appears[:, None]] = np.nan
    return path, height


def _plots(
    path: Floats, height: Floats, kind: NDArray[np.int64], time_s: Floats, sensors: tuple[Sensor, ...], real: bool,
    chance: np.random.Generator,
) -> PlotTable:  # fmt: skip
    """What the radars report: nine in ten targets in reach, and as many false plots."""
    columns: list[Floats] = []
    for number, sensor in enumerate(sensors):
        own = LocalFrame(sensor.lat, sensor.lon)
        scan_s, reach_m = sensor.scan_s or 1.0, sensor.range_m or 0.0
        for scan in range(1, int(time_s[-1] / scan_s) + 1):
            at = np.full(len(path), scan * scan_s)
            azimuth, range_m = _seen(path, time_s, at, own)
            if real:
                # The beam passes each azimuth at its own time; a target hardly moves in azimuth within a turn.
                at = scan * scan_s - scan_s * (1.0 - azimuth / 360.0)
                azimuth, range_m = _seen(path, time_s, at, own)
            reach = np.minimum(reach_m, horizon_m(sensor.altitude_m, height)) if real else np.full(len(path), reach_m)
            hit = np.isfinite(range_m) & (range_m < reach) & (chance.random(len(path)) < 0.9)
            if real:
                range_m = _slant(range_m, height, sensor.altitude_m)
            range_m = range_m + chance.normal(0, sensor.sigma_range_m or 0.0, len(path))
            azimuth = azimuth + chance.normal(0, sensor.sigma_azimuth_deg or 0.0, len(path))
            told = np.where((kind == 0) & real, height + chance.normal(0, 30.0, len(path)), np.nan)
            columns.append(np.stack([at, np.full(len(path), number), range_m, azimuth % 360, told], axis=1)[hit])
            false = chance.poisson(hit.sum())
            # Uniform over the square, as clutter that follows the land would be over a wide area.
            spots = chance.uniform(-HALF_M, HALF_M, (false, 2))
            east, north = own.to_local(*FRAME.to_geodetic(spots[:, 0], spots[:, 1]))
            far = np.hypot(east, north)
            side = np.degrees(np.arctan2(east, north)) % 360
            when = scan * scan_s - (scan_s * (1.0 - side / 360.0) if real else 0.0)
            clutter = np.stack(
                [np.broadcast_to(when, far.shape), np.full(false, number), far, side, np.full(false, np.nan)], axis=1
            )
            columns.append(clutter[far < reach_m])
    table = np.concatenate(columns)
    table = table[np.argsort(table[:, 0], kind="stable")]
    nothing = np.full(len(table), np.nan)
    return PlotTable(
        time_s=table[:, 0], sensor=table[:, 1].astype(np.int32), range_m=np.maximum(table[:, 2], 0.0),
        azimuth_deg=table[:, 3], altitude_m=table[:, 4], doppler_mps=nothing,
        icao24=np.zeros(len(table), np.uint32), mode3a=np.full(len(table), -1, np.int16),
        sensors=tuple(sensor.id for sensor in sensors),
    )  # fmt: skip


def _seen(path: Floats, time_s: Floats, at: Floats, own: LocalFrame) -> tuple[Floats, Floats]:
    """(azimuth_deg, ground range) of every target at its time; NaN where it is not there yet."""
    k = np.clip((at / STEP_S).astype(int), 0, len(time_s) - 1)
    now = path[np.arange(len(path)), k]
    late = (at - time_s[k])[:, None]
    place = now[:, :2] + now[:, 2:] * late
    there = np.isfinite(place[:, 0])
    east, north = own.to_local(*FRAME.to_geodetic(np.where(there, place[:, 0], 0.0), np.where(there, place[:, 1], 0.0)))
    azimuth = np.degrees(np.arctan2(east, north)) % 360
    return np.where(there, azimuth, 0.0), np.where(there, np.hypot(east, north), np.nan)


def _slant(ground_m: Floats, height_m: Floats, antenna_m: float) -> Floats:
    """Slant range over a round Earth (law of cosines)."""
    a, b = EARTH_RADIUS_M + antenna_m, EARTH_RADIUS_M + height_m
    return np.asarray(np.sqrt((b - a) ** 2 + 4 * a * b * np.sin(ground_m / (2 * EARTH_RADIUS_M)) ** 2), float)
