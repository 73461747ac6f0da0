"""Two machines on a real broker: they hear each other, ask for what they missed, and count who lives by its clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.nats_cluster import nats_cluster
from tests.told_zones import Teller as Zones
from tests.told_zones import at
from tocsin.model.effect import Effect
from tocsin.model.event import Configuration, Tick
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.sectors.ours import Ours
from tocsin.service.cluster_settings import Cluster
from tocsin.service.metrics import Metrics
from tocsin.service.twins.exchange import Exchange
from tocsin.service.twins.twins import Twins
from tocsin.service.worker import Decided, Step

DEAD_S = 5.0
SQUARE = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)),)
OURS = Configuration(id="ours", time=at(0), zones=(Zone(id="north", name="North", polygons=(SQUARE,)),))


class Machine:
    """One machine without an engine: what it decides is told by the test."""

    def __init__(self, node: str, servers: Sequence[str], veil: str = "one") -> None:
        settings: dict[str, Any] = {"servers": servers, "node": node, "twins": ("a", "b"), "replicas": 3}
        cluster = Cluster(**settings, dead_after_s=DEAD_S)
        self.alone = False
        self.told: list[Warning] = []
        self.exchange = Exchange(cluster, "the.north", lambda: self.alone)
        self.twins = Twins(cluster, "the.north", Ours(), self.publish, self.exchange.send, veil)
        self.exchange.twins = self.twins
        self.zones = Zones()
        self._task: asyncio.Task[None] | None = None

    def publish(self, effects: Sequence[Effect]) -> None:
        self.told += [effect for effect in effects if isinstance(effect, Warning)]

    def decide(self, now_s: float, level: str) -> None:
        effects = tuple(self.zones.tick(now_s, {"north": level}))
        decided = self.twins.agreed(Decided((Step(1, Tick(time=at(now_s)), effects, 0.0),), ()), OURS)
        self.publish(decided.effects)

    def start(self) -> None:
        self._task = asyncio.create_task(self.exchange.run())

    async def stop(self) -> None:
        while self._task is not None and not self._task.done():
            # As the service does: the client of NATS may lose a cancellation.
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)


@asynccontextmanager
async def two(servers: Sequence[str]) -> AsyncIterator[tuple[Machine, Machine]]:
    a, b = Machine("a", servers), Machine("b", servers)
    try:
        yield a, b
    finally:
        await a.stop()
        await b.stop()


async def until(done: Callable[[], bool], *, doing: Callable[[], None] = lambda: None) -> None:
    async with asyncio.timeout(40):
        while not done():
            doing()
            await asyncio.sleep(0.05)


def lives(machine: Machine, other: str) -> str:
    return machine.twins.agreement.lives[other]


def test_two_machines_agree_and_one_that_falls_silent_holds_until_the_brokers_say_that_it_is_gone() -> None:
    async def night(servers: Sequence[str]) -> None:
        async with two(servers) as (a, b):
            for machine in (a, b):
                machine.start()
                machine.decide(1, "take_cover")

            def beat() -> None:
                for machine in (a, b):
                    machine.decide(1, "take_cover")

            await until(lambda: lives(a, "b") == lives(b, "a") == "living", doing=beat)
            assert len(a.told) == len(b.told) == 1
            assert not a.twins.troubles(named=True)
            # Both lower: it goes out once, on each.
            a.decide(100, "none")
            assert len(a.told) == 1
            b.decide(100, "none")
            await until(lambda: len(a.told) == len(b.told) == 2)
            assert a.told == b.told and a.told[-1].level == "all_clear"
            # Again; b falls silent, and a alone would lower.
            for machine in (a, b):
                machine.decide(200, "take_cover")
            await until(lambda: len(a.told) == len(b.told) == 3)
            await b.stop()
            silent_s = asyncio.get_running_loop().time()
            await until(lambda: lives(a, "b") == "dead", doing=lambda: a.decide(300, "none"))
            assert asyncio.get_running_loop().time() - silent_s >= DEAD_S - 2.5
            await until(lambda: len(a.told) == 4)
            assert [one.level for one in a.told[3:]] == ["all_clear"]
            assert "b is not there" in a.twins.troubles(named=True)[0]
            # It comes back, and holds more: a is told, although it heard no change.
            b.decide(301, "take_cover")
            b.start()
            await until(lambda: len(a.told) == 5, doing=lambda: b.decide(301, "take_cover"))
            assert [one.level for one in a.told[4:]] == ["take_cover"]
            for now_s in range(302, 309):
                a.decide(now_s, "none")
                b.decide(now_s, "take_cover")
            await until(lambda: bool(a.twins.differing))
            (trouble,) = a.twins.troubles(named=True)
            assert "north stays at take_cover instead of all_clear" in trouble
            assert "b would not lower it" in trouble
            assert a.twins.troubles(named=False) == ["the twins differ, and the higher level stands: 1 zone"]
            metrics = Metrics()
            metrics.twins.measure((), 0, a.twins)
            assert b'tocsin_twin_up{twin="b"} 1.0' in metrics.text()
            assert b"tocsin_twins_differing_zones 1.0" in metrics.text()

    with nats_cluster() as servers:
        asyncio.run(night(servers.addresses))


def test_without_the_brokers_nobody_is_declared_dead_before_the_machine_goes_on_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def night() -> None:
        async with two(("nats://127.0.0.1:9",)) as (a, _):
            a.decide(1, "take_cover")
            a.start()
            monkeypatch.setattr(a.exchange, "_seen_s", a.exchange._seen_s - 2 * DEAD_S)
            a.decide(100, "none")
            # It has looked, and is not alone, so that nobody can say that b is not there.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert lives(a, "b") == "unheard"
            assert [one.level for one in a.told] == ["take_cover"]
            a.alone = True
            await until(lambda: lives(a, "b") == "dead")
            assert [one.level for one in a.told] == ["take_cover", "all_clear"]

    asyncio.run(night())
