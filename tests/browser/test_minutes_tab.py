"""The minutes of warning in a real Chromium: what every town has, what a lost radar takes, and for whom it is."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_operator import AXE, Desk, contexts, signed_in, violations
from tests.conftest import skip
from tests.signed_in import CHEAP, PASSWORD
from tests.tokens import digest, token
from tocsin.service.http.page import STATIC
from tocsin.service.people.person import Credentials, Person

pytestmark = [pytest.mark.browser, pytest.mark.server]

__all__ = ["contexts"]
# Over the western town; a microphone in the eastern one hears little.
SENSORS = [
    {"id": "west-radar", "kind": "radar", "lat": 34.1, "lon": 36.1, "altitude_m": 100, "range_m": 80_000},
    {"id": "east-mic", "kind": "presence", "lat": 34.1, "lon": 36.5, "altitude_m": 10},
]
SOURCE = {"kind": "http", "id": "hill", "token_sha256": digest("hill"), "sensors": ["*"], "kinds": ["status"]}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A service that works minutes out, with a planner beside its officers."""
    if not (STATIC / "operator.html").is_file():
        skip("the pages are not built; run `make web`")
    folder = tmp_path_factory.mktemp("minutes")
    (folder / "sensors.json").write_text(json.dumps(SENSORS))
    minutes = {"classes": "drone,jet"}
    with Desk(folder, sensors=folder / "sensors.json", source=[SOURCE], minutes=minutes) as running:
        people = running.runtime.people
        made = Person(id="planner", name="Planner", roles=("planner",), made_at=people.now())
        put = people.put(made, Credentials(password=CHEAP.hash(PASSWORD)))
        asyncio.run_coroutine_threadsafe(put, running._loop).result(60)
        for sensor in SENSORS:
            says(running, str(sensor["id"]), "up")
        yield running


def says(desk: Desk, sensor: str, state: str) -> None:
    now = datetime.now(UTC).isoformat()
    body = {"kind": "status", "id": f"{sensor}{state}{now}", "time": now, "sensor": sensor, "state": state}
    headers = {"authorization": f"Bearer {token('hill')}", "content-type": "application/json"}
    asked = urllib.request.Request(f"{desk.url}v1/observations", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert answer.status == 200


def opened(desk: Desk, context: BrowserContext) -> Page:
    page = signed_in(desk, context, "planner")
    page.get_by_role("tab", name="Minutes").click()
    expect(page.locator(".minutes tbody tr")).to_have_count(3)
    return page


def test_a_planner_sees_what_a_lost_radar_takes_from_each_town_and_what_it_gives_back(
    desk: Desk, contexts: Callable[..., BrowserContext]
) -> None:
    page = opened(desk, contexts())
    part = page.locator(".part-minutes")
    expect(part).to_contain_text("Every sensor that was ever heard works.")
    part.get_by_role("button", name="Jet").click()
    expect(part.locator("tr.changed")).to_have_count(0)
    expect(part).to_contain_text("On the map: ")
    page.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
    assert violations(page) == []
    says(desk, "west-radar", "down")
    expect(part).to_contain_text("Without west-radar, since")
    expect(part.locator("tr.changed").first).to_contain_text("usually")
    expect(part).to_contain_text(" instead of ")
    assert violations(page) == []
    # Whoever is looked at is chosen on the map too.
    part.locator("tbody button").first.click()
    expect(part.locator("tbody button").first).to_have_attribute("aria-pressed", "true")
    says(desk, "west-radar", "up")
    expect(part.locator("tr.changed")).to_have_count(0)


def test_on_a_phone_in_a_language_from_the_right_it_is_no_wider_than_the_phone(
    desk: Desk, contexts: Callable[..., BrowserContext]
) -> None:
    page = signed_in(desk, contexts(viewport={"width": 390, "height": 844}), "planner")
    page.locator("select").first.select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator("#tab-minutes").click()
    expect(page.locator(".minutes tbody tr")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than a phone"


def test_an_officer_who_is_no_planner_has_no_such_tab(desk: Desk, contexts: Callable[..., BrowserContext]) -> None:
    page = signed_in(desk, contexts(), "officer-1")
    expect(page.get_by_role("tab", name="Sensors")).to_be_visible()
    expect(page.get_by_role("tab", name="Minutes")).to_have_count(0)
    page.keyboard.press("8")
    expect(page.get_by_role("tab", name="Zones")).to_have_attribute("aria-selected", "true")
