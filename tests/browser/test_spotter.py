"""A spotter's telephone in a real Chromium, before the real service: three taps, no line, a wipe."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.some import some
from tests.tokens import digest, token
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Sighting
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import make_settings
from tocsin.service.worker import Decided

pytestmark = [pytest.mark.browser, pytest.mark.server]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
HERE: Any = {"latitude": 46.05, "longitude": 8.05, "accuracy": 15}
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
STATE = "ul.kinds"
# All that was ever said of the newest report: what stands for three seconds is easily missed on a busy machine.
SAID = """
    window.said = "";
    new MutationObserver(() => (said += document.querySelector(".newest")?.textContent ?? ""))
        .observe(document, {childList: true, characterData: true, subtree: true});
"""


def zone(name: str, south: float) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name={"en": name.title(), "ar": "بريم"}, population=9_000, polygons=((ring,),))


class Served(threading.Thread):
    """The service in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        (folder / "zones.geojson").write_bytes(zones_to_geojson([zone("brim", 46.0), zone("cole", 46.1)]))
        self._settings = make_settings(
            zones=folder / "zones.geojson",
            drill=True,
            http={"port": 0},
            journal={"path": folder / "journal.db"},
            operator=[{"id": "duty", "token_sha256": digest("duty")}],
            spotters={},
        )
        self._up = threading.Event()
        self.reported: list[Sighting] = []

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        listener = listening(self._settings)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with running(self._settings, configured(self._settings), Clock()) as runtime:
            runtime.watch("test", self._hear)
            self._server = Server(runtime)
            self._up.set()
            await self._server.serve([listener])

    def __enter__(self) -> Served:
        self.start()
        assert self._up.wait(300)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self.join(60)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """As the duty officer."""
        headers = {"authorization": f"Bearer {token('duty')}"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(asked) as answer:
            return json.loads(answer.read() or b"null")

    def _hear(self, decided: Decided) -> None:
        self.reported += [step.event for step in decided.steps if isinstance(step.event, Sighting)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("service")) as running_one:
        yield running_one


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE, geolocation=HERE, permissions=["geolocation"], locale="en")
    yield context
    context.close()


def joined(context: BrowserContext, served: Served) -> Page:
    """A page that has joined."""
    (invited,) = served.ask("POST", "/v1/spotters", {})["invitations"]
    page = context.new_page()
    page.goto(invited["link"].replace("localhost", "127.0.0.1"))
    page.get_by_role("button", name="Join with this device").click()
    expect(page.get_by_role("heading", name="What is it?")).to_be_visible()
    assert invited["code"] not in page.url
    return page


def kept_here(page: Page) -> None:
    """Until the page is kept for when there is no line."""
    page.wait_for_function(
        "Promise.all(performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)"
        ".filter(path => path.startsWith('/assets/')).map(path => caches.match(path))).then(all => all.every(Boolean))"
    )


def report(page: Page, what: str = "Drone") -> None:
    """Three taps."""
    page.get_by_role("button", name=what).click()
    expect(page.get_by_text("Your position is known")).to_be_visible()
    page.get_by_role("button", name="It is there").click()
    page.get_by_role("button", name="South-west").click()


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.flatMap(v =>"
        " v.nodes.map(n => v.id + ' ' + n.target)))"
    )
    return found


def test_three_taps_are_a_report_that_is_kept_and_what_came_of_it_is_told(
    served: Served, phone: BrowserContext
) -> None:
    phone.add_init_script(SAID)
    page = joined(phone, served)
    before = len(served.reported)
    report(page)
    expect(page.locator(".newest")).to_contain_text("People there are told to be ready")
    assert "Waits to be sent" in page.evaluate("said")
    found = served.reported[before:]
    assert [(one.threat, one.sense, one.bearing_deg, one.heading_deg) for one in found] == [("drone", "seen", 0, 225)]
    # Nothing on the screen, in the title or in the address tells who this is.
    posts = [one["post"] for one in some(served.ask("GET", "/v1/spotters")["posts"])]
    shown = page.locator("html").inner_html() + page.title() + page.url
    assert not [post for post in posts if post in shown]
    # What the service has is no longer here; taken back within three seconds it never was there.
    kept = page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))")
    assert kept == ["tocsin"]
    # They do not pass before this test is as far.
    page.clock.set_fixed_time(datetime.now(UTC))
    report(page, "Helicopter")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".newest")).not_to_contain_text("Helicopter")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(seconds=4))
    page.wait_for_timeout(3_500)
    assert len(served.reported) == before + 1
    # Who is revoked is told so.
    (here,) = (one["post"] for one in served.ask("GET", "/v1/spotters")["posts"] if one["state"] == "here")
    served.ask("DELETE", f"/v1/spotters/{here}")
    page.reload()
    expect(page.get_by_text("This device is not heard any more")).to_be_visible()


def test_without_a_line_the_page_opens_and_reports_keep_their_time_until_it_is_back(
    served: Served, phone: BrowserContext
) -> None:
    page = joined(phone, served)
    kept_here(page)
    before = len(served.reported)
    phone.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="What is it?")).to_be_visible()
    made_at = time.time()
    report(page, "Jet")
    made_by = time.time()
    page.wait_for_timeout(3_200)
    expect(page.locator(".bar")).to_contain_text("Waiting: 1")
    page.reload()
    expect(page.locator(".newest")).to_contain_text("Waits to be sent")
    assert len(served.reported) == before
    phone.set_offline(False)
    expect(page.locator(".bar")).to_contain_text("All sent")
    (found,) = served.reported[before:]
    assert made_at - 1 < found.time.timestamp() < made_by + 1
    assert found.received is not None
    # The device's guess of how its clock differs is as good as the line is quick.
    assert (found.received - found.time).total_seconds() > 2
    assert datetime.now(found.time.tzinfo) > found.received


def test_held_for_two_seconds_everything_is_erased(served: Served, phone: BrowserContext) -> None:
    page = joined(phone, served)
    kept_here(page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Red").click()
    page.get_by_role("button", name="Back").click()
    phone.set_offline(True)
    report(page)
    there = len(served.ask("GET", "/v1/spotters")["posts"])
    phone.set_offline(False)
    button = page.get_by_role("button", name="Erase")
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.wait_for_timeout(200)
    # A slip erases nothing.
    page.mouse.up()
    expect(page.get_by_role("heading", name="What is it?")).to_be_visible()
    page.mouse.down()
    expect(page.get_by_text("Not Found")).to_be_visible()
    page.mouse.up()
    left = (
        "(async () => [(await indexedDB.databases()).length, (await caches.keys()).length,"
        " localStorage.length + sessionStorage.length,"
        " (await navigator.serviceWorker.getRegistrations()).length])()"
    )
    for _ in range(300):
        if page.evaluate(left) == [0, 0, 0, 0] and len(served.ask("GET", "/v1/spotters")["posts"]) == there - 1:
            break
        page.wait_for_timeout(100)
    assert page.evaluate(left) == [0, 0, 0, 0]
    assert "spotter" not in page.url
    assert len(served.ask("GET", "/v1/spotters")["posts"]) == there - 1
    # The same address again is a device that has never joined.
    page.goto(f"{served.url}/spotter")
    expect(page.get_by_text("This device has not joined")).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ar", "red")])
def test_every_screen_can_be_used_by_everybody(
    served: Served, phone: BrowserContext, language: str, theme: str
) -> None:
    phone.add_init_script(f'localStorage.setItem(\'tocsin.look\', \'{{"theme": "{theme}", "size": 3}}\');')
    page = joined(phone, served)
    page.evaluate(f"localStorage.setItem('tocsin.language', '{language}')")
    page.reload()
    expect(page.locator(STATE)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    found = violations(page)
    page.locator(".bar .icon").click()
    found += violations(page)
    page.locator(".beneath button").click()
    page.locator(".kinds button").first.click()
    found += violations(page)
    page.locator(".chips button").nth(3).click()
    expect(page.locator(".map canvas").first).to_be_visible()
    found += violations(page)
    page.locator("button.main").click()
    expect(page.locator(".rose")).to_be_visible()
    found += violations(page)
    page.locator(".rose button").first.click()
    expect(page.locator(".newest")).to_be_visible()
    page.locator(".bar .line").click()
    expect(page.locator(".list li")).to_have_count(1)
    assert found + violations(page) == []
    # Nothing is wider than the screen.
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
