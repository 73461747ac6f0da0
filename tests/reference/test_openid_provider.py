"""Signing in through npm's oidc-provider, an implementation of OpenID Connect that is certified and not ours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import pytest

from tests.openid_liar import CLIENT, SECRET
from tests.openid_provider import provider
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.openid import Flow
from tocsin.service.people.openid_provider import Provider
from tocsin.service.people.tickets import Tickets
from tocsin.service.people.way_in import Believed, NotBelieved, ProviderFails
from tocsin.service.secrets_kept import Secret

pytestmark = [pytest.mark.reference, pytest.mark.server]
BACK = "http://localhost:9/v1/session/openid/town/back"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Where the provider is."""
    with provider(BACK) as address:
        yield address


def flow_to(issuer: str, tickets: Tickets, *, secret: str = SECRET, **more: Any) -> Flow:
    given = {"id": "town", "name": "Town hall", "issuer": issuer, "client_id": CLIENT, "private": True}
    return Flow(Provider(OpenId(**(given | more)), Secret(secret.encode())), tickets, BACK)


async def there(address: str, name: str) -> dict[str, str]:
    """What a browser comes back with: somebody types his name there, and agrees."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        form: dict[str, str] | None = None
        for _ in range(10):
            method = "GET" if form is None else "POST"
            async with browser.request(method, address, data=form, allow_redirects=False) as answer:
                text = await answer.text()
                if answer.status in (302, 303):
                    address, form = urljoin(address, answer.headers["location"]), None
                    if address.startswith(BACK):
                        return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
                    continue
                found = re.search(r'<form[^>]* action="([^"]+)"', text)
                assert found is not None, text
                address = urljoin(address, unescape(found[1]))
                prompt = re.search(r'name="prompt" value="(\w+)"', text)
                assert prompt is not None
                form = {"prompt": prompt[1], "login": name, "password": "x"}
    raise AssertionError("it never sends anybody back")


async def sign_in(flow: Flow, name: str) -> tuple[Believed, str, dict[str, str]]:
    address, cookie = await flow.begin()
    query = await there(address, name)
    return await flow.end(cookie, query), cookie, query


def test_a_person_signs_in_and_a_code_cookie_or_state_is_not_taken_twice(issuer: str) -> None:
    async def story() -> Believed:
        flow = flow_to(issuer, Tickets())
        found, cookie, query = await sign_in(flow, "officer-1")
        # It says in its answers who it is, so that no other's can be mixed in.
        assert query["iss"] == issuer
        with pytest.raises(NotBelieved, match="back before"):
            await flow.end(cookie, query)
        address, cookie = await flow.begin()
        other = await there(address, "officer-2")
        with pytest.raises(NotBelieved, match="state"):
            await flow.end(cookie, query)
        with pytest.raises(ProviderFails, match="invalid_grant"):
            await flow.end(cookie, other | {"code": query["code"]})
        return found

    assert asyncio.run(story()) == Believed("officer-1", "officer-1", None, False)


def test_groups_give_roles_as_the_settings_say(issuer: str) -> None:
    flow = flow_to(issuer, Tickets(), roles_from="groups", roles={"air-watch": ["operator"], "heads": ["approver"]})
    found, _, _ = asyncio.run(sign_in(flow, "ada"))
    assert found.roles == ("operator",)


def test_a_code_that_was_given_to_another_client_gets_nothing(issuer: str) -> None:
    async def story() -> None:
        tickets = Tickets()
        address, cookie = await flow_to(issuer, tickets, client_id="other").begin()
        await flow_to(issuer, tickets).end(cookie, await there(address, "officer-1"))

    with pytest.raises(ProviderFails, match="invalid_grant"):
        asyncio.run(story())


def test_a_wrong_secret_or_issuer_gets_nobody_in(issuer: str) -> None:
    with pytest.raises(ProviderFails, match="invalid_client"):
        asyncio.run(sign_in(flow_to(issuer, Tickets(), secret="wrong"), "officer-1"))
    with pytest.raises(ProviderFails, match="calls itself"):
        asyncio.run(sign_in(flow_to(issuer + "/", Tickets()), "officer-1"))
