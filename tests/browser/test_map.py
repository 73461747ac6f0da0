"""The public page's map: who paints it, and that it shows how zones stand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Play
from tests.browser.test_live_page import choose

pytestmark = [pytest.mark.browser, pytest.mark.server]

# What the page itself paints is counted; what a worker paints is not the page's.
COUNTING = """
window.painted = 0;
for (const name of ["fill", "stroke", "fillText"]) {
  const paint = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    window.painted += 1;
    return paint.apply(this, given);
  };
}
"""
WITHOUT_WORKERS = {
    "no canvas in workers": "delete window.OffscreenCanvas;",
    "a canvas in workers that cannot be drawn on": (
        "window.Worker = class extends EventTarget {"
        " constructor() { super(); setTimeout(() => this.say({ able: false })); }"
        " say(data) { this.dispatchEvent(new MessageEvent('message', { data })); }"
        " postMessage() {} terminate() {} };"
    ),
    "no worker at all": "window.Worker = function () { throw new Error('none here'); };",
}
# The middle of the zones' sheet is my place: whether it is painted as one that must take cover.
RED = """
(red) => {
  const canvas = document.querySelector(".leaflet-overlay-pane canvas");
  if (!canvas || canvas.width < 2) return false;
  const copy = document.createElement("canvas");
  copy.width = copy.height = 1;
  const ink = copy.getContext("2d");
  ink.drawImage(canvas, canvas.width / 2, canvas.height / 2, 1, 1, 0, 0, 1, 1);
  const [r, g, b, a] = ink.getImageData(0, 0, 1, 1).data;
  return a > 0 && (r > 2 * g && r > 2 * b) === red;
}
"""
# Each sheet lies where the map is, as large as it is painted.
AT_REST = """
(painted) => {
  const map = document.querySelector(".map").getBoundingClientRect();
  return [...document.querySelectorAll(".map canvas")].every((canvas) => {
    const { left, right, width } = canvas.getBoundingClientRect();
    return left <= map.left + 1 && right >= map.right - 1 && Math.abs(width * devicePixelRatio - canvas.width) < 2;
  });
}
"""


def shows(page: Page, *, red: bool) -> None:
    """Waits until my place is, or is not, painted as one that must take cover."""
    page.wait_for_function(RED, arg=red)


def test_zones_are_painted_as_they_stand_and_the_page_paints_nothing_itself(play: Play, open_page: Opener) -> None:
    open_page.prepare = lambda page: page.add_init_script(COUNTING)
    page = open_page(play.url)
    choose(page, "brim")
    shows(page, red=False)
    play.tell("brim", "take_cover", eta_s=300)
    shows(page, red=True)
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_function(AT_REST)
    shows(page, red=True)
    play.tell("brim", "none")
    shows(page, red=False)
    assert page.evaluate("window.painted") == 0


@pytest.mark.parametrize("without", WITHOUT_WORKERS)
def test_where_no_worker_can_paint_the_page_does(play: Play, open_page: Opener, without: str) -> None:
    open_page.prepare = lambda page: page.add_init_script(COUNTING + WITHOUT_WORKERS[without])
    page = open_page(play.url)
    choose(page, "brim")
    play.tell("brim", "take_cover", eta_s=300)
    shows(page, red=True)
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_function(AT_REST)
    play.tell("brim", "none")
    shows(page, red=False)
    assert page.evaluate("window.painted") > 0
    expect(page.locator(".map-failed")).to_have_count(0)
