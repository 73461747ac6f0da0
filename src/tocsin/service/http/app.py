"""The application: routes, the live page, and headers that keep a page from reaching anywhere else."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import resources
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from tocsin.service.http.answers import problem
from tocsin.service.http.health import Health
from tocsin.service.http.observations import Observations
from tocsin.service.http.openapi import description
from tocsin.service.http.operators import Operators
from tocsin.service.http.public import Public
from tocsin.service.runtime import Runtime

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Any]

STATIC = Path(str(resources.files("tocsin.service"))) / "static"
_PAGE_HEADERS = {
    # Nothing from anywhere else, nothing inline: what the page shows can only have come from here.
    "content-security-policy": "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def make_app(runtime: Runtime) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application of a started runtime."""
    described = [Route(path, _described) for path in ("/v1/openapi.json", "/openapi.json")]
    routes: list[BaseRoute] = [
        *Observations(runtime).routes(),
        *Operators(runtime).routes(),
        *Public(runtime).routes(),
        *Health(runtime).routes(),
        *described,
        *_page(),
    ]
    rest = Starlette(
        routes=routes,
        middleware=[Middleware(GZipMiddleware, minimum_size=1_000)],
        exception_handlers={HTTPException: _unserved},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The event stream needs the server's own `send`: before any middleware.
        if scope["type"] == "http" and scope["path"] == "/v1/events" and scope["method"] == "GET":
            await runtime.channels.page_stream(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


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


async def _described(request: Request) -> Response:
    return Response(description(), media_type="application/json", headers={"access-control-allow-origin": "*"})


class _Assets(StaticFiles):
    """The live page's files; where it is not built there are none, which is no failure."""

    async def check_config(self) -> None:
        """Whether the folder is there is seen with every request."""


def _page() -> list[BaseRoute]:
    """The live page as built by `make web`; a word on how to build it where it was not."""
    index = STATIC / "index.html"

    async def page(request: Request) -> Response:
        if not index.is_file():
            return problem(503, "the live page is not built here; run `make web` once (the API works without it)")
        return FileResponse(index, headers=_PAGE_HEADERS)

    async def file(request: Request) -> Response:
        found = STATIC / request.path_params["name"]
        # Unlike `Path.is_file`, this takes any name whatever: one too long is none.
        known = os.path.isfile(found) and found.parent == STATIC  # noqa: PTH113
        return FileResponse(found, headers=_PAGE_HEADERS) if known else problem(404, "there is no such page")

    assets = _Assets(directory=STATIC / "assets", check_dir=False)
    return [Route("/", page), Mount("/assets", assets), Route("/{name}", file)]
