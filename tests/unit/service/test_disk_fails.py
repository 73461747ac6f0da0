"""The real service on a disk that fails: people are warned all the same, and everybody is told that nothing is kept."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.tokens import digest, token
from tocsin.bench.disk import Disk
from tocsin.journal import GroupCommit, Journal
from tocsin.journal.head import read_head
from tocsin.journal.snapshots import Snapshots
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.value import time_text
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.pulse import measure
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings

pytestmark = pytest.mark.server

RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
NEXT = ((8.1, 46.0), (8.2, 46.0), (8.2, 46.1), (8.1, 46.1), (8.1, 46.0))
ZONES = [Zone(id=name, name=name, population=9_000, polygons=((ring,),)) for name, ring in (("a", RING), ("b", NEXT))]


def settings_in(folder: Path) -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "zones.geojson").write_bytes(zones_to_geojson(ZONES))
    return make_settings(
        zones=folder / "zones.geojson",
        http={"port": 0},
        journal={"path": folder / "journal.db"},
        operator=[{"id": "desk", "token_sha256": digest("desk")}],
        source=[{"kind": "http", "id": "hill", "token_sha256": digest("hill")}],
    )


class House:
    """The service, and whoever talks to it."""

    def __init__(self, runtime: Runtime, session: aiohttp.ClientSession) -> None:
        self.runtime, self._session = runtime, session
        self._times: dict[int, str] = {}

    async def post(self, path: str, who: str, body: dict[str, Any]) -> tuple[int, str, str | None]:
        headers = {"authorization": f"Bearer {token(who)}"}
        async with self._session.post(path, json=body, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers.get("retry-after")

    async def act(self, action: str, zone: str) -> tuple[int, str, str | None]:
        level = {"level": "take_cover"} if action == "raise" else {}
        return await self.post(
            "/v1/acts", "desk", {"id": f"{action}-{zone}", "action": action, "zones": [zone]} | level
        )

    async def report(self, number: int) -> tuple[int, str, str | None]:
        now = self._times.setdefault(number, time_text(datetime.now(UTC)))
        said = {"kind": "sighting", "id": f"p/{number}", "time": now, "source": "hill", "lat": 46.05, "lon": 8.15}
        return await self.post("/v1/observations", "hill", said | {"threat": "drone", "count": 1})

    async def ready(self) -> tuple[int, str]:
        async with self._session.get("/readyz") as answer:
            return answer.status, await answer.text()

    async def levels(self) -> dict[str, str]:
        async with self._session.get("/v1/zones") as answer:
            return {zone["zone"]: zone["level"] for zone in json.loads(await answer.text())["zones"]}

    async def until(self, what: Callable[[], Awaitable[bool]], *, seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not await what():
                await asyncio.sleep(0.05)

    async def stands(self, zone: str, level: str) -> None:
        async def there() -> bool:
            return (await self.levels())[zone] == level

        await self.until(there)

    async def back(self) -> None:
        async def there() -> bool:
            return (await self.ready())[0] == 200

        await self.until(there)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[House]:
    with listening(settings) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with running(settings, configured(settings), Clock()) as runtime:
            server = Server(runtime)
            serving = asyncio.create_task(server.serve([listener]))
            try:
                async with aiohttp.ClientSession(address) as session:
                    house = House(runtime, session)
                    await house.back()
                    yield house
            finally:
                server.end()
                await serving


@pytest.mark.parametrize("fault", ["full", "read_only", "broken", "unsynced"])
def test_people_are_warned_and_told_while_the_disk_fails_and_all_is_kept_once_it_is_back(
    tmp_path: Path, fault: str
) -> None:
    disk = Disk()

    async def story() -> None:
        async with serving(settings_in(tmp_path)) as house:
            board = house.runtime.channels.board
            assert (await house.act("raise", "a"))[0] == 200
            await house.stands("a", "take_cover")
            assert not board.unrecorded()
            setattr(disk, fault, True)
            status, said, retry = await house.act("raise", "b")
            assert (status, retry) == (503, "5"), "acknowledged is durable"
            assert "decided upon, and not on the disk" in said
            await house.stands("b", "take_cover")
            assert (await house.levels())["a"] == "take_cover"
            assert (await house.report(1))[::2] == (503, "5")
            assert (await house.report(1))[::2] == (503, "5")
            status, said = await house.ready()
            assert status == 503
            assert str(tmp_path) not in said, "where files lie is no stranger's matter"
            assert board.unrecorded()
            assert board.degraded(house.runtime.clock.now())
            before = house.runtime.journal.taken_seq
            # The clock ticks.
            await house.until(lambda: asyncio.sleep(0, house.runtime.journal.taken_seq > before))
            measure(house.runtime, house.runtime.clock.now())
            assert house.runtime.metrics.registry.get_sample_value("tocsin_undurable_events") > 0
            disk.heal()
            await house.back()
            assert not board.unrecorded()
            assert (await house.act("raise", "b"))[0] == 200
            assert json.loads((await house.report(1))[1])["duplicates"] == 1

    with disk.mounted():
        asyncio.run(story())
    with Journal.open(tmp_path / "journal.db") as journal:
        ids = [getattr(event, "id", None) for _, event in journal.read()]
    assert [ids.count(one) for one in ("raise-a", "raise-b", "p/1")] == [1, 1, 1]

    async def again() -> None:
        async with serving(settings_in(tmp_path)) as house:
            assert await house.levels() == {"a": "take_cover", "b": "take_cover"}

    asyncio.run(again())


def test_a_disk_that_takes_seconds_holds_no_warning_up(tmp_path: Path) -> None:
    disk = Disk()

    async def story() -> None:
        async with serving(settings_in(tmp_path)) as house:
            disk.slow_s = 600.0
            acting = asyncio.create_task(house.act("raise", "a"))
            await house.stands("a", "take_cover")
            assert (await acting)[0] == 503
            assert "has not answered" in (await house.ready())[1]
            disk.heal()
            await house.back()
            assert (await house.act("raise", "a"))[0] == 200

    with disk.mounted():
        asyncio.run(story())


def test_where_no_more_can_be_held_nothing_is_lowered_until_officers_release_it(tmp_path: Path) -> None:
    disk = Disk()

    async def story() -> None:
        async with serving(settings_in(tmp_path)) as house:
            assert (await house.act("raise", "a"))[0] == 200
            await house.stands("a", "take_cover")
            commits = house.runtime.commits
            assert isinstance(commits, GroupCommit)
            commits._held_max = 3
            disk.read_only = True

            async def full() -> bool:
                return "of at most 3" in (await house.report(random.randrange(10**9)))[1]

            await house.until(full)

            async def told() -> bool:
                return house.runtime.loss is not None and "nothing new is heard" in (await house.ready())[1]

            await house.until(told)
            await house.until(
                lambda: asyncio.sleep(0, "record" in {one.operator for one in house.runtime.orders.standing})
            )
            assert (await house.levels())["a"] == "take_cover"
            disk.heal()
            await house.back()
            assert "nothing new is heard" in (await house.ready())[1]
            await house.act("release", "a")
            await house.act("release", "b")
            await house.until(lambda: asyncio.sleep(0, house.runtime.loss is None))

    with disk.mounted():
        asyncio.run(story())


def test_after_a_kill_while_the_disk_was_full_what_stood_is_held_even_where_it_is_full_still(
    tmp_path: Path,
) -> None:
    disk, killed = Disk(), tmp_path / "killed"

    async def story() -> None:
        async with serving(settings_in(tmp_path / "live")) as house:
            assert (await house.act("raise", "a"))[0] == 200
            await house.stands("a", "take_cover")
            await house.runtime.ticker.tick()
            kept = Snapshots(tmp_path / "live" / "journal.db.snapshots")
            before = house.runtime.journal.taken_seq
            house.runtime.worker._snapshot_due_s = 0.0
            await house.runtime.ticker.tick()
            await house.until(lambda: asyncio.sleep(0, any(one.seq >= before for one in kept.bounds())))
            disk.full = True
            before = house.runtime.journal.taken_seq
            assert (await house.act("raise", "b"))[0] == 503
            await house.stands("b", "take_cover")

            async def noted() -> bool:
                head = read_head(tmp_path / "live" / "journal.db")
                return head is not None and head.seq > before

            await house.until(noted)
            # It is made durable ten times a second.
            await asyncio.sleep(1.5)
            disk.cut_power(tmp_path / "live", killed, random.Random(1))

    with disk.mounted():
        asyncio.run(story())

    async def again() -> None:
        async with serving(settings_in(killed)) as house:
            assert (await house.levels())["a"] == "take_cover"
            assert house.runtime.loss is not None
            assert "the disk refused them" in (await house.ready())[1]
            assert house.runtime.channels.board.degraded(house.runtime.clock.now())

    async def while_full() -> None:
        settings = settings_in(killed)
        disk.full = True
        async with running(settings, configured(settings), Clock()) as runtime:
            while runtime.loss is None or not runtime.commits.undurable:
                await asyncio.sleep(0.05)
            state = json.loads(runtime.channels.board.state_json(runtime.clock.now()))
            assert state["zones"][0]["level"] == "take_cover"
            assert "the disk refused them" in runtime.loss
            disk.heal()
            while runtime.commits.trouble is not None:
                await asyncio.sleep(0.05)

    with disk.mounted():
        asyncio.run(while_full())
    asyncio.run(again())
