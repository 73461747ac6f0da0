"""How long the console takes of a duty officer's first minute: signing in, a warning for a drawn area, taking it back.

Start any service where somebody may act, such as `tocsin demo`, then run
`.venv/bin/python web/acting.py http://127.0.0.1:8080/ --password …` with the password that it prints. Only keys are
pressed, each as soon as what it is for stands on the page: a person's own time comes on top.
"""

from __future__ import annotations

import argparse
import re
import shutil
import time

from playwright.sync_api import Page, expect, sync_playwright

FLAGS = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update"]
# The console takes no second press of Enter sooner: one that comes at once is none.
ARMED_MS = 300
WAIT_MS = 60_000


def send(page: Page) -> None:
    """Enter reads what will happen, Enter sends it."""
    expect(page.locator("dialog :focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("button.now")).to_be_focused()
    page.wait_for_timeout(ARMED_MS)
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the pages are, such as http://127.0.0.1:8080/")
    parser.add_argument("--name", default="officer")
    parser.add_argument("--password", required=True)
    asked = parser.parse_args()
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en").new_page()
        page.goto(f"{asked.url}operator")
        expect(page.locator("input[name=name]")).to_be_focused()
        page.keyboard.type(asked.name)
        page.keyboard.press("Tab")
        page.keyboard.type(asked.password)
        began_s = time.monotonic()

        def told(what: str) -> None:
            print(f"{time.monotonic() - began_s:5.1f} s  {what}", flush=True)

        page.keyboard.press("Enter")
        expect(page.locator(".pill")).to_have_text(re.compile("."))
        told("signed in, the picture is live")
        # Drawing begins where there is a map to draw on.
        expect(page.get_by_role("button", name="Draw area")).to_be_enabled()
        page.keyboard.press("d")
        expect(page.locator(".draw-help")).to_contain_text(re.compile(r"Zones: [1-9]"))
        told(f"an area is drawn: {page.locator('.draw-help').inner_text().splitlines()[0]}")
        page.keyboard.press("Enter")
        send(page)
        mine = page.locator(".part-orders .card").filter(has_text=asked.name)
        expect(mine).not_to_have_count(0)
        told("the warning stands")
        began_s = time.monotonic()
        page.keyboard.press("t")
        send(page)
        expect(mine.filter(has_text="Raised")).to_have_count(0)
        told("from `t` on, everything is taken back")
        browser.close()


if __name__ == "__main__":
    main()
