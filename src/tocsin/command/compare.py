"""`tocsin compare`: policies against each other, over many raids."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    policies: Annotated[list[str], typer.Argument(help="Shipped policies' names, or paths of policy.toml files.")],
    scenarios: Annotated[list[str], typer.Option(help="Scenarios, shipped or files; the option once for each.")],
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

    from tocsin.replay import compare as compared

    result = compared(policies, scenarios, seeds=seeds, workers=workers, dask=dask, curves=report is not None)
    if report is not None:
        from tocsin.report.policies import write_policies

        write_policies(report, result.means, result.raids, policies)
    if as_json:
        typer.echo(msgspec.json.encode({"raids": len(result.raids), "mean": result.means}).decode())
    else:
        _print(result.means, len(result.raids))


def _print(means: dict[str, dict[str, float | None]], raids: int) -> None:
    from rich.table import Table

    from tocsin.report.tables import table_console

    table = Table(title=f"Means over {raids} raids", title_justify="left")
    table.add_column("")
    for name in means:
        table.add_column(name, justify="right")
    for key in next(iter(means.values())):
        table.add_row(key.replace("_", " "), *("–" if row[key] is None else f"{row[key]:,g}" for row in means.values()))
    table_console().print(table)
