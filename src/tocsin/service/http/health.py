"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.service.http.answers import answer
from tocsin.service.runtime import Runtime


class Health:
    """The routes that machines watch."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/healthz", self.alive), Route("/readyz", self.ready), Route("/metrics", self.metrics)]

    async def alive(self, request: Request) -> Response:
        """200 while the process answers."""
        return answer({"alive": True})

    async def ready(self, request: Request) -> Response:
        """200 while the picture is fresh and the journal writes; else 503 and why."""
        troubles = self._runtime.troubles()
        return answer({"ready": not troubles, "troubles": troubles}, status=503 if troubles else 200)

    async def metrics(self, request: Request) -> Response:
        """Prometheus metrics."""
        return Response(self._runtime.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
