"""The live page from files and nchan alone, in a real browser: what stands is shown, who is gone is not believed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ZONES, Opener, Play
from tests.fan_out import Front, front_in
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.announce.nchan import Nchan
from tocsin.announce.static_files import StaticFiles
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.write import Author, Issuer
from tocsin.service.static_page import page_files

pytestmark = [pytest.mark.browser, pytest.mark.server]
# Chromium takes no worker from a certificate that it does not know, whatever it is told to ignore.
SERVED: dict[str, Any] = {"ignore_https_errors": True, "service_workers": "block"}


def close(*pages: Page) -> None:
    """Before nginx ends: a page that finds nobody says so in its console."""
    for page in pages:
        page.context.close()


class Told:
    """What the service of a play tells nginx and writes for it, until it is gone."""

    def __init__(self, play: Play, front: Front, events: str = "") -> None:
        self._play = play
        issuer = Issuer(sender="warnings.example")
        messages = CapMessages(Author(issuer, ZONES))
        drawn = WarnedMap(ZONES, play.board.public_map, issuer)
        pages = page_files(events)
        now = lambda: datetime.now(UTC)  # noqa: E731 - a clock
        self.files = StaticFiles(
            "files", front.www, play.board, messages, drawn, now, every_s=0.5, beside=lambda: pages
        )
        self.stream = Nchan("stream", [front.told_at], play.board, now)
        play.run(self._begin())

    async def _begin(self) -> None:
        before = self._play._stream.fold

        def fold(batch: Batch) -> None:
            before(batch)
            self.stream.fold(batch)

        self._play._stream.fold = fold  # type: ignore[method-assign]
        self._tasks = [asyncio.create_task(one.work()) for one in (self.files, self.stream)]
        await self.files.send("", ())

    def die(self) -> None:
        """The service says nothing any more; its files stay."""

        async def end() -> None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._play.run(end())


@pytest.fixture
def www() -> Iterator[Path]:
    """A folder that nginx can read, which drops its rights."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def front(play: Play, tmp_path: Path, www: Path) -> Front:
    return front_in(tmp_path, www, urlsplit(play.url).port or 80)


def test_the_page_from_files_shows_what_stands_and_says_when_nobody_writes_them(
    play: Play, open_page: Opener, front: Front
) -> None:
    told = Told(play, front)
    with front.open():
        page = open_page(f"https://127.0.0.1:{front.public_port}/", **SERVED)
        expect(page.locator(".warnings")).to_contain_text("No zone is under warning")
        play.tell("cole", "take_cover", eta_s=120)
        expect(page.locator(".warnings .row")).to_contain_text("Cole")
        # Nobody has come to the service itself: neither for the stream nor for a file.
        assert play._stream.listeners == 0
        told.die()
        expect(page.locator(".trust-heading")).to_have_text("Connection lost")
        # The files are there as before; whoever comes now is not told that all is well.
        late = open_page(f"https://127.0.0.1:{front.public_port}/", **SERVED)
        expect(late.locator(".trust-heading")).to_have_text("Connection lost")
        expect(late.locator(".warnings")).not_to_contain_text("No zone is under warning")
        close(page, late)


def test_the_page_finds_a_stream_elsewhere(play: Play, open_page: Opener, front: Front) -> None:
    elsewhere = f"https://localhost:{front.public_port}/v1/events"
    told = Told(play, front, elsewhere)
    with replace(front, allowed=f"'self' {elsewhere}").open():
        page = open_page(f"https://127.0.0.1:{front.public_port}/", **SERVED)
        expect(page.locator(".age")).to_contain_text("Live")
        play.tell("brim", "take_cover", eta_s=120)
        expect(page.locator(".warnings .row")).to_contain_text("Brim")
        close(page)
    assert elsewhere in {url for url in open_page.requests if url.endswith("/v1/events")}
    told.die()


def test_a_thin_line_is_told_by_files_and_believes_none_that_was_left_behind(
    play: Play, open_page: Opener, front: Front
) -> None:
    told = Told(play, front)
    thin = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    open_page.prepare = lambda page: page.add_init_script(thin)
    with front.open():
        page = open_page(f"https://127.0.0.1:{front.public_port}/", **SERVED)
        expect(page.locator(".age")).to_contain_text("Live")
        told.die()
        late = open_page(f"https://127.0.0.1:{front.public_port}/", **SERVED)
        expect(late.locator(".trust-heading")).to_have_text("Connection lost")
        assert not [url for url in open_page.requests if url.endswith("/v1/events")]
        close(page, late)
