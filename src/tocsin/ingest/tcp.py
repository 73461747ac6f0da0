"""Sources that read a port over TCP: connecting, pieces of bounded size, and noticing that they are of no use."""

from __future__ import annotations

import asyncio
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import SILENT_S, Deliver
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation

CONNECT_S_MAX = 10.0
# Of longer lines between two others; more is no such port.
SKIPPED_BYTES_MAX = 500_000

# What a piece gives, and when it came (POSIX seconds); None: nothing that such a port is there for.
Read = Callable[[bytes, float], list[Observation] | None]


class TcpSource(ABC):
    """A TCP client of a port; raises when it cannot be had or breaks, or sends nothing of use for a minute."""

    piece_bytes_max: ClassVar[int]
    # A receiver in an empty sky still sends air traffic within minutes; a dead line never does.
    silence_s_max: ClassVar[float] = 300.0

    def __init__(
        self, name: str, host: str, port: int, rejects: Rejects, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._host, self._port = host, port
        self._where = f"{host}:{port}"
        self._rejects = rejects
        self._clock = clock

    @abstractmethod
    def _reader(self) -> Read:
        """What reads a new connection's pieces."""

    @abstractmethod
    async def _next(self, stream: asyncio.StreamReader) -> bytes:
        """The next piece. Raises TimeoutError after too long a silence, ConnectionError at the end, and BadRecord."""

    @abstractmethod
    def _in_vain(self, pieces: int, octets: int, last: bytes) -> str:
        """What to say of a minute's pieces of which none was of use."""

    async def run(self, deliver: Deliver) -> None:
        """Deliver observations until cancelled; raises OSError, TimeoutError or BadRecord where the line fails."""
        read = self._reader()
        async with asyncio.timeout(CONNECT_S_MAX):
            stream, writer = await asyncio.open_connection(self._host, self._port, limit=self.piece_bytes_max)
        loop = asyncio.get_running_loop()
        since_s, pieces, octets = 0.0, 0, 0
        try:
            _keep_alive(writer.get_extra_info("socket"))
            while True:
                piece = await self._next(stream)
                if (found := read(piece, self._clock())) is not None:
                    pieces = octets = 0
                    await deliver(found)
                else:
                    # Not before the first of them: what comes after an hour of silence has not been in vain for one.
                    since_s = since_s if pieces else loop.time()
                    pieces, octets = pieces + 1, octets + len(piece)
                    if loop.time() - since_s > SILENT_S:
                        raise BadRecord(self._in_vain(pieces, octets, piece))
                # A flood must not keep everybody else waiting.
                await asyncio.sleep(0)
        finally:
            writer.close()


class TcpLineSource(TcpSource):
    """The same of a port that sends lines, each of `piece_bytes_max` at most.

    kind   what its lines are, for the reasons: `an SBS line`
    """

    kind: ClassVar[str]

    async def _next(self, stream: asyncio.StreamReader) -> bytes:
        """The next line that is not too long; each that is too long is rejected, whatever its length."""
        skipped = before = 0
        while skipped <= SKIPPED_BYTES_MAX:
            try:
                async with asyncio.timeout(self.silence_s_max):
                    line = await stream.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                skipped += len(await stream.readexactly(error.consumed))
                continue
            except asyncio.IncompleteReadError as end:
                line = end.partial
            if skipped == before:
                if not line:
                    raise ConnectionError(f"{self._where} closed the line")
                return line
            # This was the end of one.
            self._too_long()
            before = skipped
        self._too_long()
        raise BadRecord(f"{self._where} sends lines longer than {self.piece_bytes_max} bytes; is it the right port?")

    def _too_long(self) -> None:
        self._rejects.read()
        self._rejects.count(f"{self.kind} longer than {self.piece_bytes_max} bytes")


def _keep_alive(connection: socket.socket) -> None:
    """Have the system ask whether a silent line still stands: who is gone says no more than an empty sky."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3)):
        # Not every system lets it be set.
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
