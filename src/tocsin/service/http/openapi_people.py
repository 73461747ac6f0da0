"""What the OpenAPI description says of people and sessions."""

from __future__ import annotations

from typing import Any

from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import Parts, content, refused, schemas_of
from tocsin.service.http.passkeys import BeginMake, BeginUse, Made, Options, OwnPasskeys, Used
from tocsin.service.http.people import Change, Everybody, Invitation, Listed, NewPerson, Page
from tocsin.service.http.session_bodies import (
    Code,
    Confirmed,
    NewPassword,
    OwnSessions,
    SignedIn,
    SignIn,
    TakeUp,
    Telephone,
    Ways,
)

_TYPES = (
    Problem, SignIn, TakeUp, NewPassword, Confirmed, Code, SignedIn, Ways, Telephone, OwnSessions, NewPerson, Change,
    Everybody, Invitation, Listed, Page, BeginMake, BeginUse, Made, Options, OwnPasskeys, Used,
)  # fmt: skip
_REFUSALS = {
    "400": "not usable",
    "401": "nobody known, or what was shown is wrong",
    "403": "not allowed to this caller, not his own doing (X-Tocsin-CSRF, Origin), or to be proven first (`needs`)",
    "404": "there is none",
    "409": "not as things stand",
    "413": "too large",
    "415": "not plain application/json",
    "429": "too often: wait",
    "503": "try again later",
}
_BODY, _OWN = ("400", "413", "415"), ("401", "403")


def described() -> Parts:
    """Their paths, and what these refer to."""
    schemas, components = schemas_of(_TYPES)
    schema = dict(zip(_TYPES, schemas, strict=True))

    def operation(
        summary: str, done: Any, codes: tuple[str, ...], body: Any = None, status: str = "200", *, closed: bool = True
    ) -> dict[str, Any]:
        told = refused(codes, _REFUSALS, schema[Problem])
        made: dict[str, Any] = {
            "summary": summary,
            "responses": {status: {"description": "Done."} | ({} if done is None else content(schema[done]))} | told,
        }
        if body is not None:
            made["requestBody"] = {"required": True} | content(schema[body])
        if closed:
            made["security"] = [{"session": []}]
        return made

    def administration(described: dict[str, Any]) -> dict[str, Any]:
        return described | {"security": [{"token": []}, {"session": []}]}

    in_path = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "whose"}]
    number = {"type": "integer", "minimum": 1, "maximum": 10**12}
    asked = [{"name": name, "in": "query", "schema": number, "description": name} for name in ("before", "limit")]
    asked += [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": said}
        for name, said in (("who", "of whom alone"), ("kind", "of what alone: the word before the dot of `what`"))
    ]
    let_in = ("401", "403", "429", "503", *_BODY)
    sure = (*_OWN, "404", "409", "503")
    key_in = ("404", "409", *let_in)
    provider = [in_path[0] | {"description": "as GET /v1/session/ways names it"}]

    def on_the_way(summary: str) -> dict[str, Any]:
        told = refused(("403", "404"), _REFUSALS, schema[Problem])
        return {"summary": summary, "responses": {"303": {"description": "Go there."}} | told}

    paths = {
        "/v1/session": {
            "post": operation("Sign in", SignedIn, let_in, SignIn, closed=False),
            "get": operation("Who is signed in", SignedIn, _OWN),
            "delete": operation("Sign out", None, _OWN, status="204"),
        },
        "/v1/session/ways": {"get": operation("In which ways one can sign in", Ways, (), closed=False)},
        "/v1/session/invitation": {
            "post": operation("Take up an invitation: make oneself a password", SignedIn, let_in, TakeUp, closed=False)
        },
        "/v1/session/password": {"post": operation("Change one's password", SignedIn, let_in, NewPassword)},
        "/v1/session/code": {
            "post": operation("Show a second factor in a session begun without one", SignedIn, ("409", *let_in), Code)
        },
        "/v1/session/proof": {
            "post": operation("Show anew who one is: for ten minutes", None, ("409", *let_in), Confirmed, "204")
        },
        "/v1/session/proof/passkey/begin": {
            "post": operation("Begin to show it with a passkey", Options, ("401", "403", "404", "409", "503"))
        },
        "/v1/session/proof/passkey/finish": {"post": operation("Show it with that", None, key_in, Used, "204")},
        "/v1/session/totp/begin": {"post": operation("Begin to add a telephone", Telephone, let_in, Confirmed)},
        "/v1/session/totp/finish": {
            "post": operation("Add it, by its code now", SignedIn, (*_OWN, "409", "503", *_BODY), Code)
        },
        "/v1/session/passkey/begin": {
            "post": operation("Begin to sign in with a passkey", Options, key_in, BeginUse, closed=False)
        },
        "/v1/session/passkey/finish": {"post": operation("Sign in with it", SignedIn, key_in, Used, closed=False)},
        "/v1/session/openid/{id}": {
            "parameters": provider,
            "get": on_the_way("To a provider of sign-ins; for browsers"),
        },
        "/v1/session/openid/{id}/back": {
            "parameters": provider,
            "get": on_the_way("Back from it, to the page, signed in or with the reason after the #"),
        },
        "/v1/session/openid/{id}/out": {
            "parameters": provider,
            "get": on_the_way("To where it signs a browser out, too"),
        },
        "/v1/passkeys/begin": {"post": operation("Begin to add a passkey", Options, key_in, BeginMake)},
        "/v1/passkeys/finish": {"post": operation("Add it; this session begins anew", SignedIn, key_in, Made)},
        "/v1/passkeys": {"get": operation("One's own passkeys", OwnPasskeys, (*_OWN, "503"))},
        "/v1/passkeys/{id}": {
            "parameters": in_path,
            "delete": operation("Forget one of them", None, (*_OWN, "404", "503"), status="204"),
        },
        "/v1/sessions": {
            "get": operation("One's own sign-ins", OwnSessions, _OWN),
            "delete": operation("End all of them but this", None, _OWN, status="204"),
        },
        "/v1/sessions/{id}": {
            "parameters": in_path,
            "delete": operation("End one of them", None, (*_OWN, "404"), status="204"),
        },
        "/v1/people": {
            "get": administration(operation("Who there is; for administrators", Everybody, _OWN)),
            "post": administration(
                operation("Invite somebody", Invitation, (*_OWN, "409", "503", *_BODY), NewPerson, "201")
            ),
        },
        "/v1/people/{id}": {
            "parameters": in_path,
            "patch": administration(operation("Change what somebody may do", Listed, (*sure, *_BODY), Change)),
            "delete": administration(operation("Make somebody nobody", None, sure, status="204")),
        },
        "/v1/people/{id}/invitation": {
            "parameters": in_path,
            "post": administration(operation("Let somebody sign in anew", Invitation, sure)),
        },
        "/v1/audit": {
            "get": administration(operation("What people did, newest first; for auditors", Page, ("400", "503", *_OWN)))
            | {"parameters": asked}
        },
    }
    return Parts(paths, components)
