"""Observation over HTTP → journal → engine → 1,000 listeners: how long, and which step takes the time."""

from __future__ import annotations

import asyncio
import contextlib
import json as jsonlib
import multiprocessing
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import typer
import uvloop
from prometheus_client.parser import text_string_to_metric_families

from tocsin.bench.journal import fsync_floor_ms
from tocsin.bench.served import HEADERS, configure, relayed, served
from tocsin.bench.traffic import ZONES, Traffic, country_radars, country_zones
from tocsin.model.observation import Impact, Observation
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

LISTENERS = 1_000
PER_SECOND = 1_000
BATCHES_PER_SECOND = 20
WARM_S = 8.0
MEASURED_S = 20.0
PROBE_EVERY_S = 0.25
# Of what the traffic is made: radars, and an observatory whose word on what fell is a sensor's.
SOURCE = 'kinds = ["plot", "impact"]\nmeasures = ["impact"]\nsensors = ["*"]'


def run(*, json: bool = False) -> None:
    """Measure and print. A probe is an impact report in a zone that nobody is warned in yet."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        result = uvloop.run(_measure(folder))
        result["fsync_floor_ms"] = round(fsync_floor_ms(folder), 3)
    result["relay_ms"] = uvloop.run(_relayed())
    result["p99_over_relay"] = round(result["to_listener_ms"]["p99"] / result["relay_ms"]["p99"], 1)
    if json:
        typer.echo(jsonlib.dumps(result))
        return
    typer.echo(
        f"{result['observations_per_s']:.0f} observations/s, {ZONES} zones, {result['tracks']:.0f} tracks, "
        f"{LISTENERS} listeners, {result['probes']} probes, {result['deliveries_missed']} deliveries missed"
    )
    for label, key in (("HTTP → acknowledged (durable)", "acknowledged_ms"), ("HTTP → listener", "to_listener_ms")):
        figures = result[key]
        typer.echo(f"  {label:32} p50 {figures['p50']:7.1f} ms   p99 {figures['p99']:7.1f} ms")
    for label, value in result["mean_ms"].items():
        typer.echo(f"  {label:32} mean {value:6.1f} ms")
    typer.echo(
        f"  p99 to a listener is {result['p99_over_relay']:g} × that of a bare relay without journal or engine "
        f"({result['relay_ms']['p99']:g} ms; the disk's fsync floor is {result['fsync_floor_ms']:g} ms); "
        f"the goal is p99 <= 250 ms"
    )


async def _measure(folder: Path) -> dict[str, Any]:
    configure(folder, country_zones(), SOURCE, country_radars())
    async with served(folder) as address, _listening(address) as heard:
        sent, acknowledged_s, count, spent_s = await send(address, Traffic())
        metrics = await metrics_of(address)
        delays_s = await heard(sent)
    missed = LISTENERS * len(sent) - len(delays_s)
    assert metrics["tocsin_engine_failures"] == 0, "the engine failed on events: the figures mean nothing"
    return {
        "observations_per_s": count / spent_s,
        "probes": len(sent),
        "deliveries_missed": missed,
        "tracks": metrics["tocsin_tracks"],
        "acknowledged_ms": percentiles(acknowledged_s),
        "to_listener_ms": percentiles(delays_s),
        "mean_ms": {
            "journal commit": _mean_ms(metrics, "tocsin_commit_seconds"),
            "engine, one tick": _mean_ms(metrics, "tocsin_tick_seconds"),
            "arrival → published": _mean_ms(metrics, "tocsin_chain_seconds"),
            "HTTP → listener": round(float(np.mean(delays_s)) * 1_000, 2),
        },
    }


async def _relayed() -> dict[str, float]:
    """The delays to listeners of a process that only passes on."""
    async with relayed() as address, _listening(address) as heard:
        sent, *_ = await send(address, Traffic(), warm_s=0.0)
        return percentiles(await heard(sent))


@contextlib.asynccontextmanager
async def _listening(address: str) -> AsyncIterator[Callable[[dict[str, float]], Awaitable[list[float]]]]:
    """A thousand listeners; yields what stops them and gives each one's delay after what was sent, in seconds."""
    here, there = multiprocessing.Pipe()
    listening = multiprocessing.get_context("spawn").Process(target=listen, args=(address, there), daemon=True)
    listening.start()
    assert await asyncio.to_thread(here.recv) == "connected"

    async def heard(sent: dict[str, float]) -> list[float]:
        await asyncio.sleep(2)
        here.send("stop")
        seen: dict[str, list[float]] = await asyncio.to_thread(here.recv)
        return [at - sent[zone] for zone, times in seen.items() if zone in sent for at in times]

    try:
        yield heard
    finally:
        listening.join(10)


async def _unwarned(session: aiohttp.ClientSession, zones: tuple[Zone, ...], sent: dict[str, float]) -> Zone:
    """A zone nobody is warned in and that was not probed before."""
    async with session.get("/v1/warnings") as response:
        warned = {warning["zone"] for warning in (await response.json())["warnings"]}
    return next(zone for zone in reversed(zones) if zone.id not in warned and zone.id not in sent)


async def send(
    address: str,
    traffic: Traffic,
    *,
    per_second: int = PER_SECOND,
    warm_s: float = WARM_S,
    measured_s: float = MEASURED_S,
) -> tuple[dict[str, float], list[float], int, float]:
    """Send the traffic at a steady rate, and probes; when each probe was sent, and each answer's delay."""
    zones = country_zones()
    sent: dict[str, float] = {}
    acknowledged_s: list[float] = []
    count = 0
    headers = HEADERS | {"content-type": "application/x-ndjson"}
    async with aiohttp.ClientSession(f"http://{address}", headers=headers) as session:

        async def post(observations: list[Observation], measured: bool) -> None:
            begun_s = time.perf_counter()
            if measured and isinstance(observations[0], Impact):
                sent[observations[0].id] = begun_s
            async with session.post("/v1/observations", data=b"\n".join(map(to_json, observations))) as response:
                assert response.status == 200, await response.text()
            if measured:
                acknowledged_s.append(time.perf_counter() - begun_s)

        begun_s = time.perf_counter()
        tasks = []
        beats = round((warm_s + measured_s) * BATCHES_PER_SECOND)
        per_probe = round(PROBE_EVERY_S * BATCHES_PER_SECOND)
        for beat in range(beats):
            await asyncio.sleep(max(0.0, begun_s + beat / BATCHES_PER_SECOND - time.perf_counter()))
            now = datetime.now(UTC)
            measured = beat >= warm_s * BATCHES_PER_SECOND
            plots: list[Observation] = list(traffic.plots(per_second // BATCHES_PER_SECOND, now))
            tasks.append(asyncio.create_task(post(plots, measured)))
            count += len(plots)
            if measured and beat % per_probe == 0:
                zone = await _unwarned(session, zones, sent)
                lon, lat = zone.polygons[0][0][0]
                impact = Impact(id=zone.id, time=now, lat=lat + 0.025, lon=lon + 0.025, sigma_m=50)
                tasks.append(asyncio.create_task(post([impact], True)))
        spent_s = time.perf_counter() - begun_s
        await asyncio.gather(*tasks)
    return sent, acknowledged_s, count, spent_s


def listen(address: str, pipe: Connection, listeners: int = LISTENERS) -> None:
    """In a process of its own: many event streams; notes when each first hears that a zone must take cover."""
    uvloop.run(_listen_all(address, pipe, listeners))


async def _listen_all(address: str, pipe: Connection, listeners: int) -> None:
    host, port = address.split(":")
    seen: dict[str, list[float]] = {}
    connected = asyncio.Semaphore(0)

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, int(port), limit=4_000_000)
        writer.write(b"GET /v1/events HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n\r\n")
        await reader.readuntil(b"event: state")
        connected.release()
        warned: set[str] = set()
        while line := await reader.readline():
            if not line.startswith(b"data: ") or b'"take_cover"' not in line:
                continue
            at_s = time.perf_counter()
            for part in line.split(b'{"zone":"')[1:]:
                name, _, rest = part.partition(b'"')
                zone = name.decode()
                if rest.startswith(b',"level":"take_cover"') and zone not in warned:
                    warned.add(zone)
                    seen.setdefault(zone, []).append(at_s)

    tasks = [asyncio.create_task(one()) for _ in range(listeners)]
    for _ in range(listeners):
        await connected.acquire()
    pipe.send("connected")
    await asyncio.to_thread(pipe.recv)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    pipe.send(seen)


async def metrics_of(address: str) -> dict[str, float]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{address}/metrics") as response:
        text = await response.text()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }


def _mean_ms(metrics: dict[str, float], name: str) -> float:
    return round(metrics[f"{name}_sum"] / metrics[f"{name}_count"] * 1_000, 2)


def percentiles(values_s: list[float]) -> dict[str, float]:
    values = np.array(values_s) * 1_000
    return {f"p{p}": round(float(np.percentile(values, p)), 1) for p in (50, 90, 99)}
