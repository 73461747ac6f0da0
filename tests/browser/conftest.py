"""A real Chromium before the service's real pages and routes, with a board that the test plays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import skip
from tests.signed_in import cheap_door
from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.compat.episodes import Episodes
from tocsin.announce.page_stream import PageStream
from tocsin.model.effect import Picture
from tocsin.model.warning import ZoneState
from tocsin.model.zone import Zone
from tocsin.service.http.app import make_app
from tocsin.service.http.callers import Callers
from tocsin.service.http.page import STATIC
from tocsin.service.http_settings import Compat, Http
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.store import People
from tocsin.service.people.ways_in import WaysIn
from tocsin.service.people_settings import People as PeopleSettings
from tocsin.service.runtime import Runtime
from tocsin.service.settings import Settings, Shelters, make_settings
from tocsin.service.sites.sites import Sites

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _square(west: float, south: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    east, north = west + 0.2, south + 0.2
    return (((west, south), (east, south), (east, north), (west, north), (west, south)),)


ZONES = (
    Zone(id="brim", name={"en": "Brim", "ar": "بريم"}, population=90_000, polygons=(_square(36.0, 34.0),)),
    Zone(id="cole", name={"en": "Cole", "ar": "كول"}, population=50_000, polygons=(_square(36.2, 34.0),)),
    Zone(id="dunmere", name={"en": "Dunmere", "ar": "دنمير"}, population=9_000, polygons=(_square(36.0, 34.2),)),
    Zone(id="eastling", name="Eastling", population=5_000, polygons=(_square(36.2, 34.2),)),
)


class Play:
    """The service's routes and stream over a board; `tell` changes zones, `pulsing` is its heartbeat."""

    def __init__(self, *, drill: bool) -> None:
        self.board = Board(ZONES, drill=drill)
        self.drill = drill
        self.pulsing = True
        self.seq = 0
        self._stream = PageStream(self.board, lambda: datetime.now(UTC), listeners_max=100)
        episodes = Episodes(ZONES, self.board)
        channels = SimpleNamespace(board=self.board, page_stream=self._stream, episodes=episodes, outboxes=())
        clock = SimpleNamespace(now=lambda: datetime.now(UTC))
        settings = SimpleNamespace(
            source=(),
            operator=(),
            watcher=(),
            compat=Compat(),
            prepared=(),
            http=Http(),
            people=PeopleSettings(),
            shelters=Shelters(),
            ledger=None,
        )

        people = People(PeopleFile(None), PeopleSettings(), clock.now)
        callers = Callers(cast("Settings", settings), people)
        sites = Sites(make_settings(zones="none"), self.board)
        parts = SimpleNamespace(
            channels=channels,
            clock=clock,
            settings=settings,
            people=people,
            callers=callers,
            sites=sites,
            spotters=None,
            drill=drill,
            proving=SimpleNamespace(on=False),
            views=None,
            door=cheap_door(people),
            ways_in=WaysIn(make_settings(zones="none")),
        )
        self.runtime = runtime = cast("Runtime", parts)
        config = uvicorn.Config(make_app(runtime), port=0, log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}/"
        self._publish(())
        self._ready.set()
        while not serving.done():
            await asyncio.wait([serving], timeout=1)
            if self.pulsing:
                self._publish(())
                self._stream.pulse(datetime.now(UTC))
        await serving

    def _publish(self, states: Sequence[ZoneState]) -> None:
        self.seq += 1
        now = datetime.now(UTC)
        batch = Batch(self.seq, now, (Picture(time=now, zones=tuple(states)),))
        self.board.fold(batch)
        self._stream.fold(batch)

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        """Something of the service's own, in its loop."""
        return asyncio.run_coroutine_threadsafe(story, self._loop).result(60)

    def tell(self, zone: str, level: str, *, eta_s: float | None = None, degraded: bool = False) -> None:
        """A zone's new state, to everybody."""
        now = datetime.now(UTC)
        eta = None if eta_s is None else now + timedelta(seconds=eta_s)
        state = ZoneState(
            zone=zone,
            level=cast("Any", level),
            since=now,
            eta_earliest=eta,
            eta_likely=eta,
            threat="drone" if eta else None,
            degraded=degraded,
            drill=self.drill,
        )
        self._loop.call_soon_threadsafe(self._publish, (state,))

    def __enter__(self) -> Play:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stream.close)
        self._server.should_exit = True
        self._thread.join(60)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not (STATIC / "index.html").is_file():
        skip("the live page is not built; run `make web`")
    # As long as Playwright waits for everything else: a busy machine takes many times what a page needs.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def play() -> Iterator[Play]:
    """A drill over four zones."""
    with Play(drill=True) as running:
        yield running


@pytest.fixture
def real() -> Iterator[Play]:
    """The same, in earnest."""
    with Play(drill=False) as running:
        yield running


class Opener:
    """Opens pages and remembers what they did that a page must never do; `prepare` is done to each before it opens."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.prepare: Callable[[Page], object] = lambda page: None
        self.errors: list[str] = []
        self.requests: list[str] = []

    def __call__(self, url: str, **options: Any) -> Page:
        context = self._browser.new_context(**({"viewport": {"width": 1200, "height": 800}, "locale": "en"} | options))
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))
        self.prepare(page)
        page.goto(url)
        return page


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Opens pages; at the end none may have logged an error."""
    opener = Opener(browser)
    yield opener
    for context in browser.contexts:
        context.close()
    assert opener.errors == []
