"""Server-Sent Events for thousands of listeners: one encoding, one pass, nobody waits for anybody.

Order     every listener gets `state` first, then every later message in order, none twice and none left out
Retries   none: a listener that was away reconnects (the browser does it by itself) and gets a fresh `state`
Bounds    listeners in all and per address (503 beyond), bytes waiting per listener (disconnected beyond), messages
          waiting for the whole broadcast (replaced by one fresh `state` beyond)

A task and a queue per listener costs 70 us per delivery on one core, and one unread socket can hold up a naive loop
for good. Here a message is one block of bytes, framed once as a chunk of HTTP, and written to the sockets one after
another. Where the server is another than uvicorn, or the client speaks no HTTP/1.1, `send` of each listener is stepped
by hand. As long as the bytes are taken at once (the usual case) there is no task, no queue and no allocation per
listener. A listener whose socket is full is taken out of the pass and served by a task of its own until it has caught
up or its bound is reached.
"""

from __future__ import annotations

import asyncio
import types
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from functools import partial
from typing import Any, NamedTuple, cast

from tocsin.announce.shared_gzip import GZIP_HEAD, piece, wants_gzip

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]

# Sockets are capped at 20,000 per process on small machines; the rest of the service needs some too.
LISTENERS_MAX = 19_000
# The first `state` of 1,449 zones is about 300 kB; a listener that is three of those behind is not reading.
WAITING_BYTES_MAX = 1_000_000
# A socket's own buffer holds as much at least.
PIECE_BYTES = 16_384
# At 10 changes a second this is six seconds: beyond it a fresh picture is worth more than the steps towards it.
FRAMES_MAX = 64
# A crowd that comes back together shares one `state`; pulses come every second, so it is never older in good times.
FIRST_KEPT_S = 0.5
# Listeners served before other work (new observations, say) gets a turn: about 4 ms.
SLICE = 250

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"accept-encoding"),
    # nginx and others would otherwise collect events before passing them on.
    (b"x-accel-buffering", b"no"),
    (b"access-control-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
)


def event_bytes(event: str, data: bytes, seq: int | None = None) -> bytes:
    """One event in the form of the HTML standard (9.2.6); `data` must be one line, as JSON from `Board` is."""
    assert b"\n" not in data
    number = b"id: %d\n" % seq if seq is not None else b""
    return b"event: %b\n%bdata: %b\n\n" % (event.encode(), number, data)


class _Body(NamedTuple):
    """Bytes for many: as a message to a server, and as a chunk (RFC 9112, 7.1) on the wire."""

    message: Message
    chunk: bytes

    @classmethod
    def of(cls, data: bytes) -> _Body:
        return cls(_body(data), b"%x\r\n%b\r\n" % (len(data), data))


class _Wire:
    """A listener's socket behind uvicorn, for bytes that need no work of the server's any more."""

    __slots__ = ("_cycle", "_flow", "_write")

    def __init__(self, cycle: Any) -> None:
        self._cycle, self._flow, self._write = cycle, cycle.flow, cycle.transport.write

    @classmethod
    def behind(cls, send: Send, scope: Scope) -> _Wire | None:
        """The wire, where what is sent is a body in chunks and the server is one that is known here."""
        cycle = getattr(send, "__self__", None)
        known = all(hasattr(cycle, name) for name in ("flow", "transport", "disconnected", "conn"))
        chunked = scope.get("http_version") == "1.1" and scope.get("method") == "GET"
        return cls(cycle) if known and chunked else None

    def take(self, chunk: bytes) -> bool:
        """Write it, unless the socket is full; whether it went out, or has nobody to go to any more."""
        if self._flow.write_paused:
            return False
        if not self._cycle.disconnected:
            self._write(chunk)
        return True


class _Frame:
    """One event for everybody: as it is, and squeezed once for all who take gzip."""

    __slots__ = ("_data", "_squeezed", "plain")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.plain = _Body.of(data)
        self._squeezed: _Body | None = None

    @property
    def squeezed(self) -> _Body:
        if self._squeezed is None:
            self._squeezed = _Body.of(piece(self._data))
        return self._squeezed


class _Listener:
    """One connection. `waiting` is None while the broadcast serves it directly."""

    __slots__ = ("dropped", "gzip", "joined", "send", "task", "waiting", "waiting_bytes", "wire")

    def __init__(self, send: Send, task: asyncio.Task[Any], wire: _Wire | None, *, gzip: bool) -> None:
        self.send = send
        self.wire = wire
        self.task = task
        self.gzip = gzip
        self.dropped = False
        self.joined = 0
        self.waiting: deque[Message] | None = deque()
        self.waiting_bytes = 0


class Broadcast:
    """An ASGI application that streams what is published to everybody who is connected.

    Give it the raw `send` of the server (route to it before any middleware that wraps `send`): only then can it cut off
    a listener that does not read. Everything runs on one event loop; `publish` is called from that loop.

    state                         the number and the data of the `state` event, made when somebody comes
    beside                        further events that go with each `state`, as bytes
    listeners, dropped, refused   how many there are, how many were cut off, connections refused
    """

    def __init__(
        self,
        state: Callable[[], tuple[int, bytes]],
        *,
        listeners_max: int = LISTENERS_MAX,
        listeners_per_address_max: int | None = None,
        waiting_bytes_max: int = WAITING_BYTES_MAX,
        beside: Callable[[], bytes] = bytes,
    ) -> None:
        self.dropped = 0
        self.refused = 0
        self._state = state
        self._beside = beside
        self._listeners_max = listeners_max
        self._per_address_max = listeners_per_address_max
        self._waiting_bytes_max = waiting_bytes_max
        self._listeners: dict[_Listener, None] = {}
        self._addresses: Counter[str] = Counter()
        self._frames: deque[tuple[int, _Frame]] = deque()
        self._published = 0
        self._first: _Frame | None = None
        self._first_made_s = 0.0
        self._pass: asyncio.Task[None] | None = None
        self._helpers: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many are connected."""
        return len(self._listeners)

    def publish(self, event: str, data: bytes, seq: int | None = None) -> None:
        """Send an event to everybody. Never waits; called in the same turn of the loop as the change it tells of."""
        self._first = None
        self._published += 1
        if len(self._frames) >= FRAMES_MAX:
            self._frames.clear()
            self._frames.append((self._published, self._first_frame()))
        else:
            self._frames.append((self._published, _Frame(event_bytes(event, data, seq))))
        if self._pass is None and self._listeners:
            self._pass = asyncio.get_running_loop().create_task(self._serve_all())
        elif not self._listeners:
            self._frames.clear()

    def _first_frame(self) -> _Frame:
        """The `state` event, made once for everybody who joins between two publications."""
        now_s = asyncio.get_running_loop().time()
        # `now` in it must be now: were the publisher hung, an old one would make its picture look fresh.
        if self._first is None or now_s - self._first_made_s > FIRST_KEPT_S:
            self._first_made_s = now_s
            seq, data = self._state()
            self._first = _Frame(event_bytes("state", data, seq) + self._beside())
        return self._first

    async def _serve_all(self) -> None:
        """Pass every waiting frame to every listener, in slices, until there is no frame left."""
        try:
            while self._frames:
                number, frame = self._frames.popleft()
                for count, listener in enumerate(list(self._listeners), 1):
                    # Who joined after this was published has it in the `state` it began with.
                    if listener.joined < number:
                        self._give(listener, frame.squeezed if listener.gzip else frame.plain)
                    if count % SLICE == 0:
                        await asyncio.sleep(0)
        finally:
            self._pass = None

    def _give(self, listener: _Listener, body: _Body) -> None:
        if listener.dropped:
            return
        if listener.waiting is None and listener.wire is not None and listener.wire.take(body.chunk):
            return
        message = body.message
        if listener.waiting is not None:
            listener.waiting.append(message)
            listener.waiting_bytes += len(message["body"])
            if listener.waiting_bytes > self._waiting_bytes_max:
                self._drop(listener)
            return
        sending = listener.send(message)
        try:
            blocked = sending.send(None)
        except StopIteration:
            pass  # It went out at once.
        except OSError:
            self._drop(listener)
        else:
            listener.waiting = deque()
            listener.waiting_bytes = len(message["body"])
            self._help(self._catch_up(listener, sending, blocked))

    def _help(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._helpers.add(task)
        task.add_done_callback(self._helpers.discard)

    async def _catch_up(self, listener: _Listener, sending: Coroutine[Any, Any, None], blocked: Any) -> None:
        try:
            await _resume(sending, blocked)
            await self._send_waiting(listener)
        except OSError:
            self._drop(listener)

    async def _send_waiting(self, listener: _Listener) -> None:
        """Send what waits, then hand the listener back to the pass."""
        assert listener.waiting is not None
        listener.waiting_bytes = sum(len(message["body"]) for message in listener.waiting)
        while listener.waiting and not listener.dropped:
            message = listener.waiting.popleft()
            await listener.send(message)
            listener.waiting_bytes -= len(message["body"])
        listener.waiting = None

    def _drop(self, listener: _Listener) -> None:
        """Cut a listener off: at once where the server's transport can be reached, else when its task ends."""
        if listener.dropped:
            return
        listener.dropped = True
        self.dropped += 1
        # Closing politely would wait for the very bytes that nobody reads.
        transport = getattr(getattr(listener.send, "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()
        listener.task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        assert scope["type"] == "http"
        address = (scope.get("client") or ("unknown",))[0]
        crowded = self._per_address_max is not None and self._addresses[address] >= self._per_address_max
        if self._closed or crowded or len(self._listeners) >= self._listeners_max:
            self.refused += 1
            await _refuse(send)
            return
        accepted = b",".join(value for name, value in scope.get("headers", ()) if name == b"accept-encoding")
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        listener = _Listener(send, task, _Wire.behind(send, scope), gzip=wants_gzip(accepted))
        self._listeners[listener] = None
        self._addresses[address] += 1
        try:
            await self._serve(listener, receive)
        except asyncio.CancelledError:
            if not (listener.dropped or self._closed):
                raise
            if self._closed:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            pass  # the listener hung up
        finally:
            listener.dropped = True
            del self._listeners[listener]
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]

    async def _serve(self, listener: _Listener, receive: Receive) -> None:
        listener.joined = self._published
        first = self._first_frame()
        headers = (*_HEADERS, (b"content-encoding", b"gzip")) if listener.gzip else _HEADERS
        await listener.send({"type": "http.response.start", "status": 200, "headers": headers})
        # After a restart everybody comes back: between 1 and 5 seconds, not in the same one.
        retry = b"retry: %d\n\n" % (1_000 + len(self._listeners) * 7_919 % 4_000)
        await listener.send(_body(GZIP_HEAD + piece(retry) if listener.gzip else retry))
        # In pieces: of what one does not read, no more than a piece is held for it alone.
        whole = (first.squeezed if listener.gzip else first.plain).message["body"]
        for start in range(0, len(whole), PIECE_BYTES):
            await listener.send(_body(whole[start : start + PIECE_BYTES]))
        await self._send_waiting(listener)
        while (await receive())["type"] != "http.disconnect":
            pass

    def close(self) -> None:
        """End every stream and refuse new ones. Call it when told to stop, before the server waits for connections."""
        self._closed = True
        for listener in self._listeners:
            listener.task.cancel()


@types.coroutine
def _resume(work: Coroutine[Any, Any, None], blocked: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine whose first step, made by hand, returned `blocked` (what it waits for)."""
    while True:
        try:
            woken = yield blocked
        except BaseException as error:  # noqa: BLE001 - a cancellation is the work's own to handle
            step = partial(work.throw, error)
        else:
            step = partial(work.send, woken)
        try:
            blocked = step()
        except StopIteration:
            return


def _body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _refuse(send: Send) -> None:
    text = b"There are as many listeners here as this service can serve. Read /v1/zones instead, or try again later.\n"
    headers = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(text)),
        (b"retry-after", b"10"),
    )
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": text, "more_body": False})
