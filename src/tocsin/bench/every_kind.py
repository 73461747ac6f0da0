"""A service's channels of every kind, each with somebody on this machine who takes what it says."""

from __future__ import annotations

import asyncio
import base64
import os
import time
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiomqtt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.key_making import make
from tocsin.announce.outbox import Outbox
from tocsin.announce.web_push.channel import WebPush
from tocsin.announce.web_push.subscription import Subscription, Wish
from tocsin.bench.announce_webhooks import Receiver
from tocsin.bench.answering import answering
from tocsin.bench.broker import free_port
from tocsin.bench.traffic import country_zones
from tocsin.model.effect import Picture
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.warning import Warning
from tocsin.service.alone import Alone
from tocsin.service.channels import Channels
from tocsin.service.metrics import Metrics
from tocsin.service.serve import configured
from tocsin.service.settings import make_settings
from tocsin.service.siren import read_siren, siren_of

SUBSCRIBERS = 300
SECTOR = "bench"
READY_S_MAX = 20.0


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass
class Heard:
    """What came at the far ends: warnings in order at the broker's reader; pushes, messages, the siren's last state."""

    mqtt: list[PublicWarning]
    pushes: int = 0
    messages: int = 0
    siren: Mapping[str, object] | None = None


class Meter:
    """Processor seconds that some tasks take of the event loop, and the longest that one holds it without a pause."""

    def __init__(self) -> None:
        self.cpu_s = self.longest_s = 0.0

    @types.coroutine
    def metered(self, work: Coroutine[Any, Any, None]) -> Generator[Any, Any, None]:
        """The same work, counted."""
        step: Callable[[], Any] = partial(work.send, None)
        while True:
            begun_s = time.thread_time()
            try:
                blocked = step()
            except StopIteration:
                return
            finally:
                spent_s = time.thread_time() - begun_s
                self.cpu_s += spent_s
                self.longest_s = max(self.longest_s, spent_s)
            try:
                step = partial(work.send, (yield blocked))
            except BaseException as error:  # noqa: BLE001 - a cancellation is the work's own to handle
                step = partial(work.throw, error)


class EveryKind:
    """The channels at work.

    well    outboxes of those that are measured, by name
    others  the two webhooks beside them, if any
    hook    the receiver of the webhook that is measured
    meter   what the two take of the event loop
    """

    def __init__(self, channels: Channels, hook: Receiver, heard: Heard) -> None:
        self.channels = channels
        self.hook = hook
        self.heard = heard
        self.meter = Meter()
        boxes = {box.channel.name: box for box in channels.outboxes}
        self.others = [boxes.pop(name) for name in ("slow", "dead") if name in boxes]
        self.well: dict[str, Outbox] = boxes
        self._seq = 0

    def tell(self, warnings: Sequence[Warning]) -> None:
        """A tick, to every channel."""
        self._seq += 1
        at = now()
        self.channels.tell(Batch(self._seq, at, (*warnings, Picture(time=at)), whole=self._seq == 1))

    async def caught_up(self, s_max: float) -> dict[str, float]:
        """Wait until all that are well have taken everything; when each had, by its name. Raises TimeoutError."""
        taken_s: dict[str, float] = {}
        async with asyncio.timeout(s_max):
            while len(taken_s) < len(self.well):
                for name, box in self.well.items():
                    if not box.waiting:
                        taken_s.setdefault(name, time.perf_counter())
                await asyncio.sleep(0.002)
        return taken_s


@asynccontextmanager
async def every_kind(folder: Path, port: int | None, *, slow_s: float | None, dead: bool) -> AsyncIterator[EveryKind]:
    """All kinds of channels, beside a slow webhook (none: None) and one more, which is dead or well.

    port   of a broker; None: without those that need one
    """
    hook, heard = Receiver(), Heard([])
    async with AsyncExitStack() as stack:
        others = {}
        if slow_s is not None:
            others["slow"] = await _entered(stack, Receiver(slow_s))
            other = Receiver()
            others["dead"] = f"http://127.0.0.1:{free_port()}/" if dead else await _entered(stack, other)
        urls = {"webhook": await _entered(stack, hook), **others}
        push_url = await stack.enter_async_context(_taking(heard, "pushes", 201))
        message_url = await stack.enter_async_context(_taking(heard, "messages", 200))
        channels = _made(folder, urls, message_url, port)
        found = EveryKind(channels, hook, heard)
        work: list[Coroutine[Any, Any, None]] = [box.run() for box in found.well.values()]
        work += [_awaited(found.meter.metered(lane.run())) for box in found.others for lane in box._lanes]
        work += [one.work() for one in channels.working.values()]
        if port is not None:
            work += [_siren(folder, heard), _read(port, heard)]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            push = next(box.channel for box in channels.outboxes if isinstance(box.channel, WebPush))
            _subscribe(push, push_url)
            found.tell(())
            async with asyncio.timeout(READY_S_MAX):
                while any("siren" not in why for why in channels.silent.values()) or (
                    port is not None and not heard.siren
                ):
                    await asyncio.sleep(0.02)
            yield found
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            push.store.close()


async def _awaited(work: Generator[Any, Any, None]) -> None:
    await cast("Awaitable[None]", work)


async def _entered(stack: AsyncExitStack, receiver: Receiver) -> str:
    return await stack.enter_async_context(answering(receiver.answer))


def _made(folder: Path, urls: Mapping[str, str], message_url: str, port: int | None) -> Channels:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(country_zones()))
    for kind, name in (("vapid", "vapid"), ("siren", "live"), ("siren", "drill"), ("siren", "school")):
        make(kind, folder, name, subject="", days=1, now=now())
    _secret(folder / "hook.secret", "whsec_" + base64.b64encode(bytes(range(32))).decode())
    _secret(folder / "urls", message_url.replace("http://", "json://"))
    wanted: list[dict[str, Any]] = [
        {"kind": "webhook", "id": name, "url": url, "private": True, "key_files": [folder / "hook.secret"]}
        for name, url in urls.items()
    ]
    push = {"vapid_key_file": folder / "vapid.key", "contact": "mailto:duty@city.example", "private": True}
    wanted += [
        {"kind": "web_push", "id": "push", **push},
        {"kind": "messengers", "id": "messengers", "urls_file": folder / "urls", "per_minute_max": 600},
        {"kind": "files", "id": "files", "folder": folder / "forms"},
        {"kind": "static", "id": "static", "path": folder / "www", "every_s": 30},
    ]
    if port is not None:
        at = {"host": "127.0.0.1", "port": port, "tls": False}
        siren = {"id": "school", "zones": [country_zones()[0].id], "key": folder / "school.pub"}
        keys = {"key_file": folder / "live.key", "drill_key_file": folder / "drill.key"}
        wanted += [
            {"kind": "mqtt", "id": "mqtt", **at},
            {"kind": "sirens", "id": "sirens", "siren": [siren], **at, **keys},
        ]
        (folder / "siren.toml").write_text(
            f'siren = "school"\nsector = "{SECTOR}"\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'
            'keys = ["live.pub"]\ndrill_keys = ["drill.pub"]\nown_key_file = "school.key"\n'
        )
    journal = {"path": folder / "journal.db"}
    settings = make_settings(zones=folder / "zones.geojson", sector=SECTOR, drill=True, journal=journal, channel=wanted)
    metrics = Metrics()
    channels = Channels(
        settings, configured(settings), now, Alone(metrics.listener_failures, metrics.listener_up), None
    )
    assert not channels.missing, channels.missing
    return channels


def _secret(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)


def _subscribe(channel: WebPush, url: str) -> None:
    """Subscribers of one zone each; of the keys only their form matters."""
    key = (
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    zones = country_zones()
    for number in range(SUBSCRIBERS):
        zone = zones[number % len(zones)].id
        wish = Wish((zone,), None, "take_cover", "en")
        channel.store.crowd.join(Subscription(f"{url}{number}", key, os.urandom(16), wish, (zone,)))


def _taking(heard: Heard, what: str, status: int) -> AbstractAsyncContextManager[str]:
    """A server that takes whatever comes."""

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        setattr(heard, what, getattr(heard, what) + 1)
        return web.Response(status=status)

    return answering(take)


async def _siren(folder: Path, heard: Heard) -> None:
    def shown(state: Mapping[str, object]) -> None:
        # Whether it is told anything yet.
        heard.siren = state if state["stands"] != "unknown" else heard.siren

    await siren_of(read_siren(folder / "siren.toml"), folder, silent=True, shown=shown).run()


async def _read(port: int, heard: Heard) -> None:
    decoder = msgspec.json.Decoder(list[PublicWarning])
    with suppress(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe(f"tocsin-drill/{SECTOR}/warnings", qos=1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                heard.mqtt += decoder.decode(message.payload)
