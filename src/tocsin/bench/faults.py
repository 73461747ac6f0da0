"""The real service on a disk, clock and network that fail: what is lost, lowered or cleared without a word."""

from __future__ import annotations

import logging
import random
import shutil
import tempfile
import time
from collections import Counter
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import structlog
import typer

from tocsin.bench.damage import MEMORY
from tocsin.bench.faults_night import RANK, STEP_S, Night, Seen
from tocsin.bench.faults_workload import Workload, workloads
from tocsin.model.errors import BadSettings
from tocsin.model.wire import to_json


class Outcome(NamedTuple):
    """What came of one story, and what was wrong.

    verdict   whole: as if nothing had been; said: everybody was told; refused: a start was, with a reason; wrong
    """

    verdict: str
    wrong: tuple[str, ...] = ()


def story(name: str, workload: Workload, seed: int) -> tuple[Night, Seen]:
    """Play one, in memory where there is room for that."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None, prefix="tocsin-faults-"))
    try:
        night = Night(folder, workload, random.Random(f"{name}/{seed}"))  # noqa: S311 - a seed is a story
        return night, night.play()
    finally:
        shutil.rmtree(folder)


@cache
def undisturbed() -> Seen:
    """The same night with nothing wrong."""
    _, seen = story("nothing", Workload(), 0)
    assert not seen.faults, seen.faults
    assert {level for look in seen.looks for level in look.levels.values()} >= {"take_cover", "all_clear"}
    return seen


def outcome(name: str, workload: Workload, seed: int) -> Outcome:
    """Play one story, and judge it."""
    night, seen = story(name, workload, seed)
    wrong = list(seen.faults)
    true = undisturbed()
    if not night.unknowable:
        wrong += _too_low(seen, true, round(workload.slack_s / STEP_S))
    if seen.refused is not None:
        return Outcome("wrong" if wrong else "refused", tuple(wrong))
    if not workload.slack_s and (seen.events, seen.warnings) != (true.events, true.warnings):
        wrong.append("with the same information the record or the warnings are others")
    said = any(look.told != before.told for look, before in zip(seen.looks, true.looks, strict=True))
    return Outcome("wrong" if wrong else "said" if said else "whole", tuple(wrong))


def _too_low(seen: Seen, true: Seen, slack: int) -> list[str]:
    """Zones that stood lower than they should have for longer than it takes to hear of it, and nobody was told."""
    wrong = []
    for zone in true.looks[0].levels:
        low = 0
        for number, (look, other) in enumerate(zip(seen.looks, true.looks, strict=False)):
            lower = RANK[look.levels[zone]] < RANK[other.levels[zone]] and zone not in look.told - other.told
            low = low + 1 if lower else 0
            if low > slack:
                said = f"{look.levels[zone]} and not {other.levels[zone]}"
                wrong.append(f"{zone} stands at {said} at {number * STEP_S} s")
                break
    return wrong


def run(
    *,
    json: bool = False,
    seeds: int = 3,
    seed: int | None = None,
    minutes: float | None = None,
    workload: str | None = None,
) -> None:
    """Play every workload with so many seeds, or one, or for so many minutes; exit 1 where something was wrong."""
    logging.getLogger("tocsin").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    known = workloads()
    if workload is not None and workload not in known:
        raise BadSettings(f"there is no workload {workload!r}; there are {', '.join(known)}")
    end_s = time.monotonic() + 60 * (minutes or 0)
    verdicts: dict[str, Counter[str]] = {name: Counter() for name in known if workload in (None, name)}
    wrong: list[str] = []
    for number in count(seed or 0):
        for name, counts in verdicts.items():
            found = outcome(name, known[name], number)
            counts[found.verdict] += 1
            again = f"tocsin bench faults --workload {name} --seed {number}"
            wrong += [f"{name}, seed {number}: {what}; again: {again}" for what in found.wrong]
        done = time.monotonic() >= end_s if minutes is not None else number + 1 >= seeds
        if seed is not None or done:
            break
    stories = sum(counts.total() for counts in verdicts.values())
    if json:
        typer.echo(to_json({"stories": stories, "verdicts": verdicts, "wrong": wrong}).decode())
    else:
        for name, counts in verdicts.items():
            typer.echo(f"{name:22} " + ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())))
        typer.echo(f"{stories} stories, {len(wrong)} faults")
        for line in wrong:
            typer.echo(f"  {line}")
    if wrong:
        raise typer.Exit(1)
