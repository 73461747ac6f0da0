"""What the public may know stands in PostgreSQL: once, whole, whoever wrote it, and however long it was away."""

from __future__ import annotations

import asyncio
import gzip
import math
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely

from tests.decided import NOW, Decides, until, word
from tests.postgres import Server
from tests.some import some
from tocsin.announce.views import connection as connection_module
from tocsin.announce.views import writer as writer_module
from tocsin.announce.views.connection import connected
from tocsin.announce.views.reading import standing, warned_tile
from tocsin.announce.views.writer import Views
from tocsin.model.warning import Warning, ZoneState

pytestmark = pytest.mark.server
# Of the spherical Mercator map.
EARTH_M = 6_378_137.0


class Node:
    """A node that writes views."""

    def __init__(self, server: Server, name: str, *, before: tuple[Warning, ...] = (), drill: bool = False) -> None:
        self.decides = Decides(drill=drill)
        self.views = Views(
            self.decides.board,
            lambda: server.address,
            sector="north",
            node=name,
            now=lambda: self.decides.now,
            owned=lambda: self.decides.owned,
            before=lambda: before,
            keep_days=36_600,
        )
        self.decides.channels.append(self.views)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """As the service runs it: begun again a moment after it failed."""

        async def again() -> None:
            while True:
                try:
                    await self.views.work()
                except Exception:  # noqa: BLE001 - as the service does
                    await asyncio.sleep(0.05)

        task = asyncio.create_task(again())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def rows(server: Server, sql: str) -> list[dict[str, Any]]:
    """What somebody else finds there; nothing before the tables are made."""
    import asyncpg

    db = await connected(lambda: server.address)
    try:
        return [dict(row) for row in await db.fetch(sql)]
    except asyncpg.UndefinedTableError:
        return []
    finally:
        await db.close()


def holds(server: Server, sql: str, wanted: int) -> Callable[[], Awaitable[bool]]:
    """Whether a query has so many rows."""

    async def look() -> bool:
        return len(await rows(server, sql)) == wanted

    return look


ALL = "SELECT * FROM views.warnings ORDER BY time, id"


def test_what_a_node_decides_stands_in_the_database_within_a_second(empty: Server) -> None:
    async def story() -> None:
        node = Node(empty, "a", drill=True)
        async with node.writing():
            blind = ZoneState(zone="cole", degraded=True, degraded_reason="radar 7 is down", drill=True)
            node.decides.decide(node.decides.stands(blind), node.decides.warn("brim", "take_cover"))
            await until(holds(empty, "SELECT * FROM views.states", 2))
            db = await connected(lambda: empty.address)
            (found,) = await standing(db)
            told = found.told
            assert (told.sector, told.node, told.picture_at, told.drill) == ("north", "a", node.decides.now, True)
            states = {one.zone: one for one in told.zones}
            assert (states["brim"].level, states["brim"].drill) == ("take_cover", True)
            assert states["cole"].degraded
            assert [one.id for one in told.warnings] == ["brim/1/0/take_cover"]
            assert set(told.calm()) == {"dunmere", "east"}
            node.decides.decide(node.decides.warn("brim", "all_clear", revision=1))
            begun_s = time.monotonic()
            await until(holds(empty, "SELECT * FROM views.states WHERE level = 'all_clear'", 1))
            assert time.monotonic() - begun_s < 10
            node.decides.decide(node.decides.stands(ZoneState(zone="brim", drill=True)))
            await until(holds(empty, "SELECT * FROM views.states", 1))
            assert len(await rows(empty, ALL)) == 2
            await db.close()

    asyncio.run(story())


def test_two_twins_write_every_warning_once(empty: Server) -> None:
    async def story() -> None:
        twins = [Node(empty, name) for name in ("a", "b")]
        async with twins[0].writing(), twins[1].writing():
            for revision, level in enumerate(("prepare", "take_cover", "take_cover", "all_clear")):
                for twin in twins:
                    twin.decides.decide(twin.decides.warn("brim", level, revision=revision))  # type: ignore[arg-type]
                await asyncio.sleep(0.05)
            # The same id, of another night: a record that began anew.
            for twin in twins:
                twin.decides.now += timedelta(days=1)
                twin.decides.decide(twin.decides.warn("brim", "prepare"))
            await until(holds(empty, ALL, 5))
            await until(holds(empty, "SELECT * FROM views.states WHERE level = 'prepare'", 1))
            assert {one["node"] for one in await rows(empty, "SELECT node FROM views.sectors")} <= {"a", "b"}
        assert len(await rows(empty, ALL)) == 5

    asyncio.run(story())


def test_an_older_picture_of_a_twin_changes_nothing(empty: Server) -> None:
    async def story() -> None:
        newer, older = Node(empty, "a"), Node(empty, "b")
        newer.decides.now += timedelta(seconds=30)
        newer.decides.decide(newer.decides.warn("brim", "take_cover"))
        older.decides.decide(older.decides.warn("cole", "prepare"))
        async with newer.writing():
            await until(holds(empty, "SELECT * FROM views.states WHERE zone = 'brim'", 1))
        async with older.writing():
            # Its history counts; how a zone stands is for the newer one to say.
            await until(holds(empty, ALL, 2))
        (state,) = await rows(empty, "SELECT zone, level FROM views.states")
        assert state == {"zone": "brim", "level": "take_cover"}
        assert [one["node"] for one in await rows(empty, "SELECT node FROM views.sectors")] == ["a"]

    asyncio.run(story())


def test_a_database_that_is_away_or_hangs_holds_up_nobody_and_gets_all_when_it_is_back(
    empty: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "SAID_AFTER_S", 0.0)

    async def story() -> None:
        node = Node(empty, "a")
        async with node.writing():
            node.decides.decide(node.decides.warn("brim", "prepare"))
            await until(holds(empty, ALL, 1))
            await asyncio.to_thread(empty.stop)
            begun_s = time.monotonic()
            for revision in range(1, 50):
                node.decides.decide(node.decides.warn("brim", "take_cover", revision=revision))
            assert time.monotonic() - begun_s < 2

            async def said() -> bool:
                return node.views.trouble is not None

            await until(said)
            assert "nothing is written" in str(node.views.trouble)
            await asyncio.to_thread(empty.start)
            await until(holds(empty, ALL, 50))
            await until(holds(empty, "SELECT * FROM views.states WHERE warning = 'brim/1/49/take_cover'", 1))

            async def well() -> bool:
                return node.views.trouble is None

            await until(well)
            # And one that hangs: the connection stands, and no answer comes.
            monkeypatch.setattr(connection_module, "ANSWER_S", 2.0)
            await asyncio.to_thread(empty.stop)
            await asyncio.to_thread(empty.start)
            node.decides.decide(node.decides.warn("brim", "take_cover", revision=50))
            await until(holds(empty, ALL, 51))
            ours = "application_name = 'tocsin views' AND pid <> pg_backend_pid()"
            held = await rows(empty, f"SELECT pid FROM pg_stat_activity WHERE {ours}")
            for one in some(held):
                os.kill(one["pid"], signal.SIGSTOP)
            node.decides.decide(node.decides.warn("brim", "take_cover", revision=51))
            await until(said)
            for one in held:
                os.kill(one["pid"], signal.SIGCONT)
            await until(holds(empty, ALL, 52))

    asyncio.run(story())


def test_what_waits_for_a_database_is_bounded_and_what_goes_is_said(
    empty: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "WAITING_MAX", 10)

    async def story() -> None:
        node = Node(empty, "a")
        for revision in range(25):
            node.decides.decide(node.decides.warn("brim", "prepare", revision=revision))
        assert "15 warnings are missing" in str(node.views.trouble)
        async with node.writing():
            await until(holds(empty, ALL, 10))
        assert (await rows(empty, ALL))[0]["id"] == "brim/1/15/prepare"

    asyncio.run(story())


def test_what_a_restart_found_unwritten_is_written(empty: Server) -> None:
    async def story() -> None:
        before = tuple(word("brim", "prepare", NOW - timedelta(seconds=60 - n), revision=n) for n in range(3))
        node = Node(empty, "a", before=before)
        node.decides.decide(node.decides.warn("brim", "take_cover", revision=3))
        async with node.writing():
            await until(holds(empty, ALL, 4))
        assert [one["id"].split("/")[2] for one in await rows(empty, ALL)] == ["0", "1", "2", "3"]

    asyncio.run(story())


def test_the_views_hold_no_track_no_reason_and_no_sensor(empty: Server) -> None:
    async def story() -> None:
        node = Node(empty, "a")
        async with node.writing():
            blind = ZoneState(zone="cole", degraded=True, degraded_reason="radar-secret is down")
            node.decides.decide(node.decides.stands(blind), node.decides.warn("brim", "take_cover"))
            await until(holds(empty, "SELECT * FROM views.states", 2))
        tables = [one["tablename"] for one in await rows(empty, "SELECT * FROM pg_tables WHERE schemaname = 'views'")]
        for table in some(tables):
            found = msgspec.json.encode([str(one) for one in await rows(empty, f"SELECT * FROM views.{table}")])
            assert not [word for word in ("secret", "post-7F3K", "0.4") if word.encode() in found], table

    asyncio.run(story())


def test_what_is_older_than_is_kept_is_forgotten(empty: Server) -> None:
    async def story() -> None:
        node = Node(empty, "a")
        node.decides.decide(word("brim", "prepare", NOW - timedelta(days=40_000)))
        node.decides.decide(word("brim", "take_cover", NOW, revision=1))
        async with node.writing():
            await until(holds(empty, ALL, 1))
        assert (await rows(empty, ALL))[0]["level"] == "take_cover"

    asyncio.run(story())


@pytest.mark.reference
def test_a_tile_of_what_is_warned_is_read_by_somebody_elses_map(empty: Server) -> None:
    import pyogrio

    async def drawn() -> bytes:
        node = Node(empty, "a")
        async with node.writing():
            node.decides.decide(node.decides.warn("brim", "take_cover"))
            await until(holds(empty, "SELECT * FROM views.states", 1))
            await until(holds(empty, "SELECT * FROM views.outlines", 4))
            db = await connected(lambda: empty.address)
            assert await warned_tile(db, 5, 0, 0) == b""
            # 36 to 36.2 degrees east, 34 to 34.2 north.
            tile = await warned_tile(db, 5, 19, 12)
            await db.close()
            return tile

    tile = asyncio.run(drawn())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "5" / "19" / "12.mvt"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress(tile))
        meta, _, shapes, columns = pyogrio.raw.read(path, layer="warned")
    read = {name: column.tolist() for name, column in zip(meta["fields"], columns, strict=True)}
    assert (read["zone"], read["level"], read["degraded"], read["drill"]) == (["brim"], ["take_cover"], [0], [0])
    (shape,) = shapely.from_wkb(shapes)
    west, south, east, north = (math.degrees(one / EARTH_M) for one in shape.bounds)
    assert west == pytest.approx(36.0, abs=0.01)
    assert east == pytest.approx(36.2, abs=0.01)
    assert south < north
