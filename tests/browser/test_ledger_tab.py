"""The ledger in a real Chromium: read with the keyboard, decided upon, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_operator import AXE, Desk, contexts, signed_in, violations
from tests.conftest import skip
from tests.unit.service.ledger.raids import SECRET, raids
from tocsin.service.http.page import STATIC

pytestmark = [pytest.mark.browser, pytest.mark.server]

__all__ = ["contexts"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A service with the tutorial's ledger."""
    if not (STATIC / "operator.html").is_file():
        skip("the pages are not built; run `make web`")
    folder = tmp_path_factory.mktemp("ledger")
    with Desk(folder, ledger={"path": raids(folder), "public": True}) as running:
        yield running


@pytest.fixture(scope="module")
def page(desk: Desk, contexts: Callable[..., BrowserContext]) -> Page:
    page = signed_in(desk, contexts(), "officer-1")
    page.keyboard.press("7")
    expect(page.get_by_role("tab", name="Ledger")).to_have_attribute("aria-selected", "true")
    return page


def clean(page: Page) -> None:
    page.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
    assert violations(page) == []


def open_damascus(page: Page) -> None:
    page.locator(".incident").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".case h3")).to_be_focused()


def test_an_incident_is_read_with_the_keyboard_and_every_voice_stands_beside_the_others(page: Page) -> None:
    rows = page.locator(".incident")
    expect(rows).to_have_count(2)
    clean(page)
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    case = page.locator(".case")
    expect(case.locator("h3")).to_be_focused()
    injured = case.locator(".finding", has=page.get_by_role("heading", name="Injured"))
    expect(injured.locator(".voices > li")).to_have_count(3)
    expect(injured).to_contain_text("From the least to the most: 0 to 5")
    expect(injured.locator(".contradiction").first).to_contain_text("0 against 5")
    expect(injured).to_contain_text("Syrian Ministry of Defence → Syrian Arab News Agency → Rudaw")
    for secret in SECRET:
        expect(case).not_to_contain_text(secret)
    clean(page)
    page.keyboard.press("Escape")
    expect(rows.first).to_be_focused()


def test_a_search_finds_a_place_in_any_case(page: Page) -> None:
    search = page.locator(".part-ledger input[type=search]")
    search.fill("ALEPPO")
    search.press("Enter")
    expect(page.locator(".incident")).to_have_count(1)
    expect(page.locator(".part-ledger [role=status]")).to_contain_text("1 of 2")
    search.fill("")
    search.press("Enter")
    expect(page.locator(".incident")).to_have_count(2)


def test_two_names_are_made_one_voice_with_a_reason_and_two_again(page: Page) -> None:
    part = page.locator(".part-ledger")
    part.get_by_role("button", name="May be one").click()
    card = part.locator(".card")
    expect(card).to_contain_text("initials")
    clean(page)
    card.get_by_role("button", name="They are one").click()
    expect(card.locator("input")).to_be_focused()
    page.keyboard.type("its French acronym")
    clean(page)
    page.keyboard.press("Enter")
    expect(part).to_contain_text("Nothing here looks like one")
    part.get_by_role("button", name="Sources").click()
    expect(part.locator(".source", has_text="OSDH")).to_contain_text("Syrian Observatory for Human Rights")
    clean(page)
    part.get_by_role("button", name="Incidents").click()


def test_an_incident_is_shown_to_everybody_only_after_a_second_press(desk: Desk, page: Page) -> None:
    open_damascus(page)
    case = page.locator(".case")
    case.get_by_role("button", name="Show to everybody").click()
    expect(case).to_contain_text("A witness is never named")
    expect(case.locator("input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(case.get_by_role("button", name="Show to everybody")).to_be_focused()
    page.keyboard.press("Enter")
    expect(case.locator("input")).to_be_focused()
    page.keyboard.press("Enter")
    expect(case.get_by_role("button", name="Take from the public page")).to_be_visible()
    expect(page.locator(".news")).to_contain_text("Done.")


def test_an_officer_opens_an_incident_and_finds_it_first_in_the_list(page: Page) -> None:
    part = page.locator(".part-ledger")
    part.get_by_role("button", name="Back to the list").click()
    expect(page.locator(".incident")).to_have_count(2)
    part.get_by_role("button", name="Open an incident").click()
    expect(part.locator("[name=struck]")).to_be_focused()
    clean(page)
    for name, text in {"struck": "a depot", "place": "by the ring road", "lat": "33.51", "lon": "36.3"}.items():
        part.locator(f"[name={name}]").fill(text)
    part.locator("[name=earliest]").fill("2026-01-31T20:15")
    part.get_by_role("button", name="Do it").click()
    expect(page.locator(".incident")).to_have_count(3)
    expect(page.locator(".incident").first).to_contain_text("a depot, by the ring road")
    expect(part.get_by_role("button", name="Open an incident")).to_be_focused()
    part.get_by_role("button", name="Sources").click()
    expect(part.locator(".reporters")).to_contain_text("No source has reported an impact yet")
    clean(page)
    part.get_by_role("button", name="Incidents").click()


def test_everybody_reads_what_was_shown_to_him_and_finds_it_from_the_live_page(
    desk: Desk, contexts: Callable[..., BrowserContext]
) -> None:
    page = contexts(locale="ar", viewport={"width": 390, "height": 844}).new_page()
    page.goto(desk.url)
    link = page.locator("footer a[href='/incidents']")
    expect(link).to_be_visible()
    expect(page.locator("footer a[href='/verify']")).to_have_count(0)
    link.click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("section")).to_have_count(1)
    expect(page.locator("section")).to_contain_text("air-defence positions")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than a phone"
    # This page lets no script in; the checker comes by the debugger's door.
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.reload()
    clean(page)
