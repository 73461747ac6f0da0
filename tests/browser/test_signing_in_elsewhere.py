"""Signing in through npm's oidc-provider, in a real browser, at our service's own routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Opener, Play
from tests.openid_liar import CLIENT, SECRET
from tests.openid_provider import provider
from tests.some import some
from tocsin.service.people.administration import Administration
from tocsin.service.people.person import Person
from tocsin.service.people.ways_in import WaysIn
from tocsin.service.settings import make_settings

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def issuer(play: Play, tmp_path: Path) -> Iterator[str]:
    """A provider that vouches for whoever types a name, and a service that knows one person and believes it."""
    secret = tmp_path / "town.secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    # A name, and not a number: the provider takes both for others.
    url = play.url = play.url.replace("127.0.0.1", "localhost")
    with provider(f"{url}v1/session/openid/town/back") as address:
        table = {"id": "town", "name": "Town hall", "issuer": address, "client_id": CLIENT, "private": True,
                 "client_secret_file": secret, "second_factor": True}  # fmt: skip
        play.runtime.ways_in = WaysIn(make_settings(zones="none", http={"base_url": url}, openid=[table]))
        people = play.runtime.people
        person = Person(id="engineer-1", roles=("integrator",), made_at=people.now())
        play.run(Administration(people).invite(person, by="chief", where="this machine"))
        yield address


def at_home(page: Page) -> None:
    """Nothing outside this machine is asked: the provider's pages would fetch letters from elsewhere."""

    def answer(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", answer)


def signed_in_there(play: Play, open_page: Opener, name: str) -> Page:
    """The console, as it is when somebody has typed this name there and agreed."""
    open_page.prepare = at_home
    page = open_page(f"{play.url}operator")
    page.get_by_role("link", name="Town hall").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    return page


def not_let_in(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="does not let you in here")


def test_a_person_comes_in_through_his_organisation_and_whoever_walks_his_way_again_does_not(
    play: Play, issuer: str, open_page: Opener
) -> None:
    page = signed_in_there(play, open_page, "engineer-1")
    expect(page.get_by_role("heading", name="Your sign-in")).to_be_visible()
    expect(page.locator(".own-list").last).to_contain_text("organisation")
    (back,) = some([url for url in open_page.requests if "/openid/town/back?" in url])
    assert re.search(r"[?&]iss=", back), "it says who it is, so that no other's answer can be mixed in"
    expect(not_let_in(open_page(back))).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Town hall").first).to_be_visible()
    page.goto(back)
    expect(not_let_in(page)).to_be_visible()
    open_page.errors.clear()


def test_whom_nobody_invited_here_does_not_come_in_whoever_vouches_for_him(
    play: Play, issuer: str, open_page: Opener
) -> None:
    expect(not_let_in(signed_in_there(play, open_page, "stranger-1"))).to_be_visible()
    open_page.errors.clear()
