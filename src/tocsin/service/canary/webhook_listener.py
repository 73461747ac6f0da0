"""Hears webhooks as a receiver does: a small server on this machine that checks every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from aiohttp import web

from tocsin.announce.outward import read_at_most
from tocsin.announce.sample import Ear
from tocsin.announce.signing_keys import Verifying
from tocsin.announce.webhook_receipt import NotGenuine, Receipts
from tocsin.announce.webhooks import Message
from tocsin.service.canary.receiver import BODY_BYTES_MAX, CALLED_EVERY_S, HOST, Receiver

LATE_S = 15.0
SILENT_S = 2 * CALLED_EVERY_S + LATE_S


class WebhookListener:
    """Receives at `url`.

    call    has an empty message sent here
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, channel: str, keys: Sequence[Verifying], now: Callable[[], datetime]) -> None:
        self.channel = channel
        self.call: Callable[[], Awaitable[None]] | None = None
        self._now = now
        self._receipts = Receipts(keys)
        self._receiver = Receiver()
        self.url = f"http://{HOST}:{self._receiver.port}/"

    async def listen(self, ear: Ear) -> None:
        """Until cancelled."""

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            body = await read_at_most(request.content, BODY_BYTES_MAX)
            try:
                new = self._receipts.new(request.headers, body, self._now().timestamp())
            except NotGenuine as error:
                return web.Response(status=401, text=str(error))
            if new:
                ear.heard(one.id for one in msgspec.json.decode(body, type=Message).data.warnings)
            return web.Response(status=204)

        await self._receiver.serve(answer, self.call)
