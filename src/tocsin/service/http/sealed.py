"""Headers that every answer has, whatever made it: what a browser must not do with it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # An answer that is opened as a page shows text; the page itself says what it needs.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
# A year, as browsers' own lists ask for. Without its subdomains: they are not ours to speak for.
_TLS_ONLY = "max-age=31536000"


class Sealed:
    """Adds them. `tls`: everybody comes by it; otherwise who comes by it is seen from the request."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        tls = self._tls or scope["scheme"] == "https"

        async def seal(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if tls:
                    headers["strict-transport-security"] = _TLS_ONLY
            await send(message)

        await self._app(scope, receive, seal)
