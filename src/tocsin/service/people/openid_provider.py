"""One OpenID provider over HTTP: what it says of itself, its keys, and tokens for a code. All of it bounded, for a
provider is somebody else's machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote_plus

import aiohttp
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc import jwk
from joserfc.errors import JoseError

from tocsin.announce.outward import endpoint, read_at_most, session
from tocsin.model.errors import BadSettings
from tocsin.model.value import UNREADABLE
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.way_in import ProviderFails
from tocsin.service.secrets_kept import Secret

ANSWER_S_MAX = 5.0
ANSWER_BYTES_MAX = 256_000
KEYS_MAX = 50
# What it says of itself is believed so long. A token under an unknown key has the keys asked for again, not oftener.
KEPT_S = 3_600.0
KEYS_AGAIN_S = 30.0
RSA_BITS_MIN = 2_048

Key = jwk.RSAKey | jwk.ECKey
Kind = TypeVar("Kind")


class Metadata(msgspec.Struct, frozen=True):
    """What a provider says of itself, as far as it concerns us."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Tokens(msgspec.Struct, frozen=True):
    """What it gives for a code."""

    id_token: str
    access_token: str | None = None


class Provider:
    """One `[[openid]]` table at work."""

    def __init__(self, openid: OpenId, secret: Secret | None, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.openid = openid
        self._secret = secret
        self._clock_s = clock_s
        self._lock = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._asked_s = 0.0
        self._keys: tuple[Key, ...] = ()
        self._keys_asked_s = -KEPT_S

    async def metadata(self) -> Metadata:
        """What it says of itself; no older than KEPT_S. Raises ProviderFails."""
        async with self._lock:
            if self._metadata is None or self._clock_s() - self._asked_s > KEPT_S:
                self._metadata = await self._discovered()
                self._asked_s = self._clock_s()
            return self._metadata

    async def keys(self, kid: str | None) -> tuple[Key, ...]:
        """Its public keys of that name; all of them where the token names none. Raises ProviderFails."""
        metadata = await self.metadata()
        async with self._lock:
            age_s = self._clock_s() - self._keys_asked_s
            unknown = kid is not None and all(key.kid != kid for key in self._keys)
            if age_s > KEPT_S or (unknown and age_s > KEYS_AGAIN_S):
                self._keys = _keys_in(await self._asked("GET", metadata.jwks_uri))
                self._keys_asked_s = self._clock_s()
            return tuple(key for key in self._keys if kid is None or key.kid == kid)

    async def tokens(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """What it gives for a code, once. Raises ProviderFails."""
        metadata = await self.metadata()
        form = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        client_id = self.openid.client_id
        if self._secret is None:
            form["client_id"] = client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749, 2.3.1: each is encoded as in a form before they are joined.
            headers["authorization"] = aiohttp.encode_basic_auth(quote_plus(client_id), quote_plus(self._secret.text()))
        else:
            form |= {"client_id": client_id, "client_secret": self._secret.text()}
        body = prepare_token_request("authorization_code", **form)
        found = await self._asked("POST", metadata.token_endpoint, body.encode(), headers)
        return _read(found, Tokens, "its tokens")

    async def userinfo(self, access_token: str) -> dict[str, Any]:
        """What it tells of whoever the token is of. Raises ProviderFails."""
        metadata = await self.metadata()
        if metadata.userinfo_endpoint is None:
            return {}
        headers = {"authorization": f"Bearer {access_token}", "accept": "application/json"}
        found = await self._asked("GET", metadata.userinfo_endpoint, headers=headers)
        return _read(found, dict[str, Any], "what it tells of a person")

    async def _discovered(self) -> Metadata:
        issuer = self.openid.issuer
        body = await self._asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        found = _read(body, Metadata, "what it says of itself")
        if found.issuer != issuer:
            raise ProviderFails(f"it calls itself {found.issuer[:200]!r}, the settings {issuer!r}")
        addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        for address in (*addresses, found.userinfo_endpoint, found.end_session_endpoint):
            if address is not None:
                self._checked(address)
        return found

    def _checked(self, address: str) -> str:
        try:
            endpoint(address, private=self.openid.private)
        except BadSettings as error:
            raise ProviderFails(str(error)) from error
        return address

    async def _asked(
        self, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of a 200, as small and as quick as one must be. Raises ProviderFails."""
        self._checked(address)
        try:
            async with (
                session(private=self.openid.private, timeout_s=ANSWER_S_MAX) as asking,
                asking.request(method, address, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                found = await read_at_most(answer.content, ANSWER_BYTES_MAX)
                if answer.status != 200:
                    raise ProviderFails(f"{method} {address[:200]} is answered {answer.status}: {found[:200]!r}")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise ProviderFails(f"{method} {address[:200]} fails: {type(error).__name__} {str(error)[:200]}") from error
        if len(found) > ANSWER_BYTES_MAX:
            raise ProviderFails(f"{method} {address[:200]} is answered with more than {ANSWER_BYTES_MAX} bytes")
        return found


def _read(body: bytes, kind: type[Kind], what: str) -> Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise ProviderFails(f"{what} cannot be read: {error}") from error


class _KeySet(msgspec.Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


def _keys_in(body: bytes) -> tuple[Key, ...]:
    """The public keys that can have signed: no secret, none for encryption, no weak one. Raises ProviderFails."""
    found = _read(body, _KeySet, "its keys")
    if len(found.keys) > KEYS_MAX:
        raise ProviderFails(f"it has {len(found.keys)} keys; {KEYS_MAX} are read")
    keys: list[Key] = []
    for one in found.keys:
        if one.get("use", "sig") != "sig":
            continue
        try:
            key = jwk.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            # Of a kind that is not known here; others may suit.
            continue
        if isinstance(key, jwk.RSAKey) and key.public_key.key_size < RSA_BITS_MIN:
            continue
        if isinstance(key, jwk.RSAKey | jwk.ECKey) and not key.is_private:
            keys.append(key)
    return tuple(keys)
