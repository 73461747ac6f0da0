"""/healthz, /readyz and /metrics. How single sensors do is told to duty officers and to who may watch them only."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.service.http.answers import answer
from tocsin.service.http.callers import unauthorized
from tocsin.service.http.operators import UNSHARED
from tocsin.service.runtime import Runtime
from tocsin.service.sensor_metrics import sensors_text
from tocsin.service.troubles import channel_troubles, feed_troubles, standing_troubles, unready


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
        """200 while the picture is fresh and the journal writes; else 503 and why.

        An event passed over at the start, a source that brings nothing, or a channel that does not get through is told
        and keeps nobody else from being warned: it is no reason for a 503. Sources, channels and a waiting change
        between drill and live are told to who may watch only.
        """
        watches = self._watches(request)
        troubles = unready(self._runtime)
        standing = standing_troubles(self._runtime, named=watches)
        feeds, channels = feed_troubles(self._runtime, named=watches), channel_troubles(self._runtime, named=watches)
        told = [*troubles, *standing, *feeds, *channels]
        if not watches:
            # Where files lie is no stranger's matter.
            path = self._runtime.settings.journal.path
            for folder in (path.resolve().parent, path.parent.absolute()):
                told = [one.replace(f"{folder}/", "") for one in told]
        return answer(
            {"ready": not troubles, "troubles": told},
            status=503 if troubles else 200,
            headers=UNSHARED,
        )

    def _watches(self, request: Request) -> bool:
        caller = self._runtime.callers.of(request)
        return caller is not None and "watch" in caller.may

    async def metrics(self, request: Request) -> Response:
        """Prometheus metrics; with a token also how every sensor and every live source does."""
        self._runtime.metrics.count_rejects(self._runtime.rejects.outcomes)
        text = self._runtime.metrics.text()
        watches = self._watches(request)
        if "authorization" in request.headers and not watches:
            return unauthorized(
                request, "this token is no duty officer's and no watcher's; without one, sensors stay unnamed"
            )
        if watches:
            # Thousands of microphones make a long text; listeners must not wait for it.
            text += self._runtime.metrics.named_text()
            text += await asyncio.to_thread(sensors_text, self._runtime.sensors)
        return Response(text, headers=UNSHARED, media_type="text/plain; version=0.0.4; charset=utf-8")
