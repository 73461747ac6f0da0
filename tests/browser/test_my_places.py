"""My places in a real browser: without a line, in silence, without JavaScript, and for who cannot see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Play
from tests.browser.test_live_page import PHONE, choose

pytestmark = [pytest.mark.browser, pytest.mark.server]

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# The map is a drawing; what it shows is said in the list.
RULES = "{ exclude: ['.map'] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }"


def add(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add a place").click()
    choose(page, name)


def violations(page: Page) -> list[Any]:
    # Through the debugger: the page's own rules let no stranger's script in.
    page.evaluate(AXE.read_text())
    said = "r.violations.map(v => [v.id, v.nodes.map(n => n.target.join(' '))])"
    found: list[Any] = page.evaluate(f"axe.run({RULES}).then(r => {said})")
    return found


def test_without_a_line_the_page_opens_with_what_was_known_last_and_nothing_in_it_is_calm(open_page: Opener) -> None:
    with Play(drill=True) as play:
        play.tell("cole", "take_cover", eta_s=600)
        page = open_page(play.url)
        choose(page, "cole")
        add(page, "brim")
        expect(page.locator(".answer .word")).to_contain_text("No warning")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        page.wait_for_function("caches.open('tocsin.data').then(c => c.keys()).then(k => k.length > 0)")
    open_page.errors.clear()
    page.reload()
    expect(page.locator(".trust-heading")).to_have_text("Connection lost")
    expect(page.locator(".drill")).to_be_visible()
    expect(page.locator(".answer .word")).to_contain_text("Not known")
    expect(page.locator(".other")).to_contain_text("Take cover")
    page.locator(".other").click()
    expect(page.locator("#place-name")).to_contain_text("Cole")
    expect(page.locator(".answer .doubt")).to_contain_text("Last known")
    assert violations(page) == []
    page.goto("about:blank")
    # There was no line: that nothing answered is no error of the page.
    open_page.errors.clear()


def test_who_says_once_that_he_is_safe_has_said_it_on_every_page_of_the_device(real: Play, open_page: Opener) -> None:
    page = open_page(real.url, **PHONE)
    choose(page, "brim")
    other = page.context.new_page()
    other.goto(real.url)
    real.tell("brim", "take_cover", eta_s=600)
    expect(page.locator(".advice")).to_contain_text("Go now: you need 90 seconds")
    page.get_by_label("How long do you need from here to shelter?").select_option("900")
    expect(page.locator(".advice")).to_contain_text("Inner room, now")
    expect(page.locator(".answer")).not_to_contain_text("Go to shelter")
    other.get_by_role("button", name="I am safe").click()
    expect(page.locator(".came")).to_contain_text("Silent here until something new comes")
    page.get_by_role("button", name="3 hours").click()
    expect(other.locator(".paused")).to_contain_text("silent until")
    other.get_by_role("button", name="Switch on again").click()
    expect(page.locator(".paused")).to_have_count(0)
    real.tell("brim", "all_clear")
    expect(page.locator(".answer .word")).to_contain_text("All clear")
    expect(page.locator(".answer")).not_to_contain_text("I am safe")
    # Just released is not under warning.
    expect(page.locator(".warnings")).to_contain_text("No zone is under warning")
    expect(page.locator(".released")).to_contain_text("Just released")


RUNG = """
window.rung = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function () { window.rung += 1; start.call(this); };
"""
# Not by `wait_for_function`: the page's own rules let nobody make code of text. Nor for ever.
RUNG_BY = """n => new Promise((done, fail) => {
    setInterval(() => rung >= n && done(), 20);
    setTimeout(() => fail(new Error(`rung ${rung} times in 30 s, not ${n}`)), 30_000);
})"""


def test_a_raid_that_begins_in_a_pause_is_heard_once_when_the_pause_ends(real: Play, open_page: Opener) -> None:
    open_page.prepare = lambda page: page.add_init_script(RUNG)
    page = open_page(real.url, **PHONE)
    choose(page, "cole")
    page.get_by_role("button", name="Turn on the sound").click()
    page.evaluate(RUNG_BY, 1)
    page.get_by_role("button", name="1 hour").click()
    real.tell("cole", "take_cover", eta_s=600)
    expect(page.locator(".answer .word")).to_contain_text("Take cover")
    assert page.evaluate("rung") == 1
    page.get_by_role("button", name="Switch on again").click()
    page.evaluate(RUNG_BY, 2)
    page.get_by_role("button", name="1 hour").click()
    real.tell("cole", "all_clear")
    expect(page.locator(".answer .word")).to_contain_text("All clear")
    page.get_by_role("button", name="Switch on again").click()
    expect(page.locator(".paused")).to_have_count(0)
    assert page.evaluate("rung") == 2


def test_a_browser_without_javascript_is_led_to_the_page_in_sentences(real: Play, open_page: Opener) -> None:
    real.tell("brim", "take_cover", eta_s=600)
    page = open_page(real.url, java_script_enabled=False, locale="uk")
    page.wait_for_url(re.compile("/plain"))
    expect(page.locator("h1")).to_have_text("Повітряні тривоги")
    page.get_by_role("searchbox").fill("brim")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Brim").first.click()
    expect(page.locator("section.take_cover")).to_contain_text("Негайно в укриття")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_no_state_of_the_page_shuts_anybody_out(play: Play, open_page: Opener, language: str, scheme: str) -> None:
    play.tell("brim", "take_cover", eta_s=600)
    play.tell("cole", "prepare", eta_s=900)
    page = open_page(play.url, locale=language, color_scheme=scheme, **PHONE)
    assert violations(page) == []
    choose(page, "brim")
    page.locator(".add").click()
    choose(page, "cole")
    page.locator(".legend summary").click()
    page.locator(".history summary").click()
    expect(page.locator(".history li")).to_have_count(2)
    assert violations(page) == []
    play.tell("cole", "all_clear", degraded=True)
    expect(page.locator(".answer")).to_have_attribute("data-word", "unknown")
    assert violations(page) == []
    page.goto(f"{play.url}plain?zone=brim&zone=cole&q=du")
    assert violations(page) == []
