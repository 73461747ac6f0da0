"""/v1/warned/{z}/{x}/{y}.mvt: the zones under a warning, and those where we may be blind, as tiles for maps of others.

Drawn by the database of views, for all who ask within a second. Without one there are none.
"""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.views.reading import warned_tile
from tocsin.model.errors import BadFile
from tocsin.service.http.answers import problem
from tocsin.service.http.seen import Seen
from tocsin.service.http.shared import Body, unless_known

# A tile of level 14 is 2 km wide; zones have no finer outlines.
ZOOM_MAX = 14
KEPT_S = 1.0
# What a screen full of maps asks for, of some dozens of people in as many places.
KEPT_MAX = 2_000
_OPEN = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
_MVT = "application/vnd.mapbox-vector-tile"


class Tiles:
    """The route."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._kept: dict[tuple[int, int, int], tuple[float, Body]] = {}

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/v1/warned/{z:int}/{x:int}/{y:int}.mvt", self.tile)]

    async def tile(self, request: Request) -> Response:
        """One tile; an empty one where nothing is warned."""
        z, x, y = (int(request.path_params[name]) for name in ("z", "x", "y"))
        if self._seen.views is None:
            return problem(404, "no tiles are drawn here; [views] in the settings names a database that draws them")
        if not (z <= ZOOM_MAX and x < 2**z and y < 2**z):
            return problem(404, f"there is no such tile; z is 0 to {ZOOM_MAX}, x and y are below 2 to the power of z")
        try:
            body = await self._drawn(z, x, y)
        except BadFile as error:
            return problem(503, f"{error}; /v1/warned.geojson says what is warned", retry_after_s=10)
        return unless_known(request, body, headers=_OPEN, media_type=_MVT)

    async def _drawn(self, z: int, x: int, y: int) -> Body:
        at_s, body = self._kept.get((z, x, y), (float("-inf"), Body(b"")))
        now_s = time.monotonic()
        if now_s - at_s > KEPT_S:
            assert self._seen.views is not None, "asked above"
            body = Body(await self._seen.views.ask(lambda db: warned_tile(db, z, x, y)))
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[z, x, y] = now_s, body
        return body
