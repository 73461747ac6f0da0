"""Large answers for many: made and squeezed once, and sent in pieces.

Squeezing a map or a state costs ten milliseconds; for each request, a few strangers would keep the service busy. Handed
over whole, an answer to who does not read stays in memory; in pieces, one of them does.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Hashable
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tocsin.announce.shared_gzip import LEVEL, wants_gzip

PIECE_BYTES = 16_384
# As old as a shared body may be: its `now` must be now.
KEPT_S = 0.5
_SQUEEZED_MIN = 1_000


class Body:
    """Bytes for many, and the same squeezed; `level` is gzip's."""

    def __init__(self, plain: bytes, level: int = LEVEL) -> None:
        self.plain = plain
        self._level = level

    @cached_property
    def squeezed(self) -> bytes:
        """As gzip."""
        return zlib.compress(self.plain, self._level, wbits=31)

    @cached_property
    def etag(self) -> str:
        """Its entity tag, quotes included: weak, for squeezed it is other bytes."""
        return f'W/"{hashlib.sha256(self.plain).hexdigest()[:16]}"'


class Latest:
    """The newest of a body that changes: made again when asked for under another key, or when it is KEPT_S old."""

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = make
        self._key: Hashable = None
        self._made_s = -KEPT_S
        self._body = Body(b"")

    def body(self, key: Hashable) -> Body:
        """The body."""
        now_s = time.monotonic()
        if key != self._key or now_s - self._made_s > KEPT_S:
            self._key, self._made_s, self._body = key, now_s, Body(self._make())
        return self._body


class Shared(Response):
    """An answer made of such a body."""

    def __init__(self, request: Request, body: Body, *, headers: dict[str, str], media_type: str) -> None:
        squeezed = len(body.plain) >= _SQUEEZED_MIN and wants_gzip(
            request.headers.get("accept-encoding", "").encode("latin-1")
        )
        encoding = {"content-encoding": "gzip"} if squeezed else {}
        chosen = body.squeezed if squeezed else body.plain
        vary = ", ".join(["accept-encoding", *filter(None, [headers.get("vary")])])
        super().__init__(chosen, 200, headers | encoding | {"vary": vary}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; each piece waits until the one before is taken."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)
        for start in range(0, len(body), PIECE_BYTES):
            await send({"type": "http.response.body", "body": body[start : start + PIECE_BYTES], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def unless_known(request: Request, body: Body, *, headers: dict[str, str], media_type: str) -> Response:
    """The body, or 304 where the request says that its sender has it, by a weak comparison (RFC 9110, 13.1.2)."""
    tagged = headers | {"etag": body.etag}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if body.etag.removeprefix("W/") in known or "*" in known:
        return Response(status_code=304, headers=tagged)
    return Shared(request, body, headers=tagged, media_type=media_type)
