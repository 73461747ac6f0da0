"""Quiet hours: clutter, civil traffic and false reports, no attacker; in how many anybody was sent into cover."""

from __future__ import annotations

import json as to_json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import typer
from rich.console import Console

from tocsin.bench.skill_families import scenario_of, zones_of
from tocsin.model.value import seconds_of
from tocsin.replay.configuration import read_policy
from tocsin.replay.many import done_in_any_order
from tocsin.replay.raids import play
from tocsin.report.tables import table_console
from tocsin.score.cover import Cover, cover_of_warnings
from tocsin.score.episodes import named
from tocsin.simulate.scenario import Reports, Scenario, Traffic
from tocsin.simulate.world import simulate

NIGHTS = 250
POLICY = "default"
HOURS = 2
# Whose sensors a night takes, one after the other; then the same again with radars that measure no height.
SENSORS = ("drones", "cruise", "jets", "ballistic", "rockets", "mixed")
TRAFFIC = Traffic(flights_per_hour=15, silent=0.2, landing=0.3)
FALSE_SIGHTINGS_PER_HOUR = 6.0
AIM = 0.002


def run(*, json: bool = False, seeds: int = NIGHTS, workers: int = 0, policy: str = POLICY) -> None:
    """Measure and print; a seed is a night of two hours. Raises BadSettings where the policy is none."""
    read_policy(policy)
    jobs = [(seed, policy) for seed in range(1, seeds + 1)]
    rows = dict(done_in_any_order(night, jobs, "quiet nights", workers=workers))
    result = summary([rows[number] for number in sorted(rows)])
    if json:
        typer.echo(to_json.dumps(result))
    else:
        show(result, table_console())


def night(seed: int, policy: str) -> dict[str, Any]:
    """One night: its `hours`, in which of them (0, 1) somebody was under cover, and class -> take-cover episodes."""
    scenario = quiet(seed)
    drawn = simulate(scenario, zones_of(SENSORS[(seed - 1) % len(SENSORS)]), seed)
    run = play(drawn, read_policy(policy)).run
    begin_s = seconds_of(scenario.start)
    end_s = begin_s + scenario.duration_s
    cover = cover_of_warnings(run.warnings, run.index.number, end_s)
    return {
        "seed": seed,
        "sensors": scenario.name,
        "hours": HOURS,
        "covered": hours_under_cover(cover, begin_s, HOURS),
        "episodes": dict(Counter(named(cover, run.warnings, run.index))),
        "person_hours": round(float((run.index.population[cover.zone] * (cover.end_s - cover.begin_s)).sum()) / 3600),
    }


def quiet(seed: int) -> Scenario:
    """The scenario of a night: sensors of a family of raids, every second time without heights, and nobody hostile."""
    family = SENSORS[(seed - 1) % len(SENSORS)]
    flat = (seed - 1) // len(SENSORS) % 2 == 1
    base = scenario_of(family, seed)
    return msgspec.structs.replace(
        base,
        name=f"quiet-{family}" + ("-flat" if flat else ""),
        duration_s=HOURS * 3_600.0,
        threats=(),
        faults=(),
        sensors=tuple(msgspec.structs.replace(one, height=one.height and not flat) for one in base.sensors),
        traffic=TRAFFIC,
        reports=Reports(false_sightings_per_hour=FALSE_SIGHTINGS_PER_HOUR, night=base.reports.night),
    )


def hours_under_cover(cover: Cover, begin_s: float, hours: int) -> list[int]:
    """The hours since `begin_s`, from 0 on, in which any zone was under cover."""
    edges = begin_s + 3_600.0 * np.arange(hours)
    some = [bool(((cover.begin_s < edge + 3_600.0) & (cover.end_s > edge)).any()) for edge in edges.tolist()]
    return np.flatnonzero(some).tolist()


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`hours`, `covered` of them, their `share`; `episodes` by class; `sensors` -> the same; nights with cover."""
    names = sorted({row["sensors"] for row in rows})
    return {
        "nights": len(rows),
        **_figures(rows),
        "sensors": {name: _figures([row for row in rows if row["sensors"] == name]) for name in names},
        "with_cover": [row for row in rows if row["covered"]],
    }


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    hours, covered = sum(row["hours"] for row in rows), sum(len(row["covered"]) for row in rows)
    episodes: Counter[str] = Counter()
    for row in rows:
        episodes.update(row["episodes"])
    return {
        "hours": hours,
        "covered": covered,
        "share": round(covered / hours, 5) if hours else None,
        "episodes": dict(episodes.most_common()),
    }


def show(result: dict[str, Any], console: Console) -> None:
    """Print the share of all hours, and of those of each set of sensors."""
    console.print(f"{_line(result)} (aim ≤ {AIM:.1%})")
    for name, figures in result["sensors"].items():
        console.print(f"  {name}: {_line(figures)}")


def _line(figures: dict[str, Any]) -> str:
    classes = ", ".join(f"{count} {name}" for name, count in figures["episodes"].items())
    line = f"somebody under cover in {figures['covered']} of {figures['hours']} quiet hours, {figures['share']:.1%}"
    return line + (f"; zones sent into cover: {classes}" if classes else "")
