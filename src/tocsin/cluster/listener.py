"""Somebody who listens to a node's or front end's page, and connects again whenever it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import aiohttp
import msgspec

from tocsin.model.value import UNREADABLE

# A pulse comes every second; who hears none for so long connects again, as the page does.
SILENT_S_MAX = 5.0
AGAIN_S = 0.2
_EVENT_BYTES_MAX = 8_000_000


class Shown(NamedTuple):
    """How one zone was shown, from some moment on.

    heard_s   monotonic seconds
    """

    heard_s: float
    zone: str
    level: str
    warning: str | None
    picture_at: datetime


class _Zone(msgspec.Struct):
    zone: str
    level: str
    warning: str | None = None


class _Event(msgspec.Struct):
    picture_at: datetime | None
    degraded: bool = False
    zones: tuple[_Zone, ...] = ()


class Listener:
    """Hears `/v1/events` of one address.

    levels      zone -> its level, as it was told last
    picture_at  the time of the last picture that was told
    heard_s     monotonic seconds of the last word; None: none yet
    degraded    whether it says that something may be blind
    connected   whether it is heard now
    """

    def __init__(self, name: str, address: str, told: Callable[[Shown], Any] | None = None) -> None:
        """`told` is called whenever a zone is shown otherwise than before."""
        self.name = name
        self.levels: dict[str, str] = {}
        self.picture_at: datetime | None = None
        self.heard_s: float | None = None
        self.degraded = False
        self.connected = False
        self._address = address
        self._told = told
        self._warnings: dict[str, str | None] = {}

    async def run(self) -> None:
        """Listen for good."""
        timeout = aiohttp.ClientTimeout(total=None, connect=SILENT_S_MAX, sock_read=SILENT_S_MAX)
        async with aiohttp.ClientSession(timeout=timeout, read_bufsize=_EVENT_BYTES_MAX) as session:
            while True:
                with contextlib.suppress(*UNREADABLE, aiohttp.ClientError, TimeoutError, ValueError):
                    async with session.get(f"{self._address}/v1/events") as answer:
                        async for line in answer.content:
                            if line.startswith(b"data:"):
                                self._hear(msgspec.json.decode(line[5:], type=_Event))
                self.connected = False
                await asyncio.sleep(AGAIN_S)

    def _hear(self, event: _Event) -> None:
        self.connected = True
        self.heard_s = time.monotonic()
        self.degraded = event.degraded
        if event.picture_at is None:
            return
        self.picture_at = event.picture_at
        for one in event.zones:
            if (self.levels.get(one.zone), self._warnings.get(one.zone)) != (one.level, one.warning):
                self.levels[one.zone], self._warnings[one.zone] = one.level, one.warning
                if self._told is not None:
                    self._told(Shown(self.heard_s, one.zone, one.level, one.warning, event.picture_at))
