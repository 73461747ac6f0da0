"""A line between pages and a service that can be cut: what was connected stays so, and nothing comes through."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

PIECE_BYTES = 65_536


class Line:
    """Listens on a port of its own, and hands on what comes to the service's and back."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._whole = asyncio.Event()
        self._ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Line:
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._ready.result(60)}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)
        self._loop.close()

    def cut(self) -> None:
        """Silence, which is what a bad line looks like."""
        self._loop.call_soon_threadsafe(self._whole.clear)

    def mend(self) -> None:
        """What waited comes through."""
        self._loop.call_soon_threadsafe(self._whole.set)

    async def _run(self) -> None:
        self._over = asyncio.Event()
        self._whole.set()
        async with await asyncio.start_server(self._connect, "127.0.0.1", 0) as server:
            self._ready.set_result(server.sockets[0].getsockname()[1])
            await self._over.wait()
        open_ones = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            await self._whole.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
            writers.append(back)
            await asyncio.gather(self._hand_on(reader, back), self._hand_on(there, writer))
        except OSError:
            # Nobody answers there: whoever asked finds the line closed.
            pass
        finally:
            for one in writers:
                one.transport.abort()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE_BYTES):
            await self._whole.wait()
            writer.write(piece)
            await writer.drain()
        # Who says no more has heard all: pages and service end a connection at once, not one half of it.
        writer.close()
