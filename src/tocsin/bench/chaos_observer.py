"""Somebody outside a cluster: he sends what radars see until he is told that it is kept, and listens everywhere."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.bench import chaos_raid
from tocsin.cluster.cluster import Cluster
from tocsin.cluster.listener import Listener, Shown
from tocsin.cluster.nodes import Service
from tocsin.cluster.sender import Sender
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json

# After the raid nothing more is sent, and what waits is acknowledged.
ACKNOWLEDGED_S_MAX = 60.0
WATCH_S = 0.1


class Look(NamedTuple):
    """What was shown at one listener's address."""

    name: str
    shown: Shown


class Observer:
    """Sends and listens in a thread of its own from `begin` to `end`.

    begun      when the raid began, by the clock; `begun_s` by the monotonic one
    senders    one for each radar
    looks      every change that was shown anywhere, in order
    listeners  one for each place where people look
    stale_s_max  how old the freshest picture anywhere was when it was oldest, seconds
    """

    def __init__(self, cluster: Cluster, raid: chaos_raid.Raid, places: Sequence[Service]) -> None:
        addresses = [node.address for node in cluster.nodes]
        self.begun = datetime.now(UTC)
        self.begun_s = time.monotonic()
        # Each has the nodes in an order of its own: so has every sender where it stands.
        self.senders = [
            Sender([*addresses[number:], *addresses[:number]], cluster.token)
            for number in range(len(chaos_raid.radars()))
        ]
        self.looks: list[Look] = []
        self.listeners = [self._listener(place) for place in places]
        self.stale_s_max = 0.0
        self._raid = raid
        self._ended = threading.Event()
        self._sent = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._observe()), name="observer")

    def _listener(self, place: Service) -> Listener:
        return Listener(place.name, place.address, lambda shown: self.looks.append(Look(place.name, shown)))

    @property
    def acknowledged(self) -> set[str]:
        """Ids of what was acknowledged."""
        return set().union(*(sender.acknowledged for sender in self.senders))

    @property
    def refused(self) -> set[str]:
        """What was said of observations that were not taken."""
        return set().union(*(sender.refused for sender in self.senders))

    def clock_s(self, monotonic_s: float) -> float:
        """POSIX seconds of a moment."""
        return self.begun.timestamp() + monotonic_s - self.begun_s

    def begin(self) -> None:
        """Listen, and send from now on; `begun` is now."""
        self.begun, self.begun_s = datetime.now(UTC), time.monotonic()
        self._thread.start()

    def stop_sending(self) -> bool:
        """Send nothing new; whether all that was sent is acknowledged."""
        self._ended.set()
        return self._sent.wait(ACKNOWLEDGED_S_MAX)

    def end(self) -> None:
        """Listen no longer."""
        self._ended.set()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _observe(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        listening = [asyncio.create_task(listener.run()) for listener in self.listeners]
        sending = [
            asyncio.create_task(self._send(sender, radar))
            for sender, radar in zip(self.senders, chaos_raid.radars(), strict=True)
        ]
        listening.append(asyncio.create_task(self._watch()))
        sent = asyncio.gather(*sending)
        sent.add_done_callback(lambda done: None if done.cancelled() or done.exception() else self._sent.set())
        await self._over.wait()
        for task in (*listening, *sending):
            task.cancel()
        await asyncio.gather(*listening, *sending, return_exceptions=True)
        for sender in self.senders:
            await sender.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            pictures = [one.picture_at for one in self.listeners if one.picture_at is not None]
            now_s = self.clock_s(time.monotonic())
            if pictures:
                self.stale_s_max = max(self.stale_s_max, now_s - max(pictures).timestamp())

    async def _send(self, sender: Sender, radar: Sensor) -> None:
        second = 0
        while not self._ended.is_set():
            await asyncio.sleep(max(0.0, self.begun_s + second - time.monotonic()))
            plots = self._raid.seen(radar, second, self.begun)
            await sender.send([plot.id for plot in plots], [to_json(plot) for plot in plots])
            second += 1
