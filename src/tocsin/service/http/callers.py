"""Who calls: the holder of a bearer token, as the settings name him."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tocsin.service.http.answers import problem
from tocsin.service.tokens import HOW_TO_MAKE, weakness


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def token_sha256(self) -> str: ...


_Holder = TypeVar("_Holder", bound=_Named)


def token_of(authorization: str) -> str | None:
    """The bearer token in an Authorization header; None where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def holder_of(request: Request, holders: Iterable[_Holder]) -> _Holder | None:
    """Whose bearer token this request carries; every digest is compared, so that time tells nothing.

    One that can be guessed is nobody's, whatever its digest.
    """
    token = token_of(request.headers.get("authorization", ""))
    return None if token is None else holder_by(token, holders)


def holder_by(token: str, holders: Iterable[_Holder]) -> _Holder | None:
    """Whose token that is."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = None
    for holder in holders:
        if hmac.compare_digest(digest, holder.token_sha256):
            found = holder
    return None if weakness(token) is not None else found


def unauthorized(request: Request, needed: str) -> Response:
    """401: what is needed here, and, where the token that was sent is too weak to be anybody's, that."""
    token = token_of(request.headers.get("authorization", ""))
    weak = None if not token else weakness(token)
    return problem(401, needed if weak is None else f"{needed}; the token sent is too weak: {weak}; {HOW_TO_MAKE}")
