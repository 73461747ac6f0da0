"""Lines between processes of this machine that can be cut: each a port of ours that passes on to another.

A line that is cut says nothing, as a cable does: connections stay open and bring nothing, new ones are never answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

_PART_BYTES = 65_536
Found = TypeVar("Found")


class Line:
    """One line.

    port   where it begins; where it ends, `Links.line` was told
    """

    def __init__(self, listener: socket.socket, to: int) -> None:
        self.port = int(listener.getsockname()[1])
        self.listener = listener
        self.whole = asyncio.Event()
        self.whole.set()
        self._to = to

    async def serve(self) -> None:
        """Take connections for good."""
        server = await asyncio.start_server(self._taken, sock=self.listener)
        async with server:
            await server.serve_forever()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _closing(writer), contextlib.suppress(OSError):
            await self.whole.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
            with _closing(back):
                both = [asyncio.create_task(self._pass(reader, back)), asyncio.create_task(self._pass(there, writer))]
                _, other = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                for one in other:
                    one.cancel()
                await asyncio.gather(*both, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(_PART_BYTES):
            await self.whole.wait()
            writer.write(part)
            await writer.drain()


@contextlib.contextmanager
def _closing(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Closed at the end: what was written goes out first, unless all lines end and nobody may read it any more."""
    try:
        yield
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
    finally:
        writer.close()


class Links:
    """All lines, served in a thread of their own; leaving it ends them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._tasks: list[asyncio.Task[None]] = []
        self._thread.start()

    def line(self, to: int) -> Line:
        """A line to a port of this machine, whole for now."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        return self._run(self._begun(listener, to))

    def cut(self, line: Line) -> None:
        """From now on nothing passes."""
        self._loop.call_soon_threadsafe(line.whole.clear)

    def mend(self, line: Line) -> None:
        """What waited passes, and all that comes."""
        self._loop.call_soon_threadsafe(line.whole.set)

    def close(self) -> None:
        """End all lines."""
        if self._thread.is_alive():
            self._run(self._ended())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _begun(self, listener: socket.socket, to: int) -> Line:
        line = Line(listener, to)
        self._tasks.append(asyncio.create_task(line.serve()))
        return line

    async def _ended(self) -> None:
        everything = asyncio.all_tasks() - {asyncio.current_task()}
        for one in everything:
            one.cancel()
        await asyncio.gather(*everything, return_exceptions=True)

    def _run(self, what: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
