"""The real service after a loss, and while its log vanishes: what stands stays, and everybody is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest
from starlette.requests import Request
from starlette.responses import Response

from tocsin.journal import Journal
from tocsin.model.errors import JournalError
from tocsin.model.event import Action, OperatorAct
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.http.health import Health
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.troubles import standing_troubles, unready

RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
NEXT = ((8.1, 46.0), (8.2, 46.0), (8.2, 46.1), (8.1, 46.1), (8.1, 46.0))
ZONES = [Zone(id=name, name=name, population=9_000, polygons=((ring,),)) for name, ring in (("a", RING), ("b", NEXT))]

pytestmark = pytest.mark.server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(ZONES))
    return make_settings(zones=tmp_path / "zones.geojson", http={"port": 0}, journal={"path": tmp_path / "journal.db"})


def act(action: Action, *zones: str) -> OperatorAct:
    return OperatorAct(
        id=f"{action}-{'-'.join(zones)}",
        time=datetime.now(UTC),
        operator="duty",
        action=action,
        zones=zones,
    )


def lived(settings: Settings, story: Callable[[Runtime], Awaitable[None]], *, ticking: bool = False) -> None:
    async def life() -> None:
        async with running(settings, configured(settings), Clock(), ticking=ticking) as runtime:
            await story(runtime)

    asyncio.run(life())


async def raised(runtime: Runtime) -> None:
    """Cover in one zone; the stop takes a snapshot of it."""
    await runtime.submit([act("raise", "a")])
    await runtime.ticker.tick()


def shown(runtime: Runtime) -> dict[str, tuple[str, bool]]:
    """Level of every zone on the public board, and whether it says that we may be blind there."""
    body = json.loads(runtime.channels.board.state_json(runtime.clock.now()))
    return {zone["zone"]: (zone["level"], zone["degraded"]) for zone in body["zones"]}


async def readiness(runtime: Runtime) -> tuple[int, str]:
    asked = {"type": "http", "method": "GET", "scheme": "http", "path": "/readyz", "query_string": b"", "headers": []}
    answer: Response = await Health(runtime).ready(Request(asked | {"server": ("127.0.0.1", 80)}))
    return answer.status_code, bytes(answer.body).decode()


def lose(path: Path, how: str) -> None:
    if how == "deleted":
        path.unlink()
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "cut":
        with apsw.Connection(str(path)) as db:
            db.execute("DELETE FROM events WHERE seq > 1")
    else:
        data = bytearray(path.read_bytes())
        data[data.index(b'"operator":"duty"') + 14] ^= 1
        path.write_bytes(data)


@pytest.mark.parametrize("how", ["deleted", "emptied", "cut", "a bit flipped"])
def test_after_a_loss_what_stood_is_held_and_said_until_it_is_released(settings: Settings, how: str) -> None:
    path = settings.journal.path
    lived(settings, raised)
    if how == "a bit flipped":
        # Where a snapshot is newer than the damage, nothing that decides is lost.
        for file in path.with_name("journal.db.snapshots").iterdir():
            file.rename(file.with_name("kept"))
    lose(path, how)

    async def after(runtime: Runtime) -> None:
        await runtime.ticker.tick()
        if how != "a bit flipped":
            assert shown(runtime) == {"a": ("take_cover", True), "b": ("none", True)}
        status, body = await readiness(runtime)
        assert status == 200
        assert "the journal has lost" in body
        assert unready(runtime) == []

    lived(settings, after)

    async def again(runtime: Runtime) -> None:
        await runtime.ticker.tick()
        assert runtime.loss is not None, "a restart does not forget it"
        await runtime.submit([act("release", "a", "b")])
        await runtime.ticker.tick()
        assert runtime.loss is None
        assert "lost" not in (await readiness(runtime))[1]

    lived(settings, again)


@pytest.mark.parametrize("which", ["journal.db", "journal.db-wal"])
def test_a_log_unlinked_under_the_running_service_is_noticed_by_itself(settings: Settings, which: str) -> None:
    async def story(runtime: Runtime) -> None:
        await raised(runtime)
        # A zone nobody watches is blind anyway: what is asked is whether the service knows more than that.
        assert not runtime.channels.board.unrecorded()
        settings.journal.path.with_name(which).unlink()
        begun_s = time.monotonic()
        while not runtime.channels.board.unrecorded():
            await asyncio.sleep(0.02)
            assert time.monotonic() - begun_s < 60, "a second, on a machine with nothing else to do"
        assert runtime.channels.board.degraded(runtime.clock.now())
        status, body = await readiness(runtime)
        assert status == 503
        assert which in body
        assert str(settings.journal.path.parent) not in body, "where files lie is no stranger's matter"
        with pytest.raises(JournalError):
            await runtime.submit([act("release", "a")])
        assert shown(runtime)["a"][0] == "take_cover"

    lived(settings, story, ticking=True)


def test_what_the_scrub_finds_is_told(settings: Settings) -> None:
    async def nothing(runtime: Runtime) -> None:
        await raised(runtime)

    for _ in range(2):
        lived(settings, nothing)
    with apsw.Connection(str(settings.journal.path)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 1")

    async def story(runtime: Runtime) -> None:
        runtime.scrub.stop()
        runtime.scrub = type(runtime.scrub)(settings.journal.path, first_after_s=0.0)
        runtime.scrub.start()
        while not runtime.scrub.read:
            await asyncio.sleep(0.02)
        assert "event 1 is damaged" in (await readiness(runtime))[1]

    lived(settings, story)


def test_a_service_whose_journal_is_whole_says_nothing_of_it(settings: Settings) -> None:
    lived(settings, raised)

    async def again(runtime: Runtime) -> None:
        await runtime.ticker.tick()
        assert runtime.loss is None
        assert standing_troubles(runtime, named=True) == []
        assert "lost" not in (await readiness(runtime))[1]

    lived(settings, again)
    Journal.open(settings.journal.path).close()
