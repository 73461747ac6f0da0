"""Laws of the event stream, without a network: whatever the listeners do, each hears one state and then everything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.announce.broadcast import Broadcast


class Listener:
    """A listener whose socket is full now and then; `heard` holds the numbers it was told of, in order."""

    def __init__(self, full: list[bool]) -> None:
        self._full = full
        self.heard: list[int] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self._full and self._full.pop():
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        body = message.get("body", b"")
        assert isinstance(body, bytes)
        for line in body.split(b"\n"):
            if line.startswith(b"data: "):
                self.heard.append(json.loads(line[6:]))


step = st.one_of(st.just("publish"), st.just("turn"), st.just("leave"), st.lists(st.booleans(), max_size=12).map(tuple))


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(step, max_size=40))
def test_every_listener_hears_the_state_it_joined_at_and_then_every_number_once(
    steps: list[str | tuple[bool, ...]],
) -> None:
    async def story() -> None:
        number = 0
        broadcast = Broadcast(lambda: (number, json.dumps(number).encode()))
        listeners: list[Listener] = []
        tasks: list[asyncio.Task[None]] = []
        for what in steps:
            if what == "publish":
                number += 1
                broadcast.publish("zones", json.dumps(number).encode(), number)
            elif what == "turn":
                await asyncio.sleep(0)
            elif what == "leave":
                if listeners:
                    listeners[len(listeners) // 2].gone.set()
            else:
                assert isinstance(what, tuple)
                listener = Listener(list(what))
                listeners.append(listener)
                tasks.append(asyncio.create_task(broadcast({"type": "http"}, listener.receive, listener.send)))
        for _ in range(300):
            await asyncio.sleep(0)
        for listener in listeners:
            assert listener.heard == list(range(listener.heard[0], listener.heard[0] + len(listener.heard)))
            assert listener.gone.is_set() or listener.heard[-1] == number
            listener.gone.set()
        await asyncio.gather(*tasks)
        assert broadcast.listeners == 0 and broadcast.dropped == 0

    asyncio.run(story())
