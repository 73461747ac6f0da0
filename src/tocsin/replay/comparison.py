"""Policies against each other, over many simulated raids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from tocsin.replay.configuration import read_policy
from tocsin.replay.many import done_in_any_order
from tocsin.replay.raids import play, scored, varied
from tocsin.replay.scenarios import load_scenario, scenario_path, zones_for
from tocsin.score.score import mean_of_known
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.world import simulate
from tocsin.warn.policy import policy_from_table

RULES = ("circle", "region")


@dataclass(frozen=True)
class Comparison:
    """Policies over many raids.

    means   name of a policy or simple rule -> its mean scores
    raids   what `raid` gives, one for each scenario and seed, in their order
    """

    means: dict[str, dict[str, float | None]]
    raids: list[dict[str, Any]]


def compare(
    policies: Sequence[str],
    scenarios: Sequence[str | PathLike[str]],
    *,
    seeds: int = 3,
    workers: int = 0,
    dask: str | None = None,
    curves: bool = False,
) -> Comparison:
    """Play every scenario with every seed under every policy.

    policies    shipped ones' names, or paths of policy.toml files
    scenarios   shipped ones' names, or paths of scenario.toml files
    seeds       raids of each scenario, seeds 1 to this
    workers     processes; 0: one per core
    dask        address of a Dask cluster's scheduler, to use that instead
    curves      also vary each policy, for its curve of burden against share warned

    Raises BadFile, BadRecord and BadSettings before anything is played.
    """
    # Refused before hours are spent on them; and read here, because a cluster's machines do not have the files.
    tables = {name: read_policy(name) for name in policies}
    worlds = [(load_scenario(path), str(path.parent.absolute())) for path in map(scenario_path, scenarios)]
    jobs = [(world, folder, seed, tables, curves) for world, folder in worlds for seed in range(1, seeds + 1)]
    done = dict(done_in_any_order(raid, jobs, "raids", workers=workers, dask=dask))
    rows = [done[number] for number in sorted(done)]
    means = {name: _mean([row["scores"][name] for row in rows]) for name in (*policies, *RULES)}
    return Comparison(means, rows)


def raid(
    scenario: Scenario, folder: str, seed: int, policies: dict[str, dict[str, Any]], curves: bool
) -> dict[str, Any]:
    """One raid: `scores` by policy and of the two simple rules on the first policy's tracks.

    curves   also `rules`, the family on the same tracks, and `curves`: policy -> its points
    """
    night = simulate(scenario, zones_for(scenario, Path(folder)), seed)
    row: dict[str, Any] = {"scores": {}, "curves": {}, "rules": []}
    for name, table in policies.items():
        result = scored(play(night, table, varied(policy_from_table(table)) if curves else None), family=curves)
        score = result["score"]
        beside = {rule: score.pop(rule) for rule in RULES}
        if not row["scores"]:
            row["scores"], row["rules"] = beside, result["rules"]
        row["scores"][name] = score
        row["curves"][name] = result["curve"]
    return row


def _mean(scores: list[dict[str, Any]]) -> dict[str, float | None]:
    """Means over the raids that had strikes; false all clears are summed."""
    struck = [score for score in scores if score["strikes"]]
    keys = ("warned", "warned_observable", "warned_any", "burden", "false_zone_hours")
    row = {key: mean_of_known([score[key] for score in struck]) for key in keys}
    row["lead_p50_s"] = mean_of_known([score["lead_s"]["p50"] for score in struck])
    row["all_clear_p50_s"] = mean_of_known([score.get("all_clear_s", {}).get("p50") for score in struck])
    row["false_all_clears"] = sum(score.get("false_all_clears", 0) for score in scores)
    return row
