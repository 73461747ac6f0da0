"""A browser of our own: a push service on this machine, and the keys that read what comes there."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.outward import read_at_most
from tocsin.announce.sample import Ear, Hearsay
from tocsin.announce.web_push.encryption import AUTH_BYTES, CURVE, RECORD_BYTES, decrypt
from tocsin.announce.web_push.notices import Message
from tocsin.announce.web_push.subscription import Subscription, Wish
from tocsin.service.canary.receiver import CALLED_EVERY_S, HOST, Receiver

LATE_S = 20.0
SILENT_S = 2 * CALLED_EVERY_S + LATE_S


class PushListener:
    """Receives at `subscriptions`, one for each of its zones.

    call   has a message without a warning sent to a subscription
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, channel: str, zones: Sequence[str], language: str) -> None:
        self.channel = channel
        self.call: Callable[[Subscription], Awaitable[None]] | None = None
        self._key = ec.generate_private_key(CURVE)
        self._auth = os.urandom(AUTH_BYTES)
        self._hearsay = Hearsay()
        # By zone the last word that came, and the ids of warnings that say the same.
        self._levels: dict[str, str] = {}
        self._ids: dict[str, dict[str, str]] = {}
        self._receiver = Receiver()
        p256dh = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.subscriptions = [
            Subscription(
                f"http://{HOST}:{self._receiver.port}/{number}",
                p256dh,
                self._auth,
                Wish((zone,), None, "prepare", language),
                (zone,),
            )
            for number, zone in enumerate(zones)
        ]

    def expect(self, warnings: Sequence[PublicWarning]) -> None:
        """These are being told. A phone is not woken for a renewal, nor for an end of what it was not told of."""
        for one in warnings:
            self._ids[one.zone] = {one.level: one.id}
            end_of_nothing = one.level == "all_clear" and one.zone not in self._levels
            if end_of_nothing or self._levels.get(one.zone) == one.level:
                self._hear(one.zone, one.level)

    def _hear(self, zone: str, level: str) -> None:
        self._levels[zone] = level
        told = self._ids.get(zone, {}).get(level)
        if told is not None:
            self._hearsay.heard([told])

    async def listen(self, ear: Ear) -> None:
        """Until cancelled."""
        self._hearsay.listen(ear)

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            body = await read_at_most(request.content, RECORD_BYTES)
            try:
                message = msgspec.json.decode(decrypt(body, self._key, self._auth), type=Message)
            except ValueError as error:
                return web.Response(status=400, text=str(error))
            ear.alive()
            for notice in message.notices:
                for zone in notice.zones if notice.level != "welcome" else ():
                    self._hear(zone, notice.level)
            return web.Response(status=201)

        call = None
        if self.call is not None and self.subscriptions:
            call = partial(self.call, self.subscriptions[0])
        await self._receiver.serve(answer, call)
