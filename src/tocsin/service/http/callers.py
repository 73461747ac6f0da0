"""Who calls: the holder of a bearer token, as the settings name him, or a person who has signed in.

A token goes before a cookie, and one that is nobody's is not made good by a cookie beside it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tocsin.model.event import Action
from tocsin.service.http.answers import problem
from tocsin.service.http.cookies import CSRF_HEADER, address_kind, csrf_of, foreign_origin, session_token
from tocsin.service.people.roles import ACTIONS, GUARDED, Held, Permission, actions, may
from tocsin.service.people.sessions import Session, Where
from tocsin.service.people.store import People
from tocsin.service.people_settings import Officer
from tocsin.service.settings import Settings
from tocsin.service.tokens import HOW_TO_MAKE, weakness


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def token_sha256(self) -> str: ...


_Holder = TypeVar("_Holder", bound=_Named)


def token_of(authorization: str) -> str | None:
    """The bearer token in an Authorization header; None where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def holder_of(request: Request, holders: Iterable[_Holder]) -> _Holder | None:
    """Whose bearer token this request carries; every digest is compared, so that time tells nothing.

    One that can be guessed is nobody's, whatever its digest.
    """
    token = token_of(request.headers.get("authorization", ""))
    return None if token is None else holder_by(token, holders)


def holder_by(token: str, holders: Iterable[_Holder]) -> _Holder | None:
    """Whose token that is."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = None
    for holder in holders:
        if hmac.compare_digest(digest, holder.token_sha256):
            found = holder
    return None if weakness(token) is not None else found


def unauthorized(request: Request, needed: str) -> Response:
    """401: what is needed here, and, where the token that was sent is too weak to be anybody's, that."""
    token = token_of(request.headers.get("authorization", ""))
    weak = None if not token else weakness(token)
    return problem(401, needed if weak is None else f"{needed}; the token sent is too weak: {weak}; {HOW_TO_MAKE}")


# They change nothing, so a page of another site gains nothing by having a browser send them.
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    id        under which he acts
    roles     his; `may`: what they let him do now
    operator  what he may do as a duty officer, and where; None: he is none
    session   of who has signed in
    where     from what kind of address
    """

    id: str
    roles: tuple[Held, ...]
    may: frozenset[Permission]
    operator: Officer | None
    by: Literal["token", "session"]
    session: Session | None = None
    where: Where = "elsewhere"


class Callers:
    """Whoever may call: holders of tokens and people look the same to a route."""

    def __init__(self, settings: Settings, people: People) -> None:
        self._operators = settings.operator
        self._watchers = settings.watcher
        self._base_url = settings.http.base_url
        self._people = people
        self._guarded = GUARDED if settings.people.second_factor == "required" else frozenset()

    def of(self, request: Request) -> Caller | None:
        """Who calls; None: nobody we know. Says nothing of what he may do: ask `needed` for that."""
        where = address_kind(request)
        token = token_of(request.headers.get("authorization", ""))
        if token is not None:
            return self._holder(token, where)
        opened = session_token(request, self._base_url)
        session = None if opened is None else self._people.sessions.by_token(opened)
        return None if session is None else self.of_session(session, where)

    def signed_in(self, request: Request) -> bool:
        """Whether its cookie opens a session, which is not in use by that."""
        opened = session_token(request, self._base_url)
        return opened is not None and self._people.sessions.opens(opened)

    def _holder(self, token: str, where: Where) -> Caller | None:
        operator = holder_by(token, self._operators)
        watcher = holder_by(token, self._watchers)
        if operator is not None:
            roles: tuple[Held, ...] = tuple(role for role in ACTIONS if set(actions(role)) & set(operator.actions))
            return Caller(operator.id, roles, _may(roles, operator), operator, "token", where=where)
        if watcher is not None:
            return Caller(watcher.id, ("watcher",), may(["watcher"]), None, "token", where=where)
        return None

    def of_session(self, session: Session, where: Where) -> Caller | None:
        """Whose session that is; None: nobody's any more."""
        person = self._people.person(session.person)
        if person is None:
            return None
        # Whoever showed a password only may do what needs no more.
        able = person.roles if session.strong else tuple(role for role in person.roles if role not in self._guarded)
        officer = self._people.officer(person) if actions(*able) else None
        return Caller(person.id, person.roles, _may(able, officer), officer, "session", session, where)

    def needed(self, request: Request, *permissions: Permission, proven: bool = False) -> Caller | Response:
        """Who calls, where he may do one of these, or none is named; else the answer that says why not.

        proven   and has shown within PROOF_S that it is he: an open page at a desk that he left is not

        Of who has signed in, whatever may change something must come from our own pages: they send CSRF_HEADER.
        """
        caller = self.of(request)
        if caller is None:
            return unauthorized(request, "this needs a bearer token (Authorization: Bearer …), or sign in")
        why = self._not_his(request, caller)
        if why is None and permissions and not caller.may.intersection(permissions):
            why = self._lacks(caller, permissions)
        if why is not None:
            self._people.audit.refused(caller.id, "refused", request.url.path, where=caller.where, detail=why)
            return problem(403, why)
        if proven and caller.session is not None and not self._people.sessions.proven(caller.session):
            return problem(403, "show again that it is you: your password, or a passkey", needs="proof")
        return caller

    def _not_his(self, request: Request, caller: Caller) -> str | None:
        """Why a request with a cookie may not be its owner's doing; None: it is."""
        if caller.session is None or request.method in _SAFE:
            return None
        opened = session_token(request, self._base_url)
        sent = request.headers.get(CSRF_HEADER, "")
        if foreign_origin(request, self._base_url):
            return "this came from a page of another site"
        if opened is None or not hmac.compare_digest(sent.encode(), csrf_of(opened).encode()):
            return f"the header {CSRF_HEADER} is missing or is another session's; GET /v1/session says which"
        return None

    def _lacks(self, caller: Caller, permissions: tuple[Permission, ...]) -> str:
        needs = " or ".join(permissions)
        if caller.session is not None and not caller.session.strong and may(caller.roles).intersection(permissions):
            return f"{caller.id} may {needs} only after a second factor; add one, and sign in with it"
        return f"{caller.id} may not do this: it needs {needs}"

    def stands(self, caller: Caller) -> bool:
        """Whether he is still who he was, for answers that stay open: look every few seconds."""
        return caller.session is None or (
            self._people.sessions.stands(caller.session) and self.of_session(caller.session, caller.where) is not None
        )

    def same(self, one: str, other: str) -> bool:
        """Whether two ids, of people or of tokens, are one person's as far as the people's file says."""
        return self._people.same(one, other)


def _may(roles: tuple[Held, ...], officer: Officer | None) -> frozenset[Permission]:
    """What these roles let somebody do, less the acts that he himself may not."""
    own = set(officer.actions) if officer is not None else set()
    acts: dict[Permission, tuple[Action, ...]] = {"act": actions("operator"), "approve": actions("approver")}
    return may(roles) - {permission for permission, these in acts.items() if own.isdisjoint(these)}
