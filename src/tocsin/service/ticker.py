"""When the engine decides: soon after anything new, and at least every so often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from tocsin.journal import Receipt
from tocsin.model.errors import NotDurable
from tocsin.model.event import Event, Tick
from tocsin.service.alone import Alone
from tocsin.service.clock import Clock
from tocsin.service.settings import Settings

# A decision takes milliseconds. Whatever holds one up for this long, the next is asked for all the same.
TICK_WAIT_S = 5.0


class Ticker:
    """Ticks, never two at once; used inside the event loop.

    submit   makes a tick durable and hands it to the engine
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        alone: Alone,
        submit: Callable[[Sequence[Event]], Awaitable[list[Receipt]]],
    ) -> None:
        self._clock = clock
        self._alone = alone
        self._submit = submit
        self._least_s = settings.tick_least_s
        self._quiet_s = max(self._least_s, settings.tick_s / clock.speed)
        self._something_new = asyncio.Event()
        self._published = asyncio.Event()
        self._published.set()

    def hurry(self) -> None:
        """There is something new to decide on."""
        self._something_new.set()

    def release(self) -> None:
        """What a tick brought is published."""
        self._published.set()

    async def tick(self) -> None:
        """Let the engine decide now, and wait until its effects are published; no longer than TICK_WAIT_S.

        Where the disk refuses it decides all the same, and it is told that nothing is recorded.
        """
        self._something_new.clear()
        self._published.clear()
        with self._alone("decision"):
            try:
                async with asyncio.timeout(TICK_WAIT_S):
                    if await self._entered(Tick(time=self._clock.now())):
                        await self._published.wait()
            except TimeoutError:
                raise TimeoutError(f"nothing was published within {TICK_WAIT_S:g} s; the next tick goes out") from None

    async def _entered(self, tick: Tick) -> bool:
        """Whether a tick is decided on; not where a twin's was in its place. Raises JournalBusy and JournalError."""
        try:
            (receipt,) = await self._submit([tick])
        except NotDurable:
            return True
        return receipt.outcome == "new"

    async def run(self) -> None:
        """Tick until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            begun_s = loop.time()
            with self._alone("ticker"):
                await self.tick()
            await asyncio.sleep(max(0.001, self._least_s - (loop.time() - begun_s)))
            left_s = self._quiet_s - (loop.time() - begun_s)
            if left_s > 0 and not self._something_new.is_set():
                # Not `wait_for`: a stop that comes in the same turn as something new would be lost.
                with suppress(TimeoutError):
                    async with asyncio.timeout(left_s):
                        await self._something_new.wait()
