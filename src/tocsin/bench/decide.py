"""Five hundred tracks over two thousand zones: forecast and decision of one tick, beside the bare distances."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import typer

from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.forecaster import Forecaster
from tocsin.model.threat import ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

TRACKS, ZONES = 500, 2_000
SIDE_M = 300_000.0
TICKS, WARM = 60, 5
BEGIN_S = 1_767_225_600.0
CLASSES: tuple[tuple[ThreatClass, float], ...] = (("drone", 50.0), ("cruise_missile", 240.0), ("jet", 270.0))
GOAL_MS = 50.0


def run(*, json: bool = False) -> None:
    """Measure and print, in processor time: others may be at work."""
    index = zones()
    rng = np.random.default_rng(5)
    place = rng.uniform(-SIDE_M / 2, SIDE_M / 2, (TRACKS, 2))
    heading = rng.uniform(0, 2 * np.pi, TRACKS)
    forecaster, warner = Forecaster(index), Warner(index, Policy(), drill=True)
    forecast_ms, decide_ms, bare_ms = [], [], []
    for tick in range(TICKS):
        tracks = flown(index, place, heading, tick)
        begun = time.process_time()
        outlook = forecaster.outlook(BEGIN_S + tick, tracks, [])
        forecast = time.process_time()
        warner.decide(BEGIN_S + tick, outlook, tracks, impacts=(), alerts=(), acts=(), blind={})
        decided = time.process_time()
        np.exp(-np.hypot(index.east_m[:, None] - place[:, 0], index.north_m[:, None] - place[:, 1]) / SIDE_M)
        bare_ms.append(1e3 * (time.process_time() - decided))
        forecast_ms.append(1e3 * (forecast - begun))
        decide_ms.append(1e3 * (decided - forecast))
    both = np.add(forecast_ms, decide_ms)[WARM:]
    result = {
        "tracks": TRACKS,
        "zones": len(index),
        "forecast_ms": round(float(np.median(forecast_ms[WARM:])), 1),
        "decide_ms": round(float(np.median(decide_ms[WARM:])), 1),
        "tick_ms": round(float(np.median(both)), 1),
        "tick_p99_ms": round(float(np.percentile(both, 99)), 1),
        "times_bare_distances": round(float(np.median(both) / np.median(bare_ms[WARM:])), 1),
    }
    if json:
        typer.echo(to_json(result).decode())
        return
    typer.echo(
        f"{TRACKS} hostile tracks x {len(index):,} zones: forecast {result['forecast_ms']:g} ms, decision "
        f"{result['decide_ms']:g} ms, together {result['tick_ms']:g} ms (p99 {result['tick_p99_ms']:g} ms); "
        f"the goal is <= {GOAL_MS:g} ms. {result['times_bare_distances']:g} times the distances alone, in NumPy"
    )


def zones() -> ZoneIndex:
    """A grid of square zones over the square the tracks fly in."""
    columns = round(ZONES**0.5)
    step = 2.7 / columns  # degrees of latitude: about 300 km
    made = []
    for number in range(columns * (ZONES // columns)):
        south, west = 47.0 + step * (number // columns), 8.0 + 1.5 * step * (number % columns)
        ring = ((west, south), (west + 1.5 * step, south), (west + 1.5 * step, south + step), (west, south + step))
        name = f"z{number}"
        made.append(Zone(id=name, name=name, population=5_000, polygons=(((*ring, ring[0]),),)))
    return ZoneIndex(made)


def flown(index: ZoneIndex, place: np.ndarray, heading: np.ndarray, tick: int) -> Sequence[Track]:
    """Every track one second of flight on, in `place`."""
    speed = np.array([CLASSES[number % len(CLASSES)][1] for number in range(TRACKS)])
    place += speed[:, None] * np.stack([np.sin(heading), np.cos(heading)], axis=-1)
    lat, lon = index.frame.to_geodetic(place[:, 0], place[:, 1])
    now = time_of(BEGIN_S + tick)
    return [
        Track(
            id=f"T{number}", time=now, updated=now, lat=float(lat[number]), lon=float(lon[number]), altitude_m=800.0,
            speed_mps=float(speed[number]), heading_deg=float(np.degrees(heading[number])), sigma_m=100.0,
            threat=CLASSES[number % len(CLASSES)][0], probability=0.9,
            classes={CLASSES[number % len(CLASSES)][0]: 0.9}, status="confirmed", sensors=2,
        )
        for number in range(TRACKS)
    ]  # fmt: skip
