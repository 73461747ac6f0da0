"""Showing again that it is he who is signed in, before he does what only administrators do: /v1/session/proof.

An open page is no proof: whoever passes a desk that its administrator has left could make himself one.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.service.http.answers import problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.passkeys import BYTES_MAX, Passkeys, Used
from tocsin.service.http.session import Own, Sessions, origin_of, refusal_of
from tocsin.service.http.session_bodies import Confirmed
from tocsin.service.people.sessions import How
from tocsin.service.runtime import Runtime


class Proofs:
    """The routes. Who has neither a password nor a passkey here signs in anew through his organisation."""

    def __init__(self, runtime: Runtime, sessions: Sessions, passkeys: Passkeys) -> None:
        self._runtime = runtime
        self._people = runtime.people
        self._sessions = sessions
        self._passkeys = passkeys

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/session/proof", self.by_password, methods=["POST"]),
            Route("/v1/session/proof/passkey/begin", self.begin, methods=["POST"]),
            Route("/v1/session/proof/passkey/finish", self.by_passkey, methods=["POST"]),
        ]

    async def by_password(self, request: Request) -> Response:
        """By his password."""
        found = await self._sessions.own_asking(request, Confirmed, "a confirmation")
        if isinstance(found, Response):
            return found
        own, asked = found
        if self._people.credentials(own.person).password is None:
            return problem(409, "you have no password here; sign in anew the way you came")
        refused = await self._runtime.door.confirm(own.person, asked.password, origin_of(request))
        return self._proven(own, "password") if refused is None else refusal_of(refused)

    async def begin(self, request: Request) -> Response:
        """Ask his browser for a passkey of his."""
        own = self._sessions.own(request)
        return own if isinstance(own, Response) else await self._passkeys.options_for(request, own.person)

    async def by_passkey(self, request: Request) -> Response:
        """By what it signed."""
        own = self._sessions.own(request)
        if isinstance(own, Response):
            return own
        asked = await body_as(request, Used, BYTES_MAX, "a passkey's answer")
        if isinstance(asked, Response):
            return asked
        person = await self._passkeys.owner(request, Used(asked.credential, own.person.id))
        if isinstance(person, Response):
            return person
        assert person.id == own.person.id, "another's key is not taken where one of his was asked for"
        return self._proven(own, "passkey")

    def _proven(self, own: Own, by: How) -> Response:
        self._people.sessions.prove(own.session.id)
        self._people.audit.note(own.person.id, "session.prove", where=own.session.where, by=by)
        return Response(status_code=204, headers=UNSHARED)
