"""Starting and stopping a front end behind an HTTP server."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from tocsin.model.event import Configuration
from tocsin.replay.configuration import configuration_of, read_policy, read_zones
from tocsin.service.clock import Clock
from tocsin.service.front.front import Front
from tocsin.service.front.http import make_app
from tocsin.service.serve import Answering, over_tls
from tocsin.service.settings import Settings


def configured(settings: Settings) -> Configuration:
    """The zones that are shown; no sensor, no source. Raises BadFile and BadSettings."""
    policy = read_policy(settings.policy)
    return configuration_of(read_zones(settings.zones), (), policy, drill=settings.drill, time=datetime.now(UTC))


def server_of(front: Front) -> Answering:
    """Answers for a started front end."""
    app = make_app(front, tls=over_tls(front.settings))
    return Answering(app, front.settings, front.metrics, front.alone, (front.channels.page_stream,))


@asynccontextmanager
async def running(settings: Settings, configuration: Configuration, clock: Clock) -> AsyncIterator[Front]:
    """A started front end, stopped at the end whatever happens."""
    front = Front(settings, configuration, clock)
    await front.start()
    # What was built at start lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    try:
        yield front
    finally:
        await front.stop()
