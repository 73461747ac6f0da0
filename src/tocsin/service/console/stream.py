"""The console's event stream: the picture, then what changes each second.

Each reader pulls what it has not got from the last minute's changes; one that is farther behind gets the whole picture.
So nothing is kept for anybody in particular, and a slow reader costs what a quick one does.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tocsin.announce.broadcast import event_bytes
from tocsin.announce.shared_gzip import GZIP_HEAD, piece, wants_gzip
from tocsin.model.wire import to_json
from tocsin.service.console.drawing import change
from tocsin.service.console.shown import ConsolePicture
from tocsin.service.http.shared import Body

CHANGES_MAX = 60
# Officers, screens on walls, and their reserve.
READERS_MAX = 200
# A stolen session must not take every place.
READERS_OF_ONE_MAX = 20
# Who takes nothing for so long does not read; the connection itself is cut before, after `places.UNREAD_S`.
UNREAD_S = 45.0
PIECE_BYTES = 16_384
# A browser that lost the line tries again after this.
RETRY_MS = 1_000
# A little more than a picture takes to come.
PULSE_S = 1.5


class Event:
    """One event: as it is, and, once somebody wants it so, squeezed."""

    def __init__(self, name: str, data: bytes, seq: int | None = None) -> None:
        self.plain = event_bytes(name, data, seq)

    @cached_property
    def squeezed(self) -> bytes:
        """As a piece of any gzip stream."""
        return piece(self.plain)


class Stream:
    """What readers pull from; used from the event loop only.

    picture   the newest; None before the first
    of        how many readers there are, by who they are
    refused   how many there was no room for
    """

    def __init__(self) -> None:
        self.picture: ConsolePicture | None = None
        self.of: Counter[str] = Counter()
        self.refused = 0
        self.closed = False
        self._body = Body(b"")
        self._whole: Event | None = None
        self._changes: deque[tuple[int, int, Event]] = deque(maxlen=CHANGES_MAX)
        self._news = asyncio.Event()

    @property
    def readers(self) -> int:
        """How many there are."""
        return self.of.total()

    def full(self, who: str) -> str | None:
        """Why there is no room for another screen, in a sentence; None: there is."""
        if self.of[who] >= READERS_OF_ONE_MAX:
            return f"{READERS_OF_ONE_MAX} screens of {who} listen already; close one"
        return None if self.readers < READERS_MAX and not self.closed else f"{READERS_MAX} screens listen already"

    def put(self, picture: ConsolePicture, change: Event | None) -> None:
        """Show a newer picture; `change`: `change_event` from the one before."""
        before = self.picture
        assert before is None or before.seq < picture.seq, "an older picture after a newer one"
        if before is None or change is None:
            # A step is missing: nobody gets from before it to after it by steps.
            self._changes.clear()
        else:
            self._changes.append((before.seq, picture.seq, change))
        self.picture, self._body, self._whole = picture, Body(b""), None
        self._tell()

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, seq: int | None) -> None:
        """Wait until there is something new for one who has picture `seq`, no longer than PULSE_S."""
        if self.closed or (self.picture is not None and self.picture.seq != seq):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PULSE_S):
                await self._news.wait()

    def after(self, seq: int | None, now: datetime) -> tuple[int | None, list[Event]]:
        """What one who has picture `seq` must be told, and which picture he has then; None: he has none."""
        if self.picture is None:
            return seq, [_pulse(now, None)]
        if seq == self.picture.seq:
            return seq, [_pulse(now, self.picture.time)]
        missed = [(before, event) for before, number, event in self._changes if seq is not None and number > seq]
        if missed and missed[0][0] == seq:
            return self.picture.seq, [event for _, event in missed]
        if self._whole is None:
            self._whole = Event("picture", self.body.plain, self.picture.seq)
        return self.picture.seq, [self._whole]

    @property
    def body(self) -> Body:
        """The newest picture as JSON, made once for all who ask for it."""
        assert self.picture is not None, "there is no picture yet"
        if not self._body.plain:
            self._body = Body(to_json(self.picture))
        return self._body


def change_event(before: ConsolePicture, after: ConsolePicture) -> Event:
    """What changed, ready to be sent: made where nobody waits for it."""
    made = Event("change", to_json(change(before, after)), after.seq)
    assert made.squeezed, "an event of nothing"
    return made


def _pulse(now: datetime, time: datetime | None) -> Event:
    return Event("pulse", to_json({"now": now, "time": time}))


class Streaming(Response):
    """The answer: events until the reader goes, may not see them any more, or takes none.

    who   the caller; `may`: whether he may still see the picture, asked every second
    """

    def __init__(
        self, request: Request, stream: Stream, now: Callable[[], datetime], who: str, may: Callable[[], bool]
    ) -> None:
        super().__init__(media_type="text/event-stream")
        self._stream, self._now, self._who, self._may = stream, now, who, may
        self._gzip = wants_gzip(request.headers.get("accept-encoding", "").encode("latin-1"))
        last = request.headers.get("last-event-id", "")
        self._seq = int(last) if last.isascii() and last.isdigit() and len(last) < 20 else None
        if self._gzip:
            self.headers["content-encoding"] = "gzip"
        del self.headers["content-length"]
        self.headers.update({"vary": "accept-encoding, authorization, cookie", "cache-control": "no-store"})
        # nginx and others would otherwise collect events before passing them on.
        self.headers["x-accel-buffering"] = "no"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        self._stream.of[self._who] += 1
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            first = b"retry: %d\n\n" % RETRY_MS
            await self._send(send, GZIP_HEAD + piece(first) if self._gzip else first)
            while not (gone.done() or self._stream.closed) and self._may():
                self._seq, events = self._stream.after(self._seq, self._now())
                for event in events:
                    await self._send(send, event.squeezed if self._gzip else event.plain)
                await self._stream.news(self._seq)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            return  # it does not read, or has hung up
        finally:
            gone.cancel()
            self._stream.of[self._who] -= 1
            self._stream.of += Counter()

    async def _send(self, send: Send, data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            async with asyncio.timeout(UNREAD_S):
                await send({"type": "http.response.body", "body": data[start : start + PIECE_BYTES], "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
