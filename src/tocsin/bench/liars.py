"""Raids with a liar in them: whom a lie lowers, whom it raises, what it costs; ten families of lies."""

from __future__ import annotations

import json as to_json
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.bench.liar_attacks import ATTACKS
from tocsin.bench.liar_radars import LIES, lying_radar
from tocsin.bench.liar_raids import raid
from tocsin.bench.skill_families import FAMILIES
from tocsin.replay.many import done_in_any_order
from tocsin.report.tables import table_console

SEEDS = 5
RAIDS = SEEDS * len(FAMILIES) * len(ATTACKS)
# Of the worst raids, so many are named.
WORST = 5
Row = dict[str, Any]
SUMS = (
    "lies", "lowered", "lowered_zones", "raised", "raised_zones", "strikes", "early", "in_time", "in_time_without",
    "false_all_clears", "false_all_clears_without",
)  # fmt: skip


def run(*, json: bool = False, seeds: int = RAIDS, workers: int = 0) -> None:
    """Measure and print: raids of seed 1 first, a family after the other, every attack; then lying radars."""
    jobs = jobs_of(seeds)
    rows = dict(done_in_any_order(raid, jobs, "raids with a liar", workers=workers))
    nights = dict.fromkeys((family, seed) for family, seed, _ in jobs)
    lying = [(family, seed, lie) for family, seed in nights for lie in LIES]
    radars = dict(done_in_any_order(lying_radar, lying, "lying radars", workers=workers))
    result = summary([rows[number] for number in sorted(rows)], [radars[number] for number in sorted(radars)])
    if json:
        typer.echo(to_json.dumps(result))
    else:
        show(result, table_console())


def jobs_of(raids: int) -> list[tuple[str, int, str]]:
    """(family, seed, attack) of that many raids; attacks on one night follow each other, so that it is made once."""
    last = raids // (len(FAMILIES) * len(ATTACKS)) + 1
    every = [(family, seed, attack) for seed in range(1, last + 1) for family in FAMILIES for attack in ATTACKS]
    return every[:raids]


def summary(rows: Sequence[Row], radars: Sequence[Row]) -> dict[str, Any]:
    """Figures of all raids, by attack and by family; the worst raids by what they lowered, raised and cost.

    radars   of the nights with a lying radar: see `lying_radar`
    """
    return {
        "raids": len(rows),
        "all": _figures(rows),
        "attacks": {name: _figures(found) for name in ATTACKS if (found := _where(rows, "attack", name))},
        "families": {name: _figures(found) for name in FAMILIES if (found := _where(rows, "family", name))},
        "worst": {key: _worst(rows, key) for key in ("lowered", "raised", "cost", "cost_p99")},
        "lying_radar": {name: _radar_figures(_where(radars, "lie", name)) for name in LIES},
        "lying_radars": list(radars),
        "each": list(rows),
    }


def _where(rows: Sequence[Row], key: str, name: str) -> list[Row]:
    return [row for row in rows if row[key] == name]


def _radar_figures(rows: Sequence[Row]) -> Row:
    keys = ("of_cover", "lowered", "all_clears", "against", "against_honest", "against_both")
    figures: Row = {key: sum(row[key] for row in rows) for key in keys}
    return figures | {"nights": sum(row["radars"] > 0 for row in rows)}


def _figures(rows: Sequence[Row]) -> Row:
    figures: Row = {key: sum(row[key] for row in rows) for key in SUMS}
    figures["raids"] = len(rows)
    for key in ("cost", "cost_p99"):
        figures[key] = max((row[key] for row in rows if row[key] is not None), default=None)
    figures["points"] = (
        round(100 * (figures["in_time"] - figures["in_time_without"]) / figures["early"], 2)
        if figures["early"]
        else None
    )
    return figures


def _worst(rows: Sequence[Row], key: str) -> list[Row]:
    found = sorted((row for row in rows if row[key]), key=lambda row: -row[key])[:WORST]
    return [{one: row[one] for one in ("family", "seed", "attack", key)} for row in found]


def show(result: dict[str, Any], console: Console) -> None:
    """Print a line for each attack, each family and all of them, the worst raids, and the lying radars."""
    table = Table(title=f"{result['raids']} raids with a liar", title_justify="left")
    heads = ("", "raids", "lies", "zone-ticks lowered", "raised into cover", "in time, of", "without", "points",
             "false all clears", "tick ×, worst", "p99 ×, worst")  # fmt: skip
    for number, heading in enumerate(heads):
        table.add_column(heading, justify="right" if number else "left")
    for part in ("attacks", "families"):
        for name, one in result[part].items():
            table.add_row(name, *_cells(one))
        table.add_section()
    table.add_row("all", *_cells(result["all"]))
    console.print(table)
    for key, worst in result["worst"].items():
        named = "; ".join(f"{one['family']} seed {one['seed']} {one['attack']}: {one[key]:g}" for one in worst)
        console.print(f"worst by {key}: {named or 'none'}")
    for lie, one in result["lying_radar"].items():
        console.print(
            f"a radar that lies, {lie}, {one['nights']} nights: of {one['all_clears']:,} all clears {one['against']:,} "
            f"against the others' word, goal 0 ({one['against_honest']:,} by the honest radar; {one['against_both']:,} "
            f"where that too held cover); of {one['of_cover']:,} "
            f"zone-ticks of cover {one['lowered']:,} lowered"
        )


def _cells(one: Row) -> list[str]:
    def plain(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form)

    return [
        f"{one['raids']}", f"{one['lies']:,}", f"{one['lowered']:,}", f"{one['raised']:,}",
        f"{one['in_time']} / {one['early']}", f"{one['in_time_without']}", plain(one["points"], "+.1f"),
        f"{one['false_all_clears']} ({one['false_all_clears_without']})", plain(one["cost"], ".2f"),
        plain(one["cost_p99"], ".2f"),
    ]  # fmt: skip
