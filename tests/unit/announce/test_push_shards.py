"""Subscribers divided among several senders: each is told once, by whoever is his, wherever he asked."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import msgspec
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from tests.some import some
from tests.unit.announce.test_web_push import KEY, Browser, Service, serving
from tests.unit.conftest import NOW
from tocsin.announce.bodies import public_warning
from tocsin.announce.rung import Rung
from tocsin.announce.web_push import shards
from tocsin.announce.web_push.channel import RECIPIENT, WebPush
from tocsin.announce.web_push.shards import HANDED, HEADER, VALID_S, Shards, owner, shared_key
from tocsin.announce.web_push.subscriptions import Subscriptions
from tocsin.announce.web_push.vapid import Vapid
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.service.http.push import Push

Warn = Callable[..., Warning]
SECRET = shared_key(KEY)
names = st.frozensets(st.text("abcdefgh", min_size=1, max_size=4), min_size=1, max_size=6)


@given(names, st.text("xyz", min_size=1, max_size=4), st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_with_one_more_sender_nobody_moves_but_to_that_one(before: frozenset[str], new: str, who: list[str]) -> None:
    after = before | {new}
    for endpoint in who:
        assert owner(endpoint, after) in {owner(endpoint, before), new}


def test_senders_have_equal_shares_and_a_new_one_takes_no_more_than_its_own() -> None:
    who = [f"https://push.example/{number}" for number in range(4_000)]
    before = frozenset(("a", "b", "c"))
    shares = Counter(owner(one, before) for one in who)
    assert all(abs(share / len(who) - 1 / 3) < 0.04 for share in some(shares.values()))
    moved = sum(owner(one, before) != owner(one, before | {"d"}) for one in who)
    assert abs(moved / len(who) - 1 / 4) < 0.04


def test_what_others_say_in_a_senders_name_is_not_believed() -> None:
    one, other = (Shards(name, {"a": "http://a", "b": "http://b"}, SECRET) for name in "ab")
    signed = one.signature("POST", HANDED, b"[]", NOW)
    assert other.is_ours(signed, "POST", HANDED, b"[]", NOW + timedelta(seconds=5))
    stranger = Shards("a", {"a": "http://a"}, bytes(32))
    late = NOW + timedelta(seconds=VALID_S + 1)
    for said, method, path, body, now in some(
        [
            (stranger.signature("POST", HANDED, b"[]", NOW), "POST", HANDED, b"[]", NOW),
            (signed, "DELETE", HANDED, b"[]", NOW),
            (signed, "POST", "/v1/push/test", b"[]", NOW),
            (signed, "POST", HANDED, b"[1]", NOW),
            (signed, "POST", HANDED, b"[]", late),
            ("", "POST", HANDED, b"[]", NOW),
            ("٣.x", "POST", HANDED, b"[]", NOW),
            ("9" * 400, "POST", HANDED, b"[]", NOW),
            (signed + "é", "POST", HANDED, b"[]", NOW),
        ]
    ):
        assert not other.is_ours(said, method, path, body, now)


@dataclass
class Sender:
    """One service, as far as pushes go."""

    url: str
    channel: WebPush


def _bound() -> socket.socket:
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    return found


@asynccontextmanager
async def senders(
    folder: Path, zones: tuple[Zone, ...], running: Sequence[str], divided: Mapping[str, socket.socket]
) -> AsyncIterator[dict[str, Sender]]:
    """Services that run, among all those that subscribers are divided between."""
    addresses = {name: f"http://127.0.0.1:{one.getsockname()[1]}" for name, one in divided.items()}
    async with AsyncExitStack() as stack:
        found = {}
        for name in running:
            channel = await stack.enter_async_context(_sender(folder, zones, name, addresses, divided[name]))
            found[name] = Sender(addresses[name], channel)
        yield found


@asynccontextmanager
async def _sender(
    folder: Path, zones: tuple[Zone, ...], name: str, addresses: Mapping[str, str], own: socket.socket
) -> AsyncIterator[WebPush]:
    store = Subscriptions(folder / f"{name}.db", ZoneIndex(zones), most=1_000, private=True)
    channel = WebPush(
        "push",
        store,
        Vapid(KEY, "mailto:duty@city.example"),
        {zone.id: zone for zone in zones},
        Rung(folder / f"{name}.json"),
        now=lambda: NOW,
        timezone=UTC,
        private=True,
        shards=Shards(name, addresses, SECRET),
    )
    runtime: Any = SimpleNamespace(channels=SimpleNamespace(outboxes=[SimpleNamespace(channel=channel)]))
    app = Starlette(routes=Push(runtime).routes())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    tasks = [asyncio.create_task(server.serve([own.dup()])), asyncio.create_task(channel.work())]
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        yield channel
    finally:
        tasks[1].cancel()
        server.should_exit = True
        await asyncio.gather(*tasks, return_exceptions=True)
        store.close()


async def ask(method: str, url: str, body: object) -> int:
    async with aiohttp.ClientSession() as session, session.request(method, url, data=msgspec.json.encode(body)) as said:
        return said.status


async def subscribe(at: Sender, browser: Browser, **wish: Any) -> int:
    return await ask("POST", f"{at.url}/v1/push/subscriptions", browser.asks(zones=["z1"], **wish))


async def tell(told: Mapping[str, Sender], warning: Warning) -> None:
    """All services hear every warning."""
    async with asyncio.timeout(20):
        await asyncio.gather(*(one.channel.send(RECIPIENT, [public_warning(warning)]) for one in told.values()))


def browsers(service: Service, count: int) -> list[Browser]:
    return [Browser(f"{service.url}/b{number}") for number in range(count)]


def here(told: Mapping[str, Sender], browser: Browser) -> list[str]:
    return [name for name, one in told.items() if browser.endpoint in one.channel.store]


def counted(service: Service) -> Counter[str]:
    return Counter(path for path, _, _ in service.got)


@pytest.mark.server
def test_each_subscriber_is_told_once_by_whoever_is_his_wherever_he_asked(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def story() -> None:
        divided = {name: _bound() for name in "abc"}
        async with serving() as service, senders(tmp_path, zones, "abc", divided) as all_of_them:
            crowd = browsers(service, 24)
            at = list(all_of_them.values())
            for number, browser in enumerate(crowd):
                assert await subscribe(at[number % 3], browser) == 201
            for browser in crowd:
                assert here(all_of_them, browser) == [owner(browser.endpoint, frozenset("abc"))]
            assert all(len(one.channel.store) for one in some(at))
            # Each was greeted, once.
            assert counted(service) == Counter({f"/b{number}": 1 for number in range(24)})
            service.got.clear()
            await tell(all_of_them, warn("z1"))
            assert counted(service) == Counter({f"/b{number}": 1 for number in range(24)})
            # Who moves to another address leaves the old one, and who leaves is gone, wherever he says it.
            replacing, leaving = Browser(f"{service.url}/new"), crowd[1]
            assert await subscribe(at[0], replacing, replaces=crowd[0].endpoint) == 201
            for one in at:
                body = {"endpoint": leaving.endpoint}
                assert await ask("DELETE", f"{one.url}/v1/push/subscriptions", body) == 204
            assert here(all_of_them, crowd[0]) == here(all_of_them, leaving) == []
            assert len(here(all_of_them, replacing)) == 1
        for bound in divided.values():
            bound.close()

    asyncio.run(asyncio.wait_for(story(), 60))


@pytest.mark.server
def test_a_new_sender_gets_its_own_and_nobody_is_told_twice_or_never(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The new one is there a moment after those that are there already.
    monkeypatch.setattr(shards, "AGAIN_S", 0.1)

    async def story() -> None:
        divided = {name: _bound() for name in "abc"}
        two = {name: divided[name] for name in "ab"}
        async with serving() as service:
            crowd = browsers(service, 24)
            async with senders(tmp_path, zones, "ab", two) as before:
                for browser in crowd:
                    assert await subscribe(before["a"], browser, level="prepare", language="uk") == 201
                was = {browser.endpoint: here(before, browser) for browser in crowd}
            service.got.clear()
            async with senders(tmp_path, zones, "abc", divided) as after:
                async with asyncio.timeout(20):
                    while any(here(after, one) != [owner(one.endpoint, frozenset("abc"))] for one in crowd):
                        await asyncio.sleep(0.02)
                moved = [one for one in crowd if here(after, one) != was[one.endpoint]]
                assert moved and {name for one in moved for name in here(after, one)} == {"c"}
                # They want what they wanted, and nobody was woken.
                (kept,) = {one.wish for one in after["c"].channel.store.crowd}
                assert (kept.zones, kept.level, kept.language) == (("z1",), "prepare", "uk")
                assert not service.got
                await tell(after, warn("z1", "prepare"))
                assert counted(service) == Counter({f"/b{number}": 1 for number in range(24)})
        for bound in divided.values():
            bound.close()

    asyncio.run(asyncio.wait_for(story(), 60))


@pytest.mark.server
def test_whoever_belongs_to_a_sender_that_is_away_stays_and_is_told(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def story() -> None:
        divided = {name: _bound() for name in "ab"}
        async with serving() as service:
            crowd = browsers(service, 12)
            async with senders(tmp_path, zones, "a", {"a": divided["a"]}) as alone:
                for browser in crowd:
                    assert await subscribe(alone["a"], browser) == 201
            service.got.clear()
            theirs = next(one for one in crowd if owner(one.endpoint, frozenset("ab")) == "b")
            # Nobody listens at b's address.
            divided["b"].close()
            async with senders(tmp_path, zones, "a", divided | {"b": _closed()}) as without:
                await tell(without, warn("z1"))
                assert counted(service) == Counter({f"/b{number}": 1 for number in range(12)})
                assert await subscribe(without["a"], theirs) == 503
        divided["a"].close()

    asyncio.run(asyncio.wait_for(story(), 60))


@pytest.mark.server
def test_a_sender_that_leaves_gives_all_its_subscribers_away(tmp_path: Path, zones: tuple[Zone, ...]) -> None:
    async def story() -> None:
        divided = {name: _bound() for name in "ab"}
        own = _bound()
        async with serving() as service, AsyncExitStack() as stack:
            crowd = browsers(service, 9)
            async with senders(tmp_path, zones, "c", {"c": own}) as alone:
                for browser in crowd:
                    assert await subscribe(alone["c"], browser) == 201
            stay = await stack.enter_async_context(senders(tmp_path, zones, "ab", divided))
            addresses = {name: one.url for name, one in stay.items()}
            (tmp_path / "c.db").rename(tmp_path / ".db")
            leaves = await stack.enter_async_context(_sender(tmp_path, zones, "", addresses, own))
            async with asyncio.timeout(20):
                while len(leaves.store):
                    await asyncio.sleep(0.02)
            for browser in crowd:
                assert here(stay, browser) == [owner(browser.endpoint, frozenset("ab"))]
        for bound in (*divided.values(), own):
            bound.close()

    asyncio.run(asyncio.wait_for(story(), 60))


def _closed() -> Any:
    """An address at which nobody listens."""
    with _bound() as one:
        at = one.getsockname()
    return SimpleNamespace(getsockname=lambda: at)


@pytest.mark.server
def test_nobody_but_a_sender_hands_over_subscribers(tmp_path: Path, zones: tuple[Zone, ...]) -> None:
    async def story() -> None:
        divided = {name: _bound() for name in "ab"}
        async with senders(tmp_path, zones, "a", divided) as running:
            body = msgspec.json.encode([Browser("http://127.0.0.1:9/x").asks(zones=["z1"])])
            signed = Shards("b", {"b": ""}, SECRET).signature("POST", HANDED, body, NOW)
            async with aiohttp.ClientSession() as session:
                for header, status in (({}, 404), ({HEADER: "1.ab"}, 404), ({HEADER: signed}, 204)):
                    async with session.post(running["a"].url + HANDED, data=body, headers=header) as answer:
                        assert answer.status == status
            assert len(running["a"].channel.store) == 1
        for bound in divided.values():
            bound.close()

    asyncio.run(asyncio.wait_for(story(), 60))
