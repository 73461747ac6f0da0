"""Looks at an engine while a small raid comes: what the console draws from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.small_raid import write_raid
from tocsin.engine.engine import Engine
from tocsin.model.event import Event, Tick
from tocsin.replay.nights import drill_of, simulate
from tocsin.service.console.around import Around
from tocsin.service.console.glance import Glance, glance_at
from tocsin.service.worker import Decided, Step


def looks(folder: Path, seconds: int, *more: Event) -> Iterator[tuple[Glance, Decided]]:
    """A look and what was decided at each second of the raid; `more` happens half way through the first."""
    night = simulate(write_raid(folder))
    engine, waiting = Engine(), list(reversed(night.observations))
    configuration = drill_of(night, "default")
    steps = [Step(0, configuration, tuple(engine.step(configuration)), 0.0)]
    for second in range(seconds):
        now = configuration.time + timedelta(seconds=second)
        while waiting and waiting[-1].received_at <= now:
            event = waiting.pop()
            steps.append(Step(0, event, tuple(engine.step(event)), 0.0))
        if second == 0:
            steps += [Step(0, event, tuple(engine.step(event)), 0.0) for event in more]
        tick = Tick(time=now)
        steps.append(Step(0, tick, tuple(engine.step(tick)), 0.0))
        decided = Decided(tuple(steps), engine.health)
        steps = []
        glance = glance_at(engine, decided, engine.orders())
        assert glance is not None
        yield glance, decided


def calm(glance: Glance) -> Around:
    """Around it all is well."""
    now = glance.configuration.time
    return Around(now=now, drill=True, doubtful=False, troubles=(), channels=(), silent={}, feeds=())
