"""What people complain of in apps of this kind, and what the page does instead; docs/why/stories.md lists them all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Play
from tests.browser.test_live_page import PHONE, choose
from tests.browser.test_my_places import RUNG, RUNG_BY, add, violations

pytestmark = [pytest.mark.browser, pytest.mark.server]

# On a busy machine storage takes longer to answer than a page waits for it, and then both ring, as they should.
PATIENT = "const set = setTimeout; window.setTimeout = (f, ms, ...more) => set(f, ms === 1000 ? 60000 : ms, ...more);"


def rung(*pages: Page) -> int:
    return sum(page.evaluate("rung") for page in pages)


def ring(times: int, *pages: Page) -> None:
    """Together they ring so often, and then no more."""
    for _ in range(300):
        if rung(*pages) >= times:
            break
        pages[0].wait_for_timeout(100)
    # As long as a page takes to ask whether the other rang.
    pages[0].wait_for_timeout(400)
    assert rung(*pages) == times


def test_two_pages_of_a_device_ring_once_and_the_second_alone_where_the_first_is_closed(
    real: Play, open_page: Opener
) -> None:
    open_page.prepare = lambda page: page.add_init_script(RUNG + PATIENT)
    first = open_page(real.url)
    choose(first, "brim")
    second = first.context.new_page()
    second.add_init_script(RUNG + PATIENT)
    second.goto(real.url)
    for page in (first, second):
        page.get_by_role("button", name="Turn on the sound").click()
        page.evaluate(RUNG_BY, 1)
    # A place that one of them adds is the other's, too.
    add(first, "cole")
    expect(second.locator(".other")).to_have_count(1)
    for zone, level, times in (("brim", "prepare", 3), ("cole", "take_cover", 4), ("brim", "take_cover", 5)):
        real.tell(zone, level, eta_s=600)
        for page in (first, second):
            name = page.locator(".answer, .other").filter(has_text=zone.title())
            expect(name).to_contain_text("Prepare" if level == "prepare" else "Take cover")
        ring(times, first, second)
    first.close()
    before = rung(second)
    real.tell("brim", "all_clear")
    second.evaluate(RUNG_BY, before + 1)


def test_where_a_browser_keeps_nothing_the_page_says_so_beside_my_places(real: Play, open_page: Opener) -> None:
    refused = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('off', 'SecurityError') } })"
    )
    open_page.prepare = lambda page: page.add_init_script(refused)
    page = open_page(real.url, locale="uk", **PHONE)
    choose(page, "brim")
    expect(page.get_by_text("Цей браузер тут нічого не зберігає")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    open_page.prepare = lambda page: None
    page = open_page(real.url)
    choose(page, "brim")
    expect(page.locator(".answer")).to_be_visible()
    expect(page.get_by_text("This browser keeps nothing")).to_have_count(0)


def test_danger_in_the_next_district_is_said_beside_a_place_that_is_calm(real: Play, open_page: Opener) -> None:
    page = open_page(real.url, **PHONE)
    choose(page, "brim")
    next_door = page.get_by_text("People next to here are told to take cover")
    real.tell("cole", "take_cover", eta_s=600)
    expect(next_door).to_contain_text("Cole")
    expect(page.locator(".answer .word")).to_contain_text("No warning")
    assert violations(page) == []
    real.tell("brim", "take_cover", eta_s=600)
    expect(page.locator(".answer .word")).to_contain_text("Take cover")
    expect(next_door).to_have_count(0)


def test_a_chosen_place_stays_chosen_where_the_position_is_jammed_or_missing(real: Play, open_page: Opener) -> None:
    # As receivers under a jammer have it: at an airport of another country.
    jammed = {"latitude": 33.82, "longitude": 35.49}
    page = open_page(real.url, geolocation=jammed, permissions=["geolocation"])
    choose(page, "brim")
    page.get_by_role("button", name="Add a place").click()
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator(".problem").first).to_contain_text("in no zone")
    page.reload()
    real.tell("brim", "take_cover", eta_s=600)
    expect(page.locator("#place-name")).to_contain_text("Brim")
    expect(page.locator(".answer .word")).to_contain_text("Take cover")


def test_who_relies_on_a_sleeping_phone_is_told_so_and_shown_other_ways(real: Play, open_page: Opener) -> None:
    page = open_page(real.url, **PHONE)
    choose(page, "brim")
    alarms = page.locator(".alarms")
    expect(alarms).to_contain_text("It needs this page to stay open")
    expect(alarms).to_contain_text("A phone that sleeps may stay silent")
    expect(alarms).to_contain_text("sirens, radio, another device")
    expect(page.get_by_role("link", name="Warnings as a feed (CAP)")).to_be_visible()
