"""/v1/spotter/…: what spotters' devices do. No address of theirs is logged here, and no answer names a post.

A report is acknowledged once it is durable. What a device did not hear the answer to it sends again under the same id.
"""

from __future__ import annotations

import asyncio
import math
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.model.errors import JournalBusy, JournalError
from tocsin.model.value import SENT_AHEAD_S, UNREADABLE, seconds_of
from tocsin.model.wire import in_words, to_json
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import token_of
from tocsin.service.http.observations import body_of, packed
from tocsin.service.http.turns import Turns, address_of
from tocsin.service.runtime import Runtime
from tocsin.service.spotters.names import SECRET, report_id
from tocsin.service.spotters.receipts import REPORTS_MAX, Batch, ClockOff, Joining, Now, Receipt, Receipts
from tocsin.service.spotters.store import Post
from tocsin.service.spotters.taking import Taking

BYTES_MAX = 65_536
# A table at which a team joins, then one every two seconds; a code cannot be guessed anyhow.
JOINING_PER_S, JOINING_BURST = 0.5, 100
# Of 32 bytes of chance this many characters differ, but for one in a million.
DIFFERENT_MIN = 12
NOT_HERE = "nobody reports here: the settings have no [spotters]"
_FRESH = {"cache-control": "no-store"}
_UNKNOWN = "this device is not enrolled here; ask for an invitation"
_REVOKED = "this device was revoked; what waits on it is not taken"


class SpotterDevices:
    """The devices' routes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._taking = None if runtime.spotters is None else Taking(runtime, runtime.spotters)
        self._joining = Turns(JOINING_PER_S, burst=JOINING_BURST, line_s=0.0)

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/spotter/state", self.state, methods=["GET"]),
            Route("/v1/spotter/enrol", self.enrol, methods=["POST"]),
            Route("/v1/spotter/reports", self.report, methods=["POST"]),
            Route("/v1/spotter/receipts", self.receipts, methods=["GET"]),
            Route("/v1/spotter/device", self.forget, methods=["DELETE"]),
        ]

    async def _caller(self, request: Request) -> tuple[Post, str] | Response:
        """Whose device calls, and its secret; or why it is not heard."""
        if self._runtime.spotters is None:
            return problem(404, NOT_HERE)
        secret = token_of(request.headers.get("authorization", "")) or ""
        known = SECRET.fullmatch(secret)
        post = await asyncio.to_thread(self._runtime.spotters.posts.of, secret) if known else None
        if post is None:
            return problem(401, _UNKNOWN)
        return (post, secret) if post.revoked_s is None else problem(403, _REVOKED)

    def _now(self) -> datetime:
        return self._runtime.clock.now()

    async def enrol(self, request: Request) -> Response:
        """Join by an invitation, once."""
        spotters = self._runtime.spotters
        if spotters is None:
            return problem(404, NOT_HERE)
        if self._joining.take(address_of(request), asyncio.get_running_loop().time()) is None:
            return problem(429, "too many join from here just now; wait a little", retry_after_s=10)
        body = await body_of(request, BYTES_MAX)
        try:
            asked = msgspec.json.decode(body or b"", type=Joining)
        except UNREADABLE:
            return problem(400, 'send {"code": "…", "secret": "…"}')
        if not SECRET.fullmatch(asked.secret) or len(set(asked.secret)) < DIFFERENT_MIN:
            return problem(400, "secret is not 32 bytes of chance as base64url")
        if not await asyncio.to_thread(spotters.posts.join, asked.code, asked.secret, seconds_of(self._now())):
            return problem(403, "this invitation is used, or it has ended; ask for another one")
        return answer(Now(self._now(), self._runtime.drill), status=201, headers=_FRESH)

    async def state(self, request: Request) -> Response:
        """Whether the device is heard, and what time it is."""
        found = await self._caller(request)
        return found if isinstance(found, Response) else answer(Now(self._now(), self._runtime.drill), headers=_FRESH)

    async def forget(self, request: Request) -> Response:
        """Erase the device's post. Whether there was one is not told."""
        found = await self._caller(request)
        if not isinstance(found, Response) and self._runtime.spotters is not None:
            await asyncio.to_thread(self._runtime.spotters.posts.forget, found[0].name)
        return Response(status_code=204, headers=_FRESH | {"clear-site-data": '"cache", "storage"'})

    async def receipts(self, request: Request) -> Response:
        """What came of reports, by the device's own ids."""
        found = await self._caller(request)
        if isinstance(found, Response) or self._runtime.spotters is None:
            return found if isinstance(found, Response) else problem(404, NOT_HERE)
        asked = [one for one in request.query_params.get("ids", "").split(",") if one]
        if not 1 <= len(asked) <= REPORTS_MAX:
            return problem(400, f"name 1 to {REPORTS_MAX} reports: ?ids=…,…")
        names = [report_id(found[0].name, one) for one in asked]
        known = await asyncio.to_thread(self._runtime.spotters.posts.receipts, names)
        told = tuple(
            Receipt(one[:64], known[name][1] if name in known else "unknown")
            for one, name in zip(asked, names, strict=True)
        )
        return answer(Receipts(self._now(), told), headers=_FRESH)

    async def report(self, request: Request) -> Response:
        """Take reports in."""
        found = await self._caller(request)
        if isinstance(found, Response) or self._taking is None:
            self._runtime.rejects.read()
            self._runtime.rejects.count("reports of a device that is not heard", outcome="unauthenticated")
            return found if isinstance(found, Response) else problem(404, NOT_HERE)
        post, secret = found
        body = None if packed(request) is not None else await body_of(request, BYTES_MAX)
        if body is None:
            why = packed(request)
            reason = why or f"a batch may have {BYTES_MAX} bytes; send fewer at once"
            return self._no_batch(post, 413 if why is None else 415, reason)
        try:
            batch = msgspec.json.decode(body, type=Batch)
        except UNREADABLE as error:
            why = in_words(error, Batch) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
            return self._no_batch(post, 400, f"no batch of reports: {why}")
        off_s = (batch.sent - self._now()).total_seconds()
        if abs(off_s) > SENT_AHEAD_S:
            said = f"the device takes it to be {abs(off_s):.0f} s {'later' if off_s > 0 else 'earlier'} than it is"
            body = to_json(ClockOff(409, said, self._now()))
            return Response(body, 409, _FRESH, "application/problem+json")
        try:
            receipts = await self._taking.take(post, secret, batch.reports)
        except JournalBusy as error:
            return problem(503, str(error), retry_after_s=1)
        except JournalError as error:
            return problem(503, str(error), retry_after_s=5)
        waits_s = [one.wait_s or 1.0 for one in receipts if one.state == "later"]
        if waits_s and len(waits_s) == len(receipts):
            return problem(429, receipts[0].detail or "", retry_after_s=max(1, math.ceil(min(waits_s))))
        return answer(Receipts(self._now(), receipts), headers=_FRESH)

    def _no_batch(self, post: Post, status: int, reason: str) -> Response:
        if self._taking is not None:
            self._taking.refuse_all(post, reason)
        return problem(status, reason)
