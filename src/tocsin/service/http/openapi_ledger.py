"""What the OpenAPI description says of the ledger."""

from __future__ import annotations

from typing import Any, get_args

from tocsin.service.http.answers import Problem
from tocsin.service.http.incidents import Pages
from tocsin.service.http.openapi_parts import Parts, content, refused, schemas_of
from tocsin.service.ledger.deciding import Decide, Decided
from tocsin.service.ledger.opening import NewIncident
from tocsin.service.ledger.public import PublicIncidents
from tocsin.service.ledger.shelf import State
from tocsin.service.ledger.shown import CaseShown, IncidentPage, Perhaps, Reporters, SourcePage

_TYPES: tuple[Any, ...] = (
    IncidentPage,
    CaseShown,
    SourcePage,
    Perhaps,
    Reporters,
    Decide,
    NewIncident,
    Decided,
    PublicIncidents,
    Pages,
    Problem,
)
_SAID = {
    "400": "not usable",
    "401": "nobody who may see the operators' picture",
    "403": "somebody who may not",
    "404": "not there, or there is no ledger",
    "409": "there is nothing to decide, or it lies elsewhere",
    "413": "too large",
    "415": "not plain application/json",
    "503": "the ledger cannot be used just now",
}
_READ = ("400", "401", "403", "404", "503")
_DECIDED = tuple(_SAID)


def described() -> Parts:
    """Its paths, and what these refer to."""
    (incidents, case, sources, proposals, reporters, decide, new, decided, public, pages, refusal), components = (
        schemas_of(_TYPES)
    )

    def operation(summary: str, schema: Any, *asked: dict[str, Any], codes: tuple[str, ...] = _READ) -> dict[str, Any]:
        responses = {"200": {"description": "OK"} | content(schema)} | refused(codes, _SAID, refusal)
        held = {"summary": summary, "security": [{"token": []}, {"session": []}], "responses": responses}
        return held | {"parameters": list(asked)}

    def query(name: str, text: str, kind: str = "string", **more: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "description": text, "schema": {"type": kind} | more}

    paged = (query("after", "what the page before said", "integer"), query("limit", "at most 500", "integer"))
    words = query("q", "words that must be in it")
    times = (query("begin", "ending no sooner, RFC 3339"), query("end", "beginning no later, RFC 3339"))
    state = query("state", "whether they are shown to everybody", enum=list(get_args(State)))
    name = {"name": "incident", "in": "path", "required": True, "schema": {"type": "string"}}
    below = "/v1/console/ledger"
    page = [query("page", "from 0", "integer")]
    not_here = refused(("404", "503"), _SAID, refusal)

    def shown(summary: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"get": {"summary": summary, "parameters": page, "responses": {"200": body} | not_here}}

    ok = {"description": "OK"}
    paths = {
        "/v1/incidents": shown("Incidents that an officer released, and figures", ok | content(public)),
        "/v1/pages": {
            "get": {"summary": "Which pages there are beside the live one", "responses": {"200": ok | content(pages)}}
        },
        "/incidents": shown("The same as a page", ok | content({"type": "string"}, "text/html")),
        f"{below}/incidents": {
            "get": operation("Incidents, newest first", incidents, *paged, words, *times, state),
            "post": operation("Say that something was struck", decided, codes=_DECIDED)
            | {"requestBody": {"required": True} | content(new)},
        },
        f"{below}/incidents/{{incident}}": {"get": operation("One incident, and who says what of it", case, name)},
        f"{below}/sources": {"get": operation("Sources under all their names", sources, *paged, words)},
        f"{below}/proposals": {"get": operation("Incidents, and sources, that may be one", proposals)},
        f"{below}/reporters": {"get": operation("What came of the impacts that each source reported", reporters)},
        f"{below}/decisions": {
            "post": operation("Decide who sees an incident, and what is one", decided, codes=_DECIDED)
            | {"requestBody": {"required": True} | content(decide)}
        },
    }
    return Parts(paths, components)
