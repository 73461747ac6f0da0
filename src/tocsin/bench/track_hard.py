"""The tracker with turning beams, slant ranges, biased radars and late reports; and with microphones alone."""

from __future__ import annotations

import json as to_json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import typer
from numpy.typing import NDArray

from tocsin.bench.track_measures import Estimates, measures
from tocsin.bench.track_mesh import meshes
from tocsin.bench.track_scenario import FRAME, STEP_S, Scenario, scenario
from tocsin.ingest.files import plots_of_table
from tocsin.model.observation import Observation, Position
from tocsin.model.sensor import SensorHealth
from tocsin.model.track import Track
from tocsin.model.value import seconds_of, time_of
from tocsin.track.settings import TrackSettings
from tocsin.track.tracker import Tracker

SEEDS = (101, 102)
MESH_SEEDS = tuple(range(101, 121))
TARGETS = 100
DURATION_S = 180.0
START_S = 1_700_000_000.0
# What each radar says too much: metres, degrees, seconds.
INJECTED = {"near-4": (150.0, 0.3, 0.8), "near-6": (0.0, 0.0, 0.0), "far-10": (-200.0, -0.25, -0.5)}
# Reports arrive a second after the fact; one in ten by a bad line.
DELAY_S, LATE_SHARE, LATE_S = 1.0, 0.1, 20.0
ADSB_EVERY_S, ADSB_SIGMA_M = 2.0, 30.0
TRIANGLE = np.triu_indices(6)


def run(json: bool) -> None:
    """Print figures with and without registration, what the radars' biases were found to be, and the mesh."""
    results: dict[str, dict[str, float]] = {}
    for name, biased, registration, adsb in (
        ("no bias, not registered", False, False, True),
        ("no bias", False, True, True),
        ("biased, not registered", True, False, True),
        ("biased", True, True, True),
        ("biased, radars only, not registered", True, False, False),
        ("biased, radars only", True, True, False),
    ):
        figures = []
        for seed in SEEDS:
            one = scenario(TARGETS, seed, duration_s=DURATION_S, real=True)
            seen, health = tracked(one, biased=biased, registration=registration, adsb=adsb, seed=seed)
            found = {key: value for key, value in measures(one, seen).items() if key in _SHOWN}
            figures.append(found | (_biases(health, biased) if registration else {}))
        results[name] = {key: float(np.mean([figure[key] for figure in figures])) for key in figures[0]}
    results["microphones and posts"] = meshes(MESH_SEEDS)
    if json:
        typer.echo(to_json.dumps(results))
        return
    for name, shown in results.items():
        typer.echo(f"{name:36} " + "  ".join(f"{key} {value:.3g}" for key, value in shown.items()))


_SHOWN = ("gospa_m", "rmse_m", "rmse_airliner_m", "rmse_jet_m", "complete", "spurious", "switches", "nees_airliner")


def _biases(health: Sequence[SensorHealth], biased: bool) -> dict[str, float]:
    """Mean over radars of |found - injected|, and the same in sigmas (root mean square over parts)."""
    off, sure = [], []
    for one in health:
        true = INJECTED[one.sensor] if biased else (0.0, 0.0, 0.0)
        found = (one.range_bias_m, one.azimuth_bias_deg, one.time_bias_s)
        sigma = (one.range_bias_sigma_m, one.azimuth_bias_sigma_deg, one.time_bias_sigma_s)
        off.append([abs(f - t) for f, t in zip(found, true, strict=True)])
        sure.append([(f - t) / (s or math.nan) for f, t, s in zip(found, true, sigma, strict=True)])
    range_m, azimuth_deg, time_s = np.mean(off, axis=0).tolist()
    return {
        "off_range_m": range_m,
        "off_azimuth_deg": azimuth_deg,
        "off_time_s": time_s,
        "off_sigmas": float(np.sqrt(np.mean(np.square(sure)))),
    }


def tracked(
    one: Scenario, *, biased: bool, registration: bool, adsb: bool, seed: int
) -> tuple[Estimates, tuple[SensorHealth, ...]]:
    """Confirmed tracks at every second as they were known then, and how the radars were judged in the end."""
    tracker = Tracker(one.sensors, FRAME, TrackSettings(registration=registration))
    waiting = reports(one, biased=biased, adsb=adsb, seed=seed)
    states, covs, times, numbers = [], [], [], []
    at = 0
    for second in range(1, int(one.time_s[-1]) + 1):
        now_s = START_S + second
        while at < len(waiting) and waiting[at][0] <= now_s:
            tracker.observe(waiting[at][1])
            at += 1
        for track in tracker.advance(now_s):
            if track.status != "tentative":
                state, cov = _state(track)
                states.append(state)
                covs.append(cov)
                times.append(float(second))
                numbers.append(int(track.id[1:]))
    seen = Estimates(np.array(times), np.array(numbers), np.array(states), np.array(covs))
    return seen, tracker.health(START_S + float(one.time_s[-1]))


def _state(track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(east, north and their speeds, upper triangle of their covariance), the frame's north taken for the track's."""
    east, north = FRAME.to_local(track.lat, track.lon)
    course = math.radians(track.heading_deg)
    full = np.zeros((6, 6))
    full[TRIANGLE] = track.covariance
    plane = np.array([0, 1, 3, 4])
    cov = full[np.ix_(plane, plane)][np.triu_indices(4)]
    velocity = (track.speed_mps * math.sin(course), track.speed_mps * math.cos(course))
    return np.array([float(east), float(north), *velocity]), cov


def reports(one: Scenario, *, biased: bool, adsb: bool, seed: int) -> list[tuple[float, Observation]]:
    """(received, what) in order of arrival."""
    chance = np.random.default_rng([seed, 7])
    off = np.array([INJECTED[name] if biased else (0.0, 0.0, 0.0) for name in one.plots.sensors])[one.plots.sensor]
    true_s = one.plots.time_s + START_S
    table = replace(
        one.plots,
        time_s=true_s + off[:, 2],
        range_m=np.maximum(one.plots.range_m + off[:, 0], 0.0),
        azimuth_deg=(one.plots.azimuth_deg + off[:, 1]) % 360.0,
    )
    late = np.where(chance.random(len(table)) < LATE_SHARE, chance.uniform(0.0, LATE_S, len(table)), 0.0)
    received = np.maximum(true_s + DELAY_S + late, table.time_s)
    found: list[tuple[float, Observation]] = list(zip(received.tolist(), plots_of_table(table), strict=True))
    if adsb:
        found += [(seconds_of(said.time) + DELAY_S, said) for said in _positions(one, chance)]
    return sorted(found, key=lambda pair: pair[0])


def _positions(one: Scenario, chance: np.random.Generator) -> list[Position]:
    """What the airliners say of themselves."""
    said = []
    for number in np.flatnonzero(one.kind == 0).tolist():
        for at_s in np.arange(chance.uniform(0.0, ADSB_EVERY_S), one.time_s[-1] - STEP_S, ADSB_EVERY_S).tolist():
            east, north, ve, vn = one.path[number, int(at_s / STEP_S)].tolist()
            if not math.isfinite(east):
                continue
            past_s = at_s % STEP_S
            noise = chance.normal(0.0, ADSB_SIGMA_M, 2)
            lat, lon = FRAME.to_geodetic(east + ve * past_s + noise[0], north + vn * past_s + noise[1])
            said.append(
                Position(
                    id=f"a{number}/{at_s}", time=time_of(START_S + at_s), source="receiver", lat=float(lat),
                    lon=float(lon), altitude_m=float(one.height_m[number]), sigma_m=ADSB_SIGMA_M,
                    icao24=f"4b{number:04x}", speed_mps=math.hypot(ve, vn),
                    heading_deg=math.degrees(math.atan2(ve, vn)) % 360, cooperative=True,
                )
            )  # fmt: skip
    return said
