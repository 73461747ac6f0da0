"""What runs beside a service's answers until it stops: tasks of the event loop, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from tocsin.service.alone import Alone

# What failed or ended is begun again after this long.
AGAIN_S = 1.0
# Longer than any channel says goodbye.
CANCEL_AGAIN_S = 10.0


class Tasks:
    """Begun inside the event loop, and all cancelled by `stop`."""

    def __init__(self, alone: Alone) -> None:
        self._alone = alone
        self.going: list[asyncio.Task[None]] = []

    def begin(self, name: str, work: Coroutine[None, None, None]) -> None:
        """Let something run that stands alone by itself."""
        self.going.append(asyncio.create_task(work, name=name))

    def keep(self, name: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Let something run again and again: what it raises goes no further."""
        self.begin(name, self._forever(name, work))

    async def _forever(self, name: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        while True:
            with self._alone(name):
                await work()
            await asyncio.sleep(AGAIN_S)

    async def stop(self) -> None:
        """Cancel everything, and wait until it has ended."""
        left = set(self.going)
        while left:
            for task in left:
                task.cancel()
            # A library may lose a cancellation (`asyncio.wait_for` does, up to Python 3.11): it is told again.
            _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
        await asyncio.gather(*self.going, return_exceptions=True)
