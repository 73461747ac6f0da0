"""Raids of seven families scored beside the simple rules: warned, lead, burden, calibration, false all clears."""

from __future__ import annotations

import json as to_json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.bench.skill_costs import CLASSES, COSTS
from tocsin.bench.skill_families import FAMILIES, raid
from tocsin.bench.skill_laws import law_jobs, law_raid, laws_named
from tocsin.bench.skill_table import COLUMNS, ROWS, beside, by_class, shown, summary
from tocsin.model.errors import BadFile
from tocsin.replay.configuration import read_policy
from tocsin.replay.many import done_in_any_order
from tocsin.report.tables import table_console

# Thirty of each family; three of each law, class and kit.
RAIDS = 210
RAIDS_BY_LAWS = 216
POLICY = "default"


def run(
    *,
    json: bool = False,
    seeds: int | None = None,
    workers: int = 0,
    policy: str = POLICY,
    report: Path | None = None,
    source: Path | None = None,
    laws: str | None = None,
) -> None:
    """Measure and print; `source` is the raids.jsonl of an earlier run, to be shown again without running it.

    laws   `all` or names: raids by these laws of motion, not of the families
    """
    raids = seeds or (RAIDS if laws is None else RAIDS_BY_LAWS)
    rows = read_rows(source) if source else measured(raids, workers, policy, report, laws)
    result = summary(rows)
    if report is not None:
        from tocsin.bench.skill_report import write_skill

        write_skill(report, result)
    if json:
        typer.echo(to_json.dumps(result))
    else:
        show(result, table_console())


def measured(
    seeds: int, workers: int, policy: str, report: Path | None, laws: str | None = None
) -> list[dict[str, Any]]:
    """Rows of that many raids, in order of seed and family; with `report`, also in its raids.jsonl as they end.

    Raises BadSettings where the policy or a law is none, Missing where a law has no recordings.
    """
    read_policy(policy)
    work: Callable[..., dict[str, Any]] = raid if laws is None else law_raid
    jobs: Sequence[tuple[Any, ...]]
    if laws is None:
        jobs = [(family, seed, policy) for seed in range(1, seeds // len(FAMILIES) + 2) for family in FAMILIES][:seeds]
    else:
        jobs = law_jobs(laws_named(laws), seeds, policy)
    rows: dict[int, dict[str, Any]] = {}
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        (report / "raids.jsonl").unlink(missing_ok=True)
    for number, row in done_in_any_order(work, jobs, "raids", workers=workers):
        rows[number] = row
        if report is not None:
            with (report / "raids.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(to_json.dumps(row) + "\n")
    return [rows[number] for number in sorted(rows)]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The raids of an earlier run. Raises BadFile naming the line that is wrong."""
    rows = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = to_json.loads(line)
            except ValueError as error:
                raise BadFile(f"{path}:{number}: not a raid: {error}; give the raids.jsonl of --report") from error
            if "costs" not in row:
                raise BadFile(f"{path}:{number}: a raid measured before costs were; measure it again")
            rows.append(row)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the raids.jsonl of --report") from error
    if not rows:
        raise BadFile(f"{path} holds no raid; give the raids.jsonl of --report")
    return sorted(rows, key=lambda row: (ROWS.index(row["family"]), row["seed"]))


def show(result: dict[str, Any], console: Console) -> None:
    """Print the tables, a line per figure: families and their mean fit beside each other; and a line per class."""
    columns = beside(result)
    table = Table(title=f"{result['raids']} raids", title_justify="left")
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    for key, heading, form in COLUMNS:
        table.add_row(heading, *(shown(figures, key, form) for figures in columns.values()))
    console.print(table)
    costs = Table("", *columns, "aim", title="What it costs", title_justify="left")
    for key, heading, form, aim in COSTS:
        costs.add_row(heading, *(shown(figures, key, form) for figures in columns.values()), aim)
    console.print(costs)
    for title, classes in by_class(result).items():
        named = Table("", *classes, title=title, title_justify="left")
        for key, heading, form in CLASSES:
            named.add_row(heading, *(shown(figures, key, form) for figures in classes.values()))
        console.print(named)
    for one in result["dominance"]["gaps"]:
        console.print(
            f"a miss × {one['size']:g}: warned {one['warned']:.3f} at {one['burden']:.2f} of the circle's burden; best "
            f"simple rule of no more burden {one['best_rule']:.3f}: {one['gap']:+.3f} (goal +0.10)"
        )
