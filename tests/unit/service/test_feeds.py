"""A neighbour's feed, from the settings to the warning."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.cap.test_sign import pair
from tests.unit.ingest.cap_texts import area, info, message
from tests.unit.service.test_http import zone
from tocsin.model.errors import BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.serve import configured, running
from tocsin.service.settings import load_settings, pinned_by
from tocsin.service.sources import Sources

HOME = "46.01,8.01 46.01,8.09 46.09,8.09 46.09,8.01 46.01,8.01"


def written(folder: Path, text: str) -> Path:
    (folder / "zones.geojson").write_bytes(zones_to_geojson([zone("home", 46.0), zone("away", 46.5)]))
    path = folder / "tocsin.toml"
    path.write_text('zones = "zones.geojson"\n' + text)
    return path


@pytest.mark.server
def test_a_feed_s_alert_warns_our_zone_as_high_as_the_feed_may(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    inside = info(area(HOME), expires=(now + timedelta(hours=1)).isoformat(timespec="seconds"))
    cap = message(inside, sent=now.isoformat(timespec="seconds")).split("\n", 1)[1]

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{cap}</entry></feed>')

    async def story() -> None:
        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed"
        settings = load_settings(written(tmp_path, f'[[source]]\nkind = "cap"\nid = "near"\nurl = "{url}"\n'))
        async with running(settings, configured(settings), Clock()) as runtime:
            feeds = asyncio.create_task(Sources(runtime).run())
            async with asyncio.timeout(60):
                while b'"level":"prepare"' not in runtime.channels.board.warnings_json():
                    await asyncio.sleep(0.05)
            assert b"take_cover" not in runtime.channels.board.warnings_json()
            assert b'"zone":"away"' not in runtime.channels.board.warnings_json()
            (health,) = runtime.feeds()
            assert health.state == "up" and health.newest_s is not None
            feeds.cancel()
            await asyncio.gather(feeds, return_exceptions=True)
        await runner.cleanup()

    asyncio.run(story())


def test_pinned_certificates_lie_beside_the_settings_file(tmp_path: Path) -> None:
    keys = pair(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates" / "near.pem").write_bytes(keys[1])
    table = '[[source]]\nkind = "cap"\nid = "near"\nurl = "https://near.example/feed"\nsignatures = "required"\n'
    pinned = pinned_by(load_settings(written(tmp_path, table + 'trust = "certificates"\n')))["near"]
    assert (pinned.signatures, len(pinned.certificates)) == ("required", 1)
    with pytest.raises(BadSettings, match="requires signatures; name a folder"):
        load_settings(written(tmp_path, table))
    with pytest.raises(BadSettings, match="no folder"):
        pinned_by(load_settings(written(tmp_path, table + 'trust = "nowhere"\n')))
