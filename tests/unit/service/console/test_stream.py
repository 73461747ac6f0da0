"""The console's stream: the picture first, then every change once, for who reads, reads slowly, or comes back."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from tests.some import some
from tests.unit.service.console.test_kept import picture
from tocsin.announce.shared_gzip import GZIP_HEAD
from tocsin.service.console import stream as module
from tocsin.service.console.stream import CHANGES_MAX, Event, Stream, Streaming, change_event

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def read(events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    """Names and bodies."""
    return parsed(b"".join(one.plain for one in events))


def parsed(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in data.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            found.append((fields["event"], msgspec.json.decode(fields["data"])))
    return found


@given(
    told=st.lists(st.booleans(), min_size=1, max_size=80),
    had=st.none() | st.integers(0, 90),
)
def test_whatever_one_has_what_he_is_told_leads_to_the_newest_picture(told: list[bool], had: int | None) -> None:
    """`told`: whether the step to each picture was kept, as it is while somebody listens."""
    stream, before = Stream(), None
    for number, kept in enumerate(told, 1):
        after = picture(number, number)
        stream.put(after, change_event(before, after) if kept and before is not None else None)
        before = after
    assert before is not None
    seq, events = stream.after(had, NOW)
    assert seq == before.seq
    at = had
    for name, body in read(some(events)):
        if name == "change":
            assert body["after"] == at
        if name != "pulse":
            at = body["seq"]
    assert at == before.seq
    assert len(events) <= CHANGES_MAX


def test_before_anything_is_decided_the_line_is_alive_all_the_same() -> None:
    assert read(Stream().after(None, NOW)[1]) == [("pulse", {"now": "2026-03-01T20:00:00Z", "time": None})]


class Screen:
    """A browser's end of the line; `takes`: whether it reads."""

    def __init__(self, **headers: str) -> None:
        self.data = b""
        self.started: dict[str, Any] = {}
        self.ended = False
        self.takes = asyncio.Event()
        self.takes.set()
        self.left = asyncio.Event()
        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.request = Request({"type": "http", "method": "GET", "headers": given})

    async def send(self, message: Any) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.started = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self.data += message["body"]
        self.ended = not message["more_body"]

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}


async def watching(screen: Screen, stream: Stream, may: Callable[[], bool] = lambda: True) -> asyncio.Task[None]:
    answer = Streaming(screen.request, stream, lambda: NOW, "desk", may)
    task = asyncio.create_task(answer({}, screen.receive, screen.send))
    await said()
    return task


async def said() -> None:
    """All that there is to say has been said: nothing here waits for a wire."""
    for _ in range(50):
        await asyncio.sleep(0)


def put(stream: Stream, number: int) -> None:
    after = picture(number, number)
    stream.put(after, None if stream.picture is None else change_event(stream.picture, after))


def test_a_screen_gets_the_picture_and_then_each_change_and_is_cut_when_its_session_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PULSE_S", 0.02)

    async def story() -> None:
        stream, screen, may = Stream(), Screen(), [True]
        put(stream, 1)
        task = await watching(screen, stream, lambda: may[0])
        assert stream.readers == 1 and screen.started["cache-control"] == "no-store"
        for number in (2, 3):
            put(stream, number)
            await said()
        names = [(name, body["seq"]) for name, body in parsed(screen.data) if name != "pulse"]
        assert names == [("picture", 1), ("change", 2), ("change", 3)]
        async with asyncio.timeout(60):
            while parsed(screen.data)[-1][0] != "pulse":
                await asyncio.sleep(0.01)
        may[0] = False
        async with asyncio.timeout(60):
            await task
        assert screen.ended and stream.readers == 0
        put(stream, 4)
        assert parsed(screen.data)[-1][1].get("seq") != 4

    asyncio.run(story())


def test_who_comes_back_gets_what_was_missed_and_squeezed_it_is_the_same() -> None:
    async def story() -> None:
        stream = Stream()
        for number in (1, 2, 3):
            put(stream, number)
        plain, squeezed = Screen(last_event_id="1"), Screen(last_event_id="1", accept_encoding="gzip")
        tasks = [await watching(screen, stream) for screen in (plain, squeezed)]
        assert [(name, body["seq"]) for name, body in parsed(plain.data)] == [("change", 2), ("change", 3)]
        assert squeezed.started["content-encoding"] == "gzip" and squeezed.data.startswith(GZIP_HEAD)
        assert zlib.decompressobj(wbits=31).decompress(squeezed.data) == plain.data
        for strange in ("", "x", "-1", "9" * 40, "²"):
            screen = Screen()
            screen.request.scope["headers"].append((b"last-event-id", strange.encode("latin-1")))
            tasks.append(await watching(screen, stream))
            assert parsed(screen.data)[0][0] == "picture"
        stream.close()
        async with asyncio.timeout(60):
            await asyncio.gather(*tasks)
        assert stream.readers == 0

    asyncio.run(story())


def test_a_screen_that_does_not_read_is_let_go_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNREAD_S", 0.5)

    async def story() -> None:
        stream, deaf, other = Stream(), Screen(), Screen()
        put(stream, 1)
        stuck, task = await watching(deaf, stream), await watching(other, stream)
        deaf.takes.clear()
        put(stream, 2)
        await said()
        assert parsed(other.data)[-1][1]["seq"] == 2 and not stuck.done()
        async with asyncio.timeout(60):
            await stuck
        assert stream.readers == 1
        other.left.set()
        put(stream, 3)
        async with asyncio.timeout(60):
            await task

    asyncio.run(story())


def test_one_caller_does_not_take_every_place() -> None:
    stream = Stream()
    stream.of["desk"] = module.READERS_OF_ONE_MAX
    why = stream.full("desk")
    assert why is not None and "desk" in why and stream.full("chief") is None
    stream.of.update({f"officer-{number}": 20 for number in range(9)})
    assert stream.readers == module.READERS_MAX and stream.full("chief") is not None
