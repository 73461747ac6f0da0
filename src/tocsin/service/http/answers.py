"""Answers: JSON bodies, and problems that say what to do (RFC 9457)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from starlette.responses import Response

from tocsin.model.wire import to_json


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong, in a sentence.

    needs   proof: whoever is signed in must show again that it is he (POST /v1/session/proof), then it goes
    """

    status: int
    detail: str
    needs: Literal["proof"] | None = None


def answer(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(to_json(body), status, headers, "application/json")


def problem(
    status: int, detail: str, *, retry_after_s: int | None = None, needs: Literal["proof"] | None = None
) -> Response:
    """A refusal with its reason."""
    headers = {} if retry_after_s is None else {"retry-after": str(retry_after_s)}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status == 415:
        headers["accept-encoding"] = "identity"
    return Response(to_json(Problem(status, detail, needs)), status, headers, "application/problem+json")
