"""The live page, as built by `make web`; a word on how to build it where it was not."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.service.http.answers import problem
from tocsin.service.http.shared import Body, unless_known

STATIC = Path(str(resources.files("tocsin.service"))) / "static"
# A name that changes with what the file holds, as the builder writes it; the map's tiles, in a folder, have others.
_HASHED = re.compile(r"[\w.-]+-[\w-]{8}\.[a-z0-9]+", re.ASCII)
# Asked for again each time, and answered with a word where it is the same; and never asked for again.
_LOOKED_AFTER, _FOR_EVER = "no-cache", "public, max-age=31536000, immutable"
# All of the page and its map's tiles.
_FILES_MAX = 1_000
_PAGE_HEADERS = {
    # Nothing from anywhere else, nothing inline: what the page shows can only have come from here.
    "content-security-policy": "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
}


class Page:
    """The page's routes; `named`: pages beside the public one."""

    def __init__(self, named: Sequence[str] = ("operator", "spotter", "verify")) -> None:
        self._named = named

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/", self.index),
            *(Route(f"/{name}", self.named) for name in self._named),
            Route("/assets/{name:path}", self.asset),
            Route("/{name}", self.file),
        ]

    async def index(self, request: Request) -> Response:
        """The public page."""
        return self._page(request, "index")

    async def named(self, request: Request) -> Response:
        """The duty officer's page, the spotter's, or the one that checks the public log."""
        return self._page(request, request.url.path.strip("/"))

    def _page(self, request: Request, name: str) -> Response:
        path = STATIC / f"{name}.html"
        if not path.is_file():
            return problem(503, "the pages are not built here; run `make web` once (the API works without it)")
        return _file(request, path)

    async def asset(self, request: Request) -> Response:
        """What the page is made of."""
        name: str = request.path_params["name"]
        cached = _FOR_EVER if _HASHED.fullmatch(name) else _LOOKED_AFTER
        return _found(request, STATIC / "assets", name, cached)

    async def file(self, request: Request) -> Response:
        """What lies beside the page."""
        return _found(request, STATIC, request.path_params["name"])


def _found(request: Request, folder: Path, name: str, cached: str = _LOOKED_AFTER) -> Response:
    try:
        path = (folder / name).resolve()
        known = path.is_file() and path.is_relative_to(folder.resolve())
    except (OSError, ValueError):
        # A name that is too long, or has a zero in it, is none.
        known = False
    return _file(request, path, cached) if known else problem(404, "there is no such page")


def _file(request: Request, path: Path, cached: str = _LOOKED_AFTER) -> Response:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    body = _read(path, path.stat().st_mtime_ns)
    return unless_known(request, body, headers=_PAGE_HEADERS | {"cache-control": cached}, media_type=media_type)


@lru_cache(_FILES_MAX)
def _read(path: Path, mtime_ns: int) -> Body:
    return Body(path.read_bytes(), level=9)
