"""A real broker for tests, skipped where there is none; and what it passes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiomqtt

from tests.conftest import skip
from tocsin.bench import broker
from tocsin.cluster.servers import found
from tocsin.model.errors import Missing


@contextmanager
def mosquitto(folder: Path, port: int) -> Iterator[int]:
    """Debian's mosquitto on that port."""
    try:
        found("mosquitto", "mosquitto")
    except Missing as error:
        skip(str(error))
    with broker.mosquitto(folder, port):
        yield port


async def heard(port: int, topic: str, count: int, *, within_s: float = 10.0) -> list[aiomqtt.Message]:
    """The first messages of a topic, kept ones included; fewer where no more came in time."""
    found: list[aiomqtt.Message] = []
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(topic, qos=1)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                async for message in client.messages:
                    found.append(message)
                    if len(found) == count:
                        break
    return found
