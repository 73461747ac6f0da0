"""Lines over TCP, each bounded, from ports that send text."""

from __future__ import annotations

import asyncio

from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord

CONNECT_S_MAX = 10.0
# Of longer lines between two others; more is no such port.
SKIPPED_BYTES_MAX = 500_000


class TcpLines:
    """The lines of a stream that was opened with `limit=line_bytes_max`.

    where  host and port
    kind   what its lines are, for the reasons: `an SBS line`
    """

    def __init__(
        self, stream: asyncio.StreamReader, where: str, kind: str, line_bytes_max: int, rejects: Rejects
    ) -> None:
        self._stream = stream
        self._where, self._kind = where, kind
        self._line_bytes_max = line_bytes_max
        self._rejects = rejects

    async def next(self, silence_s_max: float) -> bytes:
        """The next line that is not too long; each that is too long is rejected, whatever its length.

        Raises TimeoutError after so much silence, ConnectionError at the end, BadRecord where lines have no end.
        """
        skipped = before = 0
        while skipped <= SKIPPED_BYTES_MAX:
            try:
                line = await asyncio.wait_for(self._stream.readuntil(b"\n"), silence_s_max)
            except asyncio.LimitOverrunError as error:
                skipped += len(await self._stream.readexactly(error.consumed))
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
        raise BadRecord(f"{self._where} sends lines longer than {self._line_bytes_max} bytes; is it the right port?")

    def _too_long(self) -> None:
        self._rejects.read()
        self._rejects.count(f"{self._kind} longer than {self._line_bytes_max} bytes")
