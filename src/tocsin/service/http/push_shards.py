"""Subscribers who are another sender's: their requests are passed on to it, and it takes those who become its own."""

from __future__ import annotations

import aiohttp
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from tocsin.announce.web_push.channel import WebPush
from tocsin.announce.web_push.shards import HANDED_MAX, HEADER
from tocsin.announce.web_push.subscription import Asked
from tocsin.model.errors import BadValue
from tocsin.model.value import UNREADABLE
from tocsin.service.http.answers import problem
from tocsin.service.http.observations import body_of

log = structlog.get_logger(__name__)

HANDED_BYTES_MAX = HANDED_MAX * 20_000
_SUBSCRIPTIONS = "/v1/push/subscriptions"
_FRESH = {"cache-control": "no-store"}
_AWAY = "the part of this service that looks after this subscription is away; try again in a moment"


class PushShards:
    """What every request about a subscription goes through; without shards it changes nothing."""

    def __init__(self, channel: WebPush | None) -> None:
        self._channel = channel
        self._shards = None if channel is None else channel.shards

    def is_ours(self, request: Request, body: bytes) -> bool:
        """Whether another sender asks."""
        if self._shards is None or self._channel is None:
            return False
        said = request.headers.get(HEADER, "")
        return self._shards.is_ours(said, request.method, request.url.path, body, self._channel.now())

    async def elsewhere(self, request: Request, body: bytes, endpoint: str) -> Response | None:
        """What the sender answers whose that subscriber is; None: this one must."""
        # What another sender passes on is taken, whatever is thought here of whose it is: it goes round in no circle.
        if self._shards is None or self._channel is None or self.is_ours(request, body):
            return None
        address = self._shards.elsewhere(endpoint)
        if address is None:
            return None
        try:
            status, said = await self._shards.ask(address, request.method, request.url.path, body, self._channel.now())
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            log.warning("another sender of pushes does not answer", reason=type(error).__name__)
            return problem(503, _AWAY, retry_after_s=5)
        media_type = "application/json" if status < 400 else "application/problem+json"
        return Response(said, status, headers=_FRESH, media_type=media_type if said else None)

    async def drop(self, endpoint: str) -> None:
        """Forget one, wherever he is."""
        assert self._channel is not None, "who subscribes does so at a channel"
        await self._channel.store.drop(endpoint)
        address = None if self._shards is None else self._shards.elsewhere(endpoint)
        if self._shards is not None and address is not None:
            body = msgspec.json.encode({"endpoint": endpoint})
            try:
                await self._shards.ask(address, "DELETE", _SUBSCRIPTIONS, body, self._channel.now())
            except (OSError, TimeoutError, aiohttp.ClientError) as error:
                # Its push service says soon enough that it is gone.
                log.info("a subscription that was replaced stays for now", reason=type(error).__name__)

    async def handed(self, request: Request) -> Response:
        """Another sender gives those who are ours by now; they are not greeted, for they have been."""
        body = await body_of(request, HANDED_BYTES_MAX)
        if body is None:
            return problem(413, f"at most {HANDED_MAX} subscriptions at a time")
        if self._channel is None or not self.is_ours(request, body):
            return problem(404, "there is no such page; /openapi.json describes what there is")
        try:
            for asked in msgspec.json.decode(body, type=list[Asked]):
                await self._channel.store.put(self._channel.store.made(asked))
        except (BadValue, *UNREADABLE) as error:
            log.error("subscriptions that another sender gave are not taken", reason=str(error))
            return problem(400, f"not taken: {error}")
        return Response(status_code=204, headers=_FRESH)
