"""The application: all routes, and what is served where there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.announce.page_stream import PageStream
from tocsin.announce.shared_gzip import LEVEL
from tocsin.service.http.answers import problem
from tocsin.service.http.compat import Compat
from tocsin.service.http.console import ConsoleRoutes
from tocsin.service.http.delivery import DeliveryEvidence
from tocsin.service.http.health import Health
from tocsin.service.http.incidents import IncidentsRoutes
from tocsin.service.http.ledger import LedgerRoutes
from tocsin.service.http.observations import Observations
from tocsin.service.http.openapi import description
from tocsin.service.http.openid import OpenIds
from tocsin.service.http.operators import Operators
from tocsin.service.http.own_secrets import OwnSecrets
from tocsin.service.http.page import Page
from tocsin.service.http.passkeys import Passkeys
from tocsin.service.http.people import PeopleRoutes
from tocsin.service.http.plain import Plain
from tocsin.service.http.proof import Proofs
from tocsin.service.http.public import Public
from tocsin.service.http.public_log import PublicLog
from tocsin.service.http.push import Push
from tocsin.service.http.remembered import Remembered
from tocsin.service.http.retraction import Retractions
from tocsin.service.http.sealed import Sealed
from tocsin.service.http.session import Sessions
from tocsin.service.http.shared import Body, Shared
from tocsin.service.http.sites import SiteRoutes
from tocsin.service.http.spotter_posts import SpotterPosts
from tocsin.service.http.spotters import SpotterDevices
from tocsin.service.http.tiles import Tiles
from tocsin.service.runtime import Runtime

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def make_app(runtime: Runtime, *, tls: bool = False) -> App:
    """The ASGI application of a started runtime; `tls`: whoever comes, comes through a proxy that speaks it."""
    return framed(routes(runtime), runtime.channels.page_stream, tls=tls)


def framed(routes: list[BaseRoute], page_stream: PageStream, *, tls: bool) -> App:
    """An application of these routes and the event stream."""
    rest = Starlette(
        routes=routes,
        middleware=[Middleware(Sealed, tls=tls), Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=LEVEL)],
        exception_handlers={HTTPException: _unserved, ClientDisconnect: _gone},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The event stream needs the server's own `send`: before any middleware.
        if scope["type"] == "http" and scope["path"] == "/v1/events" and scope["method"] == "GET":
            await page_stream(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


def routes(runtime: Runtime) -> list[BaseRoute]:
    """Every route but the event stream's, which goes before all."""
    return [
        *Observations(runtime).routes(),
        *(sessions := Sessions(runtime)).routes(),
        *OwnSecrets(runtime, sessions).routes(),
        *(passkeys := Passkeys(runtime, sessions)).routes(),
        *Proofs(runtime, sessions, passkeys).routes(),
        *OpenIds(runtime, sessions).routes(),
        *PeopleRoutes(runtime).routes(),
        *(operators := Operators(runtime)).routes(),
        *Retractions(runtime, operators).routes(),
        *DeliveryEvidence(runtime).routes(),
        *ConsoleRoutes(runtime).routes(),
        *LedgerRoutes(runtime, operators).routes(),
        *Public(runtime).routes(),
        *PublicLog(runtime).routes(),
        *Plain(runtime).routes(),
        *IncidentsRoutes(runtime).routes(),
        *Remembered(runtime).routes(),
        *Tiles(runtime).routes(),
        *SiteRoutes(runtime, operators).routes(),
        *Push(runtime).routes(),
        *SpotterDevices(runtime).routes(),
        *SpotterPosts(runtime).routes(),
        Compat(runtime).mounted(),
        *Health(runtime).routes(),
        *(Route(path, _described) for path in ("/v1/openapi.json", "/openapi.json")),
        *Page().routes(),
    ]


async def _unserved(request: Request, error: Exception) -> Response:
    """What no route serves, as a problem like every other."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    may = headers.get("Allow")
    said = {
        404: "there is no such page; /openapi.json describes what there is",
        405: f"{request.method} is not allowed here; allowed: {may}",
    }
    found = problem(error.status_code, said.get(error.status_code, error.detail))
    found.headers.update(headers)
    return found


async def _gone(request: Request, error: Exception) -> Response:
    """Its sender hung up in the middle of a body: there is nobody to tell, and nothing to log."""
    return problem(400, "the body ended before its end")


async def _described(request: Request) -> Response:
    return Shared(request, _description(), media_type="application/json", headers={"access-control-allow-origin": "*"})


@cache
def _description() -> Body:
    return Body(description())
