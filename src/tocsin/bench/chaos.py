"""Raids through a cluster whose processes die, hang, are cut off or fill their disks: what is lost or falsely clear."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import count
from typing import Any

import typer

from tocsin.bench.chaos_faults import WORKLOADS
from tocsin.bench.chaos_night import Judged, play
from tocsin.cluster.cluster import Shape
from tocsin.model.errors import BadSettings
from tocsin.model.wire import to_json

# As the twins of a country; the processes of six machines on one.
SHAPE = Shape(cuttable=True)


def run(
    *,
    json: bool = False,
    seeds: int = 1,
    seed: int | None = None,
    minutes: float | None = None,
    workload: str | None = None,
) -> None:
    """Play so many nights of every workload, or one, or for so many minutes; exit 1 where something was wrong."""
    if workload is not None and workload not in WORKLOADS:
        raise BadSettings(f"there is no workload {workload!r}; there are {', '.join(WORKLOADS)}")
    names = [workload] if workload is not None else list(WORKLOADS)
    end_s = time.monotonic() + 60 * (minutes or 0)
    nights: list[tuple[str, int, Judged]] = []
    for number in count(seed or 0):
        for name in names:
            nights.append((name, number, play(SHAPE, name, number)))
            if not json:
                _say(*nights[-1])
            if minutes is not None and time.monotonic() >= end_s:
                break
        done = time.monotonic() >= end_s if minutes is not None else number + 1 >= seeds
        if seed is not None or done:
            break
    if json:
        typer.echo(to_json(figures_of(nights)).decode())
    if any(judged.wrong for _, _, judged in nights):
        raise typer.Exit(1)


def figures_of(nights: Sequence[tuple[str, int, Judged]]) -> dict[str, Any]:
    """What came of all of them."""
    found = [judged for _, _, judged in nights]
    return {
        "nights": len(found),
        "faults": sum(len(one.done) for one in found),
        "kills": sum(doing.what == "kill" for one in found for doing in one.done),
        "acknowledged": sum(one.sent for one in found),
        "all_clears": sum(one.clears for one in found),
        "late_s_max": round(max(one.late_s for one in found), 1),
        "silent_s_max": round(max(one.silent_s for one in found), 1),
        "undecided_s_max": round(max(one.undecided_s for one in found), 1),
        "wrong": [f"{name}, seed {seed}: {said}" for name, seed, one in nights for said in one.wrong],
    }


def _say(name: str, seed: int, one: Judged) -> None:
    typer.echo(
        f"{name:12} seed {seed}: {len(one.done)} faults, {one.sent:,} acknowledged, {one.clears} all clears; "
        f"cover shown at most {one.late_s:.1f} s late, {one.silent_s:.1f} s without a fresh picture, "
        f"{one.undecided_s:.1f} s without a decision: {'WRONG' if one.wrong else 'nothing wrong'}"
    )
    for said in one.wrong[:20]:
        typer.echo(f"  {said}; again: tocsin bench chaos --workload {name} --seed {seed}")
