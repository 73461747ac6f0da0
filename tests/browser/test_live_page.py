"""What people see, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Play

pytestmark = [pytest.mark.browser, pytest.mark.server]

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
# In Dunmere, and far from every zone.
IN_DUNMERE = {"latitude": 34.3, "longitude": 36.1}
AT_SEA = {"latitude": 34.0, "longitude": 30.0}


def choose(page: Page, name: str) -> None:
    page.get_by_role("searchbox").fill(name)
    page.locator(".found button").first.click()


def seconds(page: Page) -> int:
    minutes, rest = page.locator(".answer .clock").inner_text().split(":")
    return 60 * int(minutes) + int(rest)


def test_a_zone_under_warning_is_named_with_its_level_and_its_countdown(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    expect(page.locator(".warnings")).to_contain_text("No zone is under warning")
    play.tell("brim", "prepare", eta_s=500)
    play.tell("cole", "take_cover", eta_s=120)
    rows = page.locator(".warnings .row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(re.compile(r"Cole.*Drone.*[12]:\d\d.*Take cover", re.DOTALL))
    expect(rows.nth(1)).to_contain_text(re.compile(r"Brim.*8:\d\d.*Prepare", re.DOTALL))


def test_the_countdown_counts_down_and_then_says_now(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    choose(page, "brim")
    play.tell("brim", "take_cover", eta_s=300)
    clock = page.locator(".answer .clock")
    expect(clock).to_contain_text(":")
    stood = clock.text_content() or ""
    first = seconds(page)
    assert 0 < first <= 300
    expect(clock).not_to_have_text(stood)
    assert seconds(page) < first
    play.tell("brim", "take_cover", eta_s=3)
    expect(clock).to_have_text("now")
    expect(page.locator(".eta .label")).to_have_text("At the earliest")
    expect(page.locator(".answer .word")).to_contain_text("Take cover")


def test_the_countdown_is_right_on_a_device_whose_clock_is_an_hour_wrong(play: Play, open_page: Opener) -> None:
    play.tell("brim", "take_cover", eta_s=300)
    page = open_page("about:blank")
    page.add_init_script("const now = Date.now.bind(Date); Date.now = () => now() + 3600000;")
    page.goto(play.url)
    choose(page, "brim")
    assert 0 < seconds(page) <= 300


def test_a_silent_line_is_said_to_be_lost_and_nothing_on_it_is_calm(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    choose(page, "brim")
    word = page.locator(".answer .word")
    expect(word).to_contain_text("No warning")
    expect(page.locator(".age")).to_contain_text("Live")
    play.pulsing = False
    expect(page.locator(".trust-heading")).to_have_text("Connection lost")
    expect(page.locator(".trust")).to_contain_text("This is not an all clear")
    expect(word).to_contain_text("Not known")
    expect(page.locator(".age")).not_to_contain_text("Live")
    expect(page.locator(".nothing")).to_contain_text("not an all clear")
    age = page.locator(".age")
    aged = int(re.findall(r"\d+", age.inner_text())[0])
    assert aged >= 5
    expect(age).not_to_contain_text(f" {aged} ")
    assert int(re.findall(r"\d+", age.inner_text())[0]) > aged
    play.pulsing = True
    expect(page.locator(".trust-heading")).to_be_empty()
    expect(word).to_contain_text("No warning")


def test_a_lost_line_keeps_the_last_known_warning(play: Play, open_page: Opener) -> None:
    play.tell("brim", "take_cover", eta_s=300)
    page = open_page(play.url)
    choose(page, "brim")
    expect(page.locator(".answer .word")).to_contain_text("Take cover")
    play.pulsing = False
    expect(page.locator(".answer .doubt")).to_contain_text("Last known")
    expect(page.locator(".answer .word")).to_contain_text("Take cover")


def test_an_all_clear_where_we_may_be_blind_is_not_shown_as_one(play: Play, open_page: Opener) -> None:
    play.tell("brim", "all_clear", degraded=True)
    play.tell("cole", "all_clear")
    page = open_page(play.url)
    choose(page, "brim")
    expect(page.locator(".answer .word")).to_contain_text("Not known")
    expect(page.locator(".trust-heading")).to_have_text("We may be blind")
    page.get_by_role("button", name="Add a place").click()
    choose(page, "cole")
    expect(page.locator(".answer .word")).to_contain_text("All clear")


def test_my_place_is_found_by_name_in_any_script_and_remembered(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    page.get_by_role("searchbox").fill("no such town")
    expect(page.locator(".problem").first).to_contain_text("No place of that name")
    page.get_by_role("searchbox").fill("دنمير")
    page.keyboard.press("Enter")
    expect(page.locator("#place-name")).to_contain_text("Dunmere")
    page.reload()
    expect(page.locator("#place-name")).to_contain_text("Dunmere")


def test_my_place_is_found_by_position_which_is_not_sent_anywhere(play: Play, open_page: Opener) -> None:
    page = open_page(play.url, geolocation=IN_DUNMERE, permissions=["geolocation"])
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#place-name")).to_contain_text("Dunmere")
    assert not [url for url in open_page.requests if "34.3" in url or "zones/at" in url]


def test_a_position_outside_every_zone_is_said_to_get_no_warning(play: Play, open_page: Opener) -> None:
    page = open_page(play.url, geolocation=AT_SEA, permissions=["geolocation"])
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator(".problem").first).to_contain_text("in no zone")


def test_a_tap_on_the_map_asks_about_that_zone(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    page.locator(".map canvas").first.wait_for()
    page.get_by_role("button", name="Whole area").click()
    box = page.locator(".map").bounding_box()
    assert box is not None
    # The four zones fill the map; Dunmere is the one in the north-west.
    selected = page.locator(".selected")
    for _ in range(30):
        page.mouse.click(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2 - 60)
        # A map whose zones have not come yet answers no tap. Taps that follow at once would be one on top of another.
        page.wait_for_timeout(1_000)
        if selected.is_visible():
            break
    expect(selected).to_contain_text("Dunmere")
    page.get_by_role("button", name="Make this my place").click()
    expect(page.locator("#place-name")).to_contain_text("Dunmere")


def test_a_drill_is_marked_on_the_page_and_in_its_title(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    expect(page.locator(".drill")).to_contain_text("DRILL")
    expect(page).to_have_title(re.compile("^DRILL"))
    choose(page, "brim")
    expect(page).to_have_title("DRILL · No warning · Brim · Tocsin")


def test_a_real_raid_is_not_marked_as_a_drill(real: Play, open_page: Opener) -> None:
    page = open_page(real.url)
    expect(page.locator(".age")).to_contain_text("Live")
    expect(page.locator(".drill")).to_have_count(0)


def test_the_page_speaks_the_readers_language_from_right_to_left_where_it_is_written_so(
    play: Play, open_page: Opener
) -> None:
    page = open_page(play.url, locale="ar-SY")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator(".drill")).to_contain_text("تدريب")
    question, stage = page.locator(".ask").bounding_box(), page.locator(".stage").bounding_box()
    assert question is not None and stage is not None
    assert question["x"] > stage["x"]
    page.get_by_role("combobox").select_option("de")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.locator(".ask h2")).to_have_text("Ist mein Ort betroffen?")


@pytest.mark.parametrize("language", ["en", "ar", "de", "uk"])
def test_a_phone_never_scrolls_sideways(play: Play, open_page: Opener, language: str) -> None:
    play.tell("brim", "take_cover", eta_s=100)
    page = open_page(play.url, locale=language, **PHONE)
    choose(page, "brim")
    expect(page.locator(".warnings .row")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_whole_page_works_by_keyboard(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("eastl")
    expect(page.locator(".found button")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#place-name")).to_contain_text("Eastling")
    page.get_by_role("button", name="Turn on the sound").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sound is on")).to_have_attribute("aria-pressed", "true")


def test_a_change_for_my_place_is_announced_to_screen_readers(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    choose(page, "brim")
    live = page.locator("[aria-live=assertive]")
    expect(live).to_have_text(re.compile("Brim: .*No warning"))
    play.tell("brim", "take_cover", eta_s=100)
    expect(live).to_have_text(re.compile("Brim: .*Take cover"))
    # Digits that run would be read out every second.
    assert not re.search(r"\d", live.inner_text())


def test_nothing_is_asked_of_any_other_host(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    expect(page.locator(".age")).to_contain_text("Live")
    page.locator(".map canvas").first.wait_for()
    page.wait_for_load_state("load")
    assert open_page.requests
    assert [url for url in open_page.requests if not url.startswith(play.url)] == []


def test_the_page_works_when_the_map_cannot_be_loaded(play: Play, open_page: Opener) -> None:
    page = open_page("about:blank")
    page.route("**/map-*.js", lambda route: route.abort())
    page.goto(play.url)
    expect(page.locator(".map-failed")).to_be_visible()
    choose(page, "brim")
    play.tell("brim", "take_cover", eta_s=100)
    expect(page.locator(".answer .word")).to_contain_text("Take cover")
    assert [error for error in open_page.errors if "ERR_FAILED" not in error] == []
    open_page.errors.clear()
