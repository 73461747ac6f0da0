"""The mixed raid replayed: how many times faster than real time; and how long a command takes to its first effect."""

from __future__ import annotations

import json as jsonlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import typer

from tocsin.bench.machine import bare_start_s
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.warning import Warning
from tocsin.model.wire import observation_from_json, to_json
from tocsin.replay.nights import drill_of
from tocsin.replay.offline import Offline
from tocsin.replay.scenarios import load_scenario, shipped_scenario, zones_for
from tocsin.service.warmup import warm_up
from tocsin.simulate.world import Simulation, simulate

SCENARIO = "mixed-raid"
SEED = 1
STARTS = 3


def run(*, json: bool = False) -> None:
    """Measure and print. The first effect is measured from the start of a process, kernels cached."""
    path = shipped_scenario(SCENARIO)
    world = load_scenario(path)
    night = simulate(world, zones_for(world, path.parent), SEED)
    warm_up()
    begun_s = time.perf_counter()
    offline = Offline(drill_of(night, "default"))
    warnings = sum(isinstance(effect, Warning) for effect in offline.run(night.observations))
    spent_s = time.perf_counter() - begun_s
    reading_s = _reading_s(night)
    world_s = (night.observations[-1].received_at - night.observations[0].received_at).total_seconds()
    result = {
        "scenario": SCENARIO,
        "observations": len(night.observations),
        "zones": len(night.zones),
        "warnings": warnings,
        "world_s": world_s,
        "spent_s": round(spent_s, 2),
        "times_real_time": round(world_s / spent_s, 1),
        "times_reading": round(spent_s / reading_s, 1),
        "first_effect_s": round(min(_first_effect_s(night) for _ in range(STARTS)), 2),
        "bare_start_s": round(bare_start_s(), 2),
    }
    if json:
        typer.echo(jsonlib.dumps(result))
        return
    typer.echo(
        f"{SCENARIO}, {result['observations']} observations, {result['zones']} zones: {world_s:.0f} s of world in "
        f"{spent_s:.1f} s, {result['times_real_time']:g} × real time (goal 100), {result['times_reading']:g} × "
        f"what only reading its file takes; start to first effect {result['first_effect_s']:g} s (goal 1.5), where a "
        f"bare Python with the same libraries takes {result['bare_start_s']:g} s"
    )


def _reading_s(night: Simulation) -> float:
    """Seconds to read the night's observations from their file: what no replay can beat."""
    lines = [to_json(one) for one in night.observations]
    begun_s = time.perf_counter()
    for line in lines:
        observation_from_json(line)
    return time.perf_counter() - begun_s


def _first_effect_s(night: Simulation) -> float:
    """Seconds from starting `tocsin replay` on a few observations until its files are written."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        (folder / "zones.geojson").write_bytes(zones_to_geojson(night.zones[:100]))
        (folder / "sensors.json").write_bytes(to_json(night.sensors))
        (folder / "o.jsonl").write_bytes(b"\n".join(to_json(one) for one in night.observations[:3]))
        command = [sys.executable, "-m", "tocsin", "replay", "o.jsonl", "--sensors", "sensors.json"]
        command += ["--zones", "zones.geojson", "--out", "run"]
        begun_s = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - our own command
        return time.perf_counter() - begun_s
