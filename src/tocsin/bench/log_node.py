"""One node of a cluster that takes plots in by itself, at a rate, and notes when each of all nodes' is decided on.

Its life is that of `tocsin run` without what comes over HTTP: what that costs, `tocsin bench chain` measures.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import uvloop

from tocsin.bench.traffic import Traffic
from tocsin.cluster.nodes import SOURCE
from tocsin.model.errors import JournalError
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.service.clock import Clock
from tocsin.service.intake import Intake
from tocsin.service.logs import set_up_logs
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured, running
from tocsin.service.settings import load_settings
from tocsin.service.warmup import warm_up
from tocsin.service.worker import Decided

PER_SECOND = 20
# Until every node is well under way; then what counts; then what is left gets so long.
WARM_S, MEASURED_S, LEFT_S = 4.0, 8.0, 4.0
LOOK_S = 0.02
# Begins the ids of plots that do not count.
WARM = "warm/"


class Task(NamedTuple):
    """What a node is to do.

    config    its settings
    name      begins the ids of its plots
    radars    whose plots it takes in
    rate      so many a second
    counted   how many plots of all nodes come after the warm-up
    """

    config: Path
    name: str
    radars: tuple[Sensor, ...]
    rate: int
    counted: int

    @property
    def ready(self) -> Path:
        """It is there once the node is."""
        return self.config.with_name("ready")

    @property
    def begin(self) -> Path:
        """Written by whoever waits for that: when to begin, monotonic seconds."""
        return self.config.with_name("begin")

    @property
    def told(self) -> Path:
        """Where it writes what it found."""
        return self.config.with_name("told.json")


class Told(msgspec.Struct):
    """What a node found.

    due        plots after the warm-up, of those that it was to take in: id -> when that was due, monotonic seconds
    decided    those of all nodes: id -> when a decision after it was told
    refused    plots that it did not take in, and why not the last of them
    cpu_s      processor seconds from the first plot to the last decision
    """

    due: dict[str, float]
    decided: dict[str, float] = {}
    refused: int = 0
    why: str = ""
    cpu_s: float = 0.0


def live(task: Task) -> None:
    """A node's life: it begins when told, takes in what it is to, and writes what it found."""
    settings = load_settings(task.config)
    configuration = configured(settings)
    set_up_logs()
    warm_up()

    async def lived() -> None:
        async with running(settings, configuration, Clock()) as runtime:
            found = await _measured(runtime, task)
        part = task.told.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(found))
        part.replace(task.told)

    uvloop.run(lived())


async def _measured(runtime: Runtime, task: Task) -> Told:
    task.ready.touch()
    while not task.begin.exists():
        await asyncio.sleep(LOOK_S)
    begin_s = float(task.begin.read_text())
    batches, found = _batches(task, begin_s)
    runtime.watch("bench", partial(_note, found.decided))
    intake, taken, spent_s = Intake(runtime), set[asyncio.Task[None]](), time.process_time()
    for number, batch in enumerate(batches):
        await asyncio.sleep(max(0.0, begin_s + number / PER_SECOND - time.monotonic()))
        taken.add(asyncio.create_task(_take(intake, batch, found)))
    await asyncio.gather(*taken)
    end_s = time.monotonic() + LEFT_S
    while len(found.decided) < task.counted and time.monotonic() < end_s:
        await asyncio.sleep(LOOK_S)
    found.cpu_s = time.process_time() - spent_s
    return found


def _batches(task: Task, begin_s: float) -> tuple[list[list[Plot]], Told]:
    """All that it is to take in, and when."""
    begun = datetime.now(UTC) + timedelta(seconds=begin_s - time.monotonic())
    warm = Traffic(sensors=task.radars, name=f"{WARM}{task.name}/")
    counted = Traffic(sensors=task.radars, name=f"{task.name}/")
    batches, due = [], dict[str, float]()
    for number in range(round((WARM_S + MEASURED_S) * PER_SECOND)):
        after_s = number / PER_SECOND
        traffic = warm if after_s < WARM_S else counted
        batch = traffic.plots(task.rate // PER_SECOND, begun + timedelta(seconds=after_s))
        if traffic is counted:
            due |= dict.fromkeys((plot.id for plot in batch), begin_s + after_s)
        batches.append(batch)
    return batches, Told(due)


async def _take(intake: Intake, plots: list[Plot], found: Told) -> None:
    admitted = await intake.admit(plots, SOURCE, relays=True)
    try:
        await intake.keep(admitted.events)
    except JournalError as error:
        found.refused, found.why = found.refused + len(plots), str(error)
    if admitted.refused:
        found.refused, found.why = found.refused + len(admitted.refused), admitted.refused[-1].reason


def _note(decided_s: dict[str, float], decided: Decided) -> None:
    now_s = time.monotonic()
    for step in decided.steps:
        if isinstance(step.event, Plot) and not step.event.id.startswith(WARM):
            decided_s[step.event.id] = now_s
