"""Signing in with a passkey or through an organisation, by the routes that a browser asks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.authenticator import FLAG, Device
from tests.openid_liar import CLIENT, Liar
from tests.signed_in import PASSWORD, Told
from tests.some import some
from tests.unit.service.people.conftest import Browser, Room
from tocsin.service.people.sessions import PROOF_S

ORIGIN = "https://warn.example"
COOKIE = "__Host-tocsin-openid"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Room]:
    """A service that people reach by its name, with TLS."""
    made = Room(tmp_path / "people.db", http={"base_url": ORIGIN})
    yield made
    made.close()


def invited(room: Room, name: str, *roles: str) -> Browser:
    browser = room.browser()
    body = {"name": name, "code": room.invite(name, *roles), "password": PASSWORD}
    assert browser.ask("POST", "/v1/session/invitation", body).status == 200
    return browser


def add(browser: Browser, device: Device, called: str = "desk") -> Told:
    begun = browser.ask("POST", "/v1/passkeys/begin", {"password": PASSWORD})
    assert begun.status == 200, begun
    made = device.make(begun.json["public_key"])
    return browser.ask("POST", "/v1/passkeys/finish", {"credential": made, "name": called})


def use(browser: Browser, device: Device, **named: str) -> Told:
    begun = browser.ask("POST", "/v1/session/passkey/begin", named)
    if begun.status != 200:
        return begun
    answer = device.use(begun.json["public_key"])
    return browser.ask("POST", "/v1/session/passkey/finish", {"credential": answer, "name": named.get("name", "")})


def test_who_adds_a_passkey_may_act_and_signs_in_without_a_name(site: Room) -> None:
    browser = invited(site, "officer-1", "operator")
    assert browser.ask("GET", "/v1/session").json["needs"] == "second_factor"
    before = browser.cookie
    device = Device(ORIGIN)
    added = add(browser, device)
    assert added.status == 200 and "act" in added.json["may"] and added.json["needs"] is None
    assert browser.cookie != before, "whoever had the weak session has nothing"
    there = site.browser()
    told = use(there, device)
    assert (told.status, told.json["id"]) == (200, "officer-1")
    assert told.headers["set-cookie"].startswith("__Host-tocsin=") and "Secure" in told.headers["set-cookie"]
    (key,) = there.ask("GET", "/v1/passkeys").json["passkeys"]
    assert (key["name"], key["synced"]) == ("desk", False) and key["used_at"] is not None
    assert "public" not in str(key)
    done = [(one.what, one.by) for one in site.entries() if one.who == "officer-1"]
    assert done == [
        ("password.change", ""),
        ("session.start", "invitation"),
        ("passkey.add", ""),
        ("session.start", "passkey"),
    ]


def test_a_passkey_stands_in_for_the_code_after_a_password(site: Room) -> None:
    device = Device(ORIGIN)
    add(invited(site, "officer-1", "operator"), device)
    invited(site, "officer-2", "operator")
    assert use(site.browser(), device, name="officer-1", password=PASSWORD).json["id"] == "officer-1"
    assert use(site.browser(), device, name="officer-1", password="wrong").status == 401
    assert use(site.browser(), device, name="nobody", password=PASSWORD).status == 401
    assert use(site.browser(), device, name="officer-2", password=PASSWORD).status == 409, "he has none"
    # Begun for anybody, finished for somebody, and the other way about.
    browser = site.browser()
    begun = browser.ask("POST", "/v1/session/passkey/begin", {})
    body = {"credential": device.use(begun.json["public_key"]), "name": "officer-1"}
    assert browser.ask("POST", "/v1/session/passkey/finish", body).status == 401


def test_what_proves_nothing_lets_nobody_in_and_is_on_record(site: Room) -> None:
    device = Device(ORIGIN)
    add(invited(site, "officer-1", "operator"), device)
    stranger, elsewhere = Device(ORIGIN), site.browser()
    stranger.rp_id, stranger.handle = device.rp_id, device.handle
    told = [use(elsewhere, stranger)]
    device.origin = "https://warn.example.evil"
    told.append(use(elsewhere, device))
    device.origin, device.flags = ORIGIN, FLAG.UP
    told.append(use(elsewhere, device))
    junk: list[dict[str, Any]] = [{}, {"id": 1}, {"id": "x", "response": []}]
    told += [elsewhere.ask("POST", "/v1/session/passkey/finish", {"credential": one}) for one in junk]
    assert {one.status for one in told} == {401} and len({one.text for one in told}) == 1
    assert all("set-cookie" not in one.headers for one in some(told))
    refused = [one for one in site.entries() if one.what == "session.refuse" and one.about == "passkey"]
    assert len(refused) == len(told) and all(one.detail for one in some(refused))


def test_an_administrator_shows_by_a_passkey_of_his_own_that_it_is_still_he(site: Room) -> None:
    chief, device, stranger = invited(site, "chief", "admin"), Device(ORIGIN), Device(ORIGIN)
    assert add(chief, device).status == 200
    assert add(invited(site, "officer-1", "operator"), stranger).status == 200
    site.later(PROOF_S + 1)
    invite = {"id": "officer-2", "roles": ["operator"]}

    def shown(by: Device) -> int:
        begun = chief.ask("POST", "/v1/session/proof/passkey/begin")
        assert begun.status == 200, begun
        answer = by.use(begun.json["public_key"])
        return chief.ask("POST", "/v1/session/proof/passkey/finish", {"credential": answer}).status

    assert chief.ask("POST", "/v1/people", invite).status == 403
    assert shown(stranger) == 401 and chief.ask("POST", "/v1/people", invite).status == 403
    assert shown(device) == 204 and chief.ask("POST", "/v1/people", invite).status == 201
    assert chief.ask("GET", "/v1/session").json["id"] == "chief"


def test_an_answer_opens_one_session_only(site: Room) -> None:
    device = Device(ORIGIN)
    add(invited(site, "officer-1", "operator"), device)
    browser = site.browser()
    answer = device.use(browser.ask("POST", "/v1/session/passkey/begin", {}).json["public_key"])
    assert browser.ask("POST", "/v1/session/passkey/finish", {"credential": answer}).status == 200
    assert site.browser().ask("POST", "/v1/session/passkey/finish", {"credential": answer}).status == 401


def test_only_who_shows_enough_changes_what_he_signs_in_with(site: Room) -> None:
    device = Device(ORIGIN)
    browser = invited(site, "officer-1", "operator")
    assert browser.ask("POST", "/v1/passkeys/begin", {"password": "wrong"}).status == 401
    add(browser, device)
    weak = site.browser()
    assert weak.sign_in("officer-1").json["needs"] == "second_factor"
    assert weak.ask("POST", "/v1/passkeys/begin", {"password": PASSWORD}).status == 403, (
        "a stolen password adds nothing"
    )
    (key,) = weak.ask("GET", "/v1/passkeys").json["passkeys"]
    assert weak.ask("DELETE", f"/v1/passkeys/{key['id']}").status == 403
    other = Device(ORIGIN)
    others = invited(site, "officer-2", "operator")
    add(others, other)
    assert others.ask("DELETE", f"/v1/passkeys/{key['id']}").status == 404, "it is another's"
    # What was begun for one person is no key of another's.
    begun = browser.ask("POST", "/v1/passkeys/begin", {"password": PASSWORD})
    stolen = {"credential": Device(ORIGIN).make(begun.json["public_key"]), "name": ""}
    assert others.ask("POST", "/v1/passkeys/finish", stolen).status == 400
    assert browser.ask("DELETE", f"/v1/passkeys/{key['id']}").status == 204
    assert use(site.browser(), device).status == 401, "it was removed"


def test_who_was_invited_anew_or_removed_has_no_passkey_any_more(site: Room) -> None:
    devices = [Device(ORIGIN), Device(ORIGIN)]
    for name, device in zip(("officer-1", "officer-2"), devices, strict=True):
        add(invited(site, name, "operator"), device)
    site.invite("officer-1", "operator")
    assert use(site.browser(), devices[0]).status == 401
    assert use(site.browser(), devices[1]).status == 200


def test_a_page_of_another_site_cannot_begin_or_end_anything(site: Room) -> None:
    device = Device(ORIGIN)
    browser = invited(site, "officer-1", "operator")
    add(browser, device)
    sent: dict[str, Any] = {"/v1/session/passkey/begin": {}, "/v1/session/passkey/finish": {"credential": {}}}
    for path, body in sent.items():
        assert site.browser().ask("POST", path, body, origin="https://evil.example").status == 403
    assert browser.ask("POST", "/v1/passkeys/begin", {"password": PASSWORD}, **{"x-tocsin-csrf": "x"}).status == 403


def test_without_a_name_and_tls_there_are_no_passkeys(room: Room) -> None:
    assert room.browser().ask("GET", "/v1/session/ways").json == {"password": True, "passkeys": False, "openid": []}
    assert room.browser().ask("POST", "/v1/session/passkey/begin", {}).status == 404
    assert (
        invited(room, "officer-1", "operator").ask("POST", "/v1/passkeys/begin", {"password": PASSWORD}).status == 404
    )


class Town:
    """A service with a provider that the test plays."""

    def __init__(self, folder: Path, liar: Liar, **more: Any) -> None:
        self.liar = liar
        table = {"id": "town", "name": "Town hall", "issuer": liar.url, "client_id": CLIENT, "private": True} | more
        self.room = Room(folder / "people.db", http={"base_url": ORIGIN}, openid=[table])

    def there(self, browser: Browser) -> tuple[str, str]:
        """A browser goes to the provider: its cookie, and where it is sent back to."""
        told = browser.ask("GET", "/v1/session/openid/town")
        assert told.status == 303 and told.headers["cache-control"] == "no-store"
        cookie, _, rest = told.headers["set-cookie"].partition(";")
        assert cookie.startswith(f"{COOKIE}=")
        assert all(word in rest for word in some(("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=300")))
        query = self.liar.authorize(told.headers["location"])
        return cookie, "/v1/session/openid/town/back?" + "&".join(f"{name}={value}" for name, value in query.items())

    def sign_in(self) -> tuple[Browser, Told]:
        browser = self.room.browser()
        cookie, back = self.there(browser)
        browser.cookie = cookie
        told = browser.ask("GET", back)
        session = [one for one in told.cookies if one.startswith("__Host-tocsin=")]
        browser.cookie = session[0].partition(";")[0] if session else None
        return browser, told


def why(told: Told) -> dict[str, list[str]]:
    """What the page is told, after the #."""
    assert told.status == 303
    address = urlsplit(told.headers["location"])
    assert (address.scheme, address.netloc, address.path) == ("", "", "/operator")
    return parse_qs(address.fragment)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """officer-1 is an operator here."""
    yield from played(tmp_path)


@pytest.fixture
def groups(tmp_path: Path) -> Iterator[Town]:
    """The provider says who is an operator."""
    roles = {"air-watch": ["operator"]}
    yield from played(tmp_path, roles_from="groups", roles=roles, second_factor=True)


def played(folder: Path, **more: Any) -> Iterator[Town]:
    liar = Liar()
    with asyncio.Runner() as runner:
        serving = liar.at_work()
        runner.run(serving.__aenter__())
        made = Town(folder, liar, **more)
        made.room.loop.close()
        made.room.loop = runner.get_loop()
        made.room.invite("officer-1", "operator")
        yield made
        made.room.people.close()
        runner.run(serving.__aexit__(None, None, None))


def test_through_an_organisation_a_person_comes_to_the_page_signed_in(town: Town) -> None:
    assert town.room.browser().ask("GET", "/v1/session/ways").json["openid"] == [{"id": "town", "name": "Town hall"}]
    browser, told = town.sign_in()
    assert (told.status, told.headers["location"]) == (303, "/operator")
    assert any(one.startswith(f'{COOKIE}="";') for one in told.cookies), "the way is walked once"
    session = browser.ask("GET", "/v1/session").json
    # The provider has not said that it asked for more than a password.
    assert (session["id"], session["needs"]) == ("officer-1", "second_factor")
    assert [one.by for one in town.room.entries() if one.what == "session.start"] == ["openid"]


def test_more_than_a_password_there_is_more_than_a_password_here(town: Town) -> None:
    town.liar.claims["amr"] = ["pwd", "otp"]
    browser, _ = town.sign_in()
    assert "act" in browser.ask("GET", "/v1/session").json["may"]


def test_where_the_provider_asked_for_a_password_only_a_code_is_shown_here(town: Town) -> None:
    owner = invited(town.room, "officer-2", "operator")
    telephone = town.room.telephone(owner)
    town.liar.claims["preferred_username"] = "officer-2"
    browser, _ = town.sign_in()
    weak = browser.cookie
    assert browser.ask("GET", "/v1/session").json["needs"] == "second_factor"
    assert browser.ask("POST", "/v1/session/code", {"code": telephone.at(town.room.at)}).status == 401, "it was used"
    town.room.later(30)
    assert browser.ask("POST", "/v1/session/code", {"code": ""}).status == 401
    told = browser.ask("POST", "/v1/session/code", {"code": telephone.at(town.room.at)})
    assert "act" in told.json["may"] and browser.cookie != weak
    # Whoever guesses waits, as at the door.
    again, _ = town.sign_in()
    again.ask("GET", "/v1/session")
    assert [again.ask("POST", "/v1/session/code", {"code": "000000"}).status for _ in range(6)] == [401] * 5 + [429]


def test_who_has_no_telephone_shows_no_code(town: Town) -> None:
    browser, _ = town.sign_in()
    session = browser.ask("GET", "/v1/session").json
    assert not session["password"] and not session["second_factor"]
    assert browser.ask("POST", "/v1/session/code", {"code": "000000"}).status == 409


def test_where_the_provider_gives_roles_it_gives_those_of_the_settings_and_no_passkey_outlives_it(groups: Town) -> None:
    groups.liar.claims["groups"] = ["air-watch", "admin"]
    browser, _ = groups.sign_in()
    session = browser.ask("GET", "/v1/session").json
    assert (session["id"], session["roles"], session["needs"]) == ("officer-1@town", ["operator"], None)
    assert browser.ask("POST", "/v1/passkeys/begin", {"password": ""}).status == 403
    groups.liar.claims["groups"] = ["admin"]
    _, told = groups.sign_in()
    assert why(told)["openid"] == ["refused"] and len(told.cookies) == 1


def unsigned(liar: Liar) -> None:
    liar.header = {"alg": "none"}
    liar.sign = lambda body: b""


def of_another(claim: str) -> Callable[[Liar], None]:
    return lambda liar: liar.claims.update({claim: "https://another.example"})


@pytest.mark.parametrize(
    ("lie", "word"),
    [(of_another("aud"), "aud"), (of_another("iss"), "iss"), (of_another("nonce"), "nonce"), (unsigned, "none")],
)
def test_what_the_provider_says_is_told_to_the_record_and_not_to_the_stranger(
    town: Town, lie: Callable[[Liar], None], word: str
) -> None:
    lie(town.liar)
    browser, told = town.sign_in()
    assert why(told) == {"openid": ["refused"], "provider": ["town"]}
    assert browser.cookie is None
    (entry,) = [one for one in town.room.entries() if one.what == "session.refuse"]
    assert entry.about == "openid town" and word in entry.detail


def test_a_way_back_of_another_browser_leads_nowhere(town: Town) -> None:
    """Whoever sends somebody his own way back would have him signed in as another."""
    mine, back = town.there(town.room.browser())
    victim = town.room.browser()
    assert why(victim.ask("GET", back))["openid"] == ["refused"]
    victim.cookie, _ = town.there(victim)
    assert why(victim.ask("GET", back))["openid"] == ["refused"]
    victim.cookie = mine
    assert victim.ask("GET", back).headers["location"] == "/operator"
    victim.cookie = mine
    assert why(victim.ask("GET", back))["openid"] == ["refused"], "it was walked before"


def test_who_says_no_there_or_whose_provider_is_gone_is_told_so(town: Town) -> None:
    browser = town.room.browser()
    browser.cookie, back = town.there(browser)
    state = parse_qs(urlsplit(back).query)["state"][0]
    denied = browser.ask("GET", f"/v1/session/openid/town/back?error=access_denied&state={state}")
    assert why(denied)["openid"] == ["denied"]
    town.liar.metadata["token_endpoint"] = "http://127.0.0.1:9/token"
    town.room.ways_in.openid["town"]._provider._metadata = None
    _, told = town.sign_in()
    assert why(told)["openid"] == ["unreachable"]
    assert browser.ask("GET", "/v1/session/openid/nobody").status == 404


def test_the_page_leads_to_where_the_provider_signs_out_too(town: Town) -> None:
    browser = town.room.browser()
    assert browser.ask("GET", "/v1/session/openid/town/out").headers["location"] == "/operator"
    town.liar.metadata["end_session_endpoint"] = f"{town.liar.url}/end?x=1"
    town.room.ways_in.openid["town"]._provider._metadata = None
    address = urlsplit(browser.ask("GET", "/v1/session/openid/town/out").headers["location"])
    asked = parse_qs(address.query)
    assert address.path == "/end" and asked["x"] == ["1"]
    assert asked["post_logout_redirect_uri"] == [f"{ORIGIN}/operator"] and asked["client_id"] == [CLIENT]


def test_a_provider_without_its_secret_keeps_nobody_from_the_other_ways(tmp_path: Path) -> None:
    table = {"id": "town", "name": "Town", "issuer": "https://login.example", "client_id": "tocsin"}
    missing = table | {"client_secret_file": str(tmp_path / "nothing")}
    room = Room(None, http={"base_url": ORIGIN}, openid=[missing])
    try:
        assert room.ways_in.trouble is not None and "town" in room.ways_in.trouble
        assert room.browser().ask("GET", "/v1/session/ways").json == {"password": True, "passkeys": True, "openid": []}
    finally:
        room.close()


def test_a_service_that_opens_no_such_way_loads_none_of_the_libraries_that_check_one() -> None:
    loads = "import sys, tocsin.service.serve; print(*{'webauthn', 'authlib', 'joserfc'} & sys.modules.keys())"
    told = subprocess.run([sys.executable, "-c", loads], check=True, capture_output=True, text=True)
    assert told.stdout.split() == []
