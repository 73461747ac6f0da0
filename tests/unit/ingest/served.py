"""A port on loopback that sends what it is told, for sources that read one."""

from __future__ import annotations

import asyncio
import contextlib

from tocsin.ingest.beast import BeastSource
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.remote_id_lines import RemoteIdSource
from tocsin.ingest.sbs import SbsSource
from tocsin.ingest.source import stop
from tocsin.model.observation import Observation

NOW_S = 1_767_225_600.0


def served(
    kind: type[SbsSource] | type[BeastSource] | type[RemoteIdSource], text: bytes, number: int, rejects: Rejects
) -> list[Observation]:
    """What a source makes of a port that sends this: the first `number` observations."""

    async def story() -> list[Observation]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(text)
            await writer.drain()
            with contextlib.suppress(ConnectionError):
                await reader.read()
                writer.close()
                await writer.wait_closed()
            gone.set()

        gone = asyncio.Event()
        found: list[Observation] = []
        enough = asyncio.Event()

        async def deliver(observations: list[Observation]) -> None:
            found.extend(observations)
            if len(found) >= number:
                enough.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        source = kind("sky", "127.0.0.1", server.sockets[0].getsockname()[1], rejects, clock=lambda: NOW_S)
        task = asyncio.create_task(source.run(deliver))
        waiting = asyncio.create_task(enough.wait())
        try:
            async with asyncio.timeout(20):
                await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            server.close()
            if not task.done():
                await stop(task)
            await gone.wait()
        if not task.cancelled():
            task.result()
        return found

    return asyncio.run(story())
