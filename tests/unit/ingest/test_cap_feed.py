"""Neighbours' feeds over real sockets: asked politely, bounded in everything, and never a way to somebody else."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingest.cap_texts import message
from tocsin.cap.feed import NO_LINK, Listed, listed_in
from tocsin.ingest import cap_feed, fetcher
from tocsin.ingest.cap_feed import CapFeedSource
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Supervisor, stop
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.identity import digest_of
from tocsin.model.observation import Alert, Observation

pytestmark = pytest.mark.server

NOW_S = 1_772_334_000.0  # 2026-03-01T03:00:00Z


class Here:
    """Reads in this process, what a reading process would read."""

    async def listed_in(self, source: str, body: bytes, what: str) -> Listed:
        try:
            return listed_in(body)
        except Exception as error:
            raise BadRecord(str(error)) from error


def atom(*links: str) -> str:
    """Newest first, as feeds are."""
    entries = "".join(f'<entry><id>{link}</id><link href="{link}"/></entry>' for link in links)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'


class Site:
    """A server whose pages are put here: text, or a function that answers. Counts what is asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str | Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]] = {}
        self.asked: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked[request.path] += 1
        self.headers.append(dict(request.headers))
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        if not isinstance(page, str):
            return await page(request)
        tag = f'"{abs(hash(page))}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        return web.Response(body=page.encode(), headers={"ETag": tag}, content_type="application/xml")


Look = Callable[[], Awaitable[list[str]]]
Story = Callable[[Site, Look, CapFeedSource, Rejects], Awaitable[None]]


def told(story: Story, *, hosts: tuple[str, ...] = (), path: str = "/feed") -> None:
    """Run a story with a site, its feed, and a look at it that gives the identifiers of what is delivered."""

    async def whole() -> None:
        site, rejects = Site(), Rejects()
        runner = web.ServerRunner(web.Server(site.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        source = CapFeedSource(
            "near", f"http://127.0.0.1:{port}{path}", cast(Readers, Here()), rejects,
            hosts=hosts, every_s=1_000.0, chance=random.Random(1), clock=lambda: NOW_S,
        )  # fmt: skip

        async def look() -> list[str]:
            return [identifier(one) for one in await delivered(source)]

        try:
            await story(site, look, source, rejects)
        finally:
            await runner.cleanup()

    asyncio.run(whole())


async def delivered(source: CapFeedSource) -> list[Observation]:
    """What one look delivers. Raises what the source raises."""
    found: asyncio.Future[list[Observation]] = asyncio.get_running_loop().create_future()

    async def deliver(observations: list[Observation]) -> None:
        found.set_result(observations)

    running = asyncio.create_task(source.run(deliver))
    async with asyncio.timeout(60):
        while not (running.done() or found.done()):
            await asyncio.sleep(0.01)
    if running.done():
        running.result()
    # So that what follows a delivery is done, too.
    await asyncio.sleep(0)
    await stop(running)
    return found.result()


def identifier(observation: Observation) -> str:
    assert isinstance(observation, Alert)
    return observation.cap.split("<identifier>")[1].split("<")[0]


def put(site: Site, *names: str) -> None:
    """Messages and a feed that lists them, the first the newest."""
    for number, name in enumerate(reversed(names)):
        site.pages[f"/{name}"] = message(identifier=name, sent=f"2026-03-01T02:{number:02}:00+00:00")
    site.pages["/feed"] = atom(*names)


def test_a_feed_that_lists_the_newest_first_is_delivered_oldest_first_and_once() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "c", "b", "a")
        assert await look() == ["a", "b", "c"]
        assert await look() == []
        put(site, "d", "c", "b", "a")
        assert await look() == ["d"]
        assert site.asked["/a"] == 1
        assert rejects.total == 0

    told(story)


def test_a_feed_that_has_not_changed_is_not_sent_again() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "a")
        await look()
        assert "If-None-Match" not in site.headers[0]
        asked = len(site.headers)
        assert await look() == []
        (only,) = site.headers[asked:]
        assert "If-None-Match" in {name.title() for name in only}
        assert only["Accept-Encoding"] == "identity"

    told(story)


def test_one_message_at_an_address_is_a_feed_too_and_its_update_is_new() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        site.pages["/feed"] = message(identifier="one")
        assert await look() == ["one"]
        assert await look() == []
        site.pages["/feed"] = message(identifier="two")
        assert await look() == ["two"]

    told(story)


def test_the_same_message_has_the_same_id_whenever_it_is_found() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "a")
        (first,) = await delivered(source)
        again = CapFeedSource("near", source._fetcher.url, cast(Readers, Here()), rejects, chance=random.Random(2))
        (second,) = await delivered(again)
        assert first.id == second.id
        assert first.time == second.time

    told(story)


def test_a_message_from_a_clock_ahead_of_ours_is_the_same_after_a_restart_and_no_conflict() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        site.pages["/feed"] = message(identifier="early", sent="2036-03-01T02:00:00+00:00")
        (first,) = await delivered(source)
        later = CapFeedSource(
            "near",
            source._fetcher.url,
            cast(Readers, Here()),
            rejects,
            chance=random.Random(2),
            clock=lambda: NOW_S + 60,
        )
        (second,) = await delivered(later)
        assert (first.id, digest_of(first)) == (second.id, digest_of(second))
        assert first.time < second.time, "each came when it was fetched"

    told(story)


def test_broken_entries_cost_themselves() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "good", "page", "rubbish")
        site.pages["/page"], site.pages["/rubbish"] = "<html/>", "<alert"
        assert await look() == ["good"]
        assert rejects.total == 2
        assert await look() == []
        assert (rejects.total, site.asked["/page"], site.asked["/rubbish"]) == (2, 1, 1)

    told(story)


def test_an_entry_that_is_not_there_yet_is_tried_a_few_times() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "late", "never")
        text = site.pages.pop("/late")
        del site.pages["/never"]
        assert await look() == []
        site.pages["/late"] = text
        # Though the feed itself has not changed.
        assert await look() == ["late"]
        for _ in range(10):
            await look()
        assert site.asked["/never"] == cap_feed.TRIES_MAX
        assert list(rejects.counts.values()) == [1]

    told(story)


def test_a_slow_entry_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap_feed, "ENTRIES_S", 0.5)

    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "quick", "slow")
        text = site.pages["/slow"]
        looked = asyncio.Event()

        async def slow(request: web.BaseRequest) -> web.StreamResponse:
            await looked.wait()
            return web.Response()

        site.pages["/slow"] = slow
        assert await look() == ["quick"]
        looked.set()
        site.pages["/slow"] = text
        assert await look() == ["slow"]

    told(story)


@pytest.mark.parametrize("path", ["/feed", "/a"])
def test_a_body_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(cap_feed, "FEED_OCTETS_MAX", 100_000)
    monkeypatch.setattr(cap_feed, "ENTRY_OCTETS_MAX", 100_000)
    sent: list[int] = []

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while len(sent) < 10_000:
                await response.write(b" " * 10_000)
                sent.append(1)
        except ConnectionError:
            pass
        return response

    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "b", "a")
        site.pages[path] = endless
        if path == "/feed":
            with pytest.raises(BadRecord, match="more than 100000 octets"):
                await look()
        else:
            assert await look() == ["b"]
            assert "more than" in next(iter(rejects.counts))
        assert len(sent) < 10_000

    told(story)


def test_an_answer_that_is_packed_is_refused() -> None:
    async def packed(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"x", headers={"Content-Encoding": "gzip"})

    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        site.pages["/feed"] = packed
        with pytest.raises(BadRecord, match="packed"):
            await look()

    told(story)


@pytest.mark.parametrize("way", ["link", "redirect"])
@pytest.mark.parametrize("named", [False, True])
def test_nobody_is_asked_but_the_feed_s_own_host_and_named_ones(way: str, named: bool) -> None:
    async def whole() -> None:
        other = Site()
        other.pages["/secret"] = message(identifier="secret")
        runner = web.ServerRunner(web.Server(other.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"127.0.0.1:{runner.addresses[0][1]}"

        async def elsewhere(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": f"http://{address}/secret"})

        async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
            site.pages["/feed"] = atom(f"http://{address}/secret" if way == "link" else "/elsewhere")
            site.pages["/elsewhere"] = elsewhere
            assert await look() == (["secret"] if named else [])
            assert other.asked.total() == (1 if named else 0)
            assert ("not the feed's host" in "".join(rejects.counts)) is not named

        try:
            await asyncio.to_thread(told, story, hosts=(address,) if named else ())
        finally:
            await runner.cleanup()

    asyncio.run(whole())


@pytest.mark.parametrize(
    "link",
    ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "http://127.0.0.1:1/a", "http://[::1/", "//h/a"],
)
def test_other_ways_and_ports_are_not_taken(link: str) -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        site.pages["/feed"] = atom(link)
        assert await look() == []
        assert rejects.total == 1

    told(story)


def test_what_goes_in_circles_is_followed_a_few_steps() -> None:
    async def round_and_round(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/round"})

    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "a")
        site.pages["/round"] = round_and_round
        site.pages["/feed"] = atom("/round", "/feed", "/a")
        assert await look() == ["a"]
        assert site.asked["/round"] == fetcher.REDIRECTS_MAX + 1
        assert site.asked["/feed"] == 2
        assert rejects.total == 2

    told(story)


def test_a_page_for_people_is_no_feed() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        site.pages["/feed"] = "<html><body>Not found</body></html>"
        with pytest.raises(BadRecord, match="page for people"):
            await look()

    told(story)


def test_what_could_not_be_kept_is_delivered_again() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        put(site, "a")

        async def full(observations: list[Observation]) -> None:
            raise OSError("no space left")

        with pytest.raises(OSError, match="no space"):
            await source.run(full)
        assert await look() == ["a"]

    told(story)


def test_a_quiet_feed_is_up_and_one_that_fails_is_down() -> None:
    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        async def deliver(name: str, observations: list[Observation]) -> None:
            raise AssertionError("there is nothing")

        supervisor = Supervisor([source], deliver, rejects, back_off_first_s=0.01)
        running = asyncio.create_task(supervisor.run())
        (health,) = supervisor.health()
        async with asyncio.timeout(60):
            while health.state != "down":
                await asyncio.sleep(0.01)
            assert "404" in health.reason
            site.pages["/feed"] = atom()
            while supervisor.health()[0].state != "up":
                await asyncio.sleep(0.01)
        await stop(running)

    told(story)


def test_from_a_secure_feed_nothing_is_fetched_in_the_clear() -> None:
    source = CapFeedSource("near", "https://a.example/feed", cast(Readers, Here()), Rejects(), chance=random.Random(1))
    assert source._fetcher.permitted(source._fetcher.url, "http://a.example/x?y=1#z") == "https://a.example:443/x?y=1"
    assert source._fetcher.permitted(source._fetcher.url, "HTTPS://user:word@A.example/x") == "https://a.example:443/x"
    with pytest.raises(BadRecord, match=r"b\.example"):
        source._fetcher.permitted(source._fetcher.url, "https://a.example@b.example/x")


@pytest.mark.parametrize("url", ["http://", "http://a:b/", "a.example/feed"])
def test_an_address_that_is_none_is_a_bad_setting(url: str) -> None:
    with pytest.raises(BadSettings):
        CapFeedSource("near", url, cast(Readers, Here()), Rejects(), chance=random.Random(1))


def test_looks_are_spread_and_the_same_chance_spreads_them_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits() -> list[float]:
        found: list[float] = []
        source = CapFeedSource(
            "near", "http://a.example/", cast(Readers, Here()), Rejects(), every_s=40.0, chance=random.Random(7)
        )

        async def nothing(session: aiohttp.ClientSession) -> None:
            return None

        async def sleep(seconds: float) -> None:
            found.append(seconds)
            if len(found) == 50:
                raise EOFError

        async def deliver(observations: list[Observation]) -> None:
            return None

        monkeypatch.setattr(source, "_look", nothing)
        monkeypatch.setattr(asyncio, "sleep", sleep)
        with pytest.raises(EOFError):
            await source.run(deliver)
        monkeypatch.undo()
        return found

    first = asyncio.run(waits())
    assert first == asyncio.run(waits())
    assert len(set(first)) == 50
    assert 30 <= min(first) < 33 < 47 < max(first) <= 50


# What an entry may link to: a message of that name, or what is none.
PAGES = {
    "html": "<html/>",
    "rubbish": "<alert",
    "odd": '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.3"/>',
    "undated": message(identifier="u", sent="yesterday"),
    "two": f"<r>{message(identifier='a').partition('?>')[2]}{message(identifier='z').partition('?>')[2]}</r>",
    **{name: message(identifier=name) for name in "abc"},
    **{f"again-{name}": message(identifier=name) for name in "abc"},
}
LINKS = [*(f"/{name}" for name in PAGES), "/gone", "//elsewhere.example/a", "http://[::1/"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(LINKS), max_size=8, unique=True), min_size=1, max_size=3),
    st.lists(st.sampled_from(["a", "b", "d"]), unique=True),
    st.integers(0, 2),
)
def test_every_message_and_entry_of_a_feed_is_used_rejected_or_passed_over(
    looks: list[list[str]], held: list[str], linkless: int
) -> None:
    found: list[str] = []

    async def story(site: Site, look: Look, source: CapFeedSource, rejects: Rejects) -> None:
        site.pages |= {f"/{name}": page for name, page in PAGES.items()}
        messages = "".join(f"<x>{message(identifier=name).partition('?>')[2]}</x>" for name in held)
        for links in looks:
            text = atom(*links).replace("</feed>", f"{'<entry/>' * linkless}{messages}</feed>")
            site.pages["/feed"] = text
            found.extend(await look())
            assert rejects.account.balanced
        # Until what is not there is given up.
        for _ in range(cap_feed.TRIES_MAX):
            found.extend(await look())
        listed = {link for links in looks for link in links}
        assert rejects.account.balanced and rejects.account.used == len(found) == len(set(found))
        assert sum(number for reason, number in rejects.counts.items() if NO_LINK in reason) == linkless
        # Every link leaves a message that nobody had, or a record of its own; of two messages both.
        assert rejects.account.read >= len(listed) + linkless
        assert rejects.account.read <= len(listed | {"z"}) + linkless + len(held)

    told(story)
