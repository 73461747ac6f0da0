"""The tracker beside Stone Soup and PyRecEst on the same plots: speed, GOSPA, errors, switches, consistency."""

from __future__ import annotations

import importlib.util
import itertools
import json as to_json
import os
import time
from collections.abc import Callable, Sequence

import numpy as np
import typer

from tocsin.bench.track_measures import Estimates, measures, second_plot_s, together
from tocsin.bench.track_scenario import FRAME, Scenario, scenario

SEEDS = (101, 102, 103, 104, 105, 106)
# Long enough for every target to be born, turn and be judged; Stone Soup takes half a minute for 100 targets.
DURATION_S = 120.0
PEER_TARGETS = (100, 200)
HOW = "they are not installed: `uv pip install stonesoup pyrecest`"


def ours(one: Scenario) -> tuple[Estimates, float]:
    """Confirmed tracks at every second, and the seconds from plots in memory to tracks in memory."""
    from tocsin.track.bulk import glances, table_of
    from tocsin.track.report import pictures
    from tocsin.track.settings import TrackSettings

    began = time.process_time()
    seen = glances(one.plots, one.sensors, FRAME, 1.0, TrackSettings())
    shown = pictures(seen, FRAME)
    table_of(shown)
    took_s = time.process_time() - began
    sure = shown.status > 0
    state, cov, classes = seen.mean[sure, :4], seen.cov[sure], shown.classes[sure]
    return Estimates(seen.at_s[sure], shown.number[sure], state, cov, classes), took_s


def scan_times_s(targets: int, seed: int) -> list[float]:
    """Seconds the tracker takes for each scan of a crowded sky, one call per scan."""
    from tocsin.track.bank import empty
    from tocsin.track.bulk import rows_of
    from tocsin.track.report_rows import SENSOR, TIME
    from tocsin.track.sensors.learned import unlearned
    from tocsin.track.sensors.sites import sites_of
    from tocsin.track.settings import TrackSettings, for_kernels
    from tocsin.track.sky import sky_of
    from tocsin.track.tracker import worked

    one = scenario(targets, seed, duration_s=60.0)
    rows, sites = rows_of(one.plots, one.sensors), sites_of(one.sensors, FRAME, 0)
    sensed = unlearned(sites)
    sky = sky_of(empty(16 * targets), sites, sensed, for_kernels(TrackSettings()))
    breaks = np.flatnonzero((np.diff(rows[:, TIME]) != 0) | (np.diff(rows[:, SENSOR]) != 0)) + 1
    edges = [0, *breaks.tolist(), len(rows)]
    taken = []
    for begin, end in itertools.pairwise(edges):
        began = time.process_time()
        sky = sky._replace(bank=worked(sky, rows, begin, end))
        taken.append(time.process_time() - began)
    return taken


def _mean(figures: Sequence[dict[str, float]]) -> dict[str, float]:
    """Mean of each figure over the runs that have it; a small sky may hold no drone."""
    found = {name: [one[name] for one in figures if np.isfinite(one[name])] for name in figures[0]}
    return {name: float(np.mean(values)) for name, values in found.items() if values}


def _compared(targets: int, real: bool, peers: bool) -> dict[str, dict[str, float]]:
    """Mean figures over the seeds, ours and the peers', from one run."""
    from tocsin.bench.track_peers import stone_soup
    from tocsin.bench.track_pyrecest import pyrecest, pyrecest_told_s

    runs: dict[str, Callable[[Scenario], tuple[Estimates, float]]] = {"tocsin": ours}
    if peers:
        runs |= {"stonesoup": stone_soup, "pyrecest": pyrecest}
    found: dict[str, list[dict[str, float]]] = {}
    for seed in SEEDS:
        one = scenario(targets, seed, duration_s=DURATION_S, real=real)
        seen: dict[str, Estimates] = {}
        for name, how in runs.items():
            seen[name], took_s = how(one)
            figures = measures(one, seen[name]) | {"plots_per_s": len(one.plots) / took_s}
            if name != "tocsin":
                mine, theirs = together(one, seen["tocsin"], seen[name])
                figures |= {"rmse_together_m": theirs, "rmse_together_tocsin_m": mine}
            found.setdefault(name, []).append(figures)
        if not real:
            found["tocsin"][-1]["start_floor_s"] = second_plot_s(one)
        if peers:
            found.setdefault("pyrecest told", []).append({"plots_per_s": len(one.plots) / pyrecest_told_s(one)})
    return {name: _mean(figures) for name, figures in found.items()}


def track_bytes() -> float:
    """Bytes the filter bank keeps for a track, tentative or confirmed: every column's row."""
    from tocsin.track.bank import empty

    few, many = (sum(column.nbytes for column in empty(room)) for room in (1_000, 2_000))
    return (many - few) / 1_000


def run(json: bool) -> None:
    """Print the table: one core, one run; speeds by processor time, since others may be at work."""
    from tocsin.track.warm import warm

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    warm()
    peers = all(importlib.util.find_spec(name) for name in ("stonesoup", "pyrecest"))
    results: dict[str, object] = {}
    for targets in (10, 50, 100, 200):
        results[f"{targets}"] = _compared(targets, False, peers and targets in PEER_TARGETS)
    results["100 slant, rotating"] = _compared(100, True, False)
    scan_times_s(10, SEEDS[0])  # loads the kernel as it is called here, scan by scan
    taken_ms = np.array(scan_times_s(1_000, SEEDS[0])) * 1e3
    results["1000"] = {"scan_p50_ms": float(np.median(taken_ms)), "scan_p99_ms": float(np.percentile(taken_ms, 99))}
    results["memory"] = {"track_bytes": track_bytes()}
    results["seeds"], results["duration_s"] = list(SEEDS), DURATION_S
    if json:
        typer.echo(to_json.dumps(results))
        return
    for name, value in results.items():
        if isinstance(value, dict):
            for who, figures in value.items():
                text = (
                    "  ".join(f"{key} {figure:.3g}" for key, figure in figures.items())
                    if isinstance(figures, dict)
                    else f"{figures:.2f}"
                )
                typer.echo(f"{name:20} {who:10} {text}")
    if not peers:
        typer.echo(f"Stone Soup and PyRecEst are left out; {HOW}")
