"""What the OpenAPI description says of spotters: what their devices do, and how operators see them."""

from __future__ import annotations

from typing import Any

from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import PROBLEM, Parts, content, refused, schemas_of
from tocsin.service.http.spotter_posts import Inviting, PostInvitations, PostsShown
from tocsin.service.spotters.receipts import ClockOff, Joining, Now, Receipts, Reports

_TYPES: tuple[Any, ...] = (Joining, Now, Reports, Receipts, ClockOff, Inviting, PostInvitations, PostsShown, Problem)
_REFUSALS = {
    "400": "not usable",
    "401": "a device that is not enrolled; or no duty officer's token",
    "403": "a device that was revoked; an invitation that is used or over; or not allowed",
    "404": "nobody reports here, or there is no such post",
    "409": "the device is wrong about the time, and nothing was taken; or there are as many posts as may be",
    "413": "too large",
    "415": "with a Content-Encoding other than identity",
    "429": "too fast",
    "503": "try again later",
}
_TOKEN: list[dict[str, list[str]]] = [{"token": []}]


def described() -> Parts:
    """Their paths, and what these refer to."""
    schemas, components = schemas_of(_TYPES)
    joining, now, reports, receipts, clock_off, inviting, invitations, posts, refusal = schemas

    def operation(
        summary: str, done: dict[str, Any], codes: str, body: Any = None, parameter: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        asked = {} if body is None else {"requestBody": {"required": True} | content(body)}
        told = {} if parameter is None else {"parameters": [parameter]}
        responses = done | refused(codes.split(), _REFUSALS, refusal)
        return {"summary": summary, "security": _TOKEN, "responses": responses} | asked | told

    def ok(schema: Any, code: str = "200") -> dict[str, Any]:
        return {code: {"description": "Done."} | content(schema)}

    text, none = {"type": "string"}, {"204": {"description": "Done."}}
    ids = {"name": "ids", "in": "query", "required": True, "schema": text, "description": "the device's, by commas"}
    post = {"name": "post", "in": "path", "required": True, "schema": text, "description": "a pseudonym"}
    enrol = operation("Join by an invitation, once", ok(now, "201"), "400 403 404 429", joining)
    report = operation(
        "Report what was seen or heard, at most 50 at once; what is `kept` is durable",
        ok(receipts), "400 401 403 404 409 413 415 429 503", reports,
    )  # fmt: skip
    # Of a wrong clock it is told what time it is; of a crowd, nothing more than in any problem.
    either = {"anyOf": [clock_off, refusal]}
    report["responses"]["409"] |= content(either, PROBLEM)
    paths = {
        "/v1/spotter/state": {"get": operation("Whether this device is heard, and the time", ok(now), "401 403 404")},
        "/v1/spotter/enrol": {"post": {key: one for key, one in enrol.items() if key != "security"}},
        "/v1/spotter/reports": {"post": report},
        "/v1/spotter/receipts": {
            "get": operation("What came of reports", ok(receipts), "400 401 403 404", parameter=ids)
        },
        "/v1/spotter/device": {"delete": operation("Erase this device's post", none, "404")},
        "/v1/spotters": {
            "get": operation("The posts, under pseudonyms; for duty officers", ok(posts), "401 403 404"),
            "post": operation(
                "Invite people, each by a link and its QR code; for duty officers",
                ok(invitations, "201"), "400 401 403 404 409", inviting,
            ),
        },
        "/v1/spotters/{post}": {
            "delete": operation("Hear a post no more; for duty officers", none, "401 403 404", parameter=post)
        },
    }  # fmt: skip
    return Parts(paths, components)
