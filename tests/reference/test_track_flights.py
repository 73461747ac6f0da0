"""Real flights, resampled as plots of radars that we place among them: the tracks must follow the aircraft.

The limits for airliners are EUROCONTROL-SPEC-147 (ESASSP) 3N_C-R2 and 5N_C-R4: horizontal position error RMS at most
330 m for 3 NM separation, 550 m for 5 NM.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.some import some
from tocsin.earth.frames import LocalFrame, frame_around
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor
from tocsin.model.threat import THREAT_CLASSES
from tocsin.track.bulk import track_plots

pytestmark = pytest.mark.reference

Floats = NDArray[np.float64]
FOOT_M = 0.3048
GAP_S = 30.0


class Flight(NamedTuple):
    time_s: Floats
    lat: Floats
    lon: Floats
    height_m: Floats


def flights(path: Path, first_s: float, long_s: float) -> list[Flight]:
    """Every aircraft with at least a minute of positions inside a window after the recording's first."""
    records = json.loads(gzip.decompress(path.read_bytes()))
    begin = min(one["timestamp"] for one in records) / 1e3 + first_s
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    for one in records:
        at = one["timestamp"] / 1e3
        fields = (one["latitude"], one["longitude"], one["altitude"])
        if begin <= at < begin + long_s and all(value is not None for value in some(fields)):
            found.setdefault(one["icao24"], []).append((at, fields[0], fields[1], fields[2] * FOOT_M))
    kept = []
    for rows in found.values():
        table = np.array(sorted(rows))
        table = table[np.concatenate([[True], np.diff(table[:, 0]) > 0])]
        if table[-1, 0] - table[0, 0] > 60:
            kept.append(Flight(*table.T))
    return kept


def at_times(flight: Flight, at_s: Floats) -> Floats:
    """[n, 3] latitude, longitude, height, straight between reports; NaN outside and in gaps."""
    right = np.clip(np.searchsorted(flight.time_s, at_s), 1, len(flight.time_s) - 1)
    gap = flight.time_s[right] - flight.time_s[right - 1] > GAP_S
    columns = [np.interp(at_s, flight.time_s, one, np.nan, np.nan) for one in flight[1:]]
    return np.where(gap[:, None], np.nan, np.stack(columns, axis=1))


def radars(all_flights: list[Flight]) -> list[Sensor]:
    lat, lon = np.concatenate([one.lat for one in all_flights]), np.concatenate([one.lon for one in all_flights])
    frame = frame_around(lat, lon)
    sensors = []
    for name, east, scan_s in (("west", -30_000.0, 4.0), ("east", 30_000.0, 6.0)):
        where = frame.to_geodetic(east, 0.0)
        sensors.append(
            Sensor(
                id=name, kind="radar", lat=float(where[0]), lon=float(where[1]), altitude_m=500, range_m=220_000,
                sigma_range_m=60, sigma_azimuth_deg=0.08, sigma_altitude_m=30, scan_s=scan_s,
            )
        )  # fmt: skip
    return sensors


def plots(all_flights: list[Flight], sensors: list[Sensor]) -> PlotTable:
    chance = np.random.default_rng(147)
    first = min(one.time_s[0] for one in all_flights)
    last = max(one.time_s[-1] for one in all_flights)
    rows = []
    for number, sensor in enumerate(sensors):
        own = LocalFrame(sensor.lat, sensor.lon)
        for index, one in enumerate(all_flights):
            at_s = np.arange(first + index % 7 * 0.5, last, sensor.scan_s)
            where = at_times(one, at_s)
            seen = np.isfinite(where[:, 0]) & (chance.random(len(at_s)) < 0.95)
            at_s, where = at_s[seen], where[seen]
            east, north = own.to_local(where[:, 0], where[:, 1])
            ground = np.hypot(east, north)
            a, b = EARTH_RADIUS_M + sensor.altitude_m, EARTH_RADIUS_M + where[:, 2]
            slant = np.sqrt((b - a) ** 2 + 4 * a * b * np.sin(ground / (2 * EARTH_RADIUS_M)) ** 2)
            azimuth = np.degrees(np.arctan2(east, north)) + chance.normal(0, 0.08, len(at_s))
            height = where[:, 2] + chance.normal(0, 30, len(at_s))
            table = np.stack(
                [at_s, np.full(len(at_s), number), slant + chance.normal(0, 60, len(at_s)), azimuth % 360, height],
                axis=1,
            )
            rows.append(table[ground < 220_000])
    table = np.concatenate(rows)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return PlotTable(
        time_s=table[:, 0], sensor=table[:, 1].astype(np.int32), range_m=np.maximum(table[:, 2], 1.0),
        azimuth_deg=table[:, 3], altitude_m=table[:, 4], doppler_mps=np.full(len(table), np.nan),
        icao24=np.zeros(len(table), np.uint32), mode3a=np.full(len(table), -1, np.int16),
        sensors=tuple(sensor.id for sensor in sensors),
    )  # fmt: skip


def followed(all_flights: list[Flight]) -> tuple[float, float]:
    """(RMS of horizontal position, share of aircraft seconds with a confirmed track within 2 km)."""
    sensors = radars(all_flights)
    tracks = track_plots(plots(all_flights, sensors), sensors, every_s=5.0)
    frame = frame_around([sensor.lat for sensor in sensors], [sensor.lon for sensor in sensors])
    sure = tracks.status > 0
    time_s = tracks.time_s[sure]
    east, north = frame.to_local(tracks.lat[sure], tracks.lon[sure])
    squares, missing, counted = [], 0, 0
    ticks = np.unique(time_s)
    for one in all_flights:
        # Thirty seconds for a track to begin.
        inside = ticks[(ticks > one.time_s[0] + 30) & (ticks < one.time_s[-1])]
        where = at_times(one, inside)
        ok = np.isfinite(where[:, 0])
        if not some(ok).any():
            continue
        true_east, true_north = frame.to_local(where[ok, 0], where[ok, 1])
        near = np.hypot(true_east, true_north) < 180_000
        for at, e, n in zip(inside[ok][near], true_east[near], true_north[near], strict=True):
            lo, hi = np.searchsorted(time_s, [at - 1e-6, at + 1e-6])
            d2 = ((east[lo:hi] - e) ** 2 + (north[lo:hi] - n) ** 2).min(initial=np.inf)
            counted += 1
            if d2 < 2_000.0**2:
                squares.append(d2)
            else:
                missing += 1
    return float(np.sqrt(np.mean(squares))), 1 - missing / counted


@pytest.mark.parametrize(
    ("name", "first_s", "long_s", "rms_m", "share"),
    [
        ("collections/switzerland", 6 * 3_600.0, 900.0, 330.0, 0.97),
        ("military/inflight_refuelling", 0.0, 14_400.0, 330.0, 0.9),
        ("ambulances/rega_zh", 0.0, 3_600.0, 330.0, 0.9),
        ("gliders/franconia", 0.0, 3_600.0, 330.0, 0.9),
        ("firefighting/calfire", 0.0, 3_600.0, 330.0, 0.9),
    ],
)
def test_tracks_follow_real_flights(
    data_dir: Path, name: str, first_s: float, long_s: float, rms_m: float, share: float
) -> None:
    found = flights(data_dir / "tracks" / "adsb" / "traffic" / f"{name}.json.gz", first_s, long_s)
    error_m, seen = followed(found)
    print(f"{name}: {len(found)} aircraft, RMS {error_m:.0f} m, followed {seen:.3f}")
    assert error_m <= rms_m
    assert seen >= share


@pytest.mark.parametrize(
    ("name", "first_s", "long_s", "share"),
    [("collections/switzerland", 6 * 3_600.0, 900.0, 0.9), ("military/inflight_refuelling", 0.0, 14_400.0, 0.85)],
)
def test_large_aircraft_that_radars_alone_see_are_called_aircraft(
    data_dir: Path, name: str, first_s: float, long_s: float, share: float
) -> None:
    """With heights, without a word from the aircraft themselves; a quarter of an hour, and four hours."""
    found = flights(data_dir / "tracks" / "adsb" / "traffic" / f"{name}.json.gz", first_s, long_s)
    sensors = radars(found)
    tracks = track_plots(plots(found, sensors), sensors, every_s=5.0)
    right = np.isin(tracks.threat, [THREAT_CLASSES.index(one) for one in ("civil", "aircraft")])[tracks.status > 0]
    print(f"{name}: called civil or aircraft {right.mean():.3f}")
    assert right.mean() >= share
