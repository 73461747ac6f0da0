"""At the door of the application: a turn for every request, wrong tokens slowed, and headers on every answer.

Who sends a token that the settings name is never kept waiting here, whoever else shares the address. Sites hold many
tokens in many hands, and are counted as everybody is.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

import structlog
from starlette.requests import HTTPConnection, Request

from tocsin.service.http.answers import problem
from tocsin.service.http.callers import token_of
from tocsin.service.http.places import Places
from tocsin.service.http.proxies import Proxies
from tocsin.service.http.turns import UNSAID, Turns, address_of
from tocsin.service.metrics import Metrics
from tocsin.service.people_settings import Operator, Watcher
from tocsin.service.settings import Settings
from tocsin.service.source_settings import TokenSource

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# A crowd behind one address opens the page at once, with everything on it.
BURST_S = 10.0
LINE_S = 5.0
# Mistyped a few times; a guess a second after that, and nobody guesses 64 bits so.
WRONG_PER_S = 1.0
WRONG_BURST = 5
WRONG_LINE_S = 5.0
ADDRESSES_LOGGED_MAX = 1_000


class Guard:
    """An application around another.

    sites       SHA-256 of the sites' tokens: no guesses, but counted as everybody's requests are
    signed_in   whether the cookie of a request opens a session
    """

    def __init__(
        self,
        app: App,
        settings: Settings,
        proxies: Proxies,
        places: Places,
        metrics: Metrics,
        sites: Collection[str] = (),
        signed_in: Callable[[Request], bool] = lambda request: False,
    ) -> None:
        self._app = app
        self._proxies = proxies
        self._places = places
        self._metrics = metrics
        self._signed_in = signed_in
        sources = (source for source in settings.source if isinstance(source, TokenSource))
        holders: tuple[TokenSource | Operator | Watcher, ...] = (*sources, *settings.operator, *settings.watcher)
        self._known = frozenset(holder.token_sha256 for holder in holders)
        self._sites = frozenset(sites)
        per_s = settings.http.requests_per_address_per_s
        self._requests = Turns(per_s, burst=per_s * BURST_S, line_s=LINE_S)
        self._guesses = Turns(WRONG_PER_S, burst=WRONG_BURST, line_s=WRONG_LINE_S)
        self._wrong: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on when it is its turn, or refuse it."""
        refusal = await self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            scope[UNSAID] = address_of(HTTPConnection(scope)) in self._proxies
            await self._app(scope, receive, send)
            return
        self._metrics.too_often.labels(refusal).inc()
        self._places.flooded(address_of(HTTPConnection(scope)))
        said = (
            "too many requests from this address"
            if refusal == "requests"
            else "too many unknown tokens from this address"
        )
        answer = problem(429, f"{said}; wait, and send fewer", retry_after_s=math.ceil(LINE_S))
        answer.headers["connection"] = "close"
        await answer(scope, receive, send)

    async def _refusal(self, scope: Scope) -> str | None:
        """Of what there was too much; None once it is this request's turn."""
        address = address_of(HTTPConnection(scope))
        token = next(
            (token_of(value.decode("latin-1")) for name, value in scope["headers"] if name == b"authorization"), None
        )
        # A client in another's seat brings the token that it was given there; a spotter's device its own secret, which
        # nobody guesses, and where it calls from is not to be logged.
        if token is not None and not scope["path"].startswith(("/compat/", "/v1/spotter/")):
            # Looked up, and not compared in constant time: what that tells is of a hash that nobody can choose.
            digest = hashlib.sha256(token.encode()).hexdigest()
            if digest in self._known:
                return None
            if digest not in self._sites:
                self._note_wrong(address, scope["path"])
                if not await _turn(self._guesses, address):
                    return "tokens"
        # Whoever has signed in is not kept waiting by a neighbour behind the same address.
        if token is None and self._signed_in(Request(scope)):
            return None
        # A proxy that does not say for whom it asks asks for many.
        if address in self._proxies or await _turn(self._requests, address):
            return None
        return "requests"

    def _note_wrong(self, address: str, path: str) -> None:
        """Count a wrong token; log the first of an address, the tenth, the hundredth, never the token itself."""
        self._metrics.wrong_tokens.inc()
        if len(self._wrong) >= ADDRESSES_LOGGED_MAX:
            self._wrong.clear()
        self._wrong[address] += 1
        count = self._wrong[address]
        if count == 10 ** (len(str(count)) - 1):
            log.warning("wrong_token", address=address, path=path[:100], count=count)


async def _turn(turns: Turns, address: str) -> bool:
    """Wait for an address's turn; whether there is one."""
    wait_s = turns.take(address, asyncio.get_running_loop().time())
    if wait_s is None:
        return False
    if wait_s > 0:
        await asyncio.sleep(wait_s)
    return True
