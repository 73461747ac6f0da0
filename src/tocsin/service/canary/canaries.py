"""Runs the sample listeners, and says which channel they do not hear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tocsin.announce.delivery import Delivery
from tocsin.announce.sample import SampleListener
from tocsin.service.alone import Alone

BEGUN_AGAIN_S = 1.0


class Canary:
    """One listener, and what it has heard.

    trouble   why its channel is not heard, the end of a sentence; None: it is
    """

    def __init__(self, listener: SampleListener, delivery: Delivery, now: Callable[[], datetime]) -> None:
        self.listener = listener
        self.delivery = delivery
        self._now = now
        self._since = self._alive = now()
        self._fell = ""

    def heard(self, ids: Iterable[str]) -> None:
        """Warnings have come."""
        self.alive()
        self.delivery.heard(ids)

    def alive(self) -> None:
        """The line works."""
        self._alive = self._now()
        self._fell = ""

    async def run(self, alone: Alone) -> None:
        """Listen until cancelled."""
        while True:
            with alone(f"{self.listener.channel} sample listener"):
                try:
                    await self.listener.listen(self)
                except Exception as error:
                    self._fell = f" ({type(error).__name__}: {error})"
                    raise
            await asyncio.sleep(BEGUN_AGAIN_S)

    @property
    def trouble(self) -> str | None:
        """What is wrong now."""
        now = self._now()
        silent = now - self._alive
        if silent > timedelta(seconds=self.listener.silent_s):
            return f"our sample listener has heard nothing for {silent.total_seconds():.0f} s{self._fell}"
        late_before = now - timedelta(seconds=self.listener.late_s)
        # What stood before it listened it hears when it begins.
        late = self.delivery.unheard(late_before) if self._since < late_before else []
        if late:
            oldest = min(one.queued for one in late)
            waited_s = (now - oldest).total_seconds()
            return (
                f"our sample listener misses {len(late)} warnings, one for {waited_s:.0f} s, such as {late[0].warning}"
            )
        return None


class Canaries:
    """All of them; there are none until somebody runs them."""

    def __init__(self, alone: Alone, now: Callable[[], datetime]) -> None:
        self._alone = alone
        self._now = now
        self.canaries: tuple[Canary, ...] = ()

    async def run(self, listeners: Sequence[SampleListener], deliveries: Mapping[str, Delivery]) -> None:
        """Listen until cancelled.

        deliveries   the evidence of every channel, by its name
        """
        self.canaries = tuple(Canary(one, deliveries[one.channel], self._now) for one in listeners)
        try:
            async with asyncio.TaskGroup() as group:
                for canary in self.canaries:
                    group.create_task(canary.run(self._alone))
        finally:
            self.canaries = ()

    @property
    def troubles(self) -> dict[str, str | None]:
        """By channel that has a sample listener, why it is not heard; None: it is."""
        return {one.listener.channel: one.trouble for one in self.canaries}
