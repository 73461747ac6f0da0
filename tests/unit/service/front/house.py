"""A country on one machine: brokers, nodes without engines, and front ends that people ask."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from tests.decided import ZONES, Decides, word
from tests.unit.service.front.voice import IDS
from tocsin.announce.told.feed import FrontEnds
from tocsin.announce.views.writer import Views
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.front.front import Front
from tocsin.service.front.serve import configured, running, server_of
from tocsin.service.serve import listening
from tocsin.service.settings import Settings, make_settings
from tocsin.service.ways_out.nodes import brokers_of

DEAD_AFTER_S = 5.0


def settings_in(folder: Path, servers: Collection[str], **more: Any) -> Settings:
    """Of a front end, or of a node, with these brokers."""
    zones = folder / "zones.geojson"
    zones.write_bytes(zones_to_geojson(ZONES))
    cluster = {"servers": list(servers), "node": "a", "twins": ["a", "b"], "dead_after_s": DEAD_AFTER_S}
    return make_settings(zones=zones, http={"port": 0}, cluster=cluster, journal={"path": folder / "j.db"}, **more)


class Node:
    """A node of a sector that decides ten times a second, for as long as it runs."""

    def __init__(
        self, settings: Settings, sector: str, name: str, owned: Collection[str] = tuple(IDS), twins: str = "ab"
    ) -> None:
        self.decides = Decides(now=datetime.now(UTC))
        spoken_for = frozenset(owned)
        assert settings.cluster is not None
        self.channel = FrontEnds(
            self.decides.board,
            brokers_of(settings.cluster, f"{sector} {name}"),
            prefix="tocsin",
            sector=sector,
            node=name,
            now=lambda: datetime.now(UTC),
            owned=lambda: spoken_for,
            twins=tuple(twins),
        )
        self.decides.channels.append(self.channel)
        self.views: Views | None = None
        if settings.views is not None:
            self.views = Views(
                self.decides.board,
                settings.views.place,
                sector=sector,
                node=name,
                now=lambda: datetime.now(UTC),
                owned=lambda: spoken_for,
                before=tuple,
                keep_days=365,
            )
            self.decides.channels.append(self.views)

    def decide(self, *effects: Any) -> None:
        """One tick, now."""
        self.decides.tick(datetime.now(UTC), *effects)

    def say(self, zone: str, level: Any, revision: int = 0) -> None:
        """One tick with a warning."""
        say_all((self,), zone, level, revision)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As the service runs it."""

        async def again(work: Any) -> None:
            while True:
                try:
                    await work()
                except Exception:  # noqa: BLE001 - as the service does
                    await asyncio.sleep(0.05)

        async def tick() -> None:
            while True:
                self.decide()
                await asyncio.sleep(0.1)

        works = [self.channel.work, *([] if self.views is None else [self.views.work])]
        tasks = [asyncio.create_task(again(work)) for work in works] + [asyncio.create_task(tick())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def say_all(nodes: Sequence[Node], zone: str, level: Any, revision: int = 0) -> None:
    """The same warning of the same tick, as twins have it."""
    now = datetime.now(UTC)
    for node in nodes:
        node.decides.tick(now, word(zone, level, now, revision=revision))


class Asking:
    """Whoever asks a front end."""

    def __init__(self, front: Front, session: aiohttp.ClientSession, address: str) -> None:
        self.front, self.session, self.address = front, session, address

    async def get(self, path: str, token: str | None = None) -> tuple[int, bytes]:
        """Status and body."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        async with self.session.get(path, headers=headers) as response:
            return response.status, await response.read()

    async def zones(self) -> dict[str, str]:
        """How every zone stands, `blind` where nobody sees."""
        async with self.session.get("/v1/zones") as response:
            told = await response.json()
        return {one["zone"]: one["level"] + (" blind" if one["degraded"] else "") for one in told["zones"]}

    async def ready(self) -> bool:
        """Whether it says so."""
        return (await self.get("/readyz"))[0] == 200

    async def messages(self) -> list[str]:
        """Identifiers of the CAP messages in the feed."""
        _, feed = await self.get("/feed.atom")
        return sorted(set(re.findall(r"cap/([^<\"]+)\.xml", feed.decode())))


@asynccontextmanager
async def front_end(settings: Settings) -> AsyncIterator[Asking]:
    """A front end that serves."""
    listener = listening(settings)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(settings, configured(settings), Clock()) as front:
        server = server_of(front)
        serving = asyncio.create_task(server.serve([listener]))
        async with aiohttp.ClientSession(address) as session:
            yield Asking(front, session, address)
        server.end()
        await serving
