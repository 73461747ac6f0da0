"""The duty officer's console in a real Chromium, before the whole service: three zones in a row, two officers."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.conftest import skip
from tests.signed_in import CHEAP, PASSWORD, cheap_door
from tests.some import some
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.http.page import STATIC
from tocsin.service.people.person import Credentials, Person
from tocsin.service.people.roles import Role
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import make_settings

pytestmark = [pytest.mark.browser, pytest.mark.server]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
DRILL_FIRST = re.compile("^DRILL")
TEXT = "This was a false alarm. There is no danger."
ROLES: tuple[Role, ...] = ("operator", "approver", "admin")
# The map's middle is Cole; wide is more than 100,000 people at once.
POPULATION = {"brim": 90_000, "cole": 50_000, "dunmere": 9_000}


def _zone(number: int, name: str) -> Zone:
    west, south = 36.0 + 0.2 * number, 34.0
    ring = ((west, south), (west + 0.2, south), (west + 0.2, south + 0.2), (west, south + 0.2), (west, south))
    return Zone(id=name, name=name.title(), population=POPULATION[name], polygons=((ring,),))


class Desk:
    """The service, in a thread of its own, with two officers."""

    def __init__(self, folder: Path, **more: Any) -> None:
        (folder / "zones.geojson").write_bytes(zones_to_geojson([_zone(i, name) for i, name in enumerate(POPULATION)]))
        self._settings = make_settings(
            zones=folder / "zones.geojson",
            http={"port": 0},
            journal={"path": folder / "journal.db"},
            people={"second_factor": "offered"},
            prepared=[{"id": "false-alarm", "text": TEXT}],
            acts={"second_person": ["wide"], "wide_people": 100_000},
            **more,
        )
        self._loop = asyncio.new_event_loop()
        self._ready: Future[str] = Future()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    async def _run(self) -> None:
        listener = listening(self._settings)
        async with running(self._settings, configured(self._settings), Clock()) as runtime:
            self.runtime: Runtime = runtime
            runtime.door = cheap_door(runtime.people)
            for name in ("officer-1", "officer-2"):
                person = Person(id=name, name=name.title(), roles=ROLES, made_at=runtime.people.now())
                await runtime.people.put(person, Credentials(password=CHEAP.hash(PASSWORD)))
            server = Server(runtime)
            self._server = server
            serving = asyncio.create_task(server.serve([listener]))
            self._ready.set_result(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            await serving

    def __enter__(self) -> Desk:
        self._thread.start()
        self.url = self._ready.result(300)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.end)
        self._thread.join(60)

    def levels(self) -> dict[str, str]:
        """How every zone that is warned of stands."""
        return {state.zone: state.level for state in self.runtime.channels.board.warned()}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One service for all stories, each of which leaves it as it was."""
    if not (STATIC / "operator.html").is_file():
        skip("the pages are not built; run `make web`")
    with Desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Windows of this module, closed at its end."""
    made: list[BrowserContext] = []

    def make(*, mapped: bool = False, **options: Any) -> BrowserContext:
        made.append(browser.new_context(**({"viewport": {"width": 1280, "height": 640}, "locale": "en"} | options)))
        # A map that is drawn without a graphics card takes a core to itself; one is enough.
        if not mapped:
            made[-1].route("**/assets/map-*.js", lambda route: route.abort())
        return made[-1]

    yield make
    for context in made:
        with suppress(Exception):
            context.close()


def signed_in(desk: Desk, context: BrowserContext, name: str) -> Page:
    """A page on which an officer has signed in, with the keyboard alone."""
    page = context.new_page()
    page.goto(f"{desk.url}operator")
    expect(page.locator("input[name=name]")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".pill")).to_have_text("Live")
    return page


@pytest.fixture(scope="module")
def first(desk: Desk, contexts: Callable[..., BrowserContext]) -> Page:
    """The first officer's page."""
    page = signed_in(desk, contexts(mapped=True), "officer-1")
    page.locator(".chart .maplibregl-canvas").wait_for()
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def orders(page: Page) -> Locator:
    return page.locator(".part-orders .card")


def read_it(page: Page) -> None:
    """Enter to read what will happen, in a dialog that stands and listens."""
    expect(page.locator("dialog :focus")).to_have_count(1)
    press(page, "Enter")
    expect(page.locator("button.now")).to_be_focused()


def do_it(page: Page) -> None:
    """Enter to read what will happen, Enter to do it: a second press that comes at once is none."""
    read_it(page)
    page.wait_for_timeout(300)
    press(page, "Enter")
    expect(page.locator("dialog")).to_have_count(0)


def retract(page: Page) -> None:
    """Take everything back: three keys."""
    press(page, "t")
    expect(page.locator("dialog .statement")).to_contain_text(TEXT)
    do_it(page)


def test_an_officer_warns_a_drawn_area_with_four_keys_and_takes_it_back_with_three(desk: Desk, first: Page) -> None:
    press(first, "d")
    expect(first.locator(".draw-help")).to_contain_text("Zones: 1, people: 50,000")
    press(first, "Enter")
    expect(first.locator("dialog .statement p").first).to_contain_text(
        "Take cover for Cole: 50,000 people, for 30 minutes"
    )
    # Nothing has happened before the last key, and the focus is on the button that says what it does.
    read_it(first)
    expect(first.locator("dialog .armed")).to_contain_text("THIS IS REAL")
    assert desk.levels() == {}
    first.wait_for_timeout(300)
    press(first, "Enter")
    expect(orders(first)).to_contain_text("Raised: Take cover")
    expect(orders(first)).to_contain_text("officer-1")
    expect(first.locator(".part-zones .row.level-take_cover")).to_contain_text("Cole")
    assert desk.levels() == {"cole": "take_cover"}
    retract(first)
    expect(first.locator(".part-zones .row.level-all_clear")).to_contain_text("Cole")
    assert "take_cover" not in desk.levels().values()


def test_what_is_wide_waits_for_another_officer_and_never_for_its_own(
    desk: Desk, first: Page, contexts: Callable[..., BrowserContext]
) -> None:
    press(first, "d")
    expect(first.locator(".draw-help")).to_contain_text("Zones: 1")
    press(first, "+", "+", "+", "+", "+", "+")
    expect(first.locator(".draw-help")).to_contain_text("Zones: 3, people: 149,000")
    press(first, "Enter")
    expect(first.locator("dialog .statement")).to_contain_text("Nothing happens before another officer approves it")
    do_it(first)
    card = first.locator(".kind-approval")
    expect(card).to_contain_text("By officer-1. Lapses at")
    expect(card).to_contain_text("This is your own act")
    expect(card.get_by_role("button", name="Approve")).to_be_disabled()
    # Also past the page he cannot.
    press(first, "a")
    expect(first.locator(".news")).to_contain_text("nothing of that kind")
    assert "take_cover" not in desk.levels().values()
    second = signed_in(desk, contexts(), "officer-2")
    expect(second.locator(".kind-approval")).to_be_visible()
    press(second, "a")
    expect(second.locator("dialog .statement p").first).to_contain_text("The raise by officer-1 takes effect")
    do_it(second)
    expect(orders(second).filter(has_text="officer-1 + officer-2")).to_contain_text("Raised: Take cover")
    assert set(desk.levels().values()) == {"take_cover"} and len(desk.levels()) == 3
    # A wide retraction needs both again.
    retract(first)
    expect(second.locator(".kind-approval")).to_be_visible()
    press(second, "a")
    do_it(second)
    expect(second.locator(".part-zones .row.level-take_cover")).to_have_count(0)
    second.context.close()


def played(page: Page, picture: dict[str, Any]) -> None:
    """What the stream says from here on is this picture, again and again."""
    body = f"event: picture\ndata: {json.dumps(picture)}\n\n"

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/event-stream", body=body)

    page.route("**/v1/console/events", answer)


def grounds(page: Page) -> list[str]:
    """The colours of the page's larger parts."""
    parts = ("body", ".top", ".column", ".panel", ".chart", ".tabs")
    colour = "(part) => getComputedStyle(document.querySelector(part)).backgroundColor"
    return [page.evaluate(colour, part) for part in parts]


def test_a_drill_differs_everywhere_and_an_old_picture_is_never_taken_for_a_live_one(
    desk: Desk, first: Page, contexts: Callable[..., BrowserContext]
) -> None:
    context = contexts(storage_state=first.context.storage_state())
    picture = first.evaluate("fetch('/v1/console/picture').then((answer) => answer.json())")
    drill = context.new_page()
    played(drill, picture | {"drill": True})
    drill.goto(f"{desk.url}operator")
    expect(drill.locator(".drill-band").first).to_contain_text("DRILL This is an exercise")
    expect(drill.locator(".drill-band")).to_have_count(2)
    expect(drill.locator(".drill-pattern")).to_have_count(1)
    expect(drill).to_have_title(DRILL_FIRST)
    assert all(one != other for one, other in some(list(zip(grounds(first), grounds(drill), strict=True))))
    expect(first).not_to_have_title(DRILL_FIRST)
    drill.close()
    old = context.new_page()
    played(old, picture | {"time": "2026-01-01T00:00:00Z"})
    old.goto(f"{desk.url}operator")
    expect(old.locator(".trust-band")).to_contain_text("Old picture")
    expect(old.locator(".veil")).to_have_text("OLD PICTURE")
    assert "grayscale" in old.evaluate("getComputedStyle(document.querySelector('.desk')).filter")
    context.close()


def test_nothing_can_be_done_in_the_past(first: Page) -> None:
    press(first, "p")
    expect(first.locator(".trust-band")).to_contain_text("PAST")
    expect(first.get_by_role("button", name="Draw area")).to_be_disabled()
    press(first, "t")
    expect(first.locator("dialog")).to_have_count(0)
    press(first, "p")
    expect(first.locator(".pill")).to_have_text("Live")


def violations(page: Page) -> list[str]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def test_no_state_of_the_console_shuts_anybody_out(
    desk: Desk, first: Page, contexts: Callable[..., BrowserContext]
) -> None:
    context = contexts(locale="ar", storage_state=first.context.storage_state())
    page = context.new_page()
    page.goto(f"{desk.url}operator")
    expect(page.locator(".pill")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    for one in (first, page):
        one.evaluate(f"{AXE.read_text(encoding='utf-8')}\n;0")
        assert violations(one) == []
    for key, shown in (
        ("?", "dialog.help"),
        ("f", "dialog.find"),
        ("3", ".part-sensors"),
        ("6", ".part-notes"),
        ("s", ".admin table"),
    ):
        press(page, key)
        page.locator(shown).wait_for()
        assert violations(page) == [], shown
        press(page, "Escape")
        page.locator("h1").click()
    context.close()
