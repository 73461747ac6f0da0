"""What is sent and told about sessions: the bodies of /v1/session and what lies below it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tocsin.model.event import Action
from tocsin.service.people.roles import Permission, Role
from tocsin.service.people.sessions import How, Where

Short = Annotated[str, Meta(max_length=200)]
Secret = Annotated[str, Meta(max_length=1_000)]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session. `name`: the id; `code`: of the telephone, or a recovery code, where there is one."""

    name: Short
    password: Secret
    code: Short = ""


class TakeUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session/invitation: make oneself a password."""

    name: Short
    code: Short
    password: Secret


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session/password."""

    password: Secret
    new: Secret


class Confirmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session/totp/begin: that it is he who adds a telephone."""

    password: Secret


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/session/code: what the telephone shows, or a recovery code; …/totp/finish: what it shows."""

    code: Short


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in.

    may            what he may do now; `needs`: what more must be shown before he may do all that his roles let him
    actions        as a duty officer; zones: where, none: everywhere; worlds: when
    csrf           sent as X-Tocsin-CSRF with whatever changes something
    expires_at     when the session ends at the latest
    password       whether he has one here; else he comes through an organisation alone
    second_factor  whether a telephone makes his codes; recovery_left: how many recovery codes there are
    recovery       those codes, once: when the telephone has just been added
    """

    id: str
    name: str
    roles: tuple[Role, ...]
    may: tuple[Permission, ...]
    needs: Literal["second_factor"] | None
    actions: tuple[Action, ...]
    zones: tuple[str, ...]
    worlds: Literal["both", "live", "drills"]
    csrf: str
    expires_at: datetime
    password: bool
    second_factor: bool
    recovery_left: int
    recovery: tuple[str, ...] = ()


class OpenidWay(msgspec.Struct, frozen=True):
    """A provider that says who somebody is."""

    id: str
    name: str


class Ways(msgspec.Struct, frozen=True):
    """GET /v1/session/ways: in which ways one can sign in here."""

    password: bool
    passkeys: bool
    openid: tuple[OpenidWay, ...]


class Telephone(msgspec.Struct, frozen=True):
    """What a telephone is given: by its camera (`qr`: rows of 0 and 1), as a link, or typed. Shown once."""

    secret: str
    address: str
    qr: tuple[str, ...]


class OneSession(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in of one's own; `this`: the one that asks."""

    id: str
    by: How
    made_at: datetime
    seen_at: datetime
    agent: str
    where: Where
    this: bool


class OwnSessions(msgspec.Struct, frozen=True):
    """GET /v1/sessions."""

    sessions: tuple[OneSession, ...]
