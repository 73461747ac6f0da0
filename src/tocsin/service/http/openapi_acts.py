"""What the OpenAPI description says of what is told to us, of officers' acts, and of what became of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.model.observation import Observation
from tocsin.service.http.answers import Problem
from tocsin.service.http.delivery import Deliveries
from tocsin.service.http.observations import Accepted
from tocsin.service.http.openapi_parts import Parts, content, refused, schemas_of
from tocsin.service.http.operators import Act, Acted, Acts, Conflicting, Proposals
from tocsin.service.http.retraction import PreparedTexts, Retracted, Retraction

_TYPES: tuple[Any, ...] = (
    Observation, Act, Accepted, Acted, Acts, Proposals, Conflicting, Deliveries, Retraction, Retracted, PreparedTexts,
    Problem,
)  # fmt: skip
_REFUSALS = {
    "400": "not usable",
    "401": "neither a token nor a session",
    "403": "not allowed to this caller, or not there",
    "409": "its sender has used the id for something else; or nothing is there to confirm or approve",
    "413": "too large",
    "415": "with a Content-Encoding other than identity: a body is read as it is",
    "429": "too fast",
    "503": "try again later",
}
_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_TEXT = {"type": "string"}


def described() -> Parts:
    """Their paths, and what these refer to."""
    schemas, components = schemas_of(_TYPES)
    observation, act, accepted, acted, acts, proposals, conflicting, deliveries, *rest = schemas
    retraction, retracted, prepared, problem = rest

    def post(summary: str, done: Any, bodies: dict[str, Any], told: tuple[str, ...] = ()) -> dict[str, Any]:
        responses = {"200": {"description": "Durable: what is acknowledged is never lost."} | content(done)}
        responses |= refused(_REFUSALS, _REFUSALS, problem)
        for code in told:
            responses[code]["content"] |= content(done)["content"]
        body = {"required": True} | bodies
        return {"post": {"summary": summary, "security": _SECURITY, "requestBody": body, "responses": responses}}

    def officers(summary: str, schema: Any, parameters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        responses = {"200": {"description": "OK"} | content(schema)}
        responses |= {code: {"description": _REFUSALS[code]} for code in ("401", "403")}
        asked = {"parameters": list(parameters)} if parameters else {}
        return {
            "get": {"summary": f"{summary}; for duty officers", "security": _SECURITY, "responses": responses} | asked
        }

    one_warning = {"name": "warning", "in": "query", "schema": _TEXT, "description": "the id of one warning"}
    delivery = officers("What became of every warning on every channel; for watchers, too", deliveries, [one_warning])
    delivery["get"]["responses"] |= refused(("404",), {"404": "no longer there, or never was"}, problem)
    lines = content(_TEXT, "application/x-ndjson")["content"]
    many_or_one = {"content": content(observation)["content"] | lines}
    paths = {
        # Of a batch of which nothing could be used, it is told what became of every line.
        "/v1/observations": post(
            "Tell what was observed: one observation, or many as NDJSON", accepted, many_or_one, told=("400", "409")
        ),
        "/v1/acts": officers("What stands by operators' word, and what waits for a second of them", acts)
        | post("A duty officer's act", acted, content(act)),
        "/v1/retractions": post(
            "Take back whatever was raised in an area, with one act", retracted, content(retraction)
        ),
        "/v1/prepared": officers("Texts for the public that are ready", prepared),
        "/v1/proposals": officers("Cover that waits for a confirmation", proposals),
        "/v1/conflicts": officers(
            "What was not taken because its sender had used its id for something else", conflicting
        ),
        "/v1/delivery": delivery,
    }
    return Parts(paths, components)
