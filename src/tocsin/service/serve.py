"""Starting and stopping the real service: the runtime behind an HTTP server."""

from __future__ import annotations

import gc
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import uvicorn

from tocsin.model.errors import BadSettings
from tocsin.model.event import ActRules, Configuration
from tocsin.replay.configuration import configuration_of, read_policy, read_sensors, read_zones, tuning_of
from tocsin.service.clock import Clock
from tocsin.service.http.app import make_app
from tocsin.service.runtime import Runtime
from tocsin.service.settings import Settings

# Connections waiting to be accepted: everybody reconnects at once after a restart.
BACKLOG = 4_096


def configured(settings: Settings) -> Configuration:
    """The configuration the settings' files describe. Raises BadFile and BadSettings."""
    return configuration_of(
        read_zones(settings.zones),
        read_sensors(settings.sensors),
        read_policy(settings.policy),
        drill=settings.drill,
        sources=tuple(source.authority for source in settings.source),
        time=datetime.now(UTC),
        tuning=tuning_of(settings.track, settings.forecast),
        acts=ActRules(**settings.acts.model_dump()),
    )


def listening(settings: Settings) -> socket.socket:
    """The socket the service answers on. Raises BadSettings when the address or port cannot be had."""
    return bound(settings.http.host, settings.http.port)


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises BadSettings when the address or port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BadSettings(f"http.port {port} on {host} cannot be had: {error.strerror}; choose another") from error
    # From here on connections wait to be accepted, however long the journal takes to read.
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


class Server(uvicorn.Server):
    """uvicorn, ending the event streams first: their listeners would keep it waiting.

    Signals are left to `stopping`: uvicorn's handlers raise them again when it has served, and then nothing is stopped.
    """

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(
            uvicorn.Config(
                make_app(runtime),
                log_config=None,
                access_log=False,
                backlog=BACKLOG,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        self._runtime = runtime

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def end(self) -> None:
        """Serve no longer; `serve` returns when those who are connected were told."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._runtime.channels.page_stream.close()
        await super().shutdown(sockets)


@asynccontextmanager
async def running(
    settings: Settings, configuration: Configuration, clock: Clock, *, ticking: bool = True
) -> AsyncIterator[Runtime]:
    """A started runtime, stopped at the end whatever happens."""
    runtime = Runtime(settings, configuration, clock)
    await runtime.start(ticking=ticking)
    # What was built at start lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    try:
        yield runtime
    finally:
        await runtime.stop()
