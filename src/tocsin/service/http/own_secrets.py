"""What somebody signs in with, changed by himself: his password, and the telephone that makes his codes."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.model.errors import BadValue, NotDurable
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.session import Own, Sessions, origin_of, refusal_of
from tocsin.service.http.session_bodies import Code, Confirmed, NewPassword, Telephone
from tocsin.service.people.door import Refused
from tocsin.service.people.second_factor import digest, enrolment, new_recovery, new_secret, step_of
from tocsin.service.runtime import Runtime


class OwnSecrets:
    """The routes. After each the session is another: whoever has the old one has nothing."""

    def __init__(self, runtime: Runtime, sessions: Sessions) -> None:
        self._runtime = runtime
        self._people = runtime.people
        self._sessions = sessions
        # Of telephones that were begun, by session: nothing is kept before one makes a right code.
        self._begun: dict[str, str] = {}

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/session/password", self.change_password, methods=["POST"]),
            Route("/v1/session/code", self.step_up, methods=["POST"]),
            Route("/v1/session/totp/begin", self.begin, methods=["POST"]),
            Route("/v1/session/totp/finish", self.finish, methods=["POST"]),
        ]

    async def change_password(self, request: Request) -> Response:
        """Another password: every session ends, and this one begins anew."""
        found = await self._sessions.own_asking(request, NewPassword, "a change of password")
        if isinstance(found, Response):
            return found
        own, asked = found
        if (weak := await self._too_weak(own)) is not None:
            return weak
        at = origin_of(request)
        refused = await self._runtime.door.confirm(own.person, asked.password, at)
        refused = refused or await self._runtime.door.set_password(own.person, asked.new, at)
        if refused is not None:
            return refusal_of(refused)
        return self._sessions.start(request, own.person, by=own.session.by, strong=own.session.strong)

    async def _too_weak(self, own: Own) -> Response | None:
        """Why a session that began with a password only may change nothing of what one signs in with; None: it may.

        Whoever has learned a password must not turn it into a second factor of his own beside the one that is there.
        """
        if own.session.strong:
            return None
        try:
            keys = await self._people.keys.of(own.person.id)
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)
        if not keys and self._people.credentials(own.person).totp is None:
            return None
        return problem(403, "sign in with your code or passkey first, or ask for an invitation")

    async def step_up(self, request: Request) -> Response:
        """Show more than what this session was begun with; it begins anew, as strong as one can be."""
        found = await self._sessions.own_asking(request, Code, "a code")
        if isinstance(found, Response):
            return found
        own, asked = found
        if self._people.credentials(own.person).totp is None:
            return problem(409, "there is no telephone that makes your codes; add one")
        admitted = self._runtime.door.step_up(own.person, asked.code, origin_of(request))
        if isinstance(admitted, Refused):
            return refusal_of(admitted)
        return self._sessions.start(request, own.person, by=admitted.by, strong=True)

    async def begin(self, request: Request) -> Response:
        """A secret for a telephone; nothing changes before `finish`."""
        found = await self._sessions.own_asking(request, Confirmed, "a confirmation")
        if isinstance(found, Response):
            return found
        own, asked = found
        if (weak := await self._too_weak(own)) is not None:
            return weak
        refused = await self._runtime.door.confirm(own.person, asked.password, origin_of(request))
        if refused is not None:
            return refusal_of(refused)
        secret = new_secret()
        standing = self._people.sessions.ids()
        self._begun = {name: kept for name, kept in self._begun.items() if name in standing}
        self._begun[own.session.id] = secret
        address, rows = enrolment(secret, own.person.id, self._runtime.settings.sector)
        return answer(Telephone(secret, address, rows), headers=UNSHARED)

    async def finish(self, request: Request) -> Response:
        """Keep the telephone, and give recovery codes; this session begins anew, as strong as it can be."""
        found = await self._sessions.own_asking(request, Code, "a code")
        if isinstance(found, Response):
            return found
        own, asked = found
        # Looked at again: another factor may be there since it was begun.
        if (weak := await self._too_weak(own)) is not None:
            return weak
        secret = self._begun.get(own.session.id)
        step = None if secret is None else step_of(secret, asked.code, self._people.now_s())
        if step is None:
            return problem(409, "that is not the telephone's code now; look at its clock, or begin again")
        codes = new_recovery()
        before = self._people.credentials(own.person)
        made = msgspec.structs.replace(before, totp=secret, totp_steps=(step,), recovery=tuple(map(digest, codes)))
        try:
            await self._people.put_credentials(own.person.id, made, instead_of=before)
        except (BadValue, NotDurable) as error:
            return problem(503, str(error), retry_after_s=5)
        self._begun.pop(own.session.id, None)
        self._people.sessions.end_all(own.person.id)
        self._people.audit.note(own.person.id, "second_factor.add", where=own.session.where)
        return self._sessions.start(request, own.person, by="code", strong=True, recovery=codes)
