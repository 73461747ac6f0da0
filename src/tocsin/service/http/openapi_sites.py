"""What the OpenAPI description says of sites."""

from __future__ import annotations

from typing import Any

from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import Parts, content, refused, schemas_of
from tocsin.service.http.sites import OfficersSites, PublicSites
from tocsin.service.sites.sites import PublicSite
from tocsin.service.sites.status import Said

_TYPES: tuple[Any, ...] = (PublicSites, OfficersSites, PublicSite, Said, Problem)
_REFUSALS = {
    "400": "not usable",
    "401": "neither the site's token nor a duty officer",
    "403": "not allowed",
    "404": "there is no such site, or it is not public",
    "413": "too large",
    "415": "not plain application/json",
    "503": "it cannot be kept just now",
}


def described() -> Parts:
    """Their paths, and what these refer to."""
    (public, officers, one, said, refusal), components = schemas_of(_TYPES)
    site = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "a site's id"}

    def operation(summary: str, done: dict[str, Any], *codes: str, named: bool = False) -> dict[str, Any]:
        responses = done | refused(codes, _REFUSALS, refusal)
        return {"summary": summary, "responses": responses} | ({"parameters": [site]} if named else {})

    def ok(schema: Any) -> dict[str, Any]:
        return {"200": {"description": "OK"} | content(schema)}

    held: dict[str, Any] = {"security": [{"token": []}, {"session": []}]}
    say = operation("Say how a site fares", ok(one), *_REFUSALS, named=True)
    moved = {"307": {"description": "to the page without JavaScript, about this site"}}
    one_site = operation("One site", ok(one), "404", named=True) | {"security": [{}, *held["security"]]}
    paths = {
        "/v1/sites": {"get": operation("Airports and other places that everybody may know of", ok(public))},
        "/v1/sites/{id}": {"get": one_site},
        "/v1/sites/{id}/status": {"put": say | held | {"requestBody": {"required": True} | content(said)}},
        "/v1/console/sites": {"get": operation("All sites; for duty officers", ok(officers), "401", "403") | held},
        "/site/{id}": {"get": operation("A site's own page", moved, named=True)},
    }
    return Parts(paths, components)
