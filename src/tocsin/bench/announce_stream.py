"""From a decision to the last of 10,000 pages on the event stream."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import uvicorn
import uvloop

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.page_stream import PageStream
from tocsin.bench.chain import listen
from tocsin.bench.traffic import country_zones
from tocsin.model.warning import Warning
from tocsin.service.serve import bound

LISTENERS = 10_000
ZONES = 249
ROUNDS = 5
# A machine that is busy with other things is slow; what a round left over must not weigh on the next.
BETWEEN_S = 5.0
REACH = {"stream_p99_s": 1.0, "stream_missed": 0}


def figures(listeners: int = LISTENERS) -> dict[str, Any]:
    """Seconds from the fold of a warning until so many listeners in another process have read it."""
    return uvloop.run(_measured(listeners))


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def _measured(listeners: int) -> dict[str, Any]:
    zones = country_zones()[:ZONES]
    board = Board(zones, drill=True)
    stream = PageStream(board, now, listeners_max=listeners)
    socket = bound("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(stream, log_config=None, access_log=False, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve([socket]))
    here, there = multiprocessing.Pipe()
    address = f"127.0.0.1:{socket.getsockname()[1]}"
    child = multiprocessing.get_context("spawn").Process(target=listen, args=(address, there, listeners), daemon=True)
    child.start()
    assert await asyncio.to_thread(here.recv) == "connected"
    told: dict[str, float] = {}
    begun_s = time.process_time()
    for number in range(ROUNDS):
        await asyncio.sleep(BETWEEN_S)
        batch = Batch(number + 1, now(), (said(zones[number].id),))
        told[zones[number].id] = time.perf_counter()
        board.fold(batch)
        stream.fold(batch)
    await asyncio.sleep(BETWEEN_S)
    spent_s = time.process_time() - begun_s
    here.send("stop")
    seen: dict[str, list[float]] = await asyncio.to_thread(here.recv)
    child.join(10)
    stream.close()
    server.should_exit = True
    await serving
    taken_s = [at_s - told[zone] for zone, times in seen.items() for at_s in times]
    p50_s, p99_s, last_s = np.quantile(taken_s, (0.5, 0.99, 1.0))
    return {
        "stream_listeners": listeners,
        "stream_missed": listeners * ROUNDS - len(taken_s),
        "stream_us_of_our_processor_each": round(spent_s / (listeners * ROUNDS) * 1e6, 1),
        "stream_p50_s": round(float(p50_s), 3),
        "stream_p99_s": round(float(p99_s), 3),
        "stream_last_s": round(float(last_s), 3),
    }


def said(zone: str) -> Warning:
    """That everybody there must take cover."""
    time = now()
    return Warning(
        id=f"{zone}/1/1/take_cover", zone=zone, level="take_cover", time=time,
        expires=time + timedelta(minutes=10), drill=True,
    )  # fmt: skip
