"""Simulated nights: made from a scenario and one integer, written as files, and played through the engine."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile
from tocsin.model.event import Configuration
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.wire import to_json
from tocsin.replay.configuration import configuration_of, read_policy
from tocsin.replay.files import write_files
from tocsin.replay.offline import Offline
from tocsin.replay.run_files import RunFiles
from tocsin.replay.scenarios import load_scenario, scenario_path, zones_for
from tocsin.replay.scoring import read_run, score_of
from tocsin.simulate import world
from tocsin.simulate.world import Simulation


def simulate(
    scenario: str | PathLike[str],
    *,
    seed: int = 1,
    zones: str | PathLike[str] | None = None,
    country: str | None = None,
) -> Simulation:
    """A night: the same scenario, zones and seed give the same one, byte for byte.

    scenario   a shipped scenario's name, or the path of a scenario.toml
    zones      a GeoJSON file instead of the scenario's place
    country    a country of two letters instead of the scenario's

    Raises BadFile, BadRecord, BadSettings and BadValue.
    """
    path = scenario_path(scenario)
    made = load_scenario(path)
    places = zones_for(made, path.parent, zones=None if zones is None else Path(zones), country=country)
    return world.simulate(made, places, seed)


def play(night: Simulation, *, out: str | PathLike[str], policy: str = "default") -> dict[str, Any]:
    """Play a night as a drill, as fast as it goes; returns its score. What came of it lies in the folder `out`."""
    folder = Path(out)
    with RunFiles(folder) as files:
        offline = Offline(drill_of(night, policy))
        offline.watchers.append(files.forecast)
        for effect in offline.run(night.observations):
            files.write(effect)
    return score_night(night, folder)


def score_night(night: Simulation, folder: Path) -> dict[str, Any]:
    """The score of what a night's run wrote to a folder; the truth is laid beside it."""
    write_files(folder, {"truth.jsonl": _lines(night.truth)})
    return score_of(read_run(folder, folder / "truth.jsonl", ZoneIndex(night.zones)))


def drill_of(night: Simulation, policy: str) -> Configuration:
    """The configuration of a drill: a night's zones and sensors, marked as a drill. Raises BadFile, BadSettings."""
    if not night.observations:
        raise BadFile("nothing was observed in this night, so there is nothing to play")
    begin = night.observations[0].received_at
    return configuration_of(night.zones, night.sensors, read_policy(policy), drill=True, time=begin)


def night_files(night: Simulation) -> dict[str, bytes]:
    """The four files of a night by name, as `tocsin replay` and `tocsin score` read them."""
    return {
        "observations.jsonl": _lines(night.observations),
        "sensors.json": b"[\n" + b",\n".join(to_json(sensor) for sensor in night.sensors) + b"\n]\n",
        "zones.geojson": zones_to_geojson(night.zones) + b"\n",
        "truth.jsonl": _lines(night.truth),
    }


def _lines(values: tuple[Any, ...]) -> bytes:
    return b"".join(to_json(one) + b"\n" for one in values)
