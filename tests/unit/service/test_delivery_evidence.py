"""What became of a raise on every channel, from the officer's act to a receiver, a sample listener and the record."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from tests.some import some
from tests.tokens import digest
from tests.unit.service.test_operators import House, served, settings_in, until
from tocsin.announce.delivery import Happened
from tocsin.announce.webhooks import Message
from tocsin.service.canary import feed_listener
from tocsin.service.canary.all import listen
from tocsin.service.delivery_account import account_of, figures, write_table
from tocsin.service.delivery_trail import trail_path
from tocsin.service.pulse import measure

pytestmark = pytest.mark.server

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver:
    """Somebody's endpoint; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 204
        self.told: list[Message] = []

    @property
    def levels(self) -> list[str]:
        """The levels it was told, in order."""
        return [one.level for message in self.told for one in message.data.warnings]

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[str]:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            body = await request.read()
            if self.status == 204:
                self.told.append(msgspec.json.decode(body, type=Message))
            return web.Response(status=self.status)

        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        await runner.cleanup()


def hook(folder: Path, name: str, url: str, **more: object) -> dict[str, object]:
    """A webhook channel's table, and its key."""
    (folder / "hook.key").write_text(KEY)
    (folder / "hook.key").chmod(0o600)
    return {"kind": "webhook", "id": name, "url": url, "key_files": [folder / "hook.key"], "private": True} | more


async def channels(house: House) -> dict[str, dict[str, Any]]:
    status, told = await house.get("/v1/delivery")
    assert status == 200
    return {one["channel"]: one for one in told["channels"]}


def test_a_raise_is_followed_to_everybody_and_the_record_outlives_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_listener, "EVERY_S", 0.1)

    async def story() -> None:
        receiver = Receiver()
        async with receiver.answering() as url:
            ways = [hook(tmp_path, "ward", url, canary=True), hook(tmp_path, "lame", "http://127.0.0.1:1/")]
            watcher = {"id": "grafana", "token_sha256": digest("grafana")}
            settings = settings_in(tmp_path, channel=ways, watcher=[watcher])
            async with served(settings) as house:
                listening = asyncio.create_task(listen(house.runtime, str(house.session._base_url).rstrip("/")))
                await house.act("desk", id="1", action="raise", level="take_cover", zones=["home"])

                async def heard() -> bool:
                    found = await channels(house)
                    named = ("page_stream", "atom_feed", "ward.canary")
                    return all(found[one]["counts"].get("heard") for one in some(named)) and receiver.levels != []

                await until(heard)
                found = await channels(house)
                assert [found[one]["canary"] for one in ("page_stream", "atom_feed", "ward.canary")] == ["up"] * 3
                assert (found["ward"]["state"], found["ward"]["canary"]) == ("up", None)
                assert found["ward"]["accepted_s"]["99"] < 60 and found["ward"]["waiting"] == 0
                assert found["lame"]["state"] == "failing" and found["lame"]["waiting"] == 1
                (one,) = (await house.get("/v1/delivery?warning=home/1/1/take_cover"))[1]["warnings"][2:3]
                assert one["channel"] == "ward" and one["queued"] <= one["sent"] <= one["accepted"]
                assert (await house.get("/v1/delivery?warning=nothing"))[0] == 404
                assert (await house.get("/v1/delivery", "grafana"))[0] == 200
                assert (await house.get("/v1/delivery", None))[0] == 401
                measure(house.runtime, house.runtime.clock.now())
                metrics = await house.text("/metrics")
                assert 'tocsin_canary_up{channel="page_stream"} 1.0' in metrics
                assert 'tocsin_delivery{channel="ward",stage="accepted"} 1.0' in metrics
                assert 'tocsin_delivery_seconds{channel="ward",share="99"}' in metrics
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            assert receiver.levels == ["take_cover"]

    asyncio.run(story())
    account = account_of(trail_path(tmp_path / "journal.db"))
    found = figures(account)
    assert found["ward"] | {"accepted": 1, "queued": 1} == found["ward"] and found["ward"]["accepted_99_s"] < 60
    assert found["page_stream"]["heard"] == 1 and found["lame"]["failed"] >= 1
    write_table(account, tmp_path / "deliveries.csv")
    head, *rows = (tmp_path / "deliveries.csv").read_text().splitlines()
    assert head.startswith("channel,warning,zone,level,drill,recipients,queued") and len(rows) == 5
    assert any(row.startswith("ward,home/1/1/take_cover,home,take_cover,True,1,") for row in rows)


def test_what_was_told_again_after_a_restart_was_accepted_once_and_when_it_first_was(tmp_path: Path) -> None:
    begun = datetime(2026, 3, 1, 3, tzinfo=UTC)
    lines = []
    for at_s, who in ((0.0, 0), (0.2, 0), (0.3, 1), (60.0, 0), (60.4, 0), (60.5, 1)):
        at = begun + timedelta(seconds=at_s)
        told: dict[str, Any] = {"time": at, "channel": "ward", "warnings": ("home/1/1/take_cover",)}
        if at_s in (0.0, 60.0):
            lines.append(Happened(**told, stage="queued", recipients=2))
        else:
            lines.append(Happened(**told, stage="accepted", recipient=who, began=at))
    trail = tmp_path / "deliveries.jsonl"
    trail.write_bytes(msgspec.json.Encoder().encode_lines(lines))
    found = figures(account_of(trail))["ward"]
    assert found["accepted"] == 2 and found["accepted_99_s"] < 0.4
    (row,) = account_of(trail)["ward"].newest
    assert (row.accepted_by, row.accepted) == (2, begun + timedelta(seconds=0.3))


def test_a_channel_that_nobody_hears_is_an_alarm(tmp_path: Path) -> None:
    async def story() -> None:
        # A proxy that answers, and passes nothing on.
        proxy = Receiver()
        proxy.status = 200
        async with served(settings_in(tmp_path)) as house, proxy.answering() as address:
            listening = asyncio.create_task(listen(house.runtime, address.rstrip("/")))
            async with asyncio.timeout(60):
                while not house.runtime.canaries.canaries:
                    await asyncio.sleep(0.01)
            page = house.runtime.canaries.canaries[0]
            page.listener.silent_s = 0.1  # type: ignore[misc]

            async def ended() -> bool:
                _, told = await house.get("/readyz")
                return any("the stream has ended" in one for one in told["troubles"])

            await until(ended)
            _, told = await house.get("/readyz")
            (trouble,) = [one for one in told["troubles"] if "page_stream" in one]
            assert "our sample listener has heard nothing for" in trouble and "the stream has ended" in trouble
            _, told = await house.get("/readyz", None)
            assert any("channels do not get through" in one for one in told["troubles"])
            measure(house.runtime, house.runtime.clock.now())
            assert 'tocsin_canary_up{channel="page_stream"} 0.0' in await house.text("/metrics")
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(story())
