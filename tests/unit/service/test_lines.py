"""Channels' lines in the service: posted with a token, and polled from a mirror."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.tokens import digest
from tests.unit.service.test_http import post, until
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import load_settings
from tocsin.service.sources import Sources

SETTINGS = """
zones = "zones.geojson"
[http]
port = 0
[[source]]
kind = "http"
id = "desk"
token_sha256 = "{token}"
kinds = ["report"]
profile = "desk.toml"
[[source]]
kind = "http"
id = "walker"
token_sha256 = "{other}"
[[source]]
kind = "channel"
id = "mirror"
url = "{url}"
"""


def _zone(name: str, lat: float, lon: float) -> Zone:
    ring = ((lon, lat), (lon + 0.2, lat), (lon + 0.2, lat + 0.2), (lon, lat + 0.2), (lon, lat))
    return Zone(id=name, name=name, population=60_000, polygons=((ring,),))


@pytest.mark.server
def test_a_posted_line_and_a_mirrored_one_reach_the_board_and_only_who_may_send_them(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    zones = [_zone("nizhyn", 50.95, 31.8), _zone("sumy", 50.8, 34.7), _zone("odesa", 46.4, 30.6)]
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(zones))
    (tmp_path / "desk.toml").write_text('channel = "suburbs"\ncovers = ["UA.02"]\n')
    old, new = ((now - timedelta(seconds=ago_s)).strftime("%a, %d %b %Y %H:%M:%S GMT") for ago_s in (4_000, 30))
    entries = [(old, "Шахеди над Одесою"), (new, "Шахеди над Сумами")]

    async def feed(request: web.BaseRequest) -> web.StreamResponse:
        items = "".join(f"<item><guid>{text}</guid><pubDate>{at}</pubDate><description>{text}</description></item>"
                        for at, text in entries)  # fmt: skip
        return web.Response(text=f'<rss version="2.0"><channel><title>m</title>{items}</channel></rss>')

    async def story() -> None:
        runner = web.ServerRunner(web.Server(feed))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        path = tmp_path / "tocsin.toml"
        path.write_text(SETTINGS.format(token=digest("desk"), other=digest("walker"), url=url))
        settings = load_settings(path)
        listener = listening(settings)
        async with running(settings, configured(settings), Clock()) as runtime:
            server = Server(runtime)
            tasks = [asyncio.create_task(server.serve([listener])), asyncio.create_task(Sources(runtime).run())]
            async with aiohttp.ClientSession(f"http://127.0.0.1:{listener.getsockname()[1]}") as session:
                line = {"kind": "report", "id": "1", "channel": "suburbs", "text": "Шахед над Ніжином",
                        "time": now.isoformat().replace("+00:00", "Z")}  # fmt: skip
                body = json.dumps(line).encode()
                status, answer = await post(session, body, "walker")
                assert status == 400 and "may not send a report" in answer["rejected"][0]["reason"]
                status, answer = await post(session, body, "desk")
                assert (status, answer["accepted"], answer["not_used"]) == (200, 1, 0)
                status, answer = await post(session, body, "desk")
                assert (status, answer["duplicates"]) == (200, 1)
                nothing = body.replace(b'"1"', b'"2"').replace(json.dumps("Шахед над Ніжином").encode(), b'"hello"')
                status, answer = await post(session, nothing, "desk")
                assert (answer["accepted"], answer["not_used"]) == (1, 1) and answer["notes"][0]["reasons"]

                async def shown() -> bool:
                    text = runtime.channels.board.warnings_json()
                    return b'"zone":"nizhyn"' in text and b'"zone":"sumy"' in text

                await until(shown)
                text = runtime.channels.board.warnings_json()
                assert b"take_cover" not in text and b'"zone":"odesa"' not in text
                assert b"suburbs" not in text and b"mirror" not in text, "whose word it is, is nobody's business"
            server.should_exit = True
            tasks[1].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await runner.cleanup()

    asyncio.run(story())
