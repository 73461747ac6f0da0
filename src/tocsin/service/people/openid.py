"""Signing in with an organisation's own sign-in: the code flow of OpenID Connect, with PKCE.

A browser that sets out gets a ticket in a cookie; state, nonce and PKCE's verifier are worked out from it and kept
nowhere. Whoever comes back without that cookie, or comes back twice, is nobody.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tocsin.model.birth import checked
from tocsin.model.errors import BadValue
from tocsin.model.value import Name, PublicReason
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.openid_provider import Key, Provider
from tocsin.service.people.roles import ROLES
from tocsin.service.people.tickets import Tickets
from tocsin.service.people.way_in import Believed, NotBelieved, ProviderFails

# Two clocks differ; more than that and one of them is wrong.
LEEWAY_S = 60
AT_ONCE = 4
WAIT_S = 10.0
CODE_MAX = 4_000
CALLED_CHARS_MAX = 100
# Ways of RFC 8176 that are more than something that one knows.
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sc", "pop", "face", "fpt", "iris"})
# Of values of the claim that gives roles.
VALUES_MAX = 1_000


class Flow:
    """The way to one provider and back."""

    def __init__(
        self, provider: Provider, tickets: Tickets, redirect_uri: str, now_s: Callable[[], float] = time.time
    ) -> None:
        self.openid = provider.openid
        self._provider = provider
        self._tickets = tickets
        self._redirect_uri = redirect_uri
        self._now_s = now_s
        self._purpose = f"openid {self.openid.id}"
        self._places = asyncio.Semaphore(AT_ONCE)

    async def begin(self) -> tuple[str, str]:
        """Where to send a browser, and the cookie that it gets. Raises ProviderFails."""
        metadata = await self._provider.metadata()
        ticket = self._tickets.new(self._purpose)
        address = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self.openid.client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=" ".join(("openid", *self.openid.scopes)),
            state=self._derived(ticket, "state"),
            nonce=self._derived(ticket, "nonce"),
            code_challenge=create_s256_code_challenge(self._derived(ticket, "verifier")),
            code_challenge_method="S256",
        )
        return address, bytes_to_base64url(ticket)

    async def end(self, cookie: str | None, query: Mapping[str, str]) -> Believed:
        """Whom the provider vouches for. Raises NotBelieved and ProviderFails."""
        ticket = self._came_back(cookie, query)
        try:
            async with asyncio.timeout(WAIT_S), self._places:
                metadata = await self._provider.metadata()
                said = query.get("iss")
                if said is None and metadata.authorization_response_iss_parameter_supported:
                    raise NotBelieved("the answer does not say who gave it")
                if said not in (None, metadata.issuer):
                    raise NotBelieved(f"the answer is of {said!r:.200}")
                tokens = await self._provider.tokens(
                    query["code"], self._derived(ticket, "verifier"), self._redirect_uri
                )
                token, header = await self._signed(tokens.id_token)
                claims = self._claimed(token, header, self._derived(ticket, "nonce"), tokens.access_token)
                if tokens.access_token is not None and self._wanted() - claims.keys():
                    more = await self._provider.userinfo(tokens.access_token)
                    if more and more.get("sub") != claims["sub"]:
                        raise NotBelieved("what it tells of a person is of another")
                    claims = more | claims
        except TimeoutError as error:
            raise ProviderFails(f"it took longer than {WAIT_S:g} s") from error
        return believed(self.openid, claims)

    async def out(self, back: str) -> str | None:
        """Where the provider signs a browser out that is then sent back; None: nowhere. Raises ProviderFails."""
        metadata = await self._provider.metadata()
        if metadata.end_session_endpoint is None:
            return None
        asked = {"client_id": self.openid.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(metadata.end_session_endpoint, list(asked.items())))

    def _came_back(self, cookie: str | None, query: Mapping[str, str]) -> bytes:
        """The ticket of the browser that comes back, from now on spent. Raises NotBelieved."""
        try:
            ticket = base64url_to_bytes(cookie or "")
        except ValueError as error:
            raise NotBelieved("its cookie is none of ours") from error
        if not self._tickets.holds(ticket, self._purpose):
            raise NotBelieved("this browser did not set out from here, took too long, or was back before")
        state = query.get("state", "")
        if not hmac.compare_digest(state.encode(), self._derived(ticket, "state").encode()):
            raise NotBelieved("the state is not the one that this browser set out with")
        self._tickets.spend(ticket, self._purpose)
        if "error" in query:
            raise NotBelieved(f"the provider says {query['error']!r:.100}", denied=True)
        if not 0 < len(query.get("code", "")) <= CODE_MAX:
            raise NotBelieved("there is no code")
        return ticket

    async def _signed(self, id_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The claims and the header of a token that one of the provider's keys has signed. Raises NotBelieved."""
        try:
            header = jws.extract_compact(id_token.encode()).headers()
            kid = header.get("kid")
            if header.get("alg") not in self.openid.algorithms or not isinstance(kid, str | None):
                raise NotBelieved(f"its token is signed by {header.get('alg')!r:.50}, which is not believed")
            for key in await self._provider.keys(kid):
                if (found := self._by(id_token, key)) is not None:
                    return found, header
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise NotBelieved(f"its token cannot be read: {error!r:.200}") from error
        raise NotBelieved("its token is signed by none of its keys")

    def _by(self, id_token: str, key: Key) -> dict[str, Any] | None:
        registry = jws.JWSRegistry(algorithms=list(self.openid.algorithms), strict_check_header=False)
        try:
            return jwt.decode(id_token, key, registry=registry).claims
        except JoseError:
            return None

    def _claimed(
        self, token: dict[str, Any], header: dict[str, Any], nonce: str, access_token: str | None
    ) -> dict[str, Any]:
        """The claims, where they are about this sign-in. Raises NotBelieved."""
        me = self.openid.client_id
        claims = CodeIDToken(
            token,
            header,
            {"iss": {"essential": True, "value": self.openid.issuer}, "aud": {"essential": True, "value": me}},
            {"nonce": nonce, "client_id": me, "access_token": access_token},
        )
        try:
            claims.validate(now=int(self._now_s()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            raise NotBelieved(f"its token is not for this sign-in: {error!s:.200}") from error
        return dict(claims)

    def _wanted(self) -> set[str]:
        return {claim for claim in (self.openid.person, self.openid.roles_from) if claim is not None}

    def _derived(self, ticket: bytes, use: str) -> str:
        return bytes_to_base64url(self._tickets.derived(ticket, f"{self._purpose} {use}"))


def believed(openid: OpenId, claims: Mapping[str, Any]) -> Believed:
    """Who somebody with these claims is here. Raises NotBelieved.

    Nobody gets a role that the settings do not name. An address that is not proven is no name.
    """
    person = claims.get(openid.person)
    try:
        person = checked(Name, openid.person, person)
    except BadValue as error:
        raise NotBelieved(f"the claim {openid.person!r} is no person's id: {error!s:.200}") from error
    if openid.person == "email" and claims.get("email_verified") is not True:
        raise NotBelieved("the address is not proven (email_verified)")
    subject, amr = str(claims["sub"]), claims.get("amr")
    shown = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
    strong = openid.second_factor or bool(shown & SECOND_FACTORS)
    if openid.roles_from is None:
        return Believed(person, subject, None, strong, _called(claims))
    values = claims.get(openid.roles_from)
    found = [values] if isinstance(values, str) else values if isinstance(values, list) else []
    given = {role for value in found[:VALUES_MAX] if isinstance(value, str) for role in openid.roles.get(value, ())}
    if not given:
        raise NotBelieved(f"{person} has none of the values of {openid.roles_from!r} that give a role here")
    return Believed(person, subject, tuple(role for role in ROLES if role in given), strong, _called(claims))


def _called(claims: Mapping[str, Any]) -> str:
    try:
        return str(checked(PublicReason, "name", str(claims.get("name", ""))))[:CALLED_CHARS_MAX]
    except BadValue:
        return ""
