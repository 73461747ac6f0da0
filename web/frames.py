"""Frames a second of the duty officer's console with 1,449 zones and 500 tracks that move each second.

Start any service (`tocsin demo`), then run `.venv/bin/python web/frames.py http://127.0.0.1:8080/`. What the service
knows is not used: zones and tracks are made up here. Two figures come back: while nobody touches the map, and while it
is being moved.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import time
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

FLAGS = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update"]
ZONES, TRACKS, CORNERS, SECONDS = 1_449, 500, 60, 8
SESSION = {
    "id": "officer-1", "name": "officer-1", "roles": ["operator"], "may": ["picture", "act"], "csrf": "none",
    "expires_at": "2100-01-01T00:00:00Z",
}  # fmt: skip

# An event source of our own: the picture, then each second its tracks moved on.
STREAM = """
class Played extends EventTarget {
  readyState = 1;
  constructor() {
    super();
    const picture = PICTURE;
    let seq = 0;
    const say = (name, fields) =>
      this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify({ ...fields, seq: ++seq }) }));
    setTimeout(() => say("picture", { ...picture, now: new Date().toISOString(), time: new Date().toISOString() }));
    this.timer = setInterval(() => {
      const now = new Date().toISOString();
      for (const track of picture.tracks) {
        track.lat += (track.speed_mps * Math.cos(track.heading_deg * Math.PI / 180)) / 111195;
        track.lon += (track.speed_mps * Math.sin(track.heading_deg * Math.PI / 180)) / 92000;
        track.heard = now;
      }
      // Each second a few zones change as well, as they do in a raid.
      const zones = picture.zones.slice(seq % 90, (seq % 90) + 5);
      say("change", { after: seq, now, time: now, tracks: picture.tracks, zones });
    }, 1000);
  }
  close() { clearInterval(this.timer); }
}
window.EventSource = Played;
"""
COUNT = """
(seconds) => new Promise((done) => {
  const began = performance.now();
  let [frames, longest, last] = [0, 0, began];
  const next = (now) => {
    frames += 1;
    longest = Math.max(longest, now - last);
    last = now;
    if (now - began < 1000 * seconds) requestAnimationFrame(next);
    else done([frames / ((now - began) / 1000), longest]);
  };
  requestAnimationFrame(next);
})
"""


def outlines() -> dict[str, Any]:
    """Zones in a square, each of many corners."""
    side = math.ceil(math.sqrt(ZONES))
    features = []
    for i in range(ZONES):
        lon, lat = 30 + 0.2 * (i % side), 45 + 0.15 * (i // side)
        ring = []
        for k in range(CORNERS):
            angle = 2 * math.pi * k / CORNERS
            wide = (0.5 + 0.02 * math.sin(9 * angle)) / max(abs(math.cos(angle)), abs(math.sin(angle)))
            ring.append([lon + 0.2 * wide * math.cos(angle), lat + 0.15 * wide * math.sin(angle)])
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        properties = {"id": f"z{i}", "name": f"Zone {i}", "population": 5_000 + i}
        features.append({"type": "Feature", "id": f"z{i}", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def picture() -> dict[str, Any]:
    """A hundred zones under warning, and all the tracks."""
    classes = ("drone", "cruise_missile", "jet", "rocket", "civil")
    tracks = [
        {
            "id": f"t{i}", "by": "sensors", "lat": 45 + (i * 37) % 97 / 18,
            "lon": 30 + (i * 61) % 89 / 12,
            "altitude_m": 900, "altitude_sigma_m": 90, "speed_mps": 60, "heading_deg": (i * 53) % 360, "climb_mps": 0,
            "sigma_m": 900, "ellipse": {"major_m": 1_500, "minor_m": 500, "major_deg": (i * 53) % 360},
            "threat": classes[i % 5], "probability": 0.8, "classes": {classes[i % 5]: 0.8}, "status": "confirmed",
            "sensors": 3, "cooperative": False, "icao24": None, "since": "2026-01-01T00:00:00Z",
            "heard": "2026-01-01T00:00:00Z", "lost": False,
        }
        for i in range(TRACKS)
    ]  # fmt: skip
    zones = [
        {
            "zone": f"z{i * 14}", "level": ("take_cover", "prepare")[i % 2], "since": None, "expires": None,
            "eta_earliest": None, "eta_likely": None, "probability": 0.3, "threat": "drone", "warning": None,
            "degraded": i % 9 == 0, "degraded_reason": None, "public_reason": None,
        }
        for i in range(100)
    ]  # fmt: skip
    lists = ("troubles", "sensors", "standing", "proposals", "waiting", "channels", "feeds", "decisions")
    return {key: [] for key in lists} | {"drill": False, "doubtful": False, "tracks": tracks, "zones": zones}


def answered(page: Page) -> None:
    """Answer what the console asks the service."""
    said = {"/v1/session": SESSION, "/v1/outlines": outlines(), "/v1/prepared": {"texts": {}}}

    def answer(route: Route) -> None:
        path = "/" + route.request.url.split("/", 3)[3]
        found = said.get(path)
        if found is None:
            route.fulfill(status=404, json={"detail": "not here"})
        else:
            route.fulfill(status=200, json=found)

    page.route("**/v1/**", answer)
    page.add_init_script(STREAM.replace("PICTURE", json.dumps(picture())))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the pages are, such as http://127.0.0.1:8080/")
    parser.add_argument("--shot", help="write a picture of the page here")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        answered(page)
        page.goto(f"{asked.url}operator")
        page.locator(".part-sky, .part-zones .row").first.wait_for(timeout=60_000)
        page.locator(".chart .maplibregl-canvas").wait_for(timeout=60_000)
        page.wait_for_timeout(5_000)
        rate, longest_ms = page.evaluate(COUNT, SECONDS)
        print(f"left alone:  {rate:.0f} frames/s, the longest took {longest_ms:.0f} ms")
        page.evaluate(f"void (window.counted = ({COUNT})({SECONDS}))")
        page.mouse.move(700, 450)
        page.mouse.down()
        ends_s = time.monotonic() + SECONDS
        step = 0
        while time.monotonic() < ends_s:
            page.mouse.move(700 + 120 * math.sin(step / 12), 450 + 80 * math.cos(step / 9))
            page.wait_for_timeout(16)
            step += 1
        page.mouse.up()
        rate, longest_ms = page.evaluate("window.counted")
        print(f"being moved: {rate:.0f} frames/s, the longest took {longest_ms:.0f} ms")
        if asked.shot:
            page.screenshot(path=asked.shot)
        browser.close()


if __name__ == "__main__":
    main()
