"""`tocsin compare`: policies against each other, over many raids."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

RULES = ("circle", "region")


def compare(
    policies: Annotated[list[str], typer.Argument(help="Shipped policies' names, or paths of policy.toml files.")],
    scenarios: Annotated[list[Path], typer.Option(help="Scenario files; give the option once for each.")],
    seeds: Annotated[int, typer.Option(min=1, max=100_000, help="Raids per scenario, seeds 1 to this.")] = 3,
    workers: Annotated[int, typer.Option(min=0, max=1_024, help="Processes; 0: one per core.")] = 0,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, to use a cluster instead.")] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for report.html, with every policy's curve.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Run every scenario with every seed under every policy, and print the mean scores next to the simple rules.

    Example: `tocsin compare default sparing --scenarios scenarios/rockets.toml --seeds 5`
    """
    import msgspec

    from tocsin.replay.configuration import read_policy
    from tocsin.replay.many import done_in_any_order
    from tocsin.replay.scenarios import load_scenario

    # Refused before hours are spent on them; and read here, because a cluster's machines do not have the files.
    tables = {name: read_policy(name) for name in policies}
    worlds = [(load_scenario(path), str(path.parent.absolute())) for path in scenarios]
    jobs = [
        (world, folder, seed, tables, report is not None) for world, folder in worlds for seed in range(1, seeds + 1)
    ]
    done = dict(done_in_any_order(raid, jobs, "raids", workers=workers, dask=dask))
    rows = [done[number] for number in sorted(done)]
    means = {name: _mean([row["scores"][name] for row in rows]) for name in (*policies, *RULES)}
    if report is not None:
        from tocsin.report.policies import write_policies

        write_policies(report, means, rows, policies)
    if as_json:
        typer.echo(msgspec.json.encode({"raids": len(rows), "mean": means}).decode())
    else:
        _print(means, len(rows))


def raid(scenario: Any, folder: str, seed: int, policies: dict[str, dict[str, Any]], curves: bool) -> dict[str, Any]:
    """One raid: `scores` by policy and of the two simple rules on the first policy's tracks.

    curves   also `rules`, the family on the same tracks, and `curves`: policy -> its points
    """
    from tocsin.replay.raids import play, scored, varied
    from tocsin.replay.scenarios import zones_for
    from tocsin.simulate.world import simulate
    from tocsin.warn.policy import policy_from_table

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

    def over(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(sum(known) / len(known), 4) if known else None

    keys = ("warned", "warned_observable", "warned_any", "burden", "false_zone_hours")
    row = {key: over([score[key] for score in struck]) for key in keys}
    row["lead_p50_s"] = over([score["lead_s"]["p50"] for score in struck])
    row["all_clear_p50_s"] = over([score.get("all_clear_s", {}).get("p50") for score in struck])
    row["false_all_clears"] = sum(score.get("false_all_clears", 0) for score in scores)
    return row


def _print(means: dict[str, dict[str, float | None]], raids: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Means over {raids} raids", title_justify="left")
    table.add_column("")
    for name in means:
        table.add_column(name, justify="right")
    for key in next(iter(means.values())):
        table.add_row(key.replace("_", " "), *("–" if row[key] is None else f"{row[key]:,g}" for row in means.values()))
    Console().print(table)
