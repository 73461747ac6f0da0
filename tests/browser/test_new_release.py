"""A newer page comes to a device that keeps an older one: by itself, and without an old word that looks new."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, Play
from tests.browser.test_live_page import choose
from tocsin.service.http import page as pages

pytestmark = [pytest.mark.browser, pytest.mark.server]

OLDER = "older0000000"
KEPT = "caches.keys().then((names) => names.filter((name) => name.startsWith('tocsin.shell.')))"
# How zones stand is kept by no worker.
STATES = """caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))
    .then((all) => all.flat().map(({ url }) => url).filter((url) => /v1\\/(zones|events)/.test(url)))"""


def older(folder: Path) -> Path:
    """The page as it was once: it says of itself that it is older, and its worker keeps it under another version."""
    shutil.copytree(pages.STATIC, folder)
    index, worker = folder / "index.html", folder / "worker.js"
    index.write_text(index.read_text(encoding="utf-8").replace("<html", '<html data-release="older"'), encoding="utf-8")
    script = worker.read_text(encoding="utf-8")
    (version,) = set(re.findall(r"`([0-9a-f]{12})`", script))
    worker.write_text(script.replace(version, OLDER), encoding="utf-8")
    return folder


def test_a_device_with_an_older_page_gets_the_newer_one_by_itself_and_reads_no_old_word_as_new(
    open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = pages.STATIC
    monkeypatch.setattr(pages, "STATIC", older(tmp_path / "older"))
    with Play(drill=False) as play:
        page = open_page(play.url)
        choose(page, "brim")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        page.reload()
        html = page.locator("html")
        expect(html).to_have_attribute("data-release", "older")
        expect(page.locator(".answer .word")).to_contain_text("No warning")
        assert page.evaluate(KEPT) == [f"tocsin.shell.{OLDER}"]

        monkeypatch.setattr(pages, "STATIC", newest)
        page.reload()
        # The kept page opens at once; the newer one is fetched behind it, and who looks is asked.
        expect(html).to_have_attribute("data-release", "older")
        expect(page.locator(".update")).to_be_visible()
        # Nobody looks, and nothing is on: it is loaded without a tap.
        page.evaluate("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(html).not_to_have_attribute("data-release", "older")
        expect(page.locator(".answer .word")).to_contain_text("No warning")
        expect(page.locator(".update")).to_have_count(0)
        play.tell("brim", "take_cover", eta_s=600)
        expect(page.locator(".answer .word")).to_contain_text("Take cover")
        assert page.evaluate(STATES) == []
    # Nobody answers: the page opens, is the newer one, and knows how old its word is.
    open_page.errors.clear()
    page.reload()
    expect(page.locator(".answer .doubt")).to_contain_text("Last known")
    expect(page.locator(".answer .word")).to_contain_text("Take cover")
    expect(html).not_to_have_attribute("data-release", "older")
    page.goto("about:blank")
    open_page.errors.clear()
