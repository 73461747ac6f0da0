"""From an officer's retraction to the last channel: event stream, CAP feed, webhook."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from tocsin.bench.announce_webhooks import Receiver
from tocsin.bench.answering import answering
from tocsin.bench.traffic import country_zones
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings

ZONES = 249
RAISED_S_MAX = 60.0
REACH = {"retraction_last_s": 10.0}
TOKEN = secrets.token_urlsafe(32)


def figures() -> dict[str, Any]:
    """Seconds from the officer's request until each channel has told every zone's end."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        return asyncio.run(_measured(Path(folder)))


def _settings(folder: Path, url: str) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(country_zones()[:ZONES]))
    key = folder / "hook.secret"
    key.touch(0o600)
    key.write_text("whsec_" + base64.b64encode(bytes(range(32))).decode())
    hook = {"kind": "webhook", "id": "bench", "url": url, "private": True, "key_files": [key]}
    return make_settings(
        zones=folder / "zones.geojson",
        drill=True,
        http={"port": 0},
        journal={"path": folder / "journal.db"},
        operator=[{"id": "desk", "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}],
        prepared=[{"id": "false-alarm", "text": "This was a false alarm. There is no danger."}],
        channel=[hook],
    )


async def _measured(folder: Path) -> dict[str, Any]:
    receiver = Receiver()
    async with answering(receiver.answer) as url:
        settings = _settings(folder, url)
        listener = listening(settings)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with running(settings, configured(settings), Clock()) as runtime:
            server = Server(runtime)
            serving = asyncio.create_task(server.serve([listener]))
            async with aiohttp.ClientSession(address, headers=headers) as session:
                zones = list(runtime.index.number)
                raised = {"id": "1", "action": "raise", "level": "take_cover", "zones": zones}
                await _sent(session, "/v1/acts", raised)

                async def told(level: str) -> bool:
                    return sum(one.level == level for one in receiver.told) >= len(zones)

                await _until(lambda: told("take_cover"))
                begun_s = time.perf_counter()
                await _sent(session, "/v1/retractions", {"id": "2", "prepared": "false-alarm"})
                taken_s = dict(
                    zip(
                        ("webhook", "stream", "feed"),
                        await asyncio.gather(
                            _until(lambda: told("all_clear")),
                            _until(lambda: _cleared(session, len(zones))),
                            _until(lambda: _in_feed(session, runtime.channels.cap_messages.archive.messages)),
                        ),
                        strict=True,
                    )
                )
            server.end()
            await serving
    found = {f"retraction_{name}_s": round(at_s - begun_s, 3) for name, at_s in taken_s.items()}
    return {"retraction_zones": ZONES} | found | {"retraction_last_s": max(found.values())}


async def _sent(session: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> None:
    async with session.post(path, json=body) as answer:
        assert answer.status == 200, await answer.text()


async def _until(done: Callable[[], Awaitable[bool]]) -> float:
    """When something has come about, by the performance counter."""
    async with asyncio.timeout(RAISED_S_MAX):
        while not await done():
            await asyncio.sleep(0.01)
    return time.perf_counter()


async def _cleared(session: aiohttp.ClientSession, zones: int) -> bool:
    """Whether who connects to the stream is told that all is clear everywhere."""
    async with session.get("/v1/events") as answer:
        async for line in answer.content:
            if line.startswith(b"data: "):
                levels = [str(zone["level"]) for zone in json.loads(line[6:])["zones"]]
                return levels.count("all_clear") == zones
    return False


async def _in_feed(session: aiohttp.ClientSession, messages: Any) -> bool:
    """Whether the feed links to a message that ends what was raised."""
    ends = [one.identifier for one in messages if one.level == "all_clear"]
    async with session.get("/feed.atom") as answer:
        feed = await answer.text()
    return bool(ends) and all(name in feed for name in ends)
