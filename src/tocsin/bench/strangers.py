"""Half-open requests, listeners who do not read, floods of wrong tokens: what honest people notice of them."""

from __future__ import annotations

import asyncio
import contextlib
import json as jsonlib
import multiprocessing
import os
import secrets
import select
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import typer
import uvloop

from tocsin.bench.chain import SOURCE, listen, metrics_of, percentiles, send
from tocsin.bench.served import configure, served_process
from tocsin.bench.traffic import Traffic, country_radars, country_zones

LISTENERS = 200
PER_SECOND = 200
WARM_S = 5.0
MEASURED_S = 12.0
# For the strangers to be there, or for the last warning to be heard.
GATHER_S = 3.0
HALF_OPEN, STALLED, GUESSERS = 2_000, 5_000, 50
# Each kind has addresses of its own, as strangers have.
_ADDRESSES = tuple(f"127.0.1.{number}" for number in range(1, 11))
GOAL_RATIO, GOAL_MB = 1.5, 100.0


def run(*, json: bool = False) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        result = uvloop.run(_measure(Path(name)))
    if json:
        typer.echo(jsonlib.dumps(result))
        return
    typer.echo(f"{PER_SECOND} observations/s, {len(country_zones())} zones, {LISTENERS} listeners who read")
    for label, one in result.items():
        typer.echo(
            f"  {label:34} p50 {one['p50']:6.1f} ms  p99 {one['p99']:6.1f} ms  {one['p99_over_quiet']:5.2f} × quiet  "
            f"{one['memory_mb']:6.0f} MB  {one['missed']:4d} missed  {one['connections']:5.0f} connections"
        )
    typer.echo(f"  the goal is p99 <= {GOAL_RATIO:g} × quiet, and <= quiet + {GOAL_MB:g} MB")


async def _measure(folder: Path) -> dict[str, Any]:
    kinds: dict[str, Callable[[str, Connection], None] | None] = {
        "quiet": None,
        f"{HALF_OPEN:,} half-open requests": _half_open,
        f"{STALLED:,} who do not read": _stalled,
        f"{GUESSERS} guessing tokens": _guessing,
    }
    told = {
        label: await _told(_made(folder / str(number)), strangers)
        for number, (label, strangers) in enumerate(kinds.items())
    }
    for one in told.values():
        one["p99_over_quiet"] = round(one["p99"] / told["quiet"]["p99"], 2)
    return told


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _told(folder: Path, strangers: Callable[[str, Connection], None] | None) -> dict[str, Any]:
    """What honest people notice of one kind of strangers, in a service that has just begun, each time the same."""
    # On loopback everybody would be a proxy.
    configure(folder, country_zones(), SOURCE, country_radars(), http="trusted_proxies = []")
    async with served_process(folder) as (address, pid):
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        listening = context.Process(target=listen, args=(address, there, LISTENERS), daemon=True)
        listening.start()
        assert await asyncio.to_thread(here.recv) == "connected"
        async with _present(strangers, address):
            sent, *_ = await send(address, Traffic(), per_second=PER_SECOND, warm_s=WARM_S, measured_s=MEASURED_S)
            metrics = await metrics_of(address)
            memory_mb = _memory_mb(pid)
        here.send("stop")
        seen: dict[str, list[float]] = await asyncio.to_thread(here.recv)
        listening.join(10)
    delays_s = [at - sent[zone] for zone in sent for at in seen.get(zone, ())]
    return percentiles(delays_s) | {
        "missed": LISTENERS * len(sent) - len(delays_s),
        "memory_mb": round(memory_mb, 1),
        "connections": metrics["tocsin_connections"],
    }


@contextlib.asynccontextmanager
async def _present(strangers: Callable[[str, Connection], None] | None, address: str) -> Any:
    """Strangers of one kind, in a process of their own, gathered; gone at the end."""
    if strangers is None:
        yield
        await asyncio.sleep(GATHER_S)
        return
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=strangers, args=(address, there), daemon=True)
    process.start()
    assert await asyncio.to_thread(here.recv) == "here"
    await asyncio.sleep(GATHER_S)
    try:
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.join)
        await asyncio.sleep(GATHER_S)


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _half_open(address: str, pipe: Connection) -> None:
    """Headers by the byte, and again when cut."""

    async def one(number: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await _connected(address, number)
                writer.write(b"GET /v1/zones HTTP/1.1\r\nx: ")
                while not reader.at_eof() and not writer.is_closing():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(1)
                writer.close()
            await asyncio.sleep(0.5)

    uvloop.run(_all(HALF_OPEN, one, pipe))


def _guessing(address: str, pipe: Connection) -> None:
    """One wrong token after the other, as fast as they are answered."""

    async def one(number: int) -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await _connected(address, number % 2)
                with contextlib.closing(writer):
                    while True:
                        writer.write(
                            b"POST /v1/observations HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nauthorization: Bearer "
                            + secrets.token_urlsafe(32).encode()
                            + b"\r\n\r\n{}"
                        )
                        head = await reader.readuntil(b"\r\n\r\n")
                        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))

    uvloop.run(_all(GUESSERS, one, pipe))


async def _all(count: int, one: Callable[[int], Any], pipe: Connection) -> None:
    tasks = [asyncio.create_task(one(number)) for number in range(count)]
    pipe.send("here")
    await asyncio.gather(*tasks)


async def _connected(address: str, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = address.split(":")
    return await asyncio.open_connection(host, int(port), local_addr=(_ADDRESSES[number % len(_ADDRESSES)], 0))


def _stalled(address: str, pipe: Connection) -> None:
    """The event stream, asked for and not read; again when cut."""
    host, port = address.split(":")
    pipe.send("here")
    held: dict[int, socket.socket] = {}
    poll = select.poll()
    while True:
        for _ in range(min(500, STALLED - len(held))):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            with contextlib.suppress(OSError):
                one.bind((_ADDRESSES[len(held) % len(_ADDRESSES)], 0))
                one.connect((host, int(port)))
                one.sendall(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n")
                held[one.fileno()] = one
                poll.register(one, select.POLLHUP | select.POLLERR)
        for number, _ in poll.poll(0):
            poll.unregister(number)
            held.pop(number).close()
        time.sleep(0.2)
