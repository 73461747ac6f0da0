"""The event stream on a real server: everybody hears everything, and nobody waits for a listener who does not read."""

from __future__ import annotations

import asyncio
import json
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn

from tests.some import some
from tocsin.announce.broadcast import FRAMES_MAX, Broadcast, event_bytes

pytestmark = pytest.mark.server


class Stream:
    """One listener; reads events one at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        # A socket's transport: it can also be told not to read.
        self.transport = cast("asyncio.Transport", writer.transport)
        self._rest = b""
        self._unpacked: Callable[[bytes], bytes] = bytes
        self.received = 0

    async def status(self) -> int:
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b"content-encoding: gzip" in head:
            self._unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
        return int(head.split()[1])

    async def event(self) -> dict[str, str]:
        """The next event's fields; `retry` lines are skipped. Raises IncompleteReadError at the end of the stream."""
        while True:
            while b"\n\n" not in self._rest:
                size = int(await self.reader.readuntil(b"\r\n"), 16)
                if size == 0:
                    raise asyncio.IncompleteReadError(b"", None)
                self._rest += self._unpacked((await self.reader.readexactly(size + 2))[:-2])
                self.received += size
            block, self._rest = self._rest.split(b"\n\n", 1)
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
            if "event" in fields:
                return fields


class House:
    """A server with one broadcast; `seq` is what its state says."""

    def __init__(self, state_bytes: int = 10, **bounds: Any) -> None:
        self.seq = 0
        self._filling = "x" * state_bytes
        self.broadcast = Broadcast(self._state, **bounds)
        self._streams: list[Stream] = []

    def _state(self) -> tuple[int, bytes]:
        return self.seq, json.dumps({"seq": self.seq, "filling": self._filling}).encode()

    def publish(self, size: int = 0) -> None:
        self.seq += 1
        self.broadcast.publish("zones", json.dumps({"seq": self.seq, "f": "y" * size}).encode(), self.seq)

    async def join(self, receive_buffer: int | None = None, accept: bytes = b"identity") -> Stream:
        sock = socket.socket()
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        stream = Stream(*await asyncio.open_connection(sock=sock))
        self._streams.append(stream)
        stream.writer.write(b"GET /v1/events HTTP/1.1\r\nHost: tocsin\r\nAccept-Encoding: %b\r\n\r\n" % accept)
        return stream

    @asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        config = uvicorn.Config(self.broadcast, lifespan="off", log_level="critical", access_log=False, ws="none")
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        # serve() would take over the signals of the test run.
        task = asyncio.create_task(server._serve([listening]))
        try:
            yield self
        finally:
            self.broadcast.close()
            server.should_exit = True
            await task
            for stream in self._streams:
                stream.writer.transport.abort()
            await asyncio.sleep(0)
            listening.close()


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until something is so; a bound, not a measure of speed."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.002)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test()

    asyncio.run(bounded())


def test_a_listener_gets_the_state_first_and_then_every_change_in_order() -> None:
    async def story() -> None:
        async with House().open() as house:
            house.publish()
            stream = await house.join()
            assert await stream.status() == 200
            first = await stream.event()
            assert (first["event"], first["id"], json.loads(first["data"])["seq"]) == ("state", "1", 1)
            await until(lambda: house.broadcast.listeners == 1)
            for _ in range(20):
                house.publish()
            heard = [int((await stream.event())["id"]) for _ in range(20)]
            assert heard == list(range(2, 22))
            stream.writer.close()
            await until(lambda: house.broadcast.listeners == 0)

    run(story)


def test_whoever_joins_in_the_middle_misses_nothing_and_hears_nothing_old() -> None:
    async def story() -> None:
        async with House(state_bytes=300_000).open() as house:
            streams = []
            for _ in range(15):
                streams.append(await house.join())
                house.publish()
                await asyncio.sleep(0)
                house.publish()
            await until(lambda: house.broadcast.listeners == 15)
            house.publish()
            for stream in some(streams):
                assert await stream.status() == 200
                heard = [json.loads((await stream.event())["data"])["seq"]]
                while heard[-1] < house.seq:
                    heard.append(json.loads((await stream.event())["data"])["seq"])
                assert heard == list(range(heard[0], house.seq + 1))

    run(story)


def test_a_listener_that_stops_reading_is_cut_off_and_delays_nobody() -> None:
    async def story() -> None:
        async with House(waiting_bytes_max=300_000).open() as house:
            stalled = await house.join(receive_buffer=4_096)
            stalled.transport.pause_reading()
            await until(lambda: house.broadcast.listeners == 1)
            lively = [await house.join() for _ in range(5)]
            for stream in lively:
                await stream.status()
                await stream.event()
            heard = 0
            while house.broadcast.dropped == 0:
                house.publish(size=50_000)
                heard += 1
                # The lively ones have each message before the next is published, however full the other's socket is.
                for stream in lively:
                    assert json.loads((await stream.event())["data"])["seq"] == house.seq
                assert heard < 2_000
            await until(lambda: house.broadcast.listeners == 5)
            house.publish()
            for stream in lively:
                assert json.loads((await stream.event())["data"])["seq"] == house.seq

    run(story)


def test_a_slow_listener_that_catches_up_is_kept_and_hears_everything() -> None:
    async def story() -> None:
        async with House(waiting_bytes_max=50_000_000).open() as house:
            slow = await house.join(receive_buffer=4_096)
            await slow.status()
            assert (await slow.event())["event"] == "state"
            slow.transport.pause_reading()
            for _ in range(40):
                house.publish(size=200_000)
                await asyncio.sleep(0)
            slow.transport.resume_reading()
            heard = [json.loads((await slow.event())["data"])["seq"] for _ in range(40)]
            assert heard == list(range(1, 41)) and house.broadcast.dropped == 0
            house.publish()
            assert json.loads((await slow.event())["data"])["seq"] == 41

    run(story)


def test_beyond_its_bounds_the_house_says_come_later() -> None:
    async def story() -> None:
        async with House(listeners_max=3, listeners_per_address_max=2).open() as house:
            kept = [await house.join() for _ in range(2)]
            for stream in kept:
                assert await stream.status() == 200
            assert await (await house.join()).status() == 503
            kept[0].writer.transport.abort()
            await until(lambda: house.broadcast.listeners == 1)
            assert await (await house.join()).status() == 200
            assert house.broadcast.refused == 1

    run(story)


def test_more_changes_than_can_be_sent_become_one_fresh_state() -> None:
    async def story() -> None:
        async with House().open() as house:
            stream = await house.join()
            await stream.status()
            await stream.event()
            await until(lambda: house.broadcast.listeners == 1)
            for _ in range(FRAMES_MAX + 5):
                house.publish()
            event = await stream.event()
            assert event["event"] == "state" and json.loads(event["data"])["seq"] == FRAMES_MAX + 1
            assert [int((await stream.event())["id"]) for _ in range(4)] == list(range(FRAMES_MAX + 2, FRAMES_MAX + 6))

    run(story)


def test_closing_ends_every_stream_in_an_orderly_way() -> None:
    async def story() -> None:
        async with House().open() as house:
            stream = await house.join()
            await stream.status()
            await stream.event()
            await until(lambda: house.broadcast.listeners == 1)
            house.broadcast.close()
            with pytest.raises(asyncio.IncompleteReadError):
                await stream.event()
            await until(lambda: house.broadcast.listeners == 0)
            assert await (await house.join()).status() == 503

    run(story)


def test_a_listener_that_takes_gzip_gets_the_same_in_a_tenth_of_the_bytes() -> None:
    async def story() -> None:
        async with House(state_bytes=300_000).open() as house:
            plain = await house.join()
            squeezed = await house.join(accept=b"gzip, deflate")
            for stream in (plain, squeezed):
                assert await stream.status() == 200
                assert json.loads((await stream.event())["data"])["filling"] == "x" * 300_000
            await until(lambda: house.broadcast.listeners == 2)
            for _ in range(10):
                house.publish(size=1_000)
            for stream in (plain, squeezed):
                assert [int((await stream.event())["id"]) for _ in range(10)] == list(range(1, 11))
            assert squeezed.received < plain.received / 10

    run(story)


def test_an_event_is_written_as_the_standard_says() -> None:
    assert event_bytes("zones", b'{"a":1}', 7) == b'event: zones\nid: 7\ndata: {"a":1}\n\n'
    assert event_bytes("pulse", b"{}") == b"event: pulse\ndata: {}\n\n"


def test_a_client_of_http_1_0_hears_the_same_without_chunks() -> None:
    async def heard() -> None:
        async with House().open() as house:
            new = await house.join()
            old_reader, old_writer = await asyncio.open_connection("127.0.0.1", house.port)
            old_writer.write(b"GET /v1/events HTTP/1.0\r\n\r\n")
            await until(lambda: house.broadcast.listeners == 2)
            wires = [one.wire is not None for one in house.broadcast._listeners]
            assert sorted(wires) == [False, True], "the wire is taken where bytes are in chunks"
            head = await old_reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200") and b"chunked" not in head.lower()
            await old_reader.readuntil(b"event: state\nid: 0\n")
            assert await new.status() == 200
            await new.event()
            house.publish()
            house.publish()
            told = (await old_reader.readuntil(b'data: {"seq": 2, "f": ""}\n\n')).split(b"\n\n")[1:-1]
            assert told == [b'event: zones\nid: %d\ndata: {"seq": %d, "f": ""}' % (n, n) for n in (1, 2)]
            assert [(await new.event())["id"] for _ in range(2)] == ["1", "2"]
            old_writer.close()

    run(heard)
