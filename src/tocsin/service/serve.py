"""Starting and stopping the real service: the runtime behind an HTTP server."""

from __future__ import annotations

import gc
import resource
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import uvicorn
from starlette.requests import Request

from tocsin.model.errors import BadSettings
from tocsin.model.event import ActRules, Configuration
from tocsin.replay.configuration import configuration_of, read_policy, read_sensors, read_zones, tuning_of
from tocsin.service.alone import Alone
from tocsin.service.clock import Clock
from tocsin.service.http.app import make_app
from tocsin.service.http.connection import Connection
from tocsin.service.http.guard import App, Guard
from tocsin.service.http.places import Bounds, Places
from tocsin.service.http.proxies import Proxies
from tocsin.service.http_settings import Http
from tocsin.service.land import known_over
from tocsin.service.metrics import Metrics
from tocsin.service.runtime import Runtime
from tocsin.service.settings import Settings
from tocsin.service.strike_history import with_history

# Connections waiting to be accepted: everybody reconnects at once after a restart.
BACKLOG = 4_096
# What the kernel keeps for who does not read: it would grow to megabytes for each. Every connection inherits it.
SEND_BUFFER_BYTES = 65_536
# Clients that keep idle connections keep them for 15 s or so: let them close first, or a request meets a closed door.
KEEP_ALIVE_S = 20
# uvicorn's own.
TICK_S = 0.1
# Files for the journal, the sources, the readers' processes and what is read.
FILES_KEPT = 200


def configured(settings: Settings) -> Configuration:
    """The configuration the settings' files describe. Raises BadFile and BadSettings."""
    zones, now = read_zones(settings.zones), datetime.now(UTC)
    forecast = with_history(settings.forecast, settings.strike_history, zones, now)
    sensors = read_sensors(settings.sensors)
    known = known_over(settings.land, sensors, zones)
    return configuration_of(
        zones,
        sensors,
        read_policy(settings.policy),
        drill=settings.drill,
        sources=settings.authorities,
        time=now,
        tuning=tuning_of(settings.track, forecast),
        acts=ActRules(**settings.acts.model_dump()),
        sight=known.sight,
        masking=known.masking,
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
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def bounds_of(http: Http) -> Bounds:
    """The settings' bounds for strangers; connections no more than there may be files, of which as many as may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = http.connections_max + FILES_KEPT
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return Bounds(
        connections_max=max(1, min(http.connections_max, soft - FILES_KEPT)),
        per_address_max=http.connections_per_address_max,
        headers_s=http.headers_s,
        unread_bytes_max=http.unread_bytes_max,
    )


class Stream(Protocol):
    """What hangs on its listeners."""

    def close(self) -> None:
        """End it for all of them."""


class Answering(uvicorn.Server):
    """uvicorn with bounds for strangers, ending the event streams first: their listeners would keep it waiting.

    Signals are left to `stopping`: uvicorn's handlers raise them again when it has served, and then nothing is stopped.

    streams   what ends first
    """

    def __init__(
        self,
        app: App,
        settings: Settings,
        metrics: Metrics,
        alone: Alone,
        streams: Sequence[Stream],
        tokens: Collection[str] = (),
        signed_in: Callable[[Request], bool] = lambda request: False,
    ) -> None:
        http = settings.http
        proxies = Proxies(http.trusted_proxies)
        self.places = Places(bounds_of(http), lambda: self._ran_s, lambda why: metrics.cut.labels(why).inc())
        super().__init__(
            uvicorn.Config(
                Guard(app, settings, proxies, self.places, metrics, tokens, signed_in),
                http=partial(Connection, places=self.places, proxies=proxies),  # type: ignore[arg-type]
                ws="none",
                timeout_keep_alive=KEEP_ALIVE_S,
                forwarded_allow_ips=list(http.trusted_proxies),
                log_config=None,
                access_log=False,
                backlog=BACKLOG,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        self._metrics, self._alone, self._streams = metrics, alone, streams
        # Seconds for which strangers could be heard: while we did not run, none of them was late.
        self._ran_s = 0.0
        self._ticked_s = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whoever is overdue is cut."""
        now_s = time.monotonic()
        self._ran_s += min(now_s - self._ticked_s, 2 * TICK_S)
        self._ticked_s = now_s
        with self._alone("places"):
            self.places.sweep()
            self._metrics.connections.set(self.places.connections)
            self._metrics.unread_bytes.set(self.places.unread_bytes)
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def end(self) -> None:
        """Serve no longer; `serve` returns when those who are connected were told."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for stream in self._streams:
            stream.close()
        await super().shutdown(sockets)


class Server(Answering):
    """The server of a service with an engine."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(
            make_app(runtime, tls=over_tls(runtime.settings)),
            runtime.settings,
            runtime.metrics,
            runtime.alone,
            (runtime.channels.page_stream, runtime.console.stream),
            runtime.sites.tokens,
            runtime.callers.signed_in,
        )


def over_tls(settings: Settings) -> bool:
    """Whether whoever comes, comes through a proxy that speaks TLS."""
    return (settings.http.base_url or "").startswith("https:")


@asynccontextmanager
async def running(
    settings: Settings,
    configuration: Configuration,
    clock: Clock,
    *,
    ticking: bool = True,
    warm: Callable[[], None] | None = None,
) -> AsyncIterator[Runtime]:
    """A started runtime, stopped at the end whatever happens. `warm`: see `Runtime.start`."""
    runtime = Runtime(settings, configuration, clock)
    await runtime.start(ticking=ticking, warm=warm)
    # What was built at start lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    try:
        yield runtime
    finally:
        await runtime.stop()
