"""`tocsin compare`: policies against each other, over many raids."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def compare(
    policies: Annotated[list[str], typer.Argument(help="Shipped policies' names, or paths of policy.toml files.")],
    scenarios: Annotated[list[Path], typer.Option(help="Scenario files; give the option once for each.")],
    seeds: Annotated[int, typer.Option(min=1, max=100_000, help="Raids per scenario, seeds 1 to this.")] = 3,
    workers: Annotated[int, typer.Option(min=0, max=1_024, help="Processes; 0: one per core.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Run every scenario with every seed under every policy, and print the mean scores next to the simple rules.

    Example: `tocsin compare default sparing --scenarios scenarios/rockets.toml --seeds 5`
    """
    import os
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    import msgspec

    from tocsin.service.progress import progress

    for name in policies:
        _check(name)
    raids = [(str(path), seed, tuple(policies)) for path in scenarios for seed in range(1, seeds + 1)]
    # Fresh processes: one forked from a process with threads can hang.
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_raid, *raid): number for number, raid in enumerate(raids)}
        rows = {running[done]: done.result() for done in progress(as_completed(running), "raids")}
    means = {name: _mean([rows[number][name] for number in sorted(rows)]) for name in (*policies, "circle", "region")}
    if as_json:
        typer.echo(msgspec.json.encode({"raids": len(raids), "mean": means}).decode())
    else:
        _print(means, len(raids))


def _check(policy: str) -> None:
    """Refuse a policy before hours are spent on it. Raises BadSettings."""
    from tocsin.service.configuration import read_policy
    from tocsin.warn.policy import policy_from_table

    policy_from_table(read_policy(policy))


def _raid(scenario: str, seed: int, policies: tuple[str, ...]) -> dict[str, Any]:
    """The scores of one raid: by policy, and of the two simple rules on the first policy's tracks."""
    import contextlib
    import os
    import tempfile

    from tocsin.service.commands.replay import replay
    from tocsin.service.commands.score import score_run
    from tocsin.service.commands.simulate import simulate

    result: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        open(os.devnull, "w") as silence,  # noqa: PTH123
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
    ):
        raid = Path(folder)
        simulate(Path(scenario), raid, seed, None, None, False, False)
        for name in policies:
            out = raid / f"run-{len(result)}"
            replay(
                str(raid / "observations.jsonl"), raid / "sensors.json", raid / "zones.geojson", out, name, True, False
            )
            scored = score_run(out, raid / "truth.jsonl", raid / "zones.geojson")
            circle, region = scored.pop("circle"), scored.pop("region")
            result |= {"circle": circle, "region": region} if not result else {}
            result[name] = scored
    return result


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
