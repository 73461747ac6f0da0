"""The OpenAPI description of the HTTP API, made from the types of its bodies."""

from __future__ import annotations

from functools import cache
from typing import Any

from tocsin import __version__
from tocsin.model.wire import to_json
from tocsin.service.http import (
    openapi_acts,
    openapi_console,
    openapi_ledger,
    openapi_log,
    openapi_people,
    openapi_public,
    openapi_sites,
    openapi_spotters,
)
from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import joined, refused, schemas_of

_PARTS = (
    openapi_acts, openapi_public, openapi_log, openapi_console, openapi_ledger, openapi_sites, openapi_spotters,
    openapi_people,
)  # fmt: skip


@cache
def description() -> bytes:
    """OpenAPI 3.1 as JSON."""
    paths, components = joined(part.described() for part in _PARTS)
    (problem,), _ = schemas_of([Problem])
    # Whoever asks too often is told so everywhere.
    too_fast = refused(("429",), {"429": "too fast"}, problem)
    operations = ((name, one) for described in paths.values() for name, one in described.items())
    for operation in (one for name, one in operations if name != "parameters"):
        operation["responses"] = too_fast | operation["responses"]
    info = {"title": "Tocsin", "version": __version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    security: dict[str, Any] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-tocsin"},
    }
    body = {"openapi": "3.1.0", "info": info, "paths": paths}
    return to_json(body | {"components": {"schemas": components, "securitySchemes": security}})
