"""/v1/console/ledger/…: incidents, claims and sources for who may see the operators' picture; decisions of officers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.ledger.window import Place
from tocsin.model.errors import BadFile, BadValue, Missing
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.callers import Caller
from tocsin.service.http.console import paged
from tocsin.service.http.operators import UNSHARED, Operators
from tocsin.service.ledger.deciding import Decide, Decided, decide
from tocsin.service.ledger.opening import NewIncident, open_incident
from tocsin.service.ledger.shelf import Shelf, State, Wanted
from tocsin.service.people.roles import Permission
from tocsin.service.runtime import Runtime
from tocsin.service.within import parents_in, within

TEXT_CHARS_MAX, BODY_BYTES_MAX = 200, 50_000
_NOTHING = "there is no ledger here; [ledger] in the settings names one"

_Asked = TypeVar("_Asked", bound=msgspec.Struct)
_Serve = Callable[[Request, Caller], Awaitable[Response]]


class LedgerRoutes:
    """The routes; 404 where the settings name no ledger, 503 as long as it cannot be used."""

    def __init__(self, runtime: Runtime, operators: Operators) -> None:
        self._runtime = runtime
        self._operators = operators

    def routes(self) -> list[Route]:
        """For the application."""
        below = "/v1/console/ledger"
        return [
            Route(f"{below}/incidents", self._for(self.incidents), methods=["GET"]),
            Route(f"{below}/incidents", self._for(self.open, "ledger"), methods=["POST"]),
            Route(f"{below}/incidents/{{incident:path}}", self._for(self.incident), methods=["GET"]),
            Route(f"{below}/sources", self._for(self.sources), methods=["GET"]),
            Route(f"{below}/proposals", self._for(self.proposals), methods=["GET"]),
            Route(f"{below}/reporters", self._for(self.reporters, "spotters"), methods=["GET"]),
            Route(f"{below}/decisions", self._for(self.decide, "ledger"), methods=["POST"]),
        ]

    def _for(self, serve: _Serve, permission: Permission = "picture") -> Callable[[Request], Awaitable[Response]]:
        """A route that nobody reaches but who has that permission, where there is a ledger."""

        async def served(request: Request) -> Response:
            caller = self._runtime.callers.needed(request, permission)
            found = await self._served(serve, request, caller) if isinstance(caller, Caller) else caller
            for name, value in UNSHARED.items():
                found.headers.setdefault(name, value)
            return found

        return served

    async def _served(self, serve: _Serve, request: Request, caller: Caller) -> Response:
        if not self._runtime.ledger.on:
            return problem(404, _NOTHING)
        try:
            return await serve(request, caller)
        except BadValue as error:
            return problem(400, str(error))
        except (BadFile, Missing) as error:
            return problem(503, str(error), retry_after_s=10)

    async def incidents(self, request: Request, caller: Caller) -> Response:
        """A page of incidents, newest first."""
        after, limit = paged(request)
        asked = request.query_params
        state: Any = asked.get("state") or "all"
        if state not in get_args(State):
            raise BadValue(f"state is {state[:40]!r}; it is one of {', '.join(get_args(State))}")
        begin, end = _time(asked.get("begin"), "begin"), _time(asked.get("end"), "end")
        wanted = Wanted(begin, end, _text(request), state, after or 0, limit)
        return answer(await self._runtime.ledger.ask(lambda shelf: shelf.incidents(wanted)))

    async def incident(self, request: Request, caller: Caller) -> Response:
        """One incident, with its claims by voice."""
        name = request.path_params["incident"]
        found = await self._runtime.ledger.ask(lambda shelf: shelf.case(name))
        return answer(found) if found is not None else problem(404, f"the ledger holds nothing of {name[:200]!r}")

    async def sources(self, request: Request, caller: Caller) -> Response:
        """A page of sources, each under all its names."""
        after, limit = paged(request)
        text = _text(request)
        return answer(await self._runtime.ledger.ask(lambda shelf: shelf.sources(text, after or 0, limit)))

    async def proposals(self, request: Request, caller: Caller) -> Response:
        """What may be one."""
        return answer(await self._runtime.ledger.ask(Shelf.proposals))

    async def reporters(self, request: Request, caller: Caller) -> Response:
        """What came of the impacts that each source reported, for who may see spotters' reliability."""
        now = self._runtime.people.now()
        return answer(await self._runtime.ledger.ask(lambda shelf: shelf.reporters(now)))

    async def open(self, request: Request, caller: Caller) -> Response:
        """An officer says that something was struck."""
        runtime = self._runtime
        related = None if runtime.incidents is None else runtime.incidents.related
        now, drill = runtime.people.now(), runtime.channels.board.drill
        made = partial(open_incident, who=caller.id, now=now, related=related, drill=drill)
        return await self._deed(request, caller, NewIncident, made, lambda asked: ("open", asked.struck, asked.place))

    async def decide(self, request: Request, caller: Caller) -> Response:
        """Release, withdraw, merge, keep apart, undo: each a record of its own."""
        made = partial(decide, who=caller.id, now=self._runtime.people.now())

        def noted(asked: Decide) -> tuple[str, str, str]:
            return asked.do, " ".join(filter(None, (asked.what, asked.one, asked.other))), asked.reason

        return await self._deed(request, caller, Decide, made, noted)

    async def _deed(
        self,
        request: Request,
        caller: Caller,
        kind: type[_Asked],
        made: Callable[..., Decided],
        noted: Callable[[_Asked], tuple[str, str, str]],
    ) -> Response:
        """Do what an officer asks for, where he may, and note it: `noted` gives what, about what, and the detail."""
        officer = caller.operator
        assert officer is not None, f"{caller.id} may decide about the ledger, and is no officer"
        if (refusal := self._operators.refusal(officer)) is not None:
            return problem(403, refusal)
        asked = await body_as(request, kind, BODY_BYTES_MAX, "a decision")
        if isinstance(asked, Response):
            return asked
        runtime = self._runtime
        index, own = runtime.index, set(officer.zones)

        def within_his(place: Place | None) -> bool:
            if not own or place is None:
                return not own
            zones = [index.zones[z].id for z in index.within(place.lat, place.lon, 0.0).tolist()]
            return any(own.intersection(within(zone, parents_in(index))) for zone in zones)

        try:
            done = await runtime.ledger.ask(lambda shelf: made(shelf, asked, within=within_his))
        except BadValue as error:
            return problem(409, str(error))
        runtime.incident_pages.forget()
        what, about, detail = noted(asked)
        runtime.people.audit.note(caller.id, f"ledger.{what}", about, where=caller.where, by=caller.by, detail=detail)
        return answer(done)


def _text(request: Request) -> str:
    return request.query_params.get("q", "")[:TEXT_CHARS_MAX]


def _time(text: str | None, name: str) -> datetime | None:
    """A time with its zone, RFC 3339. Raises BadValue."""
    if not text:
        return None
    try:
        time = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise BadValue(f"{name} is {text[:40]!r}; write it as 2026-01-31T20:15:00Z") from error
    if time.tzinfo is None:
        raise BadValue(f"{name} has no zone; write it as 2026-01-31T20:15:00Z")
    return time
