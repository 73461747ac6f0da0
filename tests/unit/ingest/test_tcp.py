"""A port that is read over TCP is given up for what it sends, never for how long it sent nothing."""

from __future__ import annotations

import asyncio

import pytest

from tocsin.ingest import tcp
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import stop
from tocsin.ingest.tcp import Read, TcpSource
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation

LONG_S = 0.2


class _Scripted(TcpSource):
    """Pieces after so many seconds each; only `good` is of use."""

    piece_bytes_max = 100

    def __init__(self, pieces: list[tuple[float, bytes]], port: int) -> None:
        super().__init__("mast", "127.0.0.1", port, Rejects())
        self._pieces = iter(pieces)

    def _reader(self) -> Read:
        return lambda piece, received_s: [] if piece == b"good" else None

    async def _next(self, stream: asyncio.StreamReader) -> bytes:
        wait_s, piece = next(self._pieces, (60.0, b""))
        await asyncio.sleep(wait_s)
        return piece

    def _in_vain(self, pieces: int, octets: int, last: bytes) -> str:
        return f"{pieces} pieces, {octets} octets, {last!r}"


def _delivered(pieces: list[tuple[float, bytes]], wanted: int) -> int:
    """How often a source delivers whose port sends this; it raises what the source raises."""

    async def story() -> int:
        told = 0
        enough = asyncio.Event()

        async def deliver(observations: list[Observation]) -> None:
            nonlocal told
            told += 1
            if told == wanted:
                enough.set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            await writer.wait_closed()
            gone.set()

        gone = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        task = asyncio.create_task(_Scripted(pieces, server.sockets[0].getsockname()[1]).run(deliver))
        waiting = asyncio.create_task(enough.wait())
        async with asyncio.timeout(20):
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        server.close()
        if not task.done():
            await stop(task)
        await gone.wait()
        if not task.cancelled():
            task.result()
        return told

    return asyncio.run(story())


def test_what_is_of_no_use_after_a_long_silence_does_not_cost_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "SILENT_S", LONG_S)
    assert _delivered([(2 * LONG_S, b"noise"), (0.0, b"good"), (2 * LONG_S, b"noise"), (0.0, b"good")], 2) == 2


def test_a_minute_of_nothing_of_use_is_said_with_how_much_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "SILENT_S", LONG_S)
    with pytest.raises(BadRecord, match="2 pieces, 8 octets, b'more'"):
        _delivered([(0.0, b"good"), (0.0, b"some"), (2 * LONG_S, b"more")], 9)
