"""From a decision to a reader of an MQTT broker, for every zone of a country at once: unsigned; signed and verified."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import aiomqtt
import numpy as np
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.mqtt import Mqtt
from tocsin.announce.mqtt_broker import Broker
from tocsin.announce.mqtt_signature import Signer, verify
from tocsin.announce.siren.wire import pinned
from tocsin.bench.broker import free_port, mosquitto
from tocsin.model.effect import Picture
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone

ZONES = 1_449
ROUNDS = 5
LEVELS: tuple[Level, ...] = ("take_cover", "all_clear")
# On a machine that does much else a round takes long; that is a figure, and no fault.
ROUND_S_MAX = 120.0
REACH = {"mqtt_p99_s": 1.0, "mqtt_signed_p99_s": 1.0}


def figures() -> dict[str, Any]:
    """Seconds from the decision until another process has read every zone's state, and what a round costs this one.

    Where they are signed, the other process has verified each by then.

    Raises Missing where there is no mosquitto.
    """
    return (
        {"mqtt_zones": ZONES, "mqtt_rounds": ROUNDS}
        | _taken("mqtt", None)
        | _taken("mqtt_signed", Ed25519PrivateKey.generate())
    )


def _taken(name: str, key: Ed25519PrivateKey | None) -> dict[str, float]:
    spent_s = time.process_time()
    with tempfile.TemporaryDirectory() as folder, mosquitto(Path(folder), free_port()) as port:
        taken_s = uvloop.run(_rounds(port, key))
    # The first picture is a round, too, and so is the one that is left out.
    cpu_s = (time.process_time() - spent_s) / (ROUNDS + 2)
    shares = dict(zip(("p50", "p99", "last"), np.quantile(taken_s, (0.5, 0.99, 1.0)).tolist(), strict=True))
    return {f"{name}_{share}_s": round(value, 3) for share, value in (shares | {"cpu": cpu_s}).items()}


async def _rounds(port: int, key: Ed25519PrivateKey | None) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What each zone took in each round, the first left out."""
    zones = tuple(_zone(number) for number in range(ZONES))
    board = Board(zones, drill=False)
    channel = Mqtt(
        "bench",
        Broker("127.0.0.1", port),
        board,
        sector="bench",
        prefixes=("tocsin", "tocsin-drill"),
        now=lambda: datetime.now(UTC),
        signer=Signer({} if key is None else {False: key}),
    )
    public = None if key is None else key.public_key().public_bytes_raw()
    _tell(board, channel, ())
    working = asyncio.create_task(channel.work())
    queue: Queue[list[float]] = multiprocessing.get_context("spawn").Queue()
    reader = multiprocessing.get_context("spawn").Process(target=_read, args=(port, queue, public), daemon=True)
    reader.start()
    taken_s: list[float] = []
    try:
        while channel.trouble is not None:
            await asyncio.sleep(0.05)
        assert await asyncio.to_thread(queue.get, True, ROUND_S_MAX) == [], "the reader listens"
        for number in range(ROUNDS + 1):
            said = tuple(_warning(zone.id, LEVELS[number % 2], number) for zone in zones)
            begun_s = time.time()
            _tell(board, channel, said)
            read = await asyncio.to_thread(queue.get, True, ROUND_S_MAX)
            taken_s += [at_s - begun_s for at_s in read] if number else []
    finally:
        reader.kill()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    return np.array(taken_s)


def _tell(board: Board, channel: Mqtt, warnings: tuple[Warning, ...]) -> None:
    now = datetime.now(UTC)
    batch = Batch(1, now, (*warnings, Picture(time=now)))
    board.fold(batch)
    channel.fold(batch)


def _read(port: int, queue: Queue[list[float]], public: bytes | None) -> None:
    """In another process: that it listens, and then when each state of a round was read, a list for each round.

    public   the key by which a state is believed, raw; None: it is not verified
    """
    keys = {} if public is None else pinned(Ed25519PublicKey.from_public_bytes(public))

    async def read() -> None:
        async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe("tocsin/bench/zones/+", qos=1)
            queue.put([])
            read_s: list[float] = []
            async for message in client.messages:
                if isinstance(message.payload, bytes) and b'"level":"none"' not in message.payload:
                    if public is not None:
                        verify(str(message.topic), message.payload, message.properties, keys)
                    read_s.append(time.time())
                if len(read_s) == ZONES:
                    queue.put(read_s)
                    read_s = []

    asyncio.run(read())


def _warning(zone: str, level: Level, number: int) -> Warning:
    now = datetime.now(UTC)
    name = f"{zone}/1/{number}/{level}"
    return Warning(id=name, zone=zone, level=level, time=now, expires=now + timedelta(minutes=10), threat="drone")


def _zone(number: int) -> Zone:
    lat, lon = 30 + 0.1 * (number // 40), 30 + 0.1 * (number % 40)
    ring = ((lon, lat), (lon + 0.09, lat), (lon + 0.09, lat + 0.09), (lon, lat))
    return Zone(id=f"zone-{number}", name=f"Zone {number}", polygons=((ring,),))
