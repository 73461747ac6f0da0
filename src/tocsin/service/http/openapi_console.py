"""The console's part of the OpenAPI description."""

from __future__ import annotations

from typing import Any

from tocsin.service.console.asked import Area, AreaZones, ConsoleSettings
from tocsin.service.console.evidence import Evidence
from tocsin.service.console.kept import KINDS, Log, NewNote, Notes, Past, ShiftNote
from tocsin.service.console.past import EVERY_S
from tocsin.service.console.shown import ConsoleChange, ConsolePicture, Decisions
from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import JSON, Parts, content, refused, schemas_of
from tocsin.service.minutes.bodies import ConsoleMinutes

_TYPES: tuple[Any, ...] = (
    ConsolePicture, ConsoleChange, Decisions, Evidence, Log, NewNote, ShiftNote, Notes, Past, Area, AreaZones,
    ConsoleSettings, ConsoleMinutes, Problem,
)  # fmt: skip
_SAID = {
    "400": "not usable",
    "401": "nobody who may see the operators' picture",
    "403": "somebody who may not",
    "404": "not there",
    "409": "the id was used for another note, or no more notes are kept",
    "413": "too large",
    "415": "not plain application/json",
    "503": "try again later",
}


def described() -> Parts:
    """Its paths, and what these refer to."""
    schemas, components = schemas_of(_TYPES)
    picture, change, decisions, evidence, log, new_note, note, notes, past, area, zones, settings, minutes, refusal = (
        schemas
    )

    def operation(summary: str, schema: Any, codes: str = "", media: str = JSON) -> dict[str, Any]:
        responses = {"200": {"description": "OK"} | content(schema, media)}
        responses |= refused(("401", "403", *codes.split()), _SAID, refusal)
        return {"summary": summary, "security": [{"token": []}, {"session": []}], "responses": responses}

    def asking(name: str, kind: str, text: str, where: str = "query") -> dict[str, Any]:
        more = {"required": True} if where == "path" else {}
        return {"name": name, "in": where, "schema": {"type": kind}, "description": text} | more

    def sent(summary: str, body: Any, schema: Any, codes: str) -> dict[str, Any]:
        return operation(summary, schema, codes) | {"requestBody": {"required": True} | content(body)}

    paged = [
        asking("after", "integer", "what is older than this number"),
        asking("limit", "integer", "how many, at most 500"),
    ]
    kinds = asking("kind", "string", f"only of these kinds, by commas: {', '.join(KINDS)}")
    zone = asking("zone", "string", "a zone's id", "path")
    at = asking("at", "string", "a time, RFC 3339: answered with the newest ConsolePicture not after it")
    streamed = {"anyOf": [{"type": "string"}, change]}
    of_past = {"anyOf": [past, picture]}
    paths = {
        "/v1/console/picture": {"get": operation("The operators' picture", picture, "503")},
        "/v1/console/events": {
            "get": operation("The same, and each second what changed", streamed, "503", "text/event-stream")
        },
        "/v1/console/decisions": {"get": operation("What needs a decision", decisions, "503")},
        "/v1/console/minutes": {
            "get": operation("The minutes that people have, as usual and now; for planners", minutes, "404 503")
        },
        "/v1/console/zones/{zone}/evidence": {
            "get": operation("What stands behind a zone's warning", evidence, "404 503") | {"parameters": [zone]}
        },
        "/v1/console/log": {
            "get": operation("What happened, newest first", log, "400") | {"parameters": [*paged, kinds]}
        },
        "/v1/console/notes": {
            "get": operation("Notes for the next shift, newest first", notes, "400") | {"parameters": paged},
            "post": sent("Leave a note", new_note, note, "400 409 413 415 503"),
        },
        "/v1/console/past": {
            "get": operation(f"Pictures of the last hours, one in {EVERY_S:g} s", of_past, "400 404")
            | {"parameters": [at]}
        },
        "/v1/console/area": {"post": sent("The zones that an area touches", area, zones, "400 413 415")},
        "/v1/console/settings": {"get": operation("How this service is set, without secrets", settings)},
    }
    return Parts(paths, components)
