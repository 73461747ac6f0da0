"""Once a second, whatever the engine does: clocks are weighed, pages hear that we live, and gauges show how we fare."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from tocsin.service.notify import ALIVE, notify
from tocsin.service.troubles import picture_age

if TYPE_CHECKING:
    from tocsin.service.runtime import Runtime

EVERY_S = 1.0


async def pulse(runtime: Runtime) -> None:
    """Beat until cancelled."""
    alone, channels = runtime.alone, runtime.channels
    while True:
        await asyncio.sleep(EVERY_S)
        notify(ALIVE)
        with alone("clocks"):
            runtime.time.weigh()
            channels.board.time_doubted = runtime.time.doubted
        if runtime.coarse is not None and runtime.minutes is not None:
            with alone("minutes told"):
                channels.board.say_less_time(runtime.coarse.told(runtime.minutes.left, runtime.clock.now()))
        with alone("pulse"):
            channels.page_stream.pulse(runtime.clock.now())
        with alone("gauges"):
            measure(runtime, runtime.clock.now())


def measure(runtime: Runtime, now: datetime) -> None:
    """Bring every gauge up to date."""
    metrics, channels = runtime.metrics, runtime.channels
    metrics.listeners.set(channels.page_stream.listeners)
    metrics.behind.set(runtime.worker.behind)
    metrics.undurable.set(runtime.commits.undurable)
    metrics.lossy.set(sum(one is not None for one in (runtime.loss, runtime.scrub.trouble, runtime.journal.gone)))
    metrics.engine_failures.set(runtime.worker.failed)
    metrics.twins.measure(runtime.held, runtime.guard_failures, runtime.twins)
    metrics.clock_offset_s.set(runtime.clock.wall_offset_s())
    metrics.measure_channels(channels.outboxes, (*channels.missing, *channels.silent))
    runtime.pressing.watch(now)
    runtime.proving.watch()
    runtime.ledger.watch()
    metrics.measure_cap(channels.cap_messages.press, now)
    metrics.delivery.measure(channels.deliveries.values(), runtime.canaries.troubles)
    runtime.trail.write()
    metrics.count_rejects(runtime.rejects.outcomes)
    age = picture_age(runtime, now)
    if age is not None:
        metrics.picture_age_s.set(age.total_seconds())
