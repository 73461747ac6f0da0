"""The map of warned zones as the client reads it that Home Assistant's GeoJSON integrations are built on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from tests.unit.service.test_http import zone
from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.warned_map import WarnedMap
from tocsin.bench.announce_webhooks import warning
from tocsin.cap.write import Issuer
from tocsin.model.effect import Picture

client = pytest.importorskip("aio_geojson_generic_client.feed")
pytestmark = [pytest.mark.reference, pytest.mark.server]
# Where the zones are.
HOME = (50.05, 8.05)
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def test_an_unmodified_client_reads_the_warned_zones_with_their_ids_titles_and_places() -> None:
    zones = (zone("z1", 50.0), zone("z2", 50.2), zone("z3", 50.4))
    told = (warning("z1", 1, "take_cover", NOW), warning("z2", 1, "prepare", NOW))
    board = Board(zones, drill=False)
    board.fold(Batch(1, NOW, (*told, Picture(time=NOW))))
    drawn = WarnedMap(zones, board.public_map, Issuer(sender="warnings.example", languages=("en",)))
    body = drawn.geojson(board.warned(), picture_at=NOW, degraded=False, drill=False)

    async def read() -> tuple[str, list[tuple[str, str, float]]]:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(body=body, content_type="application/geo+json")

        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/warned.geojson"
        async with aiohttp.ClientSession() as session:
            feed = client.GenericFeed(session, HOME, url, filter_radius=50.0)
            status, entries = await feed.update()
        await runner.cleanup()
        return status, [(one.external_id, one.title, one.distance_to_home) for one in entries or []]

    status, entries = asyncio.run(read())
    assert status == "OK" and {one[0] for one in entries} == {"z1", "z2"}
    titles = {name: title for name, title, _ in entries}
    assert titles["z1"] != "z1" and "" not in titles.values() and min(far_km for *_, far_km in entries) < 20
