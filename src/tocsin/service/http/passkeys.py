"""Passkeys over HTTP: signing in with one, and one's own: /v1/session/passkey, /v1/passkeys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.model.errors import BadValue, NotDurable
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.session import Own, Sessions, origin_of, refusal_of
from tocsin.service.http.session_bodies import Secret, Short
from tocsin.service.people.door import Refused
from tocsin.service.people.keys import Passkey
from tocsin.service.people.person import Person
from tocsin.service.people.way_in import NotProven, key_of
from tocsin.service.runtime import Runtime

if TYPE_CHECKING:
    from tocsin.service.people.passkeys import Ceremonies

BYTES_MAX = 20_000

Called = Annotated[str, Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*$")]


class BeginUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session/passkey/begin: nothing, for any passkey; a name and a password: for one in place of a code."""

    name: Short = ""
    password: Secret = ""


class Used(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session/passkey/finish: what `navigator.credentials.get` gave; `name` as at the beginning."""

    credential: dict[str, Any]
    name: Short = ""


class BeginMake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/passkeys/begin: that it is he who adds one."""

    password: Secret


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/passkeys/finish: what `navigator.credentials.create` gave, and what its owner calls it."""

    credential: dict[str, Any]
    name: Called = ""


class Options(msgspec.Struct, frozen=True):
    """What a browser is to be asked, as WebAuthn writes it in JSON."""

    public_key: dict[str, Any]


class OnePasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey of one's own; `synced`: its maker keeps copies on one's other devices."""

    id: str
    name: str
    synced: bool
    made_at: datetime
    used_at: datetime | None


class OwnPasskeys(msgspec.Struct, frozen=True):
    """GET /v1/passkeys."""

    passkeys: tuple[OnePasskey, ...]


class Passkeys:
    """The routes."""

    def __init__(self, runtime: Runtime, sessions: Sessions) -> None:
        self._runtime = runtime
        self._people = runtime.people
        self._keys = runtime.people.keys
        self._sessions = sessions

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/session/passkey/begin", self.begin_use, methods=["POST"]),
            Route("/v1/session/passkey/finish", self.use, methods=["POST"]),
            Route("/v1/passkeys/begin", self.begin_make, methods=["POST"]),
            Route("/v1/passkeys/finish", self.make, methods=["POST"]),
            Route("/v1/passkeys", self.own, methods=["GET"]),
            Route("/v1/passkeys/{id}", self.remove, methods=["DELETE"]),
        ]

    async def begin_use(self, request: Request) -> Response:
        """Ask a browser for a passkey."""
        ceremonies = self._ceremonies(request)
        if isinstance(ceremonies, Response):
            return ceremonies
        asked = await body_as(request, BeginUse, BYTES_MAX, "a beginning")
        if isinstance(asked, Response):
            return asked
        if not asked.name:
            return _options(ceremonies.use(None, []))
        found = await self._runtime.door.known(asked.name, asked.password, origin_of(request))
        return refusal_of(found) if isinstance(found, Refused) else await self.options_for(request, found)

    async def options_for(self, request: Request, person: Person) -> Response:
        """What his browser is asked: one of his own passkeys."""
        ceremonies = self._ceremonies(request)
        if isinstance(ceremonies, Response):
            return ceremonies
        try:
            keys = await self._keys.of(person.id)
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)
        if not keys:
            return problem(409, f"{person.id} has no passkey; sign in with a code, and add one")
        return _options(ceremonies.use(person.id, keys))

    async def use(self, request: Request) -> Response:
        """Sign in whoever's passkey has signed."""
        if isinstance(ceremonies := self._ceremonies(request), Response):
            return ceremonies
        asked = await body_as(request, Used, BYTES_MAX, "a passkey's answer")
        if isinstance(asked, Response):
            return asked
        person = await self.owner(request, asked)
        if isinstance(person, Response):
            return person
        self._runtime.door.let_in(person, "passkey", origin_of(request))
        return self._sessions.start(request, person, by="passkey", strong=True)

    async def owner(self, request: Request, asked: Used) -> Person | Response:
        """Whose passkey has signed what was asked; the answer where nobody's did."""
        ceremonies = self._ceremonies(request)
        if isinstance(ceremonies, Response):
            return ceremonies
        try:
            return await self._proven(ceremonies, asked)
        except NotProven as error:
            where = origin_of(request).where
            self._people.audit.refused("", "session.refuse", "passkey", where=where, detail=str(error))
            return problem(401, "that passkey is not known here, or its answer came too late; try again")
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)

    async def _proven(self, ceremonies: Ceremonies, asked: Used) -> Person:
        """Whose passkey has signed. Raises NotProven and NotDurable."""
        name = key_of(asked.credential)
        key = None if name is None else await self._keys.by_key(name)
        person = None if key is None else self._people.person(key.person)
        if key is None or person is None:
            raise NotProven("nobody's key")
        wanted = self._people.person(asked.name) if asked.name else None
        if asked.name and wanted is None:
            raise NotProven("nobody's name")
        used = ceremonies.used(key, asked.credential, self._people.now(), asked=None if wanted is None else wanted.id)
        self._keys.note(used)
        return person

    async def begin_make(self, request: Request) -> Response:
        """Ask a browser to make a passkey for who is signed in."""
        found = await self._sessions.own_asking(request, BeginMake, "a confirmation")
        if isinstance(found, Response):
            return found
        own, asked = found
        ceremonies = self._ceremonies(request)
        if isinstance(ceremonies, Response):
            return ceremonies
        try:
            keys = await self._keys.of(own.person.id)
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)
        if (refusal := self._may_not_add(own, keys)) is not None:
            return refusal
        refused = await self._runtime.door.confirm(own.person, asked.password, origin_of(request))
        if refused is not None:
            return refusal_of(refused)
        return _options(ceremonies.make(own.person.id, own.person.name, keys))

    def _may_not_add(self, own: Own, keys: list[Passkey]) -> Response | None:
        """Why somebody may not add a passkey; None: he may."""
        credentials = self._people.credentials(own.person)
        if credentials.password is None:
            return problem(403, "you sign in through your organisation; a passkey would outlive what it says of you")
        if not own.session.strong and (keys or credentials.totp is not None):
            return problem(403, "sign in with your passkey or a code first, or ask for an invitation")
        return None

    async def make(self, request: Request) -> Response:
        """Keep a passkey; this session begins anew, as strong as one that was signed into with it."""
        own = self._sessions.own(request)
        if isinstance(own, Response):
            return own
        ceremonies = self._ceremonies(request)
        if isinstance(ceremonies, Response):
            return ceremonies
        asked = await body_as(request, Made, BYTES_MAX, "a new passkey")
        if isinstance(asked, Response):
            return asked
        try:
            # Looked at again: another factor may be there since it was begun.
            if (refusal := self._may_not_add(own, await self._keys.of(own.person.id))) is not None:
                return refusal
            key = ceremonies.made(own.person.id, asked.credential, asked.name, self._people.now())
            await self._keys.add(key)
        except NotProven as error:
            return problem(400, f"that is no passkey for this place: {error}")
        except BadValue as error:
            return problem(409, str(error))
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)
        self._people.audit.note(own.person.id, "passkey.add", where=own.session.where)
        return self._sessions.start(request, own.person, by="passkey", strong=True)

    async def own(self, request: Request) -> Response:
        """One's own passkeys."""
        own = self._sessions.own(request)
        if isinstance(own, Response):
            return own
        try:
            keys = await self._keys.of(own.person.id)
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)
        listed = tuple(
            OnePasskey(id=one.key, name=one.name, synced=one.synced, made_at=one.made_at, used_at=one.used_at)
            for one in keys
        )
        return answer(OwnPasskeys(listed), headers=UNSHARED)

    async def remove(self, request: Request) -> Response:
        """Forget one of them."""
        own = self._sessions.own(request)
        if isinstance(own, Response):
            return own
        wanted = request.path_params["id"]
        try:
            if wanted not in {one.key for one in await self._keys.of(own.person.id)}:
                return problem(404, "there is no such passkey of yours")
            if not own.session.strong:
                return problem(403, "sign in with a passkey or a code first")
            await self._keys.remove(own.person.id, wanted)
        except NotDurable as error:
            return problem(503, str(error), retry_after_s=5)
        self._people.audit.note(own.person.id, "passkey.remove", where=own.session.where)
        return Response(status_code=204, headers=UNSHARED)

    def _ceremonies(self, request: Request) -> Ceremonies | Response:
        if (refusal := self._sessions.refused_here(request)) is not None:
            return refusal
        found = self._runtime.ways_in.passkeys
        return found or problem(404, "there are no passkeys here: they need http.base_url to be https, with a name")


def _options(options: dict[str, Any]) -> Response:
    return answer(Options(options), headers=UNSHARED)
