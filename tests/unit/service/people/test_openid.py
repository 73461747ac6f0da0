"""OpenID Connect: whom a provider vouches for, for this sign-in, comes in; nobody else does."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from tests.openid_liar import CLIENT, SECRET, Liar, rsa
from tests.some import some
from tocsin.model.errors import BadSettings
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.openid import Flow, believed
from tocsin.service.people.openid_provider import ANSWER_BYTES_MAX, KEYS_AGAIN_S, KEYS_MAX, Provider
from tocsin.service.people.roles import Role
from tocsin.service.people.tickets import LASTS_S, Tickets
from tocsin.service.people.way_in import Believed, NotBelieved, ProviderFails
from tocsin.service.secrets_kept import Secret
from tocsin.service.settings import make_settings

pytestmark = pytest.mark.server
BACK = "https://warn.example/v1/session/openid/town/back"
WATCH: dict[str, tuple[Role, ...]] = {"air-watch": ("operator",), "heads": ("approver", "auditor")}


def openid(issuer: str, **more: Any) -> OpenId:
    given = {"id": "town", "name": "Town hall", "issuer": issuer, "client_id": CLIENT, "private": True}
    return OpenId(**(given | more))


class World:
    """A flow to a liar, with a clock."""

    def __init__(self, liar: Liar, **more: Any) -> None:
        self.liar = liar
        self.clock_s = 1_000.0
        self.provider = Provider(openid(liar.url, **more), Secret(SECRET.encode()), lambda: self.clock_s)
        self.tickets = Tickets(lambda: self.clock_s)
        self.flow = Flow(self.provider, self.tickets, BACK)

    async def there(self) -> tuple[str, dict[str, str]]:
        """A browser that was at the provider: its cookie, and what it comes back with."""
        address, cookie = await self.flow.begin()
        return cookie, self.liar.authorize(address)

    async def sign_in(self) -> Believed:
        cookie, query = await self.there()
        return await self.flow.end(cookie, query)


def play(story: Callable[[World], Any], *, lie: Callable[[Liar], object] = lambda liar: None, **more: Any) -> Any:
    """Play a story with a provider that lies."""

    async def whole() -> Any:
        async with Liar().at_work() as liar:
            lie(liar)
            return await story(World(liar, **more))

    return asyncio.run(whole())


def refused(reason: str, lie: Callable[[Liar], object], **more: Any) -> None:
    with pytest.raises(NotBelieved, match=reason):
        play(World.sign_in, lie=lie, **more)


def says(**claims: Any) -> Callable[[Liar], object]:
    return lambda liar: liar.claims.update(claims)


def test_whom_the_provider_vouches_for_comes_in() -> None:
    assert play(World.sign_in) == Believed("officer-1", "s-1", None, False)


def test_a_browser_is_sent_with_pkce_state_and_nonce_and_each_way_has_its_own() -> None:
    async def story(world: World) -> list[dict[str, list[str]]]:
        found = [await world.flow.begin() for _ in range(2)]
        assert all(address.startswith(f"{world.liar.url}/authorize?") for address, _ in some(found))
        return [parse_qs(urlsplit(address).query) for address, _ in found]

    first, second = play(story)
    assert first["response_type"] == ["code"] and first["scope"] == ["openid profile email"]
    assert first["redirect_uri"] == [BACK] and first["code_challenge_method"] == ["S256"]
    for own in ("state", "nonce", "code_challenge"):
        assert first[own] != second[own] and len(first[own][0]) >= 43


def test_the_secret_goes_to_the_provider_as_it_says_that_it_takes_it() -> None:
    async def story(world: World) -> tuple[dict[str, str], str]:
        await world.sign_in()
        return world.liar.forms[0], world.liar.authorizations[0]

    form, basic = play(story)
    assert base64.b64decode(basic.removeprefix("Basic ")) == b"tocsin:a+secret+of+the+tests"
    assert "client_secret" not in form
    post = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    form, basic = play(story, lie=lambda liar: liar.metadata.update(post))
    assert (form["client_secret"], basic) == (SECRET, "")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": {"tocsin": 1}}, "aud"),
        ({"aud": ["tocsin", "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["x"]}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "sub"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "expired"),
        ({"exp": "soon"}, "exp"),
        ({"iat": 9_999_999_999}, "future"),
        ({"nbf": 9_999_999_999}, "not yet"),
        ({"at_hash": "another"}, "at_hash"),
        ({"preferred_username": ""}, "person"),
        ({"preferred_username": "a b"}, "person"),
        ({"preferred_username": "../x"}, "person"),
        ({"preferred_username": ["officer-1"]}, "person"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_not_believed(claims: dict[str, Any], reason: str) -> None:
    refused(reason, says(**claims))


def test_a_token_for_others_too_is_believed_where_it_names_us_as_the_one_that_asked() -> None:
    found = play(World.sign_in, lie=says(aud=[CLIENT, "another"], azp=CLIENT))
    assert found.person == "officer-1"


def unsigned(liar: Liar) -> None:
    liar.header = {"alg": "none"}
    liar.sign = lambda body: b""


def with_our_secret(liar: Liar) -> None:
    liar.header = {"alg": "HS256", "kid": None}
    liar.sign = lambda body: hmac.digest(SECRET.encode(), body, "sha256")


def with_the_public_key(liar: Liar) -> None:
    """Which everybody knows: read as a secret, it would make everybody the provider."""
    liar.header = {"alg": "HS256"}
    liar.sign = lambda body: hmac.digest(rsa("one").as_pem(private=False), body, "sha256")


@pytest.mark.parametrize("lie", [unsigned, with_our_secret, with_the_public_key])
def test_a_token_that_anybody_can_write_is_not_believed(lie: Callable[[Liar], object]) -> None:
    refused("not believed", lie)


def test_an_algorithm_that_the_settings_leave_out_is_not_believed() -> None:
    refused("'RS256'", lambda liar: None, algorithms=("ES256",))
    assert play(World.sign_in, algorithms=("ES256",), lie=elliptic).person == "officer-1"


def elliptic(liar: Liar) -> None:
    key = ECKey.generate_key("P-256", {"kid": "curve"})

    def sign(body: bytes) -> bytes:
        r, s = decode_dss_signature(key.private_key.sign(body, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    liar.key, liar.keys, liar.header, liar.sign = key, [key.as_dict(private=False)], {"alg": "ES256"}, sign


def test_a_key_that_is_not_the_providers_signs_in_vain() -> None:
    refused("none of its keys", lambda liar: setattr(liar, "key", rsa("two")))


def of_another_with_the_same_name(liar: Liar) -> None:
    liar.key, liar.header = rsa("two"), {"kid": "one"}


def brought_along(liar: Liar) -> None:
    liar.key = rsa("two")
    liar.header = {"kid": "one", "jwk": rsa("two").as_dict(private=False), "jku": f"{liar.url}/keys"}


@pytest.mark.parametrize("lie", [of_another_with_the_same_name, brought_along])
def test_a_key_that_a_token_brings_along_is_not_the_providers(lie: Callable[[Liar], object]) -> None:
    refused("none of its keys|cannot be read", lie)


def private(liar: Liar) -> None:
    liar.keys = [rsa("one").as_dict(private=True)]


def encrypting(liar: Liar) -> None:
    liar.keys = [rsa("one").as_dict(private=False) | {"use": "enc"}]


def weak(liar: Liar) -> None:
    liar.key = rsa("weak", 1024)
    liar.keys = [liar.key.as_dict(private=False)]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("lie", [private, encrypting, weak])
def test_a_key_that_should_not_sign_signs_in_vain(lie: Callable[[Liar], object]) -> None:
    refused("none of its keys", lie)


def test_a_critical_header_that_nobody_here_knows_is_not_passed_over() -> None:
    refused("none of its keys", lambda liar: liar.header.update({"crit": ["x"], "x": 1}))


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "..", "é.é.é", "e30.e30.e30", "x" * 200_000])
def test_what_is_no_token_is_not_believed(token: str) -> None:
    refused("cannot be read|not believed", lambda liar: setattr(liar, "token", token or "."))


async def twice(world: World) -> None:
    cookie, query = await world.there()
    await world.flow.end(cookie, query)
    await world.flow.end(cookie, query)


async def a_code_that_was_used(world: World) -> None:
    cookie, query = await world.there()
    await world.flow.end(cookie, query)
    address, cookie = await world.flow.begin()
    await world.flow.end(cookie, world.liar.authorize(address) | {"code": query["code"]})


async def a_code_of_another_browser(world: World) -> None:
    """Mixed into one's own way back: PKCE's verifier is not that of the code."""
    _, stolen = await world.there()
    cookie, own = await world.there()
    await world.flow.end(cookie, own | {"code": stolen["code"]})


async def a_state_of_another_browser(world: World) -> None:
    _, others = await world.there()
    cookie, _ = await world.there()
    await world.flow.end(cookie, others)


async def no_cookie(world: World) -> None:
    await world.flow.end(None, (await world.there())[1])


async def a_cookie_made_up(world: World) -> None:
    await world.flow.end("A" * 76, (await world.there())[1])


async def no_state(world: World) -> None:
    cookie, query = await world.there()
    await world.flow.end(cookie, {"code": query["code"]})


async def too_late(world: World) -> None:
    cookie, query = await world.there()
    world.clock_s += LASTS_S + 0.01
    await world.flow.end(cookie, query)


async def to_another_provider(world: World) -> None:
    """Which has the same address, but another id here."""
    cookie, query = await world.there()
    other = Provider(openid(world.liar.url, id="other"), None)
    await Flow(other, world.tickets, BACK).end(cookie, query)


async def an_answer_of_another_provider(world: World) -> None:
    cookie, query = await world.there()
    await world.flow.end(cookie, query | {"iss": "https://evil.example"})


async def said_no(world: World) -> None:
    cookie, query = await world.there()
    await world.flow.end(cookie, {"error": "access_denied", "state": query["state"]})


async def without_a_code(world: World) -> None:
    cookie, query = await world.there()
    await world.flow.end(cookie, {"state": query["state"]})


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (twice, "back before"),
        (a_state_of_another_browser, "state"),
        (no_cookie, "set out"),
        (a_cookie_made_up, "set out"),
        (no_state, "state"),
        (too_late, "too long"),
        (to_another_provider, "set out"),
        (an_answer_of_another_provider, "evil"),
        (said_no, "access_denied"),
        (without_a_code, "no code"),
    ],
)
def test_a_browser_that_did_not_come_this_way_is_nobody(story: Callable[[World], Any], reason: str) -> None:
    with pytest.raises(NotBelieved, match=reason):
        play(story)


@pytest.mark.parametrize("story", [a_code_that_was_used, a_code_of_another_browser])
def test_a_code_that_is_not_this_sign_ins_gets_nothing(story: Callable[[World], Any]) -> None:
    with pytest.raises(ProviderFails, match="invalid_grant"):
        play(story)


def test_a_provider_that_names_itself_in_its_answers_must_do_so() -> None:
    must = {"authorization_response_iss_parameter_supported": True}
    refused("does not say", lambda liar: liar.metadata.update(must))

    async def named(world: World) -> Believed:
        cookie, query = await world.there()
        return await world.flow.end(cookie, query | {"iss": world.liar.url})

    assert play(named, lie=lambda liar: liar.metadata.update(must)).person == "officer-1"


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (lambda liar: liar.metadata.update(issuer="https://evil.example"), "calls itself"),
        (lambda liar: liar.metadata.update(issuer=liar.url + "/"), "calls itself"),
        (lambda liar: liar.metadata.update(token_endpoint="file:///etc/passwd"), "https"),
        (lambda liar: liar.metadata.update(jwks_uri=None), "jwks_uri"),
        (lambda liar: liar.metadata.update(jwks_uri=f"{liar.url}/nothing"), "404"),
        (lambda liar: setattr(liar, "extra_bytes", ANSWER_BYTES_MAX), "more than"),
        (lambda liar: setattr(liar, "keys", [{"kty": "RSA"}] * (KEYS_MAX + 1)), f"{KEYS_MAX} are read"),
        (lambda liar: setattr(liar, "keys", "none"), "keys"),
    ],
)
def test_a_provider_that_makes_no_sense_lets_nobody_in(lie: Callable[[Liar], object], reason: str) -> None:
    with pytest.raises(ProviderFails, match=reason):
        play(World.sign_in, lie=lie)


def test_a_provider_inside_that_nobody_meant_is_not_asked() -> None:
    async def story(world: World) -> None:
        outside = openid("https://login.example", private=False).model_copy(update={"issuer": world.liar.url})
        await Flow(Provider(outside, None), world.tickets, BACK).begin()

    with pytest.raises(ProviderFails, match="https"):
        play(story)


def test_what_a_provider_says_of_itself_is_asked_for_once_and_new_keys_when_they_are_used() -> None:
    async def story(world: World) -> list[str]:
        await world.sign_in()
        await world.sign_in()
        assert world.liar.asked == ["configuration", "token", "keys", "token"]
        world.liar.key = rsa("two")
        world.liar.keys.append(world.liar.key.as_dict(private=False))
        for _ in range(3):
            with pytest.raises(NotBelieved, match="none of its keys"):
                await world.sign_in()
        assert world.liar.asked.count("keys") == 1
        world.clock_s += KEYS_AGAIN_S + 1
        await world.sign_in()
        return world.liar.asked

    assert play(story).count("keys") == 2


def test_claims_that_are_not_in_the_token_are_asked_for_and_are_about_the_same_person() -> None:
    def elsewhere(liar: Liar) -> None:
        liar.claims["preferred_username"] = None
        liar.info = {"sub": "s-1", "preferred_username": "officer-2", "iss": "https://evil.example"}

    assert play(World.sign_in, lie=elsewhere).person == "officer-2"

    def of_another(liar: Liar) -> None:
        elsewhere(liar)
        liar.info["sub"] = "s-2"

    refused("of another", of_another)


def test_what_is_signed_outweighs_what_is_only_told() -> None:
    def tells_otherwise(liar: Liar) -> None:
        liar.info = {"sub": "s-1", "preferred_username": "chief", "groups": ["air-watch"]}

    found = play(World.sign_in, lie=tells_otherwise, roles_from="groups", roles=WATCH)
    assert (found.person, found.roles) == ("officer-1", ("operator",))


def test_roles_are_those_that_the_settings_give_for_what_the_provider_says_and_no_others() -> None:
    table = openid("https://login.example", roles_from="groups", roles=WATCH)

    def roles(groups: Any) -> tuple[Role, ...] | None:
        return believed(table, {"sub": "s-1", "preferred_username": "ada", "groups": groups}).roles

    assert roles(["air-watch", "admin", 7, None]) == ("operator",)
    assert roles(["heads", "air-watch"]) == ("operator", "approver", "auditor")
    assert roles("heads") == ("approver", "auditor")
    for nothing in (["admin"], [], "", None, 7, {"air-watch": True}, [["air-watch"]], "Air-Watch"):
        with pytest.raises(NotBelieved, match="give a role"):
            roles(nothing)


LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(sorted(WATCH))
BRANCH = st.lists(LEAF, max_size=4) | st.dictionaries(st.text(max_size=8), LEAF, max_size=3)
JSON = LEAF | BRANCH | st.lists(BRANCH, max_size=2) | st.dictionaries(st.text(max_size=8), BRANCH, max_size=2)


@given(JSON, st.dictionaries(st.sampled_from(["roles", "role", "admin", "preferred_username", "sub"]), JSON))
def test_no_claim_gives_a_role_that_the_settings_do_not_name(groups: Any, more: dict[str, Any]) -> None:
    table = openid("https://login.example", roles_from="groups", roles=WATCH)
    claims = {"sub": "s-1", "preferred_username": "ada"} | more | {"groups": groups}
    try:
        found = believed(table, claims)
    except NotBelieved:
        return
    assert set(found.roles or ()) <= {"operator", "approver", "auditor"}
    assert "admin" not in (found.roles or ())


def test_an_address_that_is_not_proven_is_no_name() -> None:
    table = openid("https://login.example", person="email")
    claims = {"sub": "s-1", "email": "ada@town.example"}
    for unproven in ({}, {"email_verified": False}, {"email_verified": "true"}):
        with pytest.raises(NotBelieved, match="not proven"):
            believed(table, claims | unproven)
    assert believed(table, claims | {"email_verified": True}).person == "ada@town.example"


def test_more_than_a_password_is_what_the_provider_says_or_the_settings_promise() -> None:
    table = openid("https://login.example")
    claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "ada"}
    weak_ones: list[Any] = [None, [], ["pwd"], "mfa", {"mfa": 1}, [["mfa"]]]
    assert not any(believed(table, claims | {"amr": amr}).strong for amr in some(weak_ones))
    assert believed(table, claims | {"amr": ["pwd", "otp"]}).strong
    assert believed(openid("https://login.example", second_factor=True), claims).strong


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"issuer": "http://login.example"}, "https"),
        ({"issuer": "https://10.0.0.1"}, "private"),
        ({"issuer": "login.example"}, "https"),
        ({"roles_from": "groups"}, "both"),
        ({"roles": {"a": ["admin"]}}, "both"),
        ({"roles_from": "groups", "roles": {"a": ["king"]}}, "operator"),
        ({"algorithms": ["none"]}, "RS256"),
        ({"algorithms": ["HS256"]}, "RS256"),
        ({"algorithms": []}, "at least 1"),
        ({"id": "Town Hall"}, "match"),
    ],
)
def test_settings_that_could_not_be_safe_are_refused(wrong: dict[str, Any], reason: str, tmp_path: Path) -> None:
    table = {"id": "town", "name": "Town", "issuer": "https://login.example", "client_id": "tocsin"} | wrong
    with pytest.raises(BadSettings, match=reason):
        make_settings(zones=tmp_path, http={"base_url": "https://warn.example"}, openid=[table])


def test_a_provider_needs_an_address_to_send_people_back_to_and_an_id_of_its_own(tmp_path: Path) -> None:
    table = {"id": "town", "name": "Town", "issuer": "https://login.example", "client_id": "tocsin"}
    with pytest.raises(BadSettings, match="base_url"):
        make_settings(zones=tmp_path, openid=[table])
    with pytest.raises(BadSettings, match="two openids"):
        make_settings(zones=tmp_path, http={"base_url": "https://warn.example"}, openid=[table, table])
