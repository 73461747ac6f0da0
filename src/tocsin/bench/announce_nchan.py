"""The page's stream from nchan beside our own: the same listeners, zones and warnings, by turns; then as many as go."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
import uvloop

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.nchan import PULSE_S, Nchan
from tocsin.announce.page_stream import PageStream
from tocsin.bench.announce_stream import BETWEEN_S, ZONES, now, said
from tocsin.bench.broker import free_port
from tocsin.bench.chain import listen
from tocsin.bench.machine import processor_s
from tocsin.bench.nginx import nginx, whole
from tocsin.bench.traffic import country_zones
from tocsin.service.serve import bound

LISTENERS = 4_000
# More at one nginx have not been measured: on two cores its listeners take all that there is.
MOST, PER_PROCESS = 12_000, 12_000
ROUNDS = 4
REACH = {"nchan_p99_over_own": 2.0, "nchan_missed": 0, "nchan_many_missed": 0}

# As in packaging/proxy/nginx-fan-out.conf; a test holds the two together.
PUBLISHING = (
    "nchan_shared_memory_size 256M;",
    "default         1;",
    '"~^[0-9]{1,4}$" $http_x_tocsin_keep;',
    "nchan_publisher;",
    "nchan_channel_id tocsin_picture;",
    "nchan_message_buffer_length $tocsin_keep;",
    "nchan_message_timeout 0;",
    "nchan_channel_id tocsin_pulse;",
    "nchan_store_messages off;",
)
LISTENING = (
    "nchan_subscriber eventsource;",
    "nchan_channel_id tocsin_picture tocsin_pulse;",
    "nchan_subscriber_first_message oldest;",
    "nchan_subscriber_timeout 0;",
)


def figures(listeners: int = LISTENERS, most: int = MOST) -> dict[str, Any]:
    """Seconds from the fold of a warning until so many have read it, from our own stream and from nchan."""
    own = uvloop.run(_own(listeners))
    nchan = uvloop.run(_nchan(listeners))
    many = uvloop.run(_nchan(most))
    return {
        "nchan_listeners": listeners,
        **_named("nchan_own", own),
        **_named("nchan", nchan),
        "nchan_p99_over_own": round(nchan["p99_s"] / own["p99_s"], 2),
        "nchan_many_listeners": most,
        **_named("nchan_many", many),
    }


def _named(name: str, found: dict[str, float]) -> dict[str, float]:
    return {f"{name}_{key}": value for key, value in found.items()}


def configuration(folder: Path, told: int, port: int, listeners: int) -> str:
    """nginx with nchan: told at one port, listened to at another."""
    size, one, other, keep, picture, kept, forever, pulse, unkept = PUBLISHING
    http = (
        f"{size} map $http_x_tocsin_keep $tocsin_keep {{ {one} {other} }}\n"
        f"server {{ listen 127.0.0.1:{told}; client_max_body_size 16m; client_body_buffer_size 1m;\n"
        f"location = /picture {{ {keep} {picture} {kept} {forever} }}\n"
        f"location = /pulse {{ {keep} {pulse} {unkept} }} }}\n"
        f"server {{ listen 127.0.0.1:{port} backlog=16384; location = /v1/events {{ {' '.join(LISTENING)} }} }}\n"
    )
    return whole(folder, http, connections=listeners + 1_000)


async def _own(listeners: int) -> dict[str, float]:
    """Our own process holds them."""
    board = Board(country_zones()[:ZONES], drill=True)
    stream = PageStream(board, now, listeners_max=listeners)
    socket = bound("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(stream, log_config=None, access_log=False, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve([socket]))
    pid = os.getpid()
    before = _bytes_of([pid])
    try:
        with _listeners([socket.getsockname()[1]], listeners) as pipes:
            await _connected(pipes)
            each_kb = (_bytes_of([pid]) - before) / listeners / 1e3
            begun_s = time.process_time()
            pulsing = asyncio.create_task(_pulse(stream))
            told = await _told(board, [stream.fold])
            spent_s = time.process_time() - begun_s
            pulsing.cancel()
            return await _figures(pipes, told, listeners, each_kb, spent_s)
    finally:
        stream.close()
        server.should_exit = True
        await serving


async def _pulse(stream: PageStream) -> None:
    """As the service does it."""
    while True:
        stream.pulse(now())
        await asyncio.sleep(PULSE_S)


async def _nchan(listeners: int) -> dict[str, float]:
    """nginx holds them, as many as are needed; our own process tells each."""
    servers = -(-listeners // PER_PROCESS)
    told_ports, ports = ([free_port() for _ in range(servers)] for _ in range(2))
    board = Board(country_zones()[:ZONES], drill=True)
    channel = Nchan("stream", [f"http://127.0.0.1:{port}" for port in told_ports], board, now)
    with ExitStack() as stack:
        pids: list[int] = []
        for told, port in zip(told_ports, ports, strict=True):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-")))
            text = configuration(folder, told, port, min(listeners, PER_PROCESS))
            process = stack.enter_context(nginx(folder, text, port))
            pids += [process.pid, *_children(process.pid)]
        working = asyncio.create_task(channel.work())
        try:
            while channel.trouble is not None:
                await asyncio.sleep(0.05)
            before = _bytes_of(pids)
            with _listeners(ports, listeners) as pipes:
                await _connected(pipes)
                each_kb = (_bytes_of(pids) - before) / listeners / 1e3
                begun_s = processor_s(pids)
                told_at = await _told(board, [channel.fold])
                spent_s = processor_s(pids) - begun_s
                return await _figures(pipes, told_at, listeners, each_kb, spent_s)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


@contextmanager
def _listeners(ports: list[int], listeners: int) -> Iterator[list[Connection]]:
    """Processes that listen at these ports, so many in all."""
    share, pipes, children = listeners // len(ports), [], []
    for port in ports:
        here, there = multiprocessing.Pipe()
        child = multiprocessing.get_context("spawn").Process(
            target=listen, args=(f"127.0.0.1:{port}", there, share), daemon=True
        )
        child.start()
        pipes.append(here)
        children.append(child)
    try:
        yield pipes
    finally:
        for child in children:
            child.join(10)
            child.kill()


async def _connected(pipes: list[Connection]) -> None:
    for pipe in pipes:
        assert await asyncio.to_thread(pipe.recv) == "connected"


async def _told(board: Board, folds: list[Any]) -> dict[str, float]:
    """Warn in one zone after the other; when each was decided."""
    told: dict[str, float] = {}
    for number, zone in enumerate(country_zones()[:ROUNDS]):
        await asyncio.sleep(BETWEEN_S)
        batch = Batch(number + 1, now(), (said(zone.id),))
        told[zone.id] = time.perf_counter()
        board.fold(batch)
        for fold in folds:
            fold(batch)
    await asyncio.sleep(BETWEEN_S)
    return told


async def _figures(
    pipes: list[Connection], told: dict[str, float], listeners: int, each_kb: float, spent_s: float
) -> dict[str, float]:
    taken_s: list[float] = []
    for pipe in pipes:
        pipe.send("stop")
        seen: dict[str, list[float]] = await asyncio.to_thread(pipe.recv)
        taken_s += [at_s - told[zone] for zone, times in seen.items() for at_s in times]
    p50_s, p99_s, last_s = np.quantile(taken_s, (0.5, 0.99, 1.0))
    # Pulses go out every second, too.
    messages = ROUNDS + (ROUNDS + 1) * BETWEEN_S
    return {
        "missed": listeners * ROUNDS - len(taken_s),
        "p50_s": round(float(p50_s), 3),
        "p99_s": round(float(p99_s), 3),
        "last_s": round(float(last_s), 3),
        "kb_each": round(each_kb, 1),
        "us_each": round(spent_s / (listeners * messages) * 1e6, 1),
    }


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _bytes_of(pids: list[int]) -> int:
    """The memory of some processes, what they share counted once."""
    found = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1_024
    return found
