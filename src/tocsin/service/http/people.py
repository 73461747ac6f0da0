"""Who there is, for administrators, and what people did, for auditors: /v1/people, /v1/audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.choice import Worlds
from tocsin.model.errors import BadValue, NotDurable
from tocsin.model.event import Action
from tocsin.model.value import Name, PublicReason
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.callers import Caller
from tocsin.service.http.operators import UNSHARED
from tocsin.service.people.administration import Administration, Invited
from tocsin.service.people.audit import PAGE_MAX, Entry, Wanted
from tocsin.service.people.person import ALSO_MAX, Person
from tocsin.service.people.roles import Permission, Role
from tocsin.service.runtime import Runtime

BYTES_MAX = 1_000_000
# No id is longer.
WANTED_CHARS_MAX = 200

_Serve = Callable[[Request, Caller], Awaitable[Response]]

Roles = Annotated[tuple[Role, ...], Meta(min_length=1, max_length=6)]
Zones = Annotated[tuple[Name, ...], Meta(max_length=20_000)]
Also = Annotated[tuple[Name, ...], Meta(max_length=ALSO_MAX)]


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /v1/people: who is invited, and what he may do."""

    id: Name
    name: PublicReason = ""
    roles: Roles
    actions: tuple[Action, ...] = get_args(Action)
    zones: Zones = ()
    worlds: Worlds = "both"
    also: Also = ()


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """PATCH /v1/people/{id}: what is left out stays."""

    name: PublicReason | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    actions: tuple[Action, ...] | UnsetType = UNSET
    zones: Zones | UnsetType = UNSET
    worlds: Worlds | UnsetType = UNSET
    also: Also | UnsetType = UNSET


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A person, and what he could sign in with.

    sessions       how many he has open
    invited_until  until when he can take up his invitation; null: there is none
    """

    id: str
    name: str
    roles: tuple[Role, ...]
    actions: tuple[Action, ...]
    zones: tuple[str, ...]
    worlds: Worlds
    also: tuple[str, ...]
    made_at: datetime
    gone_at: datetime | None
    password: bool
    second_factor: bool
    invited_until: datetime | None
    sessions: int


class Everybody(msgspec.Struct, frozen=True):
    """GET /v1/people: those who are gone as well."""

    people: tuple[Listed, ...]


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A person and the code with which he makes himself a password, once. `link`: the same as a page's address."""

    person: Listed
    code: str
    link: str
    expires_at: datetime


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/audit: newest first; and the chain's end: note it elsewhere, and nobody can make the chain anew unseen.

    before   ask with it for older ones; null: there are none
    """

    entries: tuple[Entry, ...]
    before: int | None
    head: int
    head_sha256: str


class PeopleRoutes:
    """The routes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._people = runtime.people
        self._administration = Administration(runtime.people)

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/people", self._for("people", self.everybody), methods=["GET"]),
            Route("/v1/people", self._for("people", self.invite, proven=True), methods=["POST"]),
            Route("/v1/people/{id}", self._for("people", self.change, proven=True), methods=["PATCH"]),
            Route("/v1/people/{id}", self._for("people", self.remove, proven=True), methods=["DELETE"]),
            Route("/v1/people/{id}/invitation", self._for("people", self.reset, proven=True), methods=["POST"]),
            Route("/v1/audit", self._for("audit", self.audit), methods=["GET"]),
        ]

    def _for(
        self, permission: Permission, serve: _Serve, *, proven: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """A route for who has that permission; what cannot be is answered 409, and what is not durable 503.

        proven   for who has just shown that it is he
        """

        async def served(request: Request) -> Response:
            caller = self._runtime.callers.needed(request, permission, proven=proven)
            if not isinstance(caller, Caller):
                return caller
            try:
                found = await serve(request, caller)
            except BadValue as error:
                found = problem(409, str(error))
            except NotDurable as error:
                found = problem(503, str(error), retry_after_s=5)
            found.headers.update(UNSHARED)
            return found

        return served

    def _person(self, request: Request) -> Person | Response:
        """Whom a request is about."""
        found = self._people.person(request.path_params["id"])
        return found or problem(404, "there is nobody with that id; GET /v1/people lists who there is")

    async def everybody(self, request: Request, caller: Caller) -> Response:
        """Everybody there is, or was."""
        return answer(Everybody(tuple(map(self._listed, self._people.everybody()))))

    async def invite(self, request: Request, caller: Caller) -> Response:
        """Somebody new."""
        asked = await body_as(request, NewPerson, BYTES_MAX, "a person")
        if isinstance(asked, Response):
            return asked
        if asked.id.casefold() in {one.id.casefold() for one in self._people.everybody()}:
            return problem(409, f"{asked.id} is or was somebody; take another id")
        made = Person(**msgspec.structs.asdict(asked), made_at=self._people.now())
        invited = await self._administration.invite(made, by=caller.id, where=caller.where)
        return self._invitation(request, invited, 201)

    async def change(self, request: Request, caller: Caller) -> Response:
        """What somebody may do from now on."""
        asked = await body_as(request, Change, BYTES_MAX, "a change")
        if isinstance(asked, Response):
            return asked
        person = self._person(request)
        if isinstance(person, Response):
            return person
        given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET}
        changed = msgspec.structs.replace(person, **given)
        await self._administration.change(person, changed, by=caller.id, where=caller.where)
        return answer(self._listed(changed))

    async def remove(self, request: Request, caller: Caller) -> Response:
        """Somebody is nobody any more; his id stays his."""
        person = self._person(request)
        if isinstance(person, Response):
            return person
        await self._administration.remove(person, by=caller.id, where=caller.where)
        return Response(status_code=204)

    async def reset(self, request: Request, caller: Caller) -> Response:
        """Another invitation: whatever he signed in with is forgotten now."""
        person = self._person(request)
        if isinstance(person, Response):
            return person
        if person.id == caller.id:
            return problem(409, "another administrator can; your own password you change yourself")
        invited = await self._administration.invite(person, by=caller.id, where=caller.where)
        return self._invitation(request, invited, 200)

    async def audit(self, request: Request, caller: Caller) -> Response:
        """What people did, newest first; `?before=` goes on from there, `?limit=` says how many.

        `?who=` and `?kind=`: of one person, and of one kind alone: the word before the dot of `what`.
        """
        try:
            before, most = (_number(request, name) for name in ("before", "limit"))
        except ValueError:
            return problem(400, f"before and limit are whole numbers from 1; a page holds {PAGE_MAX}")
        wanted = Wanted(*(request.query_params.get(name, "")[:WANTED_CHARS_MAX] for name in ("who", "kind")))
        page = await self._people.audit.page(before, PAGE_MAX if most is None else most, wanted)
        older = page.entries[-1].seq if page.more else None
        return answer(Page(entries=tuple(page.entries), before=older, head=page.head, head_sha256=page.sha256))

    def _invitation(self, request: Request, invited: Invited, status: int) -> Response:
        base = self._runtime.settings.http.base_url or str(request.base_url)
        body = Invitation(
            person=self._listed(invited.person),
            code=invited.code,
            # After the #: what a browser sends to nobody, and no proxy's log holds.
            link=f"{base.rstrip('/')}/operator#invitation={invited.person.id}/{invited.code}",
            expires_at=datetime.fromtimestamp(invited.until_s, UTC),
        )
        return answer(body, status=status)

    def _listed(self, person: Person) -> Listed:
        kept = self._people.credentials(person)
        invited = kept.invitation is not None and kept.invited_until > self._people.now_s()
        return Listed(
            **msgspec.structs.asdict(person),
            password=kept.password is not None,
            second_factor=kept.totp is not None,
            invited_until=datetime.fromtimestamp(kept.invited_until, UTC) if invited else None,
            sessions=len(self._people.sessions.of(person.id)),
        )


def _number(request: Request, name: str) -> int | None:
    """A number of the query; None: it is not there. Raises ValueError."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18 and int(text) > 0):
        raise ValueError
    return int(text)
