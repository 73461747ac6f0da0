"""Hears the nodes of every sector over NATS; and, of sectors of which no node is heard, reads what they last wrote."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
import structlog

from tocsin.announce.told.feed import Bus, ask_subject, told_subject
from tocsin.announce.told.wire import unpacked
from tocsin.announce.views.reading import standing
from tocsin.model.errors import BadFile, BadRecord
from tocsin.service.front.country import Country
from tocsin.service.views_reader import ViewsReader

log = structlog.get_logger(__name__)

# A node that was asked tells within half a second; until it has, asking more often brings nothing.
ASK_EVERY_S = 1.0
LOOK_EVERY_S = 1.0
# No node may be called so: it has a space in it.
VIEWS = "the views"


class Hearing:
    """What is heard goes into a country.

    connect    to the brokers
    changed    called after something was heard
    unread     messages that could not be read
    """

    def __init__(
        self,
        country: Country,
        connect: Callable[[], Awaitable[Bus]],
        prefix: str,
        now: Callable[[], datetime],
        changed: Callable[[], None],
        views: ViewsReader | None,
    ) -> None:
        self.unread = 0
        self._country = country
        self._connect = connect
        self._prefix = prefix
        self._now = now
        self._changed = changed
        self._views = views
        self._bus: Bus | None = None
        self._asked: dict[str, float] = {}

    @property
    def trouble(self) -> str | None:
        """Why nothing is heard, in a sentence; None: the brokers are there."""
        there = self._bus is not None and self._bus.is_connected
        return None if there else "the brokers (NATS) are not there; check the addresses in [cluster]"

    async def work(self) -> None:
        """Hear until cancelled. Raises what the connection raises."""
        bus = await self._connect()
        try:
            await bus.subscribe(told_subject(self._prefix, "*", "*"), cb=self._heard)
            self._bus = bus
            self._asked.clear()
            await self._ask("*")
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                if self._country.unheard(time.monotonic()) or not self._country.sectors:
                    await self._ask("*")
        finally:
            self._bus = None
            await bus.close()

    async def _ask(self, sector: str) -> None:
        now_s = time.monotonic()
        if self._bus is not None and self._bus.is_connected and now_s - self._asked.get(sector, 0.0) >= ASK_EVERY_S:
            self._asked[sector] = now_s
            await self._bus.publish(ask_subject(self._prefix, sector), b"")

    async def _heard(self, message: Any) -> None:
        try:
            told = unpacked(message.data)
        except BadRecord as error:
            self.unread += 1
            if self.unread == 1:
                log.error("a node is not understood; what it tells is left out", reason=str(error))
            return
        if self._country.hear(told, time.monotonic(), told.age_s(self._now())):
            await self._ask(told.sector)
        self._changed()

    async def read(self) -> None:
        """Until cancelled, read of the sectors that are not heard; without views, never."""
        while self._views is not None:
            await asyncio.sleep(LOOK_EVERY_S)
            now_s = time.monotonic()
            heard = {name for name, one in self._country.sectors.items() if one.hears_nodes(now_s, VIEWS)}
            if self.trouble is None and heard and heard == set(self._country.sectors):
                continue
            try:
                found = await self._views.ask(standing)
            except BadFile:
                continue
            for one in found:
                if one.told.sector not in heard:
                    age_s = max(one.idle_s, one.told.age_s(self._now()) or 0.0)
                    told = msgspec.structs.replace(one.told, node=VIEWS)
                    self._country.hear(told, time.monotonic(), age_s)
            self._changed()
