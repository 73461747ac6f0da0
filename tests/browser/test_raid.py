"""A raid in a real Chromium, from two spotters' taps to the public page's all clear, before a service that is killed:
read in English on a desktop, in Arabic and in Ukrainian on telephones."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.city import NAMES, City, zone_of
from tests.browser.conftest import Opener
from tests.browser.line import Line
from tests.browser.test_live_page import PHONE, choose
from tests.browser.test_my_places import RUNG, RUNG_BY
from tests.conftest import ROOT, skip
from tocsin.service.http.page import STATIC

pytestmark = [pytest.mark.browser, pytest.mark.server]

WORDS = ROOT / "web" / "src" / "shared" / "i18n"
DESKTOP = {"viewport": {"width": 1200, "height": 800}}
# A kilometre apart: two people, not one.
POSTS = ({"latitude": 46.05, "longitude": 8.05}, {"latitude": 46.06, "longitude": 8.05})
# Until a line is called lost, and until whoever lost it has asked anew, on a machine that is busy.
LOST_MS, AGAIN_MS = 60_000, 120_000
# What a zone says that says nothing of its own.
SHELTER_S = 90


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[City]:
    if not (STATIC / "spotter.html").is_file():
        skip("the pages are not built; run `make web`")
    with City(tmp_path_factory.mktemp("city")) as one:
        yield one


@pytest.fixture
def line(city: City) -> Iterator[Line]:
    """What the readers' pages come over."""
    with Line(city.port) as one:
        yield one


class Reader(NamedTuple):
    """Somebody in Brim before the public page, with its words in his language."""

    language: str
    page: Page
    words: dict[str, str]

    @property
    def word(self) -> Locator:
        """What is said of his place."""
        return self.page.locator(".answer .word")

    @property
    def trust(self) -> Locator:
        """Why it may not be believed."""
        return self.page.locator(".trust-heading")

    def rung(self) -> int:
        """How often his page has rung."""
        times: int = self.page.evaluate("rung")
        return times

    def reads(self, level: str) -> None:
        """He reads that of his place, and is told of it with its name."""
        expect(self.word).to_contain_text(self.words[f"level_{level}"], timeout=AGAIN_MS)
        expect(self.page.locator("#place-name")).to_contain_text(NAMES["brim"][self.language])


def words(language: str, folder: Path = WORDS) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    return found


def reader(line: Line, open_page: Opener, language: str, device: dict[str, Any]) -> Reader:
    page = open_page(line.url, locale=language, **device)
    choose(page, NAMES["brim"][language])
    one = Reader(language, page, words(language))
    one.reads("none")
    page.get_by_role("button", name=one.words["alarm_on"]).click()
    return one


def spotter(city: City, browser: Browser, language: str, at: Any) -> Page:
    """A telephone that has just joined, alone."""
    telephone: dict[str, Any] = PHONE | {"geolocation": at, "permissions": ["geolocation"], "locale": language}
    context = browser.new_context(**telephone)
    (invited,) = city.ask("POST", "v1/spotters", {})["invitations"]
    page = context.new_page()
    page.goto(invited["link"].replace("localhost", "127.0.0.1"))
    said = words(language, WORDS / "spotter")
    page.get_by_role("button", name=said["join"]).click()
    expect(page.get_by_role("heading", name=said["what_ask"])).to_be_visible()
    return page


def report(page: Page) -> None:
    """Three taps: a drone, there, that way."""
    page.locator(".kinds button").first.click()
    expect(page.locator(".position.is-known")).to_be_visible()
    page.locator("button.main").click()
    page.locator(".rose button").first.click()
    expect(page.locator(".newest")).to_be_visible()


def grows_old(age: Locator, seconds: int) -> None:
    """An age on a page reaches so many seconds: it is counted in whole ones, and not all pages lose a line at once."""
    for _ in range(LOST_MS // 200):
        if numbers(age.inner_text())[0] >= seconds:
            return
        age.page.wait_for_timeout(200)
    raise AssertionError(f"after {LOST_MS} ms it is {age.inner_text()!r}")


def numbers(text: str) -> list[int]:
    """Whole numbers in a text, whichever its digits."""
    plain = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in text)
    return [int(one) for one in re.findall(r"\d+", plain)]


def test_a_raid_from_two_spotters_taps_to_the_all_clear_over_a_cut_line_and_a_killed_service(
    city: City, line: Line, open_page: Opener
) -> None:
    open_page.prepare = lambda page: page.add_init_script(RUNG)
    readers = [
        reader(line, open_page, "en", DESKTOP),
        reader(line, open_page, "ar", PHONE),
        reader(line, open_page, "uk", PHONE),
    ]
    browser = readers[0].page.context.browser
    assert browser is not None
    phones = [spotter(city, browser, language, at) for at, language in zip(POSTS, ("ar", "uk"), strict=True)]
    # One voice is a reason to be ready, and no more.
    report(phones[0])
    for one in readers:
        one.reads("prepare")
    assert city.levels() == {"brim": "prepare", "cole": "prepare", "dunmere": "none"}
    report(phones[1])
    for one in readers:
        one.reads("take_cover")
        assert SHELTER_S in numbers(one.page.locator(".advice").inner_text())
        # The test of the sound, and one for each word.
        one.page.evaluate(RUNG_BY, 3)
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(readers[1].page.locator("html")).to_have_attribute("dir", "rtl")

    # The line is cut: what stood is said to be old, and how old.
    line.cut()
    for one in readers:
        expect(one.trust).to_have_text(one.words["trust_lost"], timeout=LOST_MS)
        one.reads("take_cover")
        expect(one.page.locator(".answer .doubt")).to_contain_text(one.words["last_known"])
        grows_old(one.page.locator(".age"), 5)
    line.mend()
    for one in readers:
        expect(one.trust).to_be_empty(timeout=AGAIN_MS)

    # The service is killed, and begins again where it was: every page asks anew, and hears of nothing new.
    with ExitStack() as asked:
        for one in readers:
            asked.enter_context(one.page.expect_request("**/v1/events", timeout=AGAIN_MS))
        city.kill()
        city.start()
    assert city.levels()["brim"] == "take_cover"
    for one in readers:
        expect(one.trust).to_be_empty(timeout=AGAIN_MS)
        one.reads("take_cover")
        expect(one.page.locator(".answer .doubt")).to_have_count(0)
        assert one.rung() == 3

    city.ahead(240)
    for one in readers:
        one.reads("prepare")
    city.ahead(460)
    for one in readers:
        one.reads("all_clear")
        expect(one.page.locator(".answer .details")).to_be_visible()
        one.page.evaluate(RUNG_BY, 5)
        assert one.rung() == 5
    # There was nobody, for a moment: that nothing answered is no error of the page.
    assert [error for error in open_page.errors if "ERR_" not in error] == []
    open_page.errors.clear()


def test_zones_are_re_cut_while_a_page_is_open_and_who_chose_one_is_warned_of_what_lies_there_now(
    city: City, open_page: Opener
) -> None:
    page = open_page(city.url, locale="en", **DESKTOP)
    choose(page, "Brim")
    expect(page.locator(".answer .word")).to_be_visible()
    zones = "JSON.parse(localStorage.getItem('tocsin.places')).map((place) => [place.id, place.zones])"
    assert page.evaluate(zones) == [["brim", ["brim"]]]
    city.kill()
    # Under its old name it is the southern half of what it was.
    city.cut(zone_of("brim", 46.1, 46.15), zone_of("brim-north", 46.15, 46.2), zone_of("cole", 46.2, 46.3))
    city.start()
    for _ in range(AGAIN_MS // 100):
        if page.evaluate(zones) != [["brim", ["brim"]]]:
            break
        page.wait_for_timeout(100)
    assert page.evaluate(zones) == [["brim", ["brim", "brim-north"]]]
    assert [error for error in open_page.errors if "ERR_" not in error] == []
    open_page.errors.clear()
