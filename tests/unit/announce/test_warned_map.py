"""The map of warned zones, as home automation reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from shapely.geometry import shape

from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.write import Issuer
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", languages=("en",))


def islands(zone: Zone) -> Zone:
    """The same zone with a second part far off."""
    (ring,) = zone.polygons[0]
    moved = tuple((lon, lat + 1) for lon, lat in ring)
    return Zone(id=zone.id, name=zone.name, population=zone.population, polygons=((ring,), (moved,)))


@pytest.fixture
def drawn(zones: tuple[Zone, ...], warn: Callable[..., Warning]) -> bytes:
    zones = (islands(zones[0]), *zones[1:])
    board = Board(zones, drill=True)
    board.apply(1, [warn("z0"), warn("z1", "prepare"), warn("z2", "all_clear"), warn("gone")])
    made = WarnedMap(zones, board.public_map, ISSUER)
    return made.geojson(board.warned(), picture_at=board.picture_at, degraded=True, drill=True)


def test_zones_that_are_warned_are_features_with_id_and_title_and_no_others(drawn: bytes) -> None:
    found = json.loads(drawn)
    features = {one["id"]: one for one in found["features"]}
    assert list(features) == ["z0", "z1", "gone"]
    assert found["drill"] is True and found["degraded"] is True
    for feature in some(list(features.values())[:2]):
        assert feature["properties"]["title"].startswith("DRILL")
        assert feature["properties"]["title"].endswith(feature["properties"]["name"])
        assert shape(feature["geometry"]).is_valid
    assert features["z0"]["geometry"]["type"] == "GeometryCollection"
    assert features["gone"]["geometry"] is None
    for word in some(("radar", "T17", "0.873", "reason")):
        assert word not in drawn.decode().replace("degraded_reason", "")


def test_a_client_of_home_automation_reads_the_warned_zones_and_how_far_they_are(drawn: bytes) -> None:
    client = pytest.importorskip("aio_geojson_generic_client")
    status, entries = asyncio.run(_read(client, drawn))
    assert status == "OK"
    found = {entry.external_id: entry for entry in entries}
    assert set(found) >= {"z0", "z1"}
    assert found["z1"].title.endswith("Town 1")
    assert found["z1"].distance_to_home < 10.0 < found["z0"].distance_to_home + 10.0
    assert len(found["z0"].geometries) == 2


async def _read(client: Any, body: bytes) -> Any:
    """What the client makes of it, served on a real socket; at home in Town 1."""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/geo+json")

    app = web.Application()
    app.router.add_get("/v1/warned.geojson", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
    port = site._server.sockets[0].getsockname()[1]
    try:
        async with aiohttp.ClientSession() as session:
            feed = client.GenericFeed(session, (50.05, 10.15), f"http://127.0.0.1:{port}/v1/warned.geojson")
            return await feed.update()
    finally:
        await runner.cleanup()
