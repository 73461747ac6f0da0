"""Pushes: their encryption beside the bare calls, a million subscribers matched, and what it takes to tell them all."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.announce.bodies import public_warning
from tocsin.announce.rung import Rung
from tocsin.announce.web_push.channel import RECIPIENT, Going, WebPush
from tocsin.announce.web_push.crowd import Crowd
from tocsin.announce.web_push.encryption import CURVE, encrypt
from tocsin.announce.web_push.subscription import Subscription, Wish
from tocsin.announce.web_push.subscriptions import Subscriptions
from tocsin.announce.web_push.vapid import Vapid
from tocsin.bench.announce_webhooks import warning
from tocsin.bench.traffic import country_zones
from tocsin.earth.zone_index import ZoneIndex

MILLION = 1_000_000
ENCRYPTED = 1_000
ROUNDS = 5
TOLD = 3_000
TOLD_S_MAX = 60.0
PLAIN = bytes(700)
REACH = {"push_encryption_over_bare": 2.0, "push_million_matched_ms": 200.0, "push_lost": 0}


def figures() -> dict[str, Any]:
    """The parts, and from them what a million subscribers take."""
    ours_us, bare_us = _encryption_us()
    matched_ms, memory_bytes = _million_matched()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        cpu_s, wall_s, came, octets = uvloop.run(_told(Path(folder)))
    return {
        "push_encryption_us": round(ours_us, 1),
        "push_bare_us": round(bare_us, 1),
        "push_encryption_over_bare": round(ours_us / bare_us, 2),
        "push_million_matched_ms": round(matched_ms, 1),
        "push_told": came,
        "push_lost": TOLD - came,
        "push_cpu_us_each": round(cpu_s / TOLD * 1e6),
        "push_told_per_s": round(TOLD / wall_s),
        "push_million_cpu_minutes": round(cpu_s / TOLD * MILLION / 60, 1),
        "push_million_minutes": round(wall_s / TOLD * MILLION / 60, 1),
        "push_million_sent_gb": round(octets / TOLD * MILLION / 1e9, 2),
        "push_million_memory_gb": round(memory_bytes / 1e9, 2),
    }


def _encryption_us() -> tuple[float, float]:
    """CPU microseconds of our encryption, and of the calls of `cryptography` that it cannot do without."""
    key = ec.generate_private_key(CURVE)
    theirs = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret, auth = os.urandom(32), os.urandom(16)
    nonce, padded = os.urandom(12), bytes(1_024)

    def bare() -> None:
        ours = ec.generate_private_key(CURVE)
        ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
        ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        HKDF(SHA256(), 32, auth, b"info").derive(secret)
        HKDF.extract(SHA256(), auth, secret)
        HKDFExpand(SHA256(), 16, b"info").derive(secret)
        HKDFExpand(SHA256(), 12, b"info").derive(secret)
        AESGCM(secret[:16]).encrypt(nonce, padded, None)

    calls: tuple[Callable[[], object], ...] = (lambda: encrypt(PLAIN, theirs, auth), bare)
    # By turns, and the best of each counts: what else this machine does weighs on neither then.
    taken = [[_cpu_s(call) for call in calls] for _ in range(ROUNDS)]
    ours_s, bare_s = (min(times) for times in zip(*taken, strict=True))
    return ours_s / ENCRYPTED * 1e6, bare_s / ENCRYPTED * 1e6


def _cpu_s(call: Callable[[], object]) -> float:
    begun_s = time.process_time()
    for _ in range(ENCRYPTED):
        call()
    return time.process_time() - begun_s


def _million_matched() -> tuple[float, float]:
    """CPU milliseconds until all who asked for one of a country's zones stand in the line, and the bytes they take."""
    zones = [zone.id for zone in country_zones()]
    chance = Random(7)  # noqa: S311 - a night is an integer
    wishes = [(Wish((zone,), None, level, "en"), (zone,)) for zone in zones for level in ("prepare", "take_cover")]
    before = _resident_bytes()
    crowd = Crowd()
    for number in range(MILLION):
        # Octets and addresses of the usual length, each a value of its own as if read from the file.
        endpoint = f"https://fcm.googleapis.com/fcm/send/{number:0152d}"
        crowd.join(Subscription(endpoint, chance.randbytes(65), chance.randbytes(16), *chance.choice(wishes)))
    memory_bytes = _resident_bytes() - before
    gc.collect()
    begun_s = time.process_time()
    for zone in zones:
        crowd.call(zone, 0, cover=True)
    taken_ms = (time.process_time() - begun_s) * 1_000
    assert crowd.waiting == MILLION, "each of them asked for one of the zones"
    return taken_ms, memory_bytes


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def _told(folder: Path) -> tuple[float, float, int, int]:
    """CPU and wall seconds until a push service in another process has taken a word for all; how many, how much."""
    zones = country_zones()
    here, there = multiprocessing.Pipe()
    serving = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    serving.start()
    port = await asyncio.to_thread(here.recv)
    store = Subscriptions(folder / "push.db", ZoneIndex(zones), most=TOLD, private=True)
    key = ec.generate_private_key(CURVE)
    theirs = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    for number in range(TOLD):
        zone = zones[number % len(zones)].id
        wish = Wish((zone,), None, "take_cover", "en")
        endpoint = f"http://127.0.0.1:{port}/{number:0152d}"
        store.crowd.join(Subscription(endpoint, theirs, os.urandom(16), wish, (zone,)))
    by_id = {zone.id: zone for zone in zones}
    vapid, rung = Vapid(key, "mailto:duty@city.example"), Rung(folder / "push.json")
    channel = WebPush("push", store, vapid, by_id, rung, now=_now, timezone=UTC, private=True)
    working = asyncio.create_task(channel.work())
    await asyncio.sleep(0)
    said = [public_warning(warning(zone.id, 1, "take_cover", _now())) for zone in zones]
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    async with asyncio.timeout(TOLD_S_MAX):
        while True:
            with suppress(Going):
                await channel.send(RECIPIENT, said)
                break
    cpu_s, wall_s = time.process_time() - begun_cpu_s, time.perf_counter() - begun_s
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    store.close()
    here.send("stop")
    came, octets = await asyncio.to_thread(here.recv)
    serving.join(10)
    return cpu_s, wall_s, came, octets


def _now() -> datetime:
    return datetime.now(UTC)


class _PushService(asyncio.Protocol):
    """Takes every request, as cheaply as can be, and counts them and their octets."""

    came = octets = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        type(self).octets += len(data)
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            type(self).came += 1
            self._transport.write(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_PushService, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        pipe.send((_PushService.came, _PushService.octets))

    uvloop.run(serve())
