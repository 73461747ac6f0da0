"""What the OpenAPI description says of what everybody may read, and of pushes."""

from __future__ import annotations

from typing import Any

from tocsin.announce.bodies import Here, Outlines, State, WarnedZones, Warnings
from tocsin.announce.web_push.shards import HANDED
from tocsin.announce.web_push.subscription import Asked
from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import JSON, Parts, content, joined, refused, schemas_of
from tocsin.service.http.push import Offered, Subscribed, Tested, Unsubscribed
from tocsin.service.http.remembered import History
from tocsin.service.shelters import Shelters

_TYPES: tuple[Any, ...] = (State, Here, Outlines, Warnings, WarnedZones, History, Shelters, Problem)
_OF_PUSH: tuple[Any, ...] = (Offered, Asked, Subscribed, Unsubscribed, Tested, Problem)
_REFUSALS = {
    "400": "not usable",
    "404": "no longer there, or never was",
    "413": "too large",
    "503": "try again later",
}
_TEXT = {"type": "string"}
_NUMBER: dict[str, Any] = {"required": True, "schema": {"type": "number"}}
_GEOJSON, _ATOM = "application/geo+json", "application/atom+xml"


def described() -> Parts:
    """Their paths, and what these refer to."""
    (state, here, outlines, warnings, warned, history, shelters, problem), components = schemas_of(_TYPES)

    def named(description: str) -> list[dict[str, Any]]:
        return [{"name": "name", "in": "path", "required": True, "schema": _TEXT, "description": description}]

    def asked(name: str, description: str) -> dict[str, Any]:
        return {"name": name, "in": "query", "schema": _TEXT, "description": description}

    point = [asked(name, f"{name}, degrees") | _NUMBER for name in ("lat", "lon")]
    some = [asked("zone", "a zone's id; repeatable; none: every zone")]
    plain = [asked("q", "a place to look for"), asked("zone", "a zone's id; may be repeated")]
    plain += [asked("site", "a site's id; may be repeated"), asked("lang", "a language")]
    anything = {"type": "object"}
    full = {"503": {"description": _REFUSALS["503"]} | content(_TEXT, "text/plain")}
    unusable, gone, later = (refused((code,), _REFUSALS, problem) for code in ("400", "404", "503"))
    paths = {
        "/v1/zones": _get("How every zone stands, or some, and how old the picture is", state, parameters=some),
        "/v1/zones/at": _get("How the zones at a point stand", here, unusable, parameters=point),
        "/v1/outlines": _get("The zones' outlines", outlines, media=_GEOJSON),
        "/v1/warnings": _get("The warnings in force", warnings),
        "/v1/warned.geojson": _get("The zones under a warning, as GeoJSON", warned, media=_GEOJSON),
        "/v1/history": _get(
            "Times under cover: of a week, from the views; without them since the service began, as far as kept",
            history,
            unusable | later,
            parameters=[asked("before", "of the week before a time, RFC 3339; only where there are views")],
        ),
        "/v1/warned/{z}/{x}/{y}.mvt": _get(
            "The zones under a warning, and those where we may be blind, as a tile; only where there are views",
            _TEXT,
            gone | later,
            "application/vnd.mapbox-vector-tile",
            parameters=[
                {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in "zxy"
            ],
        ),
        "/v1/shelters": _get("Where shelters are", shelters, later, _GEOJSON),
        "/v1/events": _get(
            "Server-Sent Events: `state` first, then `zones` and `pulse`", _TEXT, full, "text/event-stream"
        ),
        "/feed.atom": _get("Atom feed of CAP messages in force and the newest", _TEXT, media=_ATOM),
        "/plain": _get(
            "The page without JavaScript: how places stand, in sentences", _TEXT, media="text/html", parameters=plain
        ),
        "/feed.rss": _get("The same as RSS 2.0", _TEXT, media="application/rss+xml"),
        "/feed/{name}.atom": _get(
            "An older page of the feed", _TEXT, gone, _ATOM, parameters=named("as the feed links to it")
        ),
        "/cap/{name}.xml": _get(
            "One CAP 1.2 message", _TEXT, gone, "application/cap+xml", parameters=named("CAP or warning id")
        ),
        "/healthz": _get("Whether the process answers", anything),
        "/readyz": _get("Whether the picture is fresh and the journal writes", anything),
        "/openapi.json": _get("This description", anything),
        "/metrics": _get(
            "Prometheus metrics; with a duty officer's or watcher's token also of every sensor",
            _TEXT,
            {"401": {"description": "neither a duty officer's nor a watcher's token"}},
            "text/plain",
            security=[{}, {"token": []}],
        ),
    }
    return joined([Parts(paths, components), _push()])


def _get(
    summary: str, schema: Any, refusals: dict[str, Any] | None = None, media: str = JSON, **more: Any
) -> dict[str, Any]:
    done = {"200": {"description": "OK"} | content(schema, media)}
    return {"get": {"summary": summary, "responses": done | (refusals or {})} | more}


def _push() -> Parts:
    """Where one subscribes to pushes; 404: nobody can here."""
    (offered, asked, subscribed, unsubscribed, tested, problem), components = schemas_of(_OF_PUSH)

    def operation(summary: str, body: Any, done: dict[str, Any], codes: tuple[str, ...]) -> dict[str, Any]:
        return {
            "summary": summary,
            "requestBody": {"required": True} | content(body),
            "responses": done | refused(codes, _REFUSALS, problem),
        }

    kept = {"201": {"description": "Its first message is on its way."} | content(subscribed)}
    done = {"204": {"description": "Done."}}
    paths = {
        "/v1/push/test": {"post": operation("Send one subscriber a test", tested, done, ("400", "404", "503"))},
        "/v1/push": _get("Whether one can subscribe to pushes, and with which key", offered),
        "/v1/push/subscriptions": {
            "post": operation("Subscribe, or change what is asked for", asked, kept, ("400", "404", "413", "503")),
            "delete": operation("Get no more", unsubscribed, done, ("400", "404")),
        },
        HANDED: {
            "post": operation(
                "Take over subscriptions from another sender, which signs them; 404 for everybody else",
                {"type": "array", "items": asked},
                done,
                ("400", "404", "413"),
            ),
        },
    }
    return Parts(paths, components)
