"""A siren that makes no sound: it hears, verifies, obeys and reports as those in the street do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tocsin.announce.sample import Ear
from tocsin.announce.siren.client import Client

LOOK_S = 1.0
LATE_S = 15.0
# A heartbeat is answered every 15 s, and what is obeyed holds for a minute.
SILENT_S = 90.0


class SirenListener:
    """Runs one siren.

    made      makes the siren, which tells what is passed to it how it stands
    standing  what it must show by what it obeyed last, and the ids of the warnings behind that; None: it has not
              obeyed what stands
    lives     whether the service hears that it obeys
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(
        self,
        channel: str,
        made: Callable[[Callable[[dict[str, object]], None]], Client],
        standing: Callable[[], tuple[str, tuple[str, ...]] | None],
        lives: Callable[[], bool],
    ) -> None:
        self.channel = channel
        self._made = made
        self._standing = standing
        self._lives = lives

    async def listen(self, ear: Ear) -> None:
        """Until cancelled."""
        state: dict[str, object] = {}
        client = self._made(state.update)
        running = asyncio.create_task(client.run())
        try:
            while not running.done():
                await asyncio.sleep(LOOK_S)
                if self._lives():
                    ear.alive()
                standing = self._standing()
                if standing is not None and standing[0] == state.get("stands"):
                    ear.heard(standing[1])
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        running.result()
