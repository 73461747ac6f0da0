"""What everybody may read, without an account: zones, outlines, warnings, feed, CAP. No tracks, no sensors."""

from __future__ import annotations

import asyncio
import math
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.cap_press import Withheld
from tocsin.service.http.answers import problem
from tocsin.service.http.seen import Seen
from tocsin.service.http.shared import KEPT_S, Body, Latest, Shared, unless_known

# Pages of other sites, and apps, may read all of this.
_OPEN = {"access-control-allow-origin": "*"}
_FRESH = _OPEN | {"cache-control": "no-store"}
# Whoever keeps it asks each time whether it is still the same. There is no Last-Modified: what changes twice within a
# second would look the same.
_ASKED = _OPEN | {"cache-control": "no-cache"}
# Zones that one request may ask for; a page of a device's own places asks for fewer.
ASKED_MAX = 100
_ATOM, _RSS = "application/atom+xml", "application/rss+xml"
_GEOJSON = "application/geo+json"


class Public:
    """The public routes."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        board, now = seen.channels.board, seen.clock.now
        self._zones = Latest(lambda: board.state_json(now()))
        self._warnings = Latest(board.warnings_json)
        self._feed = Latest(lambda: seen.channels.atom_feed.xml())
        self._rss = Latest(lambda: seen.channels.rss_feed.xml())
        self._outlines: Body | None = None
        self._drawing = asyncio.Lock()
        self._mapping = asyncio.Lock()
        self._mapped_for: tuple[int, bool, int] | None = None
        self._mapped = Body(b"")

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/zones", self.zones),
            Route("/v1/zones/at", self.at),
            Route("/v1/outlines", self.outlines),
            Route("/v1/warnings", self.warnings),
            Route("/v1/warned.geojson", self.warned),
            Route("/feed.atom", self.feed),
            Route("/feed.rss", self.rss),
            Route("/feed/{name}.atom", self.page),
            Route("/cap/{name:path}.xml", self.cap),
        ]

    async def zones(self, request: Request) -> Response:
        """How every zone stands, or those that are asked for: those that are not there are left out."""
        asked = request.query_params.getlist("zone")
        if asked:
            return _json(self._seen.channels.board.some_json(asked[:ASKED_MAX], self._seen.clock.now()))
        return Shared(request, self._zones.body(self._standing()), headers=_FRESH, media_type="application/json")

    def _standing(self) -> tuple[int, bool]:
        board = self._seen.channels.board
        return board.seq, board.drill

    async def at(self, request: Request) -> Response:
        """How the zones at a point stand."""
        try:
            lat, lon = float(request.query_params["lat"]), float(request.query_params["lon"])
        except (KeyError, ValueError):
            return problem(400, "give lat and lon in degrees, such as /v1/zones/at?lat=46.95&lon=7.45")
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
            return problem(400, f"lat {lat}, lon {lon} is no place on Earth; write degrees")
        return _json(self._seen.channels.board.at_json(lat, lon, self._seen.clock.now()))

    async def outlines(self, request: Request) -> Response:
        """The zones' outlines; they seldom change."""
        headers = _OPEN | {"cache-control": "public, max-age=300"}
        body = await self._drawn()
        return unless_known(request, body, headers=headers, media_type=_GEOJSON)

    async def _drawn(self) -> Body:
        """The outlines, drawn and squeezed once: for a country that takes a second, in which others are served."""
        async with self._drawing:
            if self._outlines is None:
                outlines = Body(await asyncio.to_thread(self._seen.channels.board.outlines_geojson), level=6)
                await asyncio.to_thread(lambda: outlines.squeezed)
                self._outlines = outlines
        return self._outlines

    async def warnings(self, request: Request) -> Response:
        """The warnings in force."""
        return Shared(request, self._warnings.body(self._standing()), headers=_FRESH, media_type="application/json")

    async def feed(self, request: Request) -> Response:
        """The Atom feed of CAP messages: those in force, and the newest."""
        return unless_known(request, self._feed.body(self._standing()), headers=_ASKED, media_type=_ATOM)

    async def rss(self, request: Request) -> Response:
        """The same as RSS."""
        return unless_known(request, self._rss.body(self._standing()), headers=_ASKED, media_type=_RSS)

    async def warned(self, request: Request) -> Response:
        """The zones under a warning, for maps and home automation; drawn for all who ask within half a second."""
        channels = self._seen.channels
        async with self._mapping:
            key = (*self._standing(), round(time.monotonic() / KEPT_S))
            if key != self._mapped_for:
                board = channels.board
                drawn = await asyncio.to_thread(
                    channels.warned_map.geojson,
                    board.warned(),
                    picture_at=board.picture_at,
                    degraded=board.degraded(self._seen.clock.now()),
                    drill=board.drill,
                )
                self._mapped_for, self._mapped = key, Body(drawn)
            body = self._mapped
        return unless_known(request, body, headers=_ASKED, media_type=_GEOJSON)

    async def page(self, request: Request) -> Response:
        """An older page of the feed."""
        xml = self._seen.channels.atom_feed.page(request.path_params["name"])
        if xml is None:
            return problem(404, "there is no such page here; /feed.atom leads to those kept")
        return unless_known(request, Body(xml), headers=_ASKED, media_type=_ATOM)

    async def cap(self, request: Request) -> Response:
        """One CAP message, by its identifier or a warning's id."""
        messages = self._seen.channels.cap_messages
        message = messages.archive.find(request.path_params["name"])
        if message is None:
            return problem(404, "there is no such message here; /feed.atom lists those kept")
        try:
            # Writing and signing takes milliseconds in which others are served.
            xml = messages.press.kept(message)
            if xml is None:
                xml = await asyncio.to_thread(messages.press.made, message)
        except Withheld as error:
            return problem(503, f"{error}; ask again soon, /v1/warnings says what stands")
        return unless_known(request, Body(xml), headers=_ASKED, media_type="application/cap+xml")


def _json(body: bytes) -> Response:
    return Response(body, headers=_FRESH, media_type="application/json")
