"""Looks at an engine while a small raid comes: what the console draws from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.small_raid import write_raid
from tocsin.engine.engine import Engine
from tocsin.model.event import Configuration, Event, Tick
from tocsin.model.value import time_of
from tocsin.replay.nights import drill_of, simulate
from tocsin.service.console.around import Around
from tocsin.service.console.glance import Glance, glance_at
from tocsin.service.worker import Decided, Step

Looks = list[tuple[Glance, Decided]]


def looks(folder: Path, seconds: int) -> Iterator[tuple[Glance, Decided]]:
    """A look and what was decided at each second of the raid."""
    night = simulate(write_raid(folder))
    yield from played(drill_of(night, "default"), night.observations, seconds)


def played(
    configuration: Configuration,
    observations: Sequence[Event],
    seconds: int,
    acts: Callable[[int, datetime], Sequence[Event]] = lambda second, now: (),
) -> Iterator[tuple[Glance, Decided]]:
    """A look and what was decided each second; `acts`: what else happens in a second."""
    engine, waiting = Engine(), list(reversed(observations))
    steps = [Step(0, configuration, tuple(engine.step(configuration)), 0.0)]
    for second in range(seconds):
        now = configuration.time + timedelta(seconds=second)
        events: list[Event] = []
        while waiting and waiting[-1].received_at <= now:
            events.append(waiting.pop())
        events += [*acts(second, now), Tick(time=now)]
        steps += [Step(0, event, tuple(engine.step(event)), 0.0) for event in events]
        decided = Decided(tuple(steps), engine.health)
        glance = glance_at(engine, decided, engine.orders())
        assert glance is not None
        yield glance, decided
        steps = []


def calm(glance: Glance) -> Around:
    """Around it all is well."""
    now = time_of(glance.moment.now_s)
    return Around(now=now, drill=True, doubtful=False, troubles=(), channels=(), silent={}, feeds=())
