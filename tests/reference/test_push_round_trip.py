"""Pushes through the push service of npm's `web-push-testing`, which checks who sends and decrypts what it is sent."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import skip
from tests.unit.service.test_http import zone
from tocsin.announce.bodies import public_warning
from tocsin.announce.rung import Rung
from tocsin.announce.web_push.channel import WebPush
from tocsin.announce.web_push.notices import Message
from tocsin.announce.web_push.subscription import Asked, Keys
from tocsin.announce.web_push.subscriptions import Subscriptions
from tocsin.announce.web_push.vapid import Vapid
from tocsin.bench.announce_webhooks import warning
from tocsin.bench.broker import free_port
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone

pytestmark = [pytest.mark.reference, pytest.mark.server]
SERVER = Path("web/node_modules/web-push-testing/src/bin/server.js")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    node = shutil.which("node")
    if node is None or not SERVER.exists():
        skip("no node, or no web-push-testing in web/node_modules; `npm ci` in web/ installs it")
    assert node is not None
    port = free_port()
    with subprocess.Popen([node, str(SERVER), str(port)], stdout=subprocess.DEVNULL) as process:
        yield f"http://localhost:{port}"
        process.kill()


def now() -> datetime:
    return datetime.now(UTC)


async def story(service: str, folder: Path, zones: tuple[Zone, ...]) -> tuple[list[str], int]:
    """What a subscriber of the service read of an alarm and its end; and what it answers to an expired one."""
    key = ec.generate_private_key(ec.SECP256R1())
    store = Subscriptions(folder / "push.db", ZoneIndex(zones), most=9, private=True)
    rung = Rung(folder / "push.json")
    by_id = {zone.id: zone for zone in zones}
    channel = WebPush(
        "push", store, Vapid(key, "mailto:duty@city.example"), by_id, rung, now=now, timezone=UTC, private=True
    )
    async with aiohttp.ClientSession() as session:

        async def post(path: str, body: Any) -> Any:
            async with session.post(f"{service}{path}", json=body) as answer:
                return await answer.json() if path != "/status" and "expire" not in path else answer.status

        async with asyncio.timeout(20):
            while True:
                try:
                    await post("/status", {})
                    break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)
        asked = {"userVisibleOnly": "true", "applicationServerKey": channel.public_key}
        subscribed = (await post("/subscribe", asked))["data"]
        keys = {name: _base64url(text) for name, text in subscribed["keys"].items()}
        await store.put(store.made(Asked(endpoint=subscribed["endpoint"], keys=Keys(**keys), zones=("z1",))))
        working = asyncio.create_task(channel.work())
        await asyncio.sleep(0)
        for revision, level in enumerate(("take_cover", "all_clear"), 1):
            await channel.send("subscribers", [public_warning(warning("z1", revision, level, now()))])  # type: ignore[arg-type]
        read = (await post("/get-notifications", {"clientHash": subscribed["clientHash"]}))["data"]["messages"]
        await post(f"/expire-subscription/{subscribed['clientHash']}", {})
        await channel.send("subscribers", [public_warning(warning("z1", 3, "take_cover", now()))])
        left = len(store)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    store.close()
    return read, left


def _base64url(text: str) -> str:
    """As browsers write it, whatever kind of base64 the service writes."""
    octets = urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def test_another_push_service_knows_who_sends_and_reads_an_alarm_and_its_end(service: str, tmp_path: Path) -> None:
    read, left = asyncio.run(story(service, tmp_path, (zone("z1", 50.0),)))
    messages = [msgspec.json.decode(json.dumps(json.loads(one.rstrip("\0\x02"))), type=Message) for one in read]
    assert [one.notices[0].level for one in messages] == ["take_cover", "all_clear"]
    assert left == 0, "whom the service calls expired is forgotten"
