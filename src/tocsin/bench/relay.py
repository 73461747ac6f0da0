"""A bare relay: parses what it is sent and passes impacts on. No journal, no engine: what no chain here can beat."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

BEGIN = b"event: state\ndata: {}\n\n"


class _Relay:
    """Its routes are those of the service that the measurement uses."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Queue[bytes]] = set()

    async def observations(self, request: Request) -> Response:
        for line in (await request.body()).splitlines():
            one = msgspec.json.decode(line)
            if one["kind"] == "impact":
                said = b'event: change\ndata: {"zones":[{"zone":"%s","level":"take_cover"}]}\n\n' % one["id"].encode()
                for listener in self.listeners:
                    listener.put_nowait(said)
        return JSONResponse({})

    async def warnings(self, _: Request) -> Response:
        return JSONResponse({"warnings": []})

    async def events(self, _: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.listeners.add(queue)
        yield BEGIN
        try:
            while True:
                yield await queue.get()
        finally:
            self.listeners.discard(queue)


def main() -> None:
    """Serve on the port given as the only argument, until ended."""
    relay = _Relay()
    routes = [
        Route("/v1/observations", relay.observations, methods=["POST"]),
        Route("/v1/warnings", relay.warnings),
        Route("/v1/events", relay.events),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", log_level="error")


if __name__ == "__main__":
    main()
