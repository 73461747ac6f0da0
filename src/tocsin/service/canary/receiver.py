"""A small server on this machine, to which a channel sends as it does to others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

# How often it is called when there is nothing to tell.
CALLED_EVERY_S = 30.0
BODY_BYTES_MAX = 1_000_000
HOST = "127.0.0.1"


class Receiver:
    """Answers at `HOST` and a `port` that was free; whoever takes it before makes `serve` fail, and that is said."""

    def __init__(self) -> None:
        with socket.create_server((HOST, 0)) as free:
            self.port: int = free.getsockname()[1]

    async def serve(
        self,
        answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        call: Callable[[], Awaitable[None]] | None,
    ) -> None:
        """Answer until cancelled; `call` has something sent here, at once and again every CALLED_EVERY_S."""
        runner = web.ServerRunner(web.Server(answer), handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self.port).start()
            while True:
                if call is not None:
                    await call()
                await asyncio.sleep(CALLED_EVERY_S)
        finally:
            await runner.cleanup()
