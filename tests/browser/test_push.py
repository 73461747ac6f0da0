"""Pushes in a real Chromium: asked for on the page, shown by the service worker while they mean something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opener, Play
from tests.browser.test_live_page import choose

pytestmark = [pytest.mark.browser, pytest.mark.server]

KEPT = """
    PushManager.prototype.subscribe = async function (options) {
        window.asked = options;
        return { endpoint: 'https://push.example/a', toJSON: () => ({
            endpoint: 'https://push.example/a', keys: { p256dh: 'BA', auth: 'AA' } }) };
    };
    PushManager.prototype.getSubscription = async () => null;
"""


def offering(page: Page, posted: list[Any]) -> None:
    """A service that sends pushes, and a push service that takes every browser."""

    def subscriptions(route: Route) -> None:
        posted.append(json.loads(route.request.post_data or "{}"))
        route.fulfill(status=201, json={"zones": ["brim"]})

    page.route("**/v1/push", lambda route: route.fulfill(json={"public_key": "BKey"}))
    page.route("**/v1/push/subscriptions", subscriptions)
    page.add_init_script(KEPT)
    page.context.grant_permissions(["notifications", "geolocation"])


def test_a_device_asks_for_the_pushes_of_its_place_and_language(play: Play, open_page: Opener) -> None:
    posted: list[Any] = []
    open_page.prepare = lambda page: offering(page, posted)
    page = open_page(play.url)
    choose(page, "brim")
    page.get_by_role("button", name="Push warnings to this device").click()
    expect(page.get_by_role("button", name="Stop pushes to this device")).to_be_visible()
    assert posted[0] | {"replaces": None} == {
        "endpoint": "https://push.example/a",
        "keys": {"p256dh": "BA", "auth": "AA"},
        "zones": ["brim"],
        "level": "take_cover",
        "language": "en",
        "replaces": None,
    }


def test_where_no_pushes_are_sent_none_are_offered(play: Play, open_page: Opener) -> None:
    page = open_page(play.url)
    choose(page, "brim")
    expect(page.locator(".answer")).to_be_visible()
    expect(page.locator(".push")).to_have_count(0)


def test_the_newest_word_on_a_place_stands_as_one_notification(play: Play, open_page: Opener) -> None:
    open_page.prepare = lambda page: page.context.grant_permissions(["notifications"])
    page = open_page(play.url)
    page.evaluate(
        "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => 1)"
    )
    devtools = page.context.new_cdp_session(page)
    found: list[Any] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    for _ in range(300):
        if found:
            break
        page.wait_for_timeout(100)
    (registration,) = {one["registrationId"] for one in found}

    def push(level: str, title: str, time: str, tag: str = "brim", zones: Sequence[str] = ()) -> None:
        about = list(zones or (tag,))
        notice = {"tag": tag, "level": level, "title": title, "body": title, "time": time, "zones": about}
        data = json.dumps({"language": "ar", "notices": [notice]})
        origin = play.url.rstrip("/")
        devtools.send(
            "ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": registration, "data": data}
        )

    def shown() -> list[Any]:
        asked = "navigator.serviceWorker.ready.then(r => r.getNotifications())"
        notifications: list[Any] = page.evaluate(f"{asked}.then(all => all.map(n => [n.title, n.dir, n.lang]))")
        return notifications

    def stands(*titles: str) -> None:
        for _ in range(300):
            if {title for title, *_ in shown()} == set(titles):
                break
            page.wait_for_timeout(100)
        assert sorted(shown()) == [[title, "rtl", "ar"] for title in sorted(titles)]

    push("take_cover", "Cover", "2026-03-01T03:00:00Z")
    stands("Cover")
    push("all_clear", "Over", "2026-03-01T03:10:00Z")
    stands("Over")
    # Push services keep no order. Whatever comes after it is shown: what is late has been read by then.
    push("take_cover", "Late", "2026-03-01T03:05:00Z")
    push("take_cover", "Elsewhere", "2026-03-01T03:05:00Z", "cole")
    stands("Over", "Elsewhere")
    # One notice about many places takes the place of older ones about each.
    push("take_cover", "Many", "2026-03-01T03:20:00Z", "together", ("brim", "cole"))
    stands("Many")
