"""What the OpenAPI description says of the public log."""

from __future__ import annotations

from typing import Any

from tocsin.ledger.proof_entries import ProofEntry
from tocsin.ledger.proof_heads import SignedHead
from tocsin.service.http.answers import Problem
from tocsin.service.http.openapi_parts import JSON, Parts, content, refused, schemas_of
from tocsin.service.http.public_log import Consistency, Inclusion

_REFUSALS = {"400": "not usable", "404": "there is no such thing, or no public log", "503": "it is not open yet"}
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}


def described() -> Parts:
    """Its paths, and what these refer to."""
    types: tuple[Any, ...] = (SignedHead, ProofEntry, Inclusion, Consistency, Problem)
    (head, entry, inclusion, consistency, problem), components = schemas_of(types)

    def get(summary: str, schema: Any, media: str = JSON, *asked: dict[str, Any]) -> dict[str, Any]:
        codes = ("400", "404", "503") if asked else ("404", "503")
        responses = {"200": {"description": "OK"} | content(schema, media)} | refused(codes, _REFUSALS, problem)
        return {"get": {"summary": summary, "responses": responses, "parameters": list(asked)}}

    def query(name: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": required, "schema": schema}

    page = {"name": "page", "in": "path", "required": True, "schema": _NUMBER}
    lines = "application/jsonl"
    paths = {
        "/v1/proof/key.pem": get("The public key of the log's heads", _TEXT, "application/x-pem-file"),
        "/v1/proof/head.json": get("The newest signed head of the public log", head),
        "/v1/proof/heads/{page}.jsonl": get("Signed heads, fifty a page, one a line", head, lines, page),
        "/v1/proof/entries/{page}.jsonl": get("Entries of the log, a thousand a page, one a line", entry, lines, page),
        "/v1/proof/inclusion": get(
            "That a warning is in the log", inclusion, JSON, query("id", _TEXT), query("kind", _TEXT, required=False)
        ),
        "/v1/proof/consistency": get(
            "That the log only grew", consistency, JSON, query("first", _NUMBER), query("second", _NUMBER)
        ),
    }
    return Parts(paths, components)
