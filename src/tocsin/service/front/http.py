"""What a front end answers: everything for everybody, and how it fares itself. Nobody signs in here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.service.front.front import Front
from tocsin.service.http.answers import answer
from tocsin.service.http.app import App, framed
from tocsin.service.http.callers import holder_of
from tocsin.service.http.compat import Compat
from tocsin.service.http.incidents import IncidentsRoutes
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.page import Page
from tocsin.service.http.plain import Plain
from tocsin.service.http.public import Public
from tocsin.service.http.push import Push
from tocsin.service.http.remembered import Remembered
from tocsin.service.http.sites import PublicSites
from tocsin.service.http.tiles import Tiles


def make_app(front: Front, *, tls: bool = False) -> App:
    """The ASGI application of a started front end; `tls`: whoever comes, comes through a proxy that speaks it."""
    return framed(routes(front), front.channels.page_stream, tls=tls)


def routes(front: Front) -> list[BaseRoute]:
    """Every route but the event stream's, which goes before all."""
    return [
        *Public(front).routes(),
        *Plain(front).routes(),
        *IncidentsRoutes(front).routes(),
        *Remembered(front).routes(),
        *Tiles(front).routes(),
        *Push(front).routes(),
        Compat(front).mounted(),
        *FrontHealth(front).routes(),
        Route("/v1/sites", _no_sites),
        *Page(named=()).routes(),
    ]


async def _no_sites(request: Request) -> Response:
    """None: how they fare is known to the nodes."""
    return answer(PublicSites(()))


class FrontHealth:
    """The routes that machines watch."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/healthz", self.alive), Route("/readyz", self.ready), Route("/metrics", self.metrics)]

    async def alive(self, request: Request) -> Response:
        """200 while the process answers."""
        return answer({"alive": True})

    async def ready(self, request: Request) -> Response:
        """200 while every sector is heard; else 503 and why. Who holds a watcher's token is told which is not."""
        named = holder_of(request, self._front.settings.watcher) is not None
        troubles = self._front.troubles(named=named)
        told = [*troubles, *(self._front.standing_troubles() if named else ())]
        return answer({"ready": not troubles, "troubles": told}, status=503 if troubles else 200, headers=UNSHARED)

    async def metrics(self, request: Request) -> Response:
        """Prometheus metrics; none of them names a sensor or a source, which are not known here."""
        text = self._front.metrics.text()
        return Response(text, headers=UNSHARED, media_type="text/plain; version=0.0.4; charset=utf-8")
