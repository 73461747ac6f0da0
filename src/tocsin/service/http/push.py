"""Where browsers and apps ask for pushes. Whoever can name an endpoint can change or take back what it gets.

A push service must carry a first message, or the subscription is not kept: junk is not stored, and whoever subscribes
sees at once that it works.
"""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.web_push.channel import Refused, WebPush
from tocsin.announce.web_push.shards import HANDED
from tocsin.announce.web_push.subscription import ENDPOINT_MAX, Asked
from tocsin.model.errors import BadValue
from tocsin.model.value import UNREADABLE
from tocsin.model.wire import in_words
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.observations import body_of
from tocsin.service.http.push_shards import PushShards
from tocsin.service.http.seen import Seen
from tocsin.service.http.turns import Turns, address_key

log = structlog.get_logger(__name__)

ASKED_BYTES_MAX = 16_384
# Subscriptions from one address: a crowd behind it at once, then one every two seconds. No store is full in a day.
SUBSCRIBING_PER_S, SUBSCRIBING_BURST = 0.5, 200
# Tests to one subscriber: some at once, then one every half minute.
TESTING_PER_S = 1 / 30
# First messages on their way at once: each waits for a stranger's server.
GREETING_MAX = 16
_FRESH = {"cache-control": "no-store"}
_NOT_HERE = "nobody can subscribe to pushes here"


class Offered(msgspec.Struct, frozen=True):
    """GET /v1/push: the `applicationServerKey` that a browser subscribes with; null: nobody can subscribe here."""

    public_key: str | None


class Subscribed(msgspec.Struct, frozen=True):
    """The zones that a subscription is told of."""

    zones: tuple[str, ...]


class Tested(msgspec.Struct, frozen=True):
    """POST: the endpoint that shall get a test; only who is subscribed gets one."""

    endpoint: str


class Unsubscribed(msgspec.Struct, frozen=True):
    """DELETE: the endpoint that shall get no more."""

    endpoint: str


class Push:
    """The routes of subscriptions."""

    def __init__(self, seen: Seen) -> None:
        made = (outbox.channel for outbox in seen.channels.outboxes)
        self._channel = next((one for one in made if isinstance(one, WebPush)), None)
        self._shards = PushShards(self._channel)
        self._greeting = asyncio.Semaphore(GREETING_MAX)
        self._testing = Turns(TESTING_PER_S, burst=3, line_s=0.0)
        self._subscribing = Turns(SUBSCRIBING_PER_S, burst=SUBSCRIBING_BURST, line_s=0.0)

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/push", self.offered),
            Route("/v1/push/subscriptions", self.subscribe, methods=["POST"]),
            Route("/v1/push/subscriptions", self.unsubscribe, methods=["DELETE"]),
            Route("/v1/push/test", self.test, methods=["POST"]),
            Route(HANDED, self._shards.handed, methods=["POST"]),
        ]

    async def offered(self, request: Request) -> Response:
        """Whether one can subscribe, and with which key."""
        key = None if self._channel is None else self._channel.public_key
        return answer(Offered(key), headers=_FRESH)

    async def subscribe(self, request: Request) -> Response:
        """Begin, or change what is asked for."""
        channel = self._channel
        if channel is None:
            return problem(404, _NOT_HERE)
        body = await body_of(request, ASKED_BYTES_MAX)
        if body is None:
            return problem(413, f"a subscription may have {ASKED_BYTES_MAX} bytes")
        try:
            asked = msgspec.json.decode(body, type=Asked)
            made = channel.store.made(asked)
        except BadValue as error:
            return problem(400, f"not a subscription: {error}")
        except UNREADABLE as error:
            why = in_words(error, Asked) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
            return problem(400, f"not a subscription: {why}")
        address = address_key(request.client.host if request.client else "unknown")
        # Another sender has counted the address that asked it.
        counted = self._shards.is_ours(request, body)
        if not counted and self._subscribing.take(address, asyncio.get_running_loop().time()) is None:
            return problem(429, "too many subscriptions from this address; wait a little", retry_after_s=60)
        if self._greeting.locked():
            return problem(503, "many subscribe just now; try again in a moment", retry_after_s=5)
        if (told := await self._shards.elsewhere(request, body, made.endpoint)) is not None:
            return told
        known = made.endpoint in channel.store
        try:
            async with self._greeting:
                # Kept before it is greeted: what changes between the two is told as well.
                await channel.store.put(made)
                await channel.greet(made)
        except BadValue as error:
            return problem(503, str(error), retry_after_s=3_600)
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            if not known:
                await channel.store.drop(made.endpoint)
            if isinstance(error, Refused):
                return problem(400, "the push service takes no message for this subscription; subscribe anew")
            log.info("a push service does not answer a new subscriber", reason=type(error).__name__)
            return problem(503, "the push service does not answer just now; try again", retry_after_s=30)
        except ValueError as error:
            # A name too long for the resolver, a password in it: strangers' addresses fail in every way there is.
            if not known:
                await channel.store.drop(made.endpoint)
            log.info("an endpoint cannot be called", reason=type(error).__name__)
            return problem(400, "not a subscription: endpoint is none that can be called")
        if asked.replaces is not None and asked.replaces != asked.endpoint:
            await self._shards.drop(asked.replaces)
        return answer(Subscribed(made.zones), status=201, headers=_FRESH)

    async def test(self, request: Request) -> Response:
        """A message to one subscriber that says that it is a test."""
        channel = self._channel
        if channel is None:
            return problem(404, _NOT_HERE)
        body = await body_of(request, ENDPOINT_MAX * 2)
        try:
            asked = msgspec.json.decode(body or b"", type=Tested)
        except UNREADABLE:
            return problem(400, 'name the endpoint: {"endpoint": "https://…"}')
        if (told := await self._shards.elsewhere(request, body or b"", asked.endpoint)) is not None:
            return told
        one = channel.store.crowd.find(asked.endpoint)
        if one is None:
            return problem(404, "nobody is subscribed by this endpoint; subscribe first")
        # By endpoint: who is subscribed is woken by his own hand only, and not without end.
        if self._testing.take(asked.endpoint, asyncio.get_running_loop().time()) is None:
            return problem(429, "a test was sent just now; wait a little", retry_after_s=int(1 / TESTING_PER_S))
        if self._greeting.locked():
            return problem(503, "many subscribe just now; try again in a moment", retry_after_s=5)
        try:
            async with self._greeting:
                await channel.test(one)
        except (OSError, TimeoutError, aiohttp.ClientError, ValueError) as error:
            log.info("a push service takes no test", reason=type(error).__name__)
            return problem(503, "the push service takes no message just now; try again", retry_after_s=30)
        return Response(status_code=204, headers=_FRESH)

    async def unsubscribe(self, request: Request) -> Response:
        """End. Whether it was there is not told."""
        if self._channel is None:
            return problem(404, _NOT_HERE)
        body = await body_of(request, ENDPOINT_MAX * 2)
        try:
            asked = msgspec.json.decode(body or b"", type=Unsubscribed)
        except UNREADABLE:
            return problem(400, 'name the endpoint: {"endpoint": "https://…"}')
        if (told := await self._shards.elsewhere(request, body or b"", asked.endpoint)) is not None:
            return told
        await self._channel.store.drop(asked.endpoint)
        return Response(status_code=204, headers=_FRESH)
