"""The OpenAPI description of the HTTP API, made from the types of its bodies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from tocsin import __version__
from tocsin.announce.bodies import Here, Outlines, State, WarnedZones, Warnings
from tocsin.announce.web_push.subscription import Asked
from tocsin.model.observation import Observation
from tocsin.model.wire import to_json
from tocsin.service.http.answers import Problem
from tocsin.service.http.delivery import Deliveries
from tocsin.service.http.observations import Accepted
from tocsin.service.http.openapi_console import TYPES as CONSOLE_TYPES
from tocsin.service.http.openapi_console import console_paths
from tocsin.service.http.openapi_people import people_paths
from tocsin.service.http.openapi_sites import described as sites_described
from tocsin.service.http.openapi_spotters import described as spotters_described
from tocsin.service.http.operators import Act, Acted, Acts, Conflicting, Proposals
from tocsin.service.http.push import Offered, Subscribed, Tested, Unsubscribed
from tocsin.service.http.remembered import History
from tocsin.service.http.retraction import PreparedTexts, Retracted, Retraction
from tocsin.service.shelters import Shelters

_JSON = "application/json"
_TYPES: tuple[Any, ...] = (
    Observation, Act, Accepted, Acted, Acts, Proposals, Conflicting, Deliveries, Retraction, Retracted, PreparedTexts,
    Problem,
    State, Here, Outlines, Warnings, WarnedZones, History, Shelters, Offered, Asked, Subscribed, Unsubscribed, Tested,
)  # fmt: skip


def _content(schema: Any, media: str = _JSON) -> dict[str, Any]:
    return {media: {"schema": schema}}


def _answer(text: str, schema: Any, media: str = _JSON) -> dict[str, Any]:
    return {"description": text, "content": _content(schema, media)}


def _get(summary: str, schema: Any, media: str = _JSON, **more: Any) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": {"200": _answer("OK", schema, media)}} | more}


def _metrics(text: Any) -> dict[str, Any]:
    described = _get(
        "Prometheus metrics; with a duty officer's or watcher's token also of every sensor", text, "text/plain"
    )
    described["get"]["security"] = [{}, {"token": []}]
    described["get"]["responses"]["401"] = {"description": "neither a duty officer's nor a watcher's token"}
    return described


def _officers(summary: str, schema: Any, parameters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    described = _get(f"{summary}; for duty officers", schema)
    if parameters:
        described["get"]["parameters"] = list(parameters)
    described["get"]["security"] = [{"token": []}, {"session": []}]
    described["get"]["responses"] |= _denied()
    return described


def _denied() -> dict[str, Any]:
    """Of what is not for everybody."""
    return {code: {"description": _REFUSALS[code]} for code in ("401", "403")}


def _refusing(
    described: dict[str, Any], schema: Any, code: str, media: str = "application/problem+json"
) -> dict[str, Any]:
    described["get"]["responses"][code] = _answer(_REFUSALS[code], schema, media)
    return described


_REFUSALS = {
    "400": "not usable",
    "401": "neither a token nor a session",
    "403": "not allowed to this caller, or not there",
    "404": "no longer there, or never was",
    "409": "its sender has used the id for something else; or nothing is there to confirm or approve",
    "413": "too large",
    "415": "with a Content-Encoding other than identity: a body is read as it is",
    "429": "too fast",
    "503": "try again later",
}


def _post(
    summary: str, accepted: Any, refusal: Any, bodies: dict[str, Any], told: tuple[str, ...] = ()
) -> dict[str, Any]:
    refusals = {code: text for code, text in _REFUSALS.items() if code != "404"}
    responses = {code: _answer(text, refusal, "application/problem+json") for code, text in refusals.items()}
    for code in told:
        responses[code]["content"] |= _content(accepted)
    return {
        "post": {
            "summary": summary,
            "security": [{"token": []}, {"session": []}],
            "requestBody": {"required": True, "content": bodies},
            "responses": {"200": _answer("Durable: what is acknowledged is never lost.", accepted)} | responses,
        }
    }


def _push(refusal: Any, offered: Any, asked: Any, subscribed: Any, unsubscribed: Any, tested: Any) -> dict[str, Any]:
    """Where one subscribes to pushes; 404: nobody can here."""

    def operation(summary: str, body: Any, done: dict[str, Any], codes: tuple[str, ...]) -> dict[str, Any]:
        refusals = {code: _answer(_REFUSALS[code], refusal, "application/problem+json") for code in codes}
        return {
            "summary": summary,
            "requestBody": {"required": True, "content": _content(body)},
            "responses": done | refusals,
        }

    kept = {"201": _answer("Its first message is on its way.", subscribed)}
    done = {"204": {"description": "Done."}}
    return {
        "/v1/push/test": {"post": operation("Send one subscriber a test", tested, done, ("400", "404", "503"))},
        "/v1/push": _get("Whether one can subscribe to pushes, and with which key", offered),
        "/v1/push/subscriptions": {
            "post": operation("Subscribe, or change what is asked for", asked, kept, ("400", "404", "413", "503")),
            "delete": operation("Get no more", unsubscribed, done, ("400", "404")),
        },
    }


@cache
def description() -> bytes:
    """OpenAPI 3.1 as JSON."""
    schemas, components = msgspec.json.schema_components(
        (*_TYPES, *CONSOLE_TYPES), ref_template="#/components/schemas/{name}"
    )
    (
        observation,
        act,
        accepted,
        acted,
        acts,
        proposals,
        conflicting,
        deliveries,
        retraction,
        retracted,
        prepared,
        refusal,
        *public,
    ) = schemas
    public, console = public[: -len(CONSOLE_TYPES)], public[-len(CONSOLE_TYPES) :]
    state, here, outlines, warnings, warned, history, shelters, *pushed = public
    text = {"type": "string"}
    number = {"type": "number"}
    point = [
        {"name": name, "in": "query", "required": True, "schema": number, "description": f"{name}, degrees"}
        for name in ("lat", "lon")
    ]
    page = [{"name": "name", "in": "path", "required": True, "schema": text, "description": "as the feed links to it"}]
    named = [{"name": "name", "in": "path", "required": True, "schema": text, "description": "CAP or warning id"}]
    one_warning = {"name": "warning", "in": "query", "schema": text, "description": "the id of one warning"}
    some = [{"name": "zone", "in": "query", "schema": text, "description": "a zone's id; repeatable; none: every zone"}]
    plain = [
        {"name": name, "in": "query", "schema": text, "description": said}
        for name, said in (
            ("q", "a place to look for"),
            ("zone", "a zone's id; may be repeated"),
            ("site", "a site's id; may be repeated"),
            ("lang", "a language"),
        )
    ]
    paths = {
        "/v1/observations": _post(
            "Tell what was observed: one observation, or many as NDJSON",
            accepted,
            refusal,
            _content(observation) | _content(text, "application/x-ndjson"),
            # Of a batch of which nothing could be used, it is told what became of every line.
            told=("400", "409"),
        ),
        "/v1/acts": _officers("What stands by operators' word, and what waits for a second of them", acts)
        | _post("A duty officer's act", acted, refusal, _content(act)),
        "/v1/retractions": _post(
            "Take back whatever was raised in an area, with one act", retracted, refusal, _content(retraction)
        ),
        "/v1/prepared": _officers("Texts for the public that are ready", prepared),
        "/v1/proposals": _officers("Cover that waits for a confirmation", proposals),
        "/v1/conflicts": _officers(
            "What was not taken because its sender had used its id for something else", conflicting
        ),
        "/v1/delivery": _refusing(
            _officers("What became of every warning on every channel; for watchers, too", deliveries, [one_warning]),
            refusal,
            "404",
        ),
        "/v1/zones": _get("How every zone stands, or some, and how old the picture is", state, parameters=some),
        "/v1/zones/at": _refusing(_get("How the zones at a point stand", here, parameters=point), refusal, "400"),
        "/v1/outlines": _get("The zones' outlines", outlines, "application/geo+json"),
        "/v1/warnings": _get("The warnings in force", warnings),
        "/v1/warned.geojson": _get("The zones under a warning, as GeoJSON", warned, "application/geo+json"),
        "/v1/history": _get("Times under cover since the service began, as far as kept", history),
        "/v1/shelters": _refusing(
            _get("Where shelters are", shelters, "application/geo+json"), refusal, "503", "application/problem+json"
        ),
        "/v1/events": _refusing(
            _get("Server-Sent Events: `state` first, then `zones` and `pulse`", text, "text/event-stream"),
            text,
            "503",
            "text/plain",
        ),
        "/feed.atom": _get("Atom feed of CAP messages in force and the newest", text, "application/atom+xml"),
        "/plain": _get(
            "The page without JavaScript: how places stand, in sentences", text, "text/html", parameters=plain
        ),
        "/feed.rss": _get("The same as RSS 2.0", text, "application/rss+xml"),
        "/feed/{name}.atom": _refusing(
            _get("An older page of the feed", text, "application/atom+xml", parameters=page), refusal, "404"
        ),
        "/cap/{name}.xml": _refusing(
            _get("One CAP 1.2 message", text, "application/cap+xml", parameters=named), refusal, "404"
        ),
        **_push(refusal, *pushed),
        **console_paths(console, refusal),
        "/healthz": _get("Whether the process answers", {"type": "object"}),
        "/readyz": _get("Whether the picture is fresh and the journal writes", {"type": "object"}),
        "/openapi.json": _get("This description", {"type": "object"}),
        "/metrics": _metrics(text),
    }
    of_sites, sites_components = sites_described()
    paths |= of_sites
    components |= sites_components
    of_spotters, spotters_components = spotters_described()
    paths |= of_spotters
    components |= spotters_components
    theirs, more = people_paths()
    paths |= theirs
    components |= more
    # Whoever asks too often is told so everywhere.
    for described in paths.values():
        for method in (operation for name, operation in described.items() if name != "parameters"):
            method["responses"].setdefault("429", _answer(_REFUSALS["429"], refusal, "application/problem+json"))
    info = {"title": "Tocsin", "version": __version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    security = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-tocsin"},
    }
    body = {"openapi": "3.1.0", "info": info, "paths": paths}
    return to_json(body | {"components": {"schemas": components, "securitySchemes": security}})
