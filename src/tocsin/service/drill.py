"""A live drill: a simulated raid over real towns through the real service."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp

from tocsin.model.wire import to_json
from tocsin.replay.nights import drill_of
from tocsin.replay.run_files import RunFiles
from tocsin.service.clock import Clock
from tocsin.service.serve import Server, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.stopping import Stopping
from tocsin.service.waiting import Waiting
from tocsin.service.worker import Decided
from tocsin.simulate.world import Simulation

SOURCE = "drill"
# Observations that arrived within this much real time are sent in one batch.
SEND_EVERY_S = 0.1


class Live:
    """The night through the real service: HTTP, journal, engine, live page."""

    def __init__(self, night: Simulation, clock: Clock, policy: str, folder: Path, listener: socket.socket) -> None:
        self._night = night
        self._clock = clock
        self._folder = folder
        self._token = secrets.token_urlsafe(32)
        self._listener = listener
        self._settings = self._made_settings()
        self._configuration = drill_of(night, policy)

    def _made_settings(self) -> Settings:
        source = {
            "kind": "http",
            "id": SOURCE,
            "token_sha256": hashlib.sha256(self._token.encode()).hexdigest(),
            "relays": True,
            # A drill at ten times the speed sends ten times as much.
            "per_second_max": 1_000_000,
        }
        return make_settings(
            zones=self._folder / "zones.geojson",
            drill=True,
            sender="drill@tocsin.invalid",
            journal={"path": self._folder / "journal.db"},
            source=[source],
        )

    async def play(
        self, told: Stopping, waiting: Waiting, opened: Callable[[str], None], ended: Callable[[], None]
    ) -> None:
        """Serve on the listener until told to stop.

        waiting  who answers there until then
        opened   called with the page's address once it answers
        ended    called when the raid is over; the page stays open
        """
        address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        with RunFiles(self._folder) as files:
            async with running(self._settings, self._configuration, self._clock) as runtime:

                def write(decided: Decided) -> None:
                    for effect in decided.effects:
                        files.write(effect)

                runtime.watch("run files", write)
                server = Server(runtime)
                told.call = server.end
                waiting.stop()
                serving = asyncio.create_task(server.serve([self._listener]))
                opened(f"{address}/")
                sending = asyncio.create_task(self._send(address))
                sending.add_done_callback(lambda task: None if task.cancelled() or task.exception() else ended())
                await serving
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, address: str) -> None:
        """POST the night's observations when they would have arrived."""
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/x-ndjson"}
        waiting = list(reversed(self._night.observations))
        async with aiohttp.ClientSession(address, headers=headers) as session:
            while waiting:
                now = self._clock.now()
                batch: list[bytes] = []
                while waiting and waiting[-1].received_at <= now and len(batch) < 5_000:
                    batch.append(to_json(waiting.pop()))
                if batch:
                    async with session.post("/v1/observations", data=b"\n".join(batch)) as response:
                        response.raise_for_status()
                else:
                    await asyncio.sleep(SEND_EVERY_S)
        # The last decisions on what was just sent.
        await asyncio.sleep(2)
