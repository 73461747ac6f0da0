"""Takes the pictures of the pages for the README and the docs, from a service that runs a drill.

Start `tocsin demo`, then run `.venv/bin/python web/screenshot.py http://127.0.0.1:8080/ --password …` with the password
that it prints. It waits until several zones are under warning, and writes docs/images/*.png; without a password those
of the live page only. `--timeout S` says how long it waits.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update"]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "locale": "en-GB",
}
# Fewer zones under warning make a picture of a map, not of a warning.
WARNED_LEAST = 6
# The countdown must outlast the taking of the pictures.
LEAD = timedelta(seconds=45)
# Cutting the network leaves an open stream open, so the page is made deaf instead; it notices after five seconds.
DEAF = """
const hears = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (name, handle) {
  hears.call(this, name, (event) => { if (performance.now() < 4000) handle(event); });
};
"""
SILENT_MS = 9_000
OFFICER = "officer"
# A map drawn without a graphics processor takes its time.
DRAWN_MS = 15_000


def warned_zone(url: str, timeout_s: float) -> str:
    """The id of a zone that must take cover, once several zones are under warning; exits when none is in time."""
    ends_s = time.monotonic() + timeout_s
    while time.monotonic() < ends_s:
        time.sleep(1)
        try:
            with urlopen(f"{url}v1/zones", timeout=10) as answer:  # noqa: S310 - the address is the caller's own
                state = json.load(answer)
        except OSError:
            continue  # The drill is still starting.
        soonest = (datetime.fromisoformat(state["now"]) + LEAD).isoformat()
        warned = [zone for zone in state["zones"] if zone["level"] in ("prepare", "take_cover")]
        cover = [z for z in warned if z["level"] == "take_cover" and (z["eta_earliest"] or "") > soonest]
        if cover and len(warned) >= WARNED_LEAST:
            return str(max(cover, key=lambda zone: str(zone["eta_earliest"]))["zone"])
    sys.exit(f"web/screenshot.py: no zone had to take cover within {timeout_s:g} s; start the drill, or wait longer")


def opened(browser: Browser, url: str, place: str | None, *, script: str = "", **options: Any) -> Page:
    """A page that has loaded its map, with a place chosen."""
    page = browser.new_context(**options).new_page()
    page.add_init_script(script)
    if place is not None:
        page.add_init_script(f"localStorage.setItem('tocsin.place', {json.dumps(place)})")
    page.goto(url)
    page.locator(".map canvas").first.wait_for()
    # Tiles and outlines come one after another; nothing says when the last is drawn.
    page.wait_for_timeout(2_500)
    return page


def at_the_desk(browser: Browser, url: str, password: str) -> Page:
    """The duty officer's console, with its map drawn."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    page.goto(f"{url}operator")
    page.locator("input").first.fill(OFFICER)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    page.locator("canvas").first.wait_for()
    page.wait_for_timeout(DRAWN_MS)
    return page


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the live page is, such as http://127.0.0.1:8080/")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds to wait for a warning")
    parser.add_argument("--password", help="the duty officer's, as the drill prints it")
    asked = parser.parse_args()
    place = warned_zone(asked.url, asked.timeout)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        opened(browser, asked.url, place, **DESKTOP).screenshot(path=IMAGES / "live-page.png")
        phone = opened(browser, asked.url, place, **PHONE)
        phone.screenshot(path=IMAGES / "live-page-phone.png")
        night = DESKTOP | {"color_scheme": "dark", "locale": "ar"}
        opened(browser, asked.url, place, **night).screenshot(path=IMAGES / "live-page-dark-rtl.png")
        lost = opened(browser, asked.url, place, script=DEAF, **PHONE)
        lost.wait_for_timeout(SILENT_MS)
        lost.screenshot(path=IMAGES / "live-page-lost.png")
        if asked.password is not None:
            desk = at_the_desk(browser, asked.url, asked.password)
            desk.screenshot(path=IMAGES / "operator-console.png")
        browser.close()


if __name__ == "__main__":
    main()
