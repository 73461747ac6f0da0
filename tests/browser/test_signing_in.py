"""An invitation, a passkey and the way back in, in a real browser with a device of its own (DevTools' WebAuthn)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Play
from tests.signed_in import PASSWORD
from tests.some import some
from tocsin.service.people.administration import Administration
from tocsin.service.people.person import Person
from tocsin.service.people.ways_in import WaysIn
from tocsin.service.settings import make_settings

pytestmark = [pytest.mark.browser, pytest.mark.server]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# Made by the browser, and unlocked by its owner whenever it is asked.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def device_in(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def unreadable(page: Page) -> list[Any]:
    """What keeps somebody from using the page, as axe finds it."""
    page.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "it looked at something"
    return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]


def test_from_an_invitation_to_a_passkey_that_signs_in_with_the_keyboard_alone(play: Play, open_page: Opener) -> None:
    # A name, and not a number: passkeys are bound to one.
    url = play.url.replace("127.0.0.1", "localhost")
    play.runtime.ways_in = WaysIn(make_settings(zones="none", http={"base_url": url}))
    people = play.runtime.people
    person = Person(id="engineer-1", roles=("integrator",), made_at=people.now())
    invited = play.run(Administration(people).invite(person, by="chief", where="this machine"))
    open_page.prepare = device_in
    page = open_page(f"{url}operator#invitation=engineer-1/{invited.code}")
    expect(page.get_by_label("New password")).to_be_focused()
    assert invited.code not in page.url, "whoever looks at the screen, or at the history, does not see it"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Passkey on this device")).to_be_focused()
    assert unreadable(page) == []
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add a passkey").press("Enter")
    expect(page.get_by_role("heading", name="Your sign-in")).to_be_visible()
    expect(page.locator(".own-list").first).to_contain_text("This device")
    expect(page.locator(".own-list").last).to_contain_text("here, now")
    assert unreadable(page) == []
    page.get_by_role("button", name="Sign out", exact=True).press("Enter")
    page.get_by_label("Name").fill("engineer-1")
    page.get_by_label("Password").fill("not this")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_have_text(
        "Name, password or code is not right. Check each and try again."
    )
    assert unreadable(page) == []
    page.get_by_label("Password").fill("")
    page.get_by_role("button", name="Use a passkey").press("Enter")
    expect(page.locator(".own-list").first).to_contain_text("last used")
    # Browsers count every refusal as an error of the page.
    assert len(open_page.errors) == 2
    assert all("401" in one for one in some(open_page.errors))
    open_page.errors.clear()
