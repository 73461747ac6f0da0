"""Strangers on real sockets: half-open, stalled, too many, too fast; and those who are honest beside them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
import uvloop

from tests.signed_in import headers as signed_in
from tests.signed_in import put
from tests.tokens import digest, token
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.clock import Clock
from tocsin.service.http import guard, places
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings
from tocsin.simulate.places import invented_zones

pytestmark = pytest.mark.server

HELLO = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(400)))
    return tmp_path


def settings_in(folder: Path, **http: Any) -> Settings:
    return make_settings(
        zones=folder / "zones.geojson",
        drill=True,
        http={"port": 0, "trusted_proxies": [], "headers_s": 0.5} | http,
        journal={"path": folder / "journal.db"},
        source=[{"kind": "http", "id": "hill", "token_sha256": digest("hill")}],
    )


class Door:
    """A running service: its port, its server, and sockets that strangers hold."""

    def __init__(self, runtime: Runtime, server: Server, port: int) -> None:
        self.runtime = runtime
        self.server = server
        self.port = port
        self._sockets: list[socket.socket] = []

    async def open(self, said: bytes = b"", receive_buffer: int | None = None) -> socket.socket:
        one = socket.socket()
        self._sockets.append(one)
        if receive_buffer is not None:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        one.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(one, ("127.0.0.1", self.port))
        await loop.sock_sendall(one, said)
        return one

    async def answer(self, one: socket.socket) -> bytes:
        """What comes next; nothing where it was cut."""
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):
                return await asyncio.get_running_loop().sock_recv(one, 65_536)
        return b""

    def count(self, name: str, **labels: str) -> float:
        return self.runtime.metrics.registry.get_sample_value(f"tocsin_{name}", labels) or 0.0

    def close(self) -> None:
        for one in self._sockets:
            one.close()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Door]:
    listener = listening(settings)
    async with running(settings, configured(settings), Clock()) as runtime:
        server = Server(runtime)
        door = Door(runtime, server, listener.getsockname()[1])
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield door
        finally:
            door.close()
            server.should_exit = True
            await serving


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Any:
    return asyncio.run if request.param == "asyncio" else uvloop.run


def test_a_half_open_request_is_cut_and_who_asks_in_time_is_answered(folder: Path, run: Any) -> None:
    async def story() -> None:
        async with opened(settings_in(folder)) as door:
            silent = await door.open()
            half = await door.open(HELLO[:20])
            again = await door.open(HELLO)
            assert b"200 OK" in await door.answer(again)
            await asyncio.get_running_loop().sock_sendall(again, HELLO[:10])
            for one in (silent, half, again):
                assert await door.answer(one) == b""
            assert door.count("connections_cut_total", why="headers") == 3
            assert b"200 OK" in await door.answer(await door.open(HELLO))

    run(story())


def test_dribbled_headers_are_not_headers_in_time(folder: Path) -> None:
    async def story() -> None:
        async with opened(settings_in(folder)) as door:
            one = await door.open()
            with contextlib.suppress(ConnectionError):
                for byte in HELLO[:-1]:
                    await asyncio.get_running_loop().sock_sendall(one, bytes([byte]))
                    await asyncio.sleep(0.05)
            assert await door.answer(one) == b""
            assert door.count("connections_cut_total", why="headers") == 1

    asyncio.run(story())


def test_a_body_that_nobody_wants_ends_the_connection_after_its_answer(folder: Path, run: Any) -> None:
    async def story() -> None:
        async with opened(settings_in(folder)) as door:
            said = b"POST /v1/observations HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n[["
            one = await door.open(said)
            assert b" 401 " in await door.answer(one)
            assert await door.answer(one) == b""
            assert door.count("connections_cut_total", why="body") == 1
            known = b"content-length: 9000000\r\nauthorization: Bearer " + token("hill").encode()
            one = await door.open(said.replace(b"content-length: 9000000", known))
            assert b" 413 " in await door.answer(one)

    run(story())


def test_listeners_who_do_not_read_hold_no_more_memory_than_they_may_and_others_hear(folder: Path, run: Any) -> None:
    async def story() -> None:
        async with opened(settings_in(folder, unread_bytes_max=100_000)) as door:
            events = b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n"
            outlines = b"GET /v1/outlines HTTP/1.1\r\nhost: x\r\n\r\n" * 4
            reads = await door.open(events)
            for number in range(60):
                await door.open(events if number % 2 else outlines, receive_buffer=2_048)
            async with asyncio.timeout(60):
                while door.count("connections_cut_total", why="memory") < 5:
                    await asyncio.sleep(0.05)
            assert door.server.places.unread_bytes <= 100_000
            heard = b""
            async with asyncio.timeout(60):
                while b"event: pulse" not in heard:
                    heard += await door.answer(reads)

    run(story())


def test_one_address_gets_no_more_connections_than_its_share(folder: Path) -> None:
    async def story() -> None:
        async with opened(settings_in(folder, connections_per_address_max=3, headers_s=30)) as door:
            held = [await door.open() for _ in range(3)]
            assert await door.answer(await door.open(HELLO)) == b""
            assert door.count("connections_cut_total", why="address") == 1
            held[0].close()
            # Until the service has noticed that one place is free.
            async with asyncio.timeout(60):
                while b"200 OK" not in await door.answer(await door.open(HELLO)):
                    await asyncio.sleep(0.05)

    asyncio.run(story())


def test_when_all_places_are_taken_half_open_connections_give_way(folder: Path) -> None:
    async def story() -> None:
        async with opened(settings_in(folder, connections_max=10, headers_s=30)) as door:
            for _ in range(30):
                await door.open()
            assert b"200 OK" in await door.answer(await door.open(HELLO))
            assert door.count("connections_cut_total", why="gave_way") == 21
            assert door.server.places.connections == 10

    asyncio.run(story())


@asynccontextmanager
async def session_at(door: Door) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{door.port}") as session:
        yield session


async def status(session: aiohttp.ClientSession, path: str = "/healthz", **headers: str) -> int:
    async with session.get(path, headers=headers) as response:
        return response.status


@pytest.fixture
def short_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes too often waits for two seconds at most: what happens in longer lines is the same, and later."""
    assert (guard.LINE_S, guard.WRONG_LINE_S, places.FLOODING_S) == (5.0, 5.0, 10.0)
    monkeypatch.setattr(places, "FLOODING_S", 2.0)
    monkeypatch.setattr(guard, "LINE_S", 2.0)
    monkeypatch.setattr(guard, "WRONG_LINE_S", 2.0)


@pytest.mark.usefixtures("short_lines")
def test_who_asks_too_often_waits_and_then_is_refused_but_not_who_has_a_token(folder: Path) -> None:
    async def story() -> None:
        async with opened(settings_in(folder, requests_per_address_per_s=1)) as door, session_at(door) as session:
            assert [await status(session) for _ in range(10)] == [200] * 10
            begun_s = asyncio.get_running_loop().time()
            said = await asyncio.gather(*(status(session) for _ in range(30)))
            assert asyncio.get_running_loop().time() - begun_s > 0.8
            assert 429 in said
            assert 200 in said
            assert door.count("too_often_total", what="requests") == said.count(429)
            known = f"Bearer {token('hill')}"
            begun_s = asyncio.get_running_loop().time()
            assert {await status(session, authorization=known) for _ in range(30)} == {200}
            people = door.runtime.people
            await put(people, "officer-1", "operator")
            cookie = signed_in(people, "officer-1")["cookie"]
            assert {await status(session, cookie=cookie) for _ in range(30)} == {200}
            assert asyncio.get_running_loop().time() - begun_s < 50

    asyncio.run(story())


@pytest.mark.usefixtures("short_lines")
def test_behind_a_trusted_proxy_each_caller_is_counted_and_nobody_else_is_believed(folder: Path) -> None:
    async def story() -> None:
        one = settings_in(folder, requests_per_address_per_s=1, trusted_proxies=["127.0.0.0/8"])
        async with opened(one) as door, session_at(door) as session:
            people = [f"192.0.2.{number}" for number in range(40)]
            assert {await status(session, **{"x-forwarded-for": who}) for who in people} == {200}
            busy = [status(session, **{"x-forwarded-for": "192.0.2.99"}) for _ in range(30)]
            assert 429 in await asyncio.gather(*busy)
            # The proxy's own, for whoever it is, are not one caller's.
            assert {await status(session) for _ in range(30)} == {200}
        async with opened(settings_in(folder, requests_per_address_per_s=1)) as door, session_at(door) as session:
            busy = [status(session, **{"x-forwarded-for": f"192.0.2.{number}"}) for number in range(30)]
            assert 429 in await asyncio.gather(*busy)

    asyncio.run(story())


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.mark.usefixtures("short_lines")
def test_wrong_tokens_are_counted_logged_without_the_token_and_slowed(folder: Path, logged: list[Any]) -> None:
    async def story() -> None:
        async with opened(settings_in(folder)) as door, session_at(door) as session:
            guess = token("a guess")

            async def guessed() -> int:
                headers = {"authorization": f"Bearer {guess}"}
                async with session.post("/v1/observations", data=b"{}", headers=headers) as response:
                    return response.status

            begun_s = asyncio.get_running_loop().time()
            said = await asyncio.gather(*(guessed() for _ in range(14)))
            assert asyncio.get_running_loop().time() - begun_s > 0.8
            assert set(said) == {401, 429}
            assert door.count("wrong_tokens_total") == 14
            assert door.count("too_often_total", what="tokens") == said.count(429)
            lines = [line for line in logged if line["event"] == "wrong_token"]
            assert [line["count"] for line in lines] == [1, 10]
            assert guess not in str(logged)

    asyncio.run(story())


def test_every_answer_says_what_a_browser_must_not_do_with_it(folder: Path) -> None:
    async def story() -> None:
        tls = {"base_url": "https://warnings.example/"}
        for http, headers, strict in (({}, {}, False), (tls, {}, True), ({}, {"x-forwarded-proto": "https"}, True)):
            one = settings_in(folder, trusted_proxies=["127.0.0.0/8"], **http)
            async with opened(one) as door, session_at(door) as session:
                for path in ("/", "/v1/zones", "/v1/outlines", "/feed.atom", "/nothing", "/metrics", "/v1/acts"):
                    async with session.get(path, headers=headers) as response:
                        told = response.headers
                        assert told["x-content-type-options"] == "nosniff", path
                        assert told["referrer-policy"] == "no-referrer"
                        assert told["content-security-policy"].startswith("default-src ")
                        assert ("strict-transport-security" in told) == strict, path
                async with session.get("/v1/events") as response:
                    assert response.headers["x-content-type-options"] == "nosniff"

    asyncio.run(story())
