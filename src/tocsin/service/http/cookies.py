"""The cookie that a browser is let in with, and what shows that it was our own page that sent it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from yarl import URL

from tocsin.service.people.sessions import Where

CSRF_HEADER = "X-Tocsin-CSRF"
# The prefix holds a browser to a cookie of this host alone, set by it, sent by TLS only.
_SEALED, _PLAIN = "__Host-tocsin", "tocsin"


def by_tls(request: Request, base_url: str | None) -> bool:
    """Whether a browser came by TLS, as far as this and any proxy know."""
    return request.url.scheme == "https" or (base_url or "").startswith("https:")


def session_token(request: Request, base_url: str | None) -> str | None:
    """The secret in a request's cookie; None: it has none."""
    return request.cookies.get(_SEALED if by_tls(request, base_url) else _PLAIN)


def set_session(response: Response, request: Request, base_url: str | None, token: str | None) -> None:
    """Give a browser the secret of its session, or, None, take it away."""
    sealed = by_tls(request, base_url)
    name = _SEALED if sealed else _PLAIN
    if token is None:
        response.delete_cookie(name, path="/", secure=sealed, httponly=True, samesite="strict")
    else:
        # Without an end: it goes with the browser, and the service ends it before.
        response.set_cookie(name, token, path="/", secure=sealed, httponly=True, samesite="strict")


def csrf_of(token: str) -> str:
    """What a page sends along to show that it can read our answers; it opens nothing by itself."""
    made = hmac.digest(token.encode(errors="replace"), b"tocsin: this page is ours", hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def foreign_origin(request: Request, base_url: str | None) -> bool:
    """Whether a browser says that a page of another site sent this."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    own = {f"{request.url.scheme}://{request.url.netloc}", f"https://{request.url.netloc}"}
    return origin not in own and origin != _origin(base_url or "")


@lru_cache(8)
def _origin(url: str) -> str | None:
    try:
        return str(URL(url).origin())
    except ValueError:
        return None


def address_kind(request: Request) -> Where:
    """From what kind of address a request comes: kept in place of the address."""
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return "elsewhere"
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return "this machine"
    return "a private network" if address.is_private else "elsewhere"
