"""From a decision to a webhook's receiver; and of 10,000 requests that are forged or played again, those believed."""

from __future__ import annotations

import asyncio
import base64
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import numpy as np
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.outbox import Outbox
from tocsin.announce.signing_keys import PrivateKey, SharedKey
from tocsin.announce.webhook_receipt import TOLERANCE_S, NotGenuine, Receipts
from tocsin.announce.webhooks import Message, Webhooks
from tocsin.bench.answering import answering
from tocsin.model.warning import Level, Warning

TICKS = 200
ATTACKS = 10_000
SHARED, STRANGER = SharedKey(bytes(range(32))), SharedKey(bytes(range(1, 33)))
PRIVATE = PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
REACH = {"webhook_attacks_believed": 0, "webhook_lost": 0}


def figures() -> dict[str, Any]:
    """Seconds from the offer to the outbox until the receiver has checked the signature; and the attacks."""
    believed, known = attacked(Random(7))  # noqa: S311 - a night is an integer
    return asyncio.run(_told()) | {
        "webhook_attacks": ATTACKS,
        "webhook_attacks_believed": believed,
        "webhook_repetitions_known": known,
    }


class Receiver:
    """An endpoint on this machine, which checks what it is sent.

    wait_s   before it answers
    told     the warnings it took, in order
    at_s     when, by the warning's id
    """

    def __init__(self, wait_s: float = 0.0) -> None:
        self.wait_s = wait_s
        self.told: list[PublicWarning] = []
        self.at_s: dict[str, float] = {}
        self._receipts = Receipts([SHARED.verifying])

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take a request."""
        body = await request.read()
        await asyncio.sleep(self.wait_s)
        if self._receipts.new(request.headers, body, time.time()):
            for one in msgspec.json.decode(body, type=Message).data.warnings:
                self.told.append(one)
                self.at_s[one.id] = time.perf_counter()
        return web.Response(status=204)


def channel_to(url: str, name: str) -> Webhooks:
    """A channel to such an endpoint."""
    return Webhooks(name, url, [SHARED], now=lambda: datetime.now(UTC), zones={}, private=True)


def warning(zone: str, revision: int, level: Level, at: datetime) -> Warning:
    """A warning that holds for ten minutes."""
    return Warning(
        id=f"{zone}/1/{revision}/{level}", zone=zone, level=level, time=at, expires=at + timedelta(minutes=10),
        drill=True,
    )  # fmt: skip


async def _told() -> dict[str, Any]:
    receiver = Receiver()
    offered: dict[str, float] = {}
    async with answering(receiver.answer) as url:
        channel = channel_to(url, "bench")
        outbox = Outbox(channel, lambda: datetime.now(UTC), Random(7).random)  # noqa: S311
        tasks = [asyncio.create_task(outbox.run()), asyncio.create_task(channel.work())]
        for number in range(TICKS):
            at = datetime.now(UTC)
            one = warning(f"z{number}", 1, "take_cover", at)
            offered[one.id] = time.perf_counter()
            outbox.offer(Batch(number + 1, at, (one,)))
            await asyncio.sleep(0.02)
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while outbox.waiting:
                    await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    taken_s = [receiver.at_s[name] - begun_s for name, begun_s in offered.items() if name in receiver.at_s]
    p50_s, p99_s = np.quantile(taken_s, (0.5, 0.99))
    return {
        "webhook_ticks": TICKS,
        "webhook_lost": TICKS - len(taken_s),
        "webhook_p50_s": round(float(p50_s), 4),
        "webhook_p99_s": round(float(p99_s), 4),
    }


def attacked(chance: Random) -> tuple[int, int]:
    """Of ATTACKS against one receiver that hears genuine requests as well: believed, and repetitions it knew."""
    receiver = Receipts([SHARED.verifying, PRIVATE.verifying])
    believed = known = 0
    for number in range(ATTACKS):
        now_s = START.timestamp() + number
        at = datetime.fromtimestamp(now_s, UTC)
        channel = Webhooks("bench", "https://x.example", [SHARED, PRIVATE], now=lambda at=at: at, zones={})  # type: ignore[misc]
        headers, body = channel.signed([public_warning(warning(f"z{number}", 1, "take_cover", at))])
        assert receiver.new(headers, body, now_s), "what is genuine is new"
        attack = _ATTACKS[number % len(_ATTACKS)]
        forged, changed, then_s = attack(headers, body, now_s, chance)
        try:
            if receiver.new(forged, changed, then_s):
                believed += 1
            else:
                known += 1
        except NotGenuine:
            continue
    return believed, known


Request = tuple[dict[str, str], bytes, float]


def _again(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    return headers, body, now_s + chance.uniform(0, 2 * TOLERANCE_S)


def _old(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    return headers | {"webhook-id": "msg_new"}, body, now_s + chance.uniform(0, 1e6)


def _redated(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    return headers | {"webhook-timestamp": str(int(now_s) + chance.randint(1, 300))}, body, now_s


def _flipped(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    at = chance.randrange(len(body))
    return headers | {"webhook-id": "msg_x"}, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :], now_s


def _lowered(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    return headers, body.replace(b"take_cover", b"all_clear"), now_s


def _strange(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    name = f"msg_{chance.getrandbits(64):x}"
    signed = f"{name}.{headers['webhook-timestamp']}.".encode() + body
    return headers | {"webhook-id": name, "webhook-signature": STRANGER.sign(signed)}, body, now_s


def _renamed(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    return headers | {"webhook-id": f"msg_{chance.getrandbits(64):x}"}, body, now_s


def _nonsense(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    noise = base64.b64encode(chance.randbytes(chance.choice((32, 64)))).decode()
    signature = f"{chance.choice(('v1', 'v1a', 'v2', ''))},{noise}"
    return headers | {"webhook-id": "msg_y", "webhook-signature": signature}, body, now_s


def _downgraded(headers: dict[str, str], body: bytes, now_s: float, chance: Random) -> Request:
    """A signature of one kind shown as the other."""
    swapped = headers["webhook-signature"].replace("v1a,", "v9,").replace("v1,", "v1a,").replace("v9,", "v1,")
    return headers | {"webhook-id": "msg_z", "webhook-signature": swapped}, body, now_s


_ATTACKS = (_again, _old, _redated, _flipped, _lowered, _strange, _renamed, _nonsense, _downgraded)
