"""An OpenID provider that says whatever the test tells it to; honest unless it is told otherwise."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "tocsin", "a secret of the tests"


@cache
def rsa(kid: str, bits: int = 2048) -> RSAKey:
    """A key by its name; making one takes a while."""
    return RSAKey.generate_key(bits, {"kid": kid, "use": "sig"})


class Liar:
    """claims   what its tokens say beside the usual; None takes one out
    metadata, header   the same of what it says of itself, and of the head of a token
    keys               its public keys; `key` and `sign`: with which it signs
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.info: dict[str, Any] = {"sub": "s-1"}
        self.key: RSAKey | ECKey = rsa("one")
        self.keys: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.header: dict[str, Any] = {}
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.token: str | None = None
        self.extra_bytes = 0
        self.url = ""
        self.sign: Callable[[bytes], bytes] = self._rs256
        self._numbers = itertools.count()
        self._codes: dict[str, dict[str, str]] = {}

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Liar]:
        """Serves on a free port."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._configuration)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_get("/info", self._info)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def authorize(self, address: str) -> dict[str, str]:
        """What it sends a browser back with that comes with that address: somebody has signed in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{next(self._numbers)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    async def _configuration(self, request: web.Request) -> web.Response:
        self.asked.append("configuration")
        usual = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/info",
        }
        return web.json_response(_without(usual | self.metadata) | {"much": "x" * self.extra_bytes})

    async def _keys(self, request: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": self.keys})

    async def _info(self, request: web.Request) -> web.Response:
        self.asked.append("info")
        return web.json_response(self.info)

    async def _token(self, request: web.Request) -> web.Response:
        self.asked.append("token")
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        self.authorizations.append(request.headers.get("authorization", ""))
        asked = self._codes.pop(form["code"], None)
        if asked is None or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        usual = {"iss": self.url, "sub": "s-1", "aud": CLIENT, "iat": now, "exp": now + 60}
        usual |= {"nonce": asked["nonce"], "preferred_username": "officer-1"}
        token = self.token or self.signed(_without(usual | self.claims))
        return web.json_response({"id_token": token, "access_token": "a-1", "token_type": "Bearer"})

    def signed(self, claims: dict[str, Any]) -> str:
        """A token with those claims; written by hand, for a library writes none that is wrong."""
        head = _without({"alg": "RS256", "kid": self.key.kid} | self.header)
        body = f"{part(head)}.{part(claims)}"
        return f"{body}.{_text(self.sign(body.encode()))}"

    def _rs256(self, body: bytes) -> bytes:
        assert isinstance(self.key, RSAKey)
        return self.key.private_key.sign(body, padding.PKCS1v15(), hashes.SHA256())


def part(value: Any) -> str:
    """A part of a token."""
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _without(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
