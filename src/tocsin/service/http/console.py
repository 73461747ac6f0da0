"""/v1/console/…: the operators' picture, what stands behind it, what was, and notes for the next shift.

All of it for who may see the operators' picture (of minutes: for planners), and never kept by anybody on the way.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from datetime import datetime

import apsw
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.delivery import Delivered
from tocsin.announce.shared_gzip import wants_gzip
from tocsin.model.errors import BadValue
from tocsin.service.console.asked import Area
from tocsin.service.console.asking import area_zones, settings_shown
from tocsin.service.console.kept import KINDS, Log, NewNote, Notes, Past
from tocsin.service.console.past import EVERY_S
from tocsin.service.console.shown import Decisions
from tocsin.service.console.stream import Streaming
from tocsin.service.console.weighing import evidence_of
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.callers import Caller
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.shared import Body, Shared, unless_known
from tocsin.service.people.roles import Permission
from tocsin.service.runtime import Runtime

BODY_BYTES_MAX = 50_000
PAGE, PAGE_MAX = 100, 500
MARKS_MAX = 1_000
_NOTHING = "nothing has been decided yet; try again in a second"

_Serve = Callable[[Request, Caller], Awaitable[Response]]


class ConsoleRoutes:
    """The routes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._minutes = Body(b"")

    def routes(self) -> list[Route]:
        """For the application."""
        below = "/v1/console"
        return [
            Route(f"{below}/picture", self._for(self.picture), methods=["GET"]),
            Route(f"{below}/events", self._for(self.events), methods=["GET"]),
            Route(f"{below}/decisions", self._for(self.decisions), methods=["GET"]),
            Route(f"{below}/minutes", self._for(self.minutes, only="plan"), methods=["GET"]),
            Route(f"{below}/zones/{{zone:path}}/evidence", self._for(self.evidence), methods=["GET"]),
            Route(f"{below}/log", self._for(self.log), methods=["GET"]),
            Route(f"{below}/notes", self._for(self.notes), methods=["GET"]),
            Route(f"{below}/notes", self._for(self.note, only="note"), methods=["POST"]),
            Route(f"{below}/past", self._for(self.past), methods=["GET"]),
            Route(f"{below}/area", self._for(self.area), methods=["POST"]),
            Route(f"{below}/settings", self._for(self.settings, "sources"), methods=["GET"]),
        ]

    def _for(
        self, serve: _Serve, *more: Permission, only: Permission = "picture"
    ) -> Callable[[Request], Awaitable[Response]]:
        """A route that nobody reaches but who has that permission, or one of `more`."""

        async def served(request: Request) -> Response:
            caller = self._runtime.callers.needed(request, only, *more)
            found = await serve(request, caller) if isinstance(caller, Caller) else caller
            for name, value in UNSHARED.items():
                found.headers.setdefault(name, value)
            return found

        return served

    async def picture(self, request: Request, caller: Caller) -> Response:
        """Everything, once."""
        if await self._runtime.console.fresh() is None:
            return problem(503, _NOTHING, retry_after_s=1)
        body = self._runtime.console.stream.body
        return Shared(request, body, headers=UNSHARED, media_type="application/json")

    async def events(self, request: Request, caller: Caller) -> Response:
        """Everything, and then what changes."""
        stream = self._runtime.console.stream
        if (why := stream.full(caller.id)) is not None:
            stream.refused += 1
            return problem(503, why, retry_after_s=5)
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        await self._runtime.console.fresh()
        return Streaming(
            request, stream, self._runtime.clock.now, caller.id, lambda: self._runtime.callers.stands(caller)
        )

    async def decisions(self, request: Request, caller: Caller) -> Response:
        """What needs a decision."""
        shown = await self._runtime.console.fresh()
        if shown is None:
            return problem(503, _NOTHING, retry_after_s=1)
        return answer(Decisions(shown.now, shown.decisions))

    async def minutes(self, request: Request, caller: Caller) -> Response:
        """The minutes of warning that people have, as usual and now."""
        live = self._runtime.minutes
        if live is None:
            return problem(404, "no minutes are worked out here; a table [minutes] in the settings asks for them")
        if live.body is None:
            return problem(503, live.missing, retry_after_s=5)
        if self._minutes.plain is not live.body:
            self._minutes = Body(live.body)
        return unless_known(request, self._minutes, headers=UNSHARED, media_type="application/json")

    async def evidence(self, request: Request, caller: Caller) -> Response:
        """What stands behind a zone's warning."""
        glance = self._runtime.console.glance
        if glance is None:
            return problem(503, _NOTHING, retry_after_s=1)
        zone = request.path_params["zone"]
        found = evidence_of(glance, zone, self._delivered)
        return answer(found) if found is not None else problem(404, f"there is no zone {zone[:200]!r}")

    def _delivered(self, warning: str) -> tuple[Delivered, ...]:
        deliveries = self._runtime.channels.deliveries.values()
        return tuple(one for delivery in deliveries if (one := delivery.find(warning)) is not None)

    async def log(self, request: Request, caller: Caller) -> Response:
        """What happened."""
        try:
            after, limit = paged(request)
            kinds = [one for one in request.query_params.get("kind", "").split(",") if one]
            if unknown := [one for one in kinds if one not in KINDS]:
                raise BadValue(f"kind {unknown[0][:40]!r} is none of {', '.join(KINDS)}")
        except BadValue as error:
            return problem(400, str(error))
        entries = await asyncio.to_thread(self._runtime.console.store.entries, after, limit, kinds)
        return answer(Log(entries, entries[-1].number if len(entries) == limit else None))

    async def notes(self, request: Request, caller: Caller) -> Response:
        """Notes for the next shift."""
        try:
            after, limit = paged(request)
        except BadValue as error:
            return problem(400, str(error))
        notes = await asyncio.to_thread(self._runtime.console.store.notes, after, limit)
        return answer(Notes(notes, notes[-1].number if len(notes) == limit else None))

    async def note(self, request: Request, caller: Caller) -> Response:
        """Leave a note."""
        asked = await body_as(request, NewNote, BODY_BYTES_MAX, "a note")
        if isinstance(asked, Response):
            return asked
        console, now = self._runtime.console, self._runtime.clock.now()
        if console.store.trouble is not None:
            return problem(503, console.store.trouble)
        try:
            made = await asyncio.to_thread(console.store.note, caller.id, asked.id, asked.text, now)
        except BadValue as error:
            return problem(409, str(error))
        except apsw.Error as error:
            return problem(503, f"the note cannot be kept: {error}", retry_after_s=5)
        if made.time == now:
            console.noted(caller.id, asked.text, now)
        return answer(made)

    async def past(self, request: Request, caller: Caller) -> Response:
        """Pictures of the last hours: which there are, or the one of a time."""
        console, at = self._runtime.console, request.query_params.get("at")
        if at is None:
            first, last, count = await asyncio.to_thread(console.pictures.bounds)
            marks: tuple[datetime, ...] = ()
            if first is not None:
                marks = await asyncio.to_thread(console.store.times, "warning", first, MARKS_MAX)
            return answer(Past(first, last, EVERY_S, count, marks))
        try:
            time = msgspec.convert(at, datetime)
            if time.tzinfo is None:
                raise BadValue("it has no zone; write it as 2026-01-31T20:15:00Z")
        except (msgspec.ValidationError, BadValue, OverflowError) as error:
            return problem(400, f"at is no time: {str(error)[:200]}")
        found = await asyncio.to_thread(console.pictures.at, time)
        if found is None:
            return problem(404, f"no picture is kept of {at[:40]} or before; GET /v1/console/past says which are")
        if wants_gzip(request.headers.get("accept-encoding", "").encode("latin-1")):
            squeezed = {"content-encoding": "gzip", "vary": f"accept-encoding, {UNSHARED['vary']}"}
            return Response(found, headers=squeezed, media_type="application/json")
        return Response(zlib.decompress(found, wbits=31), media_type="application/json")

    async def area(self, request: Request, caller: Caller) -> Response:
        """The zones that a drawn area touches."""
        asked = await body_as(request, Area, BODY_BYTES_MAX, "an area")
        if isinstance(asked, Response):
            return asked
        runtime = self._runtime
        try:
            found = await asyncio.to_thread(
                area_zones, asked, runtime.index, runtime.console.glance, caller.operator, runtime.configuration.acts
            )
        except BadValue as error:
            return problem(400, str(error))
        return answer(found)

    async def settings(self, request: Request, caller: Caller) -> Response:
        """How the service is set."""
        runtime = self._runtime
        return answer(
            settings_shown(runtime.settings, runtime.configuration, runtime.channels, len(runtime.people.everybody()))
        )


def paged(request: Request) -> tuple[int | None, int]:
    """The number after which, and how many. Raises BadValue."""
    asked = request.query_params
    after = _whole(asked.get("after"), "after", 2**62)
    limit = _whole(asked.get("limit"), "limit", PAGE_MAX)
    return after, PAGE if limit is None else max(1, limit)


def _whole(text: str | None, name: str, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise BadValue(f"{name} is {text[:40]!r}; it is a whole number up to {most}")
    return int(text)
