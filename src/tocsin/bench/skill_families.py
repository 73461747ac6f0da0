"""The scenario families of `tocsin bench skill`, and one raid of one of them."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import numpy as np

from tocsin.ingest.gazetteer import build_zones
from tocsin.model.zone import Zone
from tocsin.replay.configuration import read_policy
from tocsin.replay.costs import costs_of
from tocsin.replay.raids import play, scored, varied
from tocsin.replay.scenarios import load_scenario, shipped_scenario
from tocsin.simulate.scenario import Fault, Scenario
from tocsin.simulate.world import simulate
from tocsin.warn.policy import policy_from_table

# In the order of the table. `lost` is the mixed raid with sensors that fall silent, drawn anew for every seed.
FAMILIES = ("drones", "cruise", "jets", "ballistic", "rockets", "mixed", "lost")
# Shares of a group of sensors lost or silenced, at most; the last radar of a group may go, too.
LOST_MOST = {"radar": 0.7, "far": 1.0, "mic": 0.4, "spotter": 0.3}
# A mesh's number of sensors follows from its area: about so many in the mixed raid.
MESH = {"mic": 360, "spotter": 120}
TOLD_S = 45.0


def raid(family: str, seed: int, policy: str) -> dict[str, Any]:
    """One raid of a family, measured."""
    return {"family": family} | measure(scenario_of(family, seed), zones_of(family), seed, policy)


def measure(scenario: Scenario, zones: Sequence[Zone], seed: int, policy: str) -> dict[str, Any]:
    """One raid: simulated, replayed under a policy, scored; with the processor seconds each took."""
    begun_s = time.process_time()
    night = simulate(scenario, zones, seed)
    simulated_s = time.process_time()
    table = read_policy(policy)
    one = policy_from_table(table)
    played = play(night, table, varied(one))
    played_s = time.process_time()
    result: dict[str, Any] = {"seed": seed, "policy": policy, "observations": len(night.observations)}
    result |= scored(played)
    result["costs"] = costs_of(played, one)
    ends_s = time.process_time()
    result["cpu_s"] = {
        "simulate": round(simulated_s - begun_s, 2),
        "replay": round(played_s - simulated_s, 2),
        "score": round(ends_s - played_s, 2),
    }
    return result


def scenario_of(family: str, seed: int) -> Scenario:
    """The scenario of one seed of a family; the seed matters only where sensors are lost."""
    if family == "lost":
        mixed = scenario_of("mixed", seed)
        return msgspec.structs.replace(mixed, name="sensors-lost", faults=outages(mixed, seed))
    table = dict(_tables()[family])
    base = msgspec.to_builtins(load_scenario(shipped_scenario(table.pop("base"))))
    return msgspec.convert(base | table | {"name": family}, Scenario)


def outages(scenario: Scenario, seed: int) -> tuple[Fault, ...]:
    """Which groups of sensors lose how many, when, for how long, and whether anybody says so; one integer, one draw."""
    rng = np.random.default_rng((seed, 4))
    faults = []
    for group in scenario.sensors:
        share, kind, begins, lasts, told = rng.random(5)
        most = LOST_MOST.get(group.name, 0.0)
        count = round(share * most * (group.count if group.place == "ring" else MESH[group.name]))
        if not count:
            continue
        faults.append(
            Fault(
                kind="lost" if kind < 0.5 else "silent",
                group=group.name,
                count=count,
                at_s=round(0.6 * scenario.duration_s * begins),
                lasts_s=None if kind < 0.5 else round(120 + 900 * lasts),
                told=TOLD_S if told < 0.5 else None,
            )
        )
    return tuple(faults)


def zones_of(family: str) -> tuple[Zone, ...]:
    """The zones a family is played over."""
    return zones_over(scenario_of(family, 1).place.country)


@cache
def zones_over(country: str) -> tuple[Zone, ...]:
    """The zones of a country."""
    return build_zones(country)


@cache
def _tables() -> dict[str, dict[str, Any]]:
    text = (resources.files("tocsin.bench") / "families.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
