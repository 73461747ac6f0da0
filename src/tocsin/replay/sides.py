"""Two networks, policies or tactics against each other, on the same raids."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.replay.configuration import read_policy, read_sensors, shipped_policies
from tocsin.replay.files import read_text
from tocsin.replay.many import done_in_any_order
from tocsin.replay.raids import play, scored
from tocsin.replay.scenarios import load_scenario, scenario_path, zones_for
from tocsin.simulate.field import field_of
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.siting import stations_of
from tocsin.simulate.threats import Threats
from tocsin.simulate.world import simulate

WHOLE, AS_IS = "whole", "as-is"
POLICY = "default"
# Of how many draws with replacement over the raids an interval is the middle 90 %.
DRAWS = 2_000


@dataclass(frozen=True)
class Side:
    """One of the two that are compared; what is None is as the scenario and the default policy have it.

    sensors   a network instead of the scenario's, as its file declares it
    policy    table of a policy
    threats   a tactic: these attackers instead of the scenario's
    whole     nothing goes wrong with any sensor
    """

    name: str
    sensors: tuple[Sensor, ...] | None = None
    policy: dict[str, Any] | None = None
    threats: tuple[Threats, ...] | None = None
    whole: bool = False


@dataclass(frozen=True)
class Sides:
    """Two sides over many raids.

    names   of the two
    means   for each side its figures over all raids
    change  figure -> (second less first, low and high end of the middle 90 % of what other raids would give)
    raids   rows: scenario, seed, and for each side its figures
    """

    names: tuple[str, str]
    means: tuple[dict[str, float | None], dict[str, float | None]]
    change: dict[str, tuple[float, float, float]]
    raids: list[dict[str, Any]]


def side_of(text: str) -> Side:
    """A side by what it is called: `whole`, `as-is`, a sensors file, a policy or a scenario whose attackers are taken.

    Raises BadSettings and BadFile.
    """
    if text in (WHOLE, AS_IS):
        return Side(text, whole=text == WHOLE)
    path = Path(text)
    if path.suffix == ".json":
        return Side(path.stem, sensors=read_sensors(path))
    if text in shipped_policies():
        return Side(text, policy=read_policy(text))
    if path.suffix == ".toml" and "duration_s" not in _table(path):
        return Side(path.stem, policy=read_policy(text))
    return Side(path.stem, threats=load_scenario(scenario_path(text)).threats)


def compare_sides(
    first: str,
    second: str,
    scenarios: Sequence[str],
    *,
    seeds: int = 5,
    workers: int = 0,
    dask: str | None = None,
    prices: Mapping[str, float] | None = None,
) -> Sides:
    """Play every scenario with every seed on both sides.

    scenarios   shipped ones' names, or paths
    seeds       raids of each scenario, seeds 1 to this
    workers     processes; 0: one per core
    dask        address of a Dask cluster's scheduler, to use that instead
    prices      kind of sensor -> what one costs: then the networks' costs are among the figures

    Raises BadFile, BadRecord and BadSettings before anything is played.
    """
    sides = (side_of(first), side_of(second))
    if sides[0].name == sides[1].name:
        raise BadSettings(f"both sides are called {first!r}; compare two that differ, in files of different names")
    worlds = [(load_scenario(path), str(path.parent.absolute())) for path in map(scenario_path, scenarios)]
    jobs = [(world, folder, seed, sides) for world, folder in worlds for seed in range(1, seeds + 1)]
    done = dict(done_in_any_order(both, jobs, "raids", workers=workers, dask=dask))
    rows = [done[number] for number in sorted(done)]
    if prices is not None:
        for row in rows:
            for figures in row["sides"]:
                figures["cost"] = sum(prices.get(kind, 0.0) * count for kind, count in figures["kinds"].items())
    return Sides(
        names=(sides[0].name, sides[1].name),
        means=(_sums([row["sides"][0] for row in rows]), _sums([row["sides"][1] for row in rows])),
        change=_changes(rows),
        raids=rows,
    )


def both(scenario: Scenario, folder: str, seed: int, sides: tuple[Side, Side]) -> dict[str, Any]:
    """One raid on both sides: `scenario`, `seed`, and `sides`: the figures of each."""
    zones = zones_for(scenario, Path(folder))
    return {
        "scenario": scenario.name,
        "seed": seed,
        "sides": [_figures(world_of(scenario, side), zones, seed, side) for side in sides],
    }


def network_of(text: str, scenario: str) -> tuple[ZoneIndex, tuple[Sensor, ...], tuple[Threats, ...]]:
    """The zones that a scenario plays over, and a side's network and attackers in its first raid.

    Of what the scenario loses for good a side has what is left, unless it is whole.
    """
    side, path = side_of(text), scenario_path(scenario)
    world = world_of(load_scenario(path), side)
    field = field_of(world, zones_for(world, path.parent), 1)
    index = ZoneIndex([field.index.zones[z] for z in field.played.tolist()], field.frame)
    if side.sensors is not None:
        return index, side.sensors, world.threats
    left = [one.sensor for one in stations_of(world, field, 1) if not any(fault.kind == "lost" for fault in one.faults)]
    return index, tuple(left), world.threats


def world_of(scenario: Scenario, side: Side) -> Scenario:
    """The scenario as a side has it."""
    if side.whole:
        scenario = msgspec.structs.replace(scenario, faults=())
    return scenario if side.threats is None else msgspec.structs.replace(scenario, threats=side.threats)


def _figures(scenario: Scenario, zones: Any, seed: int, side: Side) -> dict[str, Any]:
    """Counts that add up over raids, times of every strike, and how many sensors of each kind there are."""
    night = simulate(scenario, zones, seed, side.sensors)
    score = scored(play(night, read_policy(POLICY) if side.policy is None else side.policy), family=False)["score"]
    people = {zone.id: zone.population for zone in zones}
    each = score["each"]
    kinds = [with_defaults(sensor).kind for sensor in night.sensors]
    return {
        "strikes": score["strikes"],
        "in_time": sum(one["outcome"] == "warned in time" for one in each),
        "tracked_in_time": sum((one["tracked_s"] or 0.0) >= one["shelter_s"] for one in each),
        "people_struck": sum(people[one["zone"]] for one in each),
        "people_in_time": sum(people[one["zone"]] for one in each if one["outcome"] == "warned in time"),
        "person_hours": score["person_hours"],
        "false_all_clears": score["false_all_clears"],
        "leads_s": [one["lead_s"] for one in each],
        "tracked_s": [one["tracked_s"] or 0.0 for one in each],
        "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }


def _sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Figures over raids, every strike and every person counted alike; None where there is nothing to say."""
    strikes = sum(row["strikes"] for row in rows)
    people = sum(row["people_struck"] for row in rows)
    leads = [lead for row in rows for lead in row["leads_s"]]
    tracked = [lead for row in rows for lead in row["tracked_s"]]
    figures: dict[str, float | None] = {
        "strikes": float(strikes),
        "in_time": _ratio(sum(row["in_time"] for row in rows), strikes),
        "people_in_time": _ratio(sum(row["people_in_time"] for row in rows), people),
        "tracked_in_time": _ratio(sum(row["tracked_in_time"] for row in rows), strikes),
        "lead_p10_s": round(float(np.quantile(leads, 0.1)), 1) if leads else None,
        "lead_p50_s": round(float(np.quantile(leads, 0.5)), 1) if leads else None,
        "tracked_p50_s": round(float(np.quantile(tracked, 0.5)), 1) if tracked else None,
        "burden": _ratio(3_600 * sum(row["person_hours"] for row in rows), people),
        "false_all_clears": float(sum(row["false_all_clears"] for row in rows)),
    }
    if rows and "cost" in rows[0]:
        figures["cost"] = round(float(np.mean([row["cost"] for row in rows])), 2)
    return figures


def _changes(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float, float]]:
    """Raids are drawn anew with replacement, both sides of each together: they met the same attackers."""
    rng = np.random.default_rng(1)
    now = _differences(rows)
    drawn = [_differences([rows[k] for k in rng.integers(0, len(rows), len(rows))]) for _ in range(DRAWS)]
    found = {}
    for key, value in now.items():
        others = [one[key] for one in drawn if key in one]
        low, high = np.quantile(others, (0.05, 0.95)) if others else (value, value)
        found[key] = (round(value, 4), round(float(low), 4), round(float(high), 4))
    return found


def _differences(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    first, second = (_sums([row["sides"][k] for row in rows]) for k in (0, 1))
    return {
        key: value - other for key, value in second.items() if value is not None and (other := first[key]) is not None
    }


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path, "a policy or a scenario").decode())
    except ValueError as error:
        raise BadSettings(f"{path} is not TOML: {error}") from error
