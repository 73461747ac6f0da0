"""Signing in and out, and one's own sessions: /v1/session, /v1/sessions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.service.http.answers import answer, problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.callers import Caller, unauthorized
from tocsin.service.http.cookies import address_kind, by_tls, csrf_of, foreign_origin, session_token, set_session
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.session_bodies import OneSession, OpenidWay, OwnSessions, SignedIn, SignIn, TakeUp, Ways
from tocsin.service.http.turns import UNSAID, address_of
from tocsin.service.people.door import Admitted, From, Refused
from tocsin.service.people.person import Person
from tocsin.service.people.roles import GUARDED
from tocsin.service.people.sessions import How, Session
from tocsin.service.runtime import Runtime

BYTES_MAX = 4_096

T = TypeVar("T", bound=msgspec.Struct)


class Own(NamedTuple):
    """Who has signed in, by which session, and the secret that opens it."""

    person: Person
    session: Session
    token: str


class Sessions:
    """Whoever is let in is let in here; the routes of signing in and out."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._people = runtime.people
        self._base_url = runtime.settings.http.base_url

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/session", self.sign_in, methods=["POST"]),
            Route("/v1/session", self.signed_in, methods=["GET"]),
            Route("/v1/session", self.sign_out, methods=["DELETE"]),
            Route("/v1/session/ways", self.ways, methods=["GET"]),
            Route("/v1/session/invitation", self.take_up, methods=["POST"]),
            Route("/v1/sessions", self.sessions, methods=["GET"]),
            Route("/v1/sessions", self.end_others, methods=["DELETE"]),
            Route("/v1/sessions/{id}", self.end_one, methods=["DELETE"]),
        ]

    async def ways(self, request: Request) -> Response:
        """In which ways one can sign in."""
        if self._people.unusable is not None:
            return answer(Ways(password=False, passkeys=False, openid=()), headers=UNSHARED)
        found = self._runtime.ways_in
        openid = tuple(OpenidWay(flow.openid.id, flow.openid.name) for flow in found.openid.values())
        return answer(Ways(password=True, passkeys=found.passkeys is not None, openid=openid), headers=UNSHARED)

    async def sign_in(self, request: Request) -> Response:
        """By password, and by a code where there is a telephone."""
        if (refusal := self.refused_here(request)) is not None:
            return refusal
        asked = await body_as(request, SignIn, BYTES_MAX, "a sign-in")
        if isinstance(asked, Response):
            return asked
        door = self._runtime.door
        return self._let_in(request, await door.admit(asked.name, asked.password, asked.code, origin_of(request)))

    async def take_up(self, request: Request) -> Response:
        """By an invitation: one makes oneself a password, and is signed in by that alone."""
        if (refusal := self.refused_here(request)) is not None:
            return refusal
        asked = await body_as(request, TakeUp, BYTES_MAX, "an invitation")
        if isinstance(asked, Response):
            return asked
        door = self._runtime.door
        return self._let_in(request, await door.take_up(asked.name, asked.code, asked.password, origin_of(request)))

    def refused_here(self, request: Request) -> Response | None:
        """Why nobody may sign in by this request, whatever he knows; None: he may."""
        if foreign_origin(request, self._base_url):
            return problem(403, "this came from a page of another site")
        if not self.may_travel(request):
            return problem(403, "a password must not travel in the clear: use https (and set http.base_url)")
        return None

    def may_travel(self, request: Request) -> bool:
        """Whether what one signs in with may go by the way that this request came."""
        return by_tls(request, self._base_url) or address_kind(request) == "this machine" or self._runtime.drill

    def _let_in(self, request: Request, found: Admitted | Refused) -> Response:
        if isinstance(found, Refused):
            return refusal_of(found)
        return self.start(request, found.person, by=found.by, strong=found.strong)

    def start(
        self, request: Request, person: Person, *, by: How, strong: bool, recovery: tuple[str, ...] = ()
    ) -> Response:
        """Sign somebody in who has shown who he is: the answer, with a cookie that nobody knew before."""
        own = self.begin(request, person, by=by, strong=strong)
        response = answer(msgspec.structs.replace(self._told(own), recovery=recovery), headers=UNSHARED)
        set_session(response, request, self._base_url, own.token)
        return response

    def begin(self, request: Request, person: Person, *, by: How, strong: bool) -> Own:
        """The same without an answer: what this browser had open before ends."""
        old = session_token(request, self._base_url)
        if old is not None and (before := self._people.sessions.by_token(old)) is not None:
            self._people.sessions.end(before.id)
        token, session = self._people.sessions.start(
            person.id, by=by, strong=strong, agent=request.headers.get("user-agent", ""), where=address_kind(request)
        )
        return Own(person, session, token)

    def _told(self, own: Own) -> SignedIn:
        person, session, token = own
        caller = self._runtime.callers.of_session(session, session.where)
        credentials = self._people.credentials(person)
        assert caller is not None, "who signs in is somebody"
        needs = not session.strong and self._people.asked.second_factor == "required" and GUARDED & {*person.roles}
        return SignedIn(
            id=person.id,
            name=person.name or person.id,
            roles=person.roles,
            may=tuple(sorted(caller.may)),
            needs="second_factor" if needs else None,
            actions=() if caller.operator is None else caller.operator.actions,
            zones=person.zones,
            worlds=person.worlds,
            csrf=csrf_of(token),
            expires_at=_time(self._people.sessions.ends_at(session)),
            password=credentials.password is not None,
            second_factor=credentials.totp is not None,
            recovery_left=len(credentials.recovery),
        )

    def own(self, request: Request) -> Own | Response:
        """Who has signed in, where the request is his doing."""
        caller = self._runtime.callers.needed(request)
        if not isinstance(caller, Caller):
            return caller
        token = session_token(request, self._base_url)
        person = self._people.person(caller.id)
        if caller.session is None or token is None or person is None:
            return unauthorized(request, "this is for who has signed in, not for tokens")
        return Own(person, caller.session, token)

    async def own_asking(self, request: Request, kind: type[T], called: str) -> tuple[Own, T] | Response:
        """The same, and what he asks for."""
        own = self.own(request)
        if isinstance(own, Response):
            return own
        asked = await body_as(request, kind, BYTES_MAX, called)
        return asked if isinstance(asked, Response) else (own, asked)

    async def signed_in(self, request: Request) -> Response:
        """Who is signed in."""
        own = self.own(request)
        return own if isinstance(own, Response) else answer(self._told(own), headers=UNSHARED)

    async def sign_out(self, request: Request) -> Response:
        """End this session."""
        own = self.own(request)
        if isinstance(own, Response):
            return own
        response = self._ended(own, own.session.id)
        set_session(response, request, self._base_url, None)
        return response

    async def sessions(self, request: Request) -> Response:
        """One's own sign-ins."""
        own = self.own(request)
        if isinstance(own, Response):
            return own
        found = tuple(
            OneSession(
                id=one.id,
                by=one.by,
                made_at=_time(one.made_at),
                seen_at=_time(one.seen_at),
                agent=one.agent,
                where=one.where,
                this=one.id == own.session.id,
            )
            for one in self._people.sessions.of(own.person.id)
        )
        return answer(OwnSessions(found), headers=UNSHARED)

    async def end_others(self, request: Request) -> Response:
        """End all of one's own but this."""
        own = self.own(request)
        if isinstance(own, Response):
            return own
        # With a password only nobody ends what more was shown for.
        sessions = self._people.sessions
        others = [one for one in sessions.of(own.person.id) if one.id != own.session.id]
        ended = sum(sessions.end(one.id) for one in others if own.session.strong or not one.strong)
        self._people.audit.note(own.person.id, "session.end", where=own.session.where, detail=f"{ended} others")
        return Response(status_code=204, headers=UNSHARED)

    async def end_one(self, request: Request) -> Response:
        """End one of one's own."""
        own = self.own(request)
        if isinstance(own, Response):
            return own
        wanted = request.path_params["id"]
        found = next((one for one in self._people.sessions.of(own.person.id) if one.id == wanted), None)
        if found is None:
            return problem(404, "there is no such session of yours")
        if found.strong and not own.session.strong:
            return problem(403, "sign in with your code or passkey first: that session was begun with it")
        return self._ended(own, wanted)

    def _ended(self, own: Own, session: str) -> Response:
        self._people.sessions.end(session)
        self._people.audit.note(own.person.id, "session.end", where=own.session.where)
        return Response(status_code=204, headers=UNSHARED)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def origin_of(request: Request) -> From:
    """Where a request comes from, for who counts mistakes."""
    address = "" if request.scope.get(UNSAID) else address_of(request)
    return From(address, address_kind(request))


def refusal_of(refused: Refused) -> Response:
    """A refusal as an answer."""
    return problem(refused.status, refused.why, retry_after_s=refused.retry_after_s)
