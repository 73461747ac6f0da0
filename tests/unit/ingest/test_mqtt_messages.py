"""Observations published to a real broker: acknowledged when they are durable, brought again where they were not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import aiomqtt
import pytest

from tests.broker import mosquitto
from tests.some import some
from tocsin.bench.broker import free_port
from tocsin.ingest.mqtt_messages import MqttMessageSource
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.model.observation import ChannelReport, Observation
from tocsin.service.settings import make_settings
from tocsin.service.source_settings import MqttSource
from tocsin.service.sources import mqtt


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mosquitto(tmp_path_factory.mktemp("broker"), free_port()) as found:
        yield found


def line(name: str) -> str:
    told = {"kind": "report", "id": name, "time": "2026-03-01T00:00:00Z", "channel": "monitor", "text": "drone, Brim"}
    return json.dumps(told)


def made(port: int, name: str, rejects: Rejects) -> MqttMessageSource:
    table = {"kind": "mqtt", "id": name, "host": "127.0.0.1", "port": port, "tls": False, "topics": [f"{name}/#"]}
    source = make_settings(zones="zones.geojson", source=[table]).source[0]
    assert isinstance(source, MqttSource)
    found = mqtt(source, "sector", rejects)
    assert isinstance(found, MqttMessageSource)
    return found


async def publish(port: int, topic: str, *bodies: str) -> None:
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        for body in bodies:
            await client.publish(topic, body, qos=1)


class Heard:
    """What a source delivers; `awaits` waits for so many, and fails where they do not come."""

    def __init__(self) -> None:
        self.got: list[Observation] = []
        self.up = asyncio.Event()
        self.more = asyncio.Event()

    async def __call__(self, observations: list[Observation]) -> None:
        self.up.set()
        self.got += observations
        self.more.set()

    async def awaits(self, count: int) -> list[str]:
        async with asyncio.timeout(60):
            while len(self.got) < count:
                self.more.clear()
                await self.more.wait()
        return [one.id for one in self.got]


async def while_listening(
    source: MqttMessageSource, deliver: Deliver, act: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    """Run the source for as long as `act` takes."""
    task = asyncio.create_task(source.run(deliver))
    try:
        await asyncio.wait_for(act(), 120)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_what_is_published_is_read_line_by_line_and_a_bad_line_costs_itself(broker: int) -> None:
    rejects, name = Rejects(), "reading"

    async def story() -> None:
        heard = Heard()

        async def act() -> None:
            await heard.up.wait()
            await publish(broker, f"{name}/kyiv", line("a"), f"{line('b')}\nno line at all\n{line('c')}", "", "\xff")
            await publish(broker, f"{name}/odesa", line("d"))
            assert await heard.awaits(4) == ["a", "b", "c", "d"]

        await while_listening(made(broker, name, rejects), heard, act)
        assert all(isinstance(one, ChannelReport) for one in some(heard.got))

    asyncio.run(story())
    assert rejects.account.balanced
    assert rejects.account.rejected == 3, "the line that is none, the empty message and the one that is no text"


def test_what_was_not_durable_and_what_came_while_we_were_away_is_brought_when_we_are_back(broker: int) -> None:
    name = "fails"

    async def story() -> None:
        up, tried = asyncio.Event(), asyncio.Event()

        async def fails(observations: list[Observation]) -> None:
            up.set()
            if observations:
                tried.set()
                raise OSError("the disk is full")

        async def act() -> None:
            await up.wait()
            await publish(broker, f"{name}/a", line("first"))
            await tried.wait()

        await while_listening(made(broker, name, Rejects()), fails, act)
        await publish(broker, f"{name}/a", line("second"))
        heard = Heard()
        await while_listening(made(broker, name, Rejects()), heard, lambda: heard.awaits(2))
        assert [one.id for one in heard.got] == ["first", "second"]
        # And what was acknowledged does not come again.
        again = Heard()

        async def quiet() -> None:
            await again.up.wait()
            await asyncio.sleep(0.3)

        await while_listening(made(broker, name, Rejects()), again, quiet)
        assert again.got == []

    asyncio.run(story())


def test_a_broker_that_is_not_there_is_said() -> None:
    async def story() -> None:
        with pytest.raises(aiomqtt.MqttError):
            await made(free_port(), "nobody", Rejects()).run(Heard())

    asyncio.run(story())
