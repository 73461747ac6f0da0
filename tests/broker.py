"""A real broker for tests, skipped where there is none; and what it passes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
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


class Ear:
    """Who listens to a topic already."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client

    async def hears(self, count: int, *, within_s: float = 60.0, more_s: float = 0.0) -> list[aiomqtt.Message]:
        """The first messages, kept ones included; fewer where no more came in time; and what comes soon after them."""
        found: list[aiomqtt.Message] = []
        messages = aiter(self._client.messages)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while len(found) < count:
                    found.append(await anext(messages))
            async with asyncio.timeout(more_s):
                while more_s:
                    found.append(await anext(messages))
        return found


@asynccontextmanager
async def listening(port: int, topic: str) -> AsyncIterator[Ear]:
    """An ear that misses nothing of what is published from here on."""
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(topic, qos=1)
        yield Ear(client)


async def heard(
    port: int, topic: str, count: int, *, within_s: float = 60.0, more_s: float = 0.0
) -> list[aiomqtt.Message]:
    """What `Ear.hears` of a topic to which nobody listened before."""
    async with listening(port, topic) as ear:
        return await ear.hears(count, within_s=within_s, more_s=more_s)


async def kept(port: int, topic: str, true: Callable[[list[aiomqtt.Message]], object]) -> list[aiomqtt.Message]:
    """What the broker keeps under a topic once it is as it should be; after a minute as it is."""
    end_s = asyncio.get_running_loop().time() + 60
    while True:
        found = await heard(port, topic, 1_000, within_s=0.3)
        if true(found) or asyncio.get_running_loop().time() > end_s:
            return found
