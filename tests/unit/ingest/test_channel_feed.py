"""A channel's mirror, with a stand-in for what is fetched: what is over the rate comes later, and nothing twice."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import cast

import aiohttp
import pytest

from tocsin.ingest import channel_feed
from tocsin.ingest.admission import Gate
from tocsin.ingest.authorities import authority_from_table
from tocsin.ingest.channel_feed import ChannelFeedSource
from tocsin.ingest.fetcher import Fetcher
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.text.post import Post
from tocsin.model.errors import BadRecord
from tocsin.model.observation import ChannelReport, Observation

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
ENTRIES = [Post("mirror", f"{number}", NOW.timestamp() - 100 + number, f"drone {number}") for number in range(40)]


class Here:
    """Finds the same entries in every feed."""

    async def posts_in(self, source: str, body: bytes, what: str) -> tuple[tuple[Post, ...], tuple[str, ...]]:
        return tuple(ENTRIES), ()


def looked_at(monkeypatch: pytest.MonkeyPatch, allowed: list[int]) -> list[list[str]]:
    """What each look at an unchanging feed hands on until it says that all is read; of each so many are taken."""
    looks: list[list[str]] = []

    async def story() -> None:
        done = asyncio.Event()

        async def feed(self: Fetcher, session: aiohttp.ClientSession, octets_max: int) -> bytes:
            return b""

        monkeypatch.setattr(Fetcher, "feed", feed)
        monkeypatch.setattr(Fetcher, "read", lambda self: done.set())
        monkeypatch.setattr(channel_feed, "spread", lambda every_s, chance: 0.0)
        source = ChannelFeedSource(
            "mirror", "http://127.0.0.1/", cast(Readers, Here()), Rejects(),
            chance=random.Random(1), clock=NOW.timestamp,
        )  # fmt: skip

        async def deliver(observations: list[Observation]) -> range:
            looks.append([one.text for one in observations if isinstance(one, ChannelReport)])
            taken = allowed.pop(0) if allowed else len(observations)
            return range(taken, len(observations))

        running = asyncio.create_task(source.run(deliver))
        async with asyncio.timeout(60):
            await done.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    return looks


def test_entries_over_the_rate_come_at_the_next_look_though_the_feed_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [post.text for post in ENTRIES]
    assert looked_at(monkeypatch, [10, 0, 25]) == [texts, texts[10:], texts[10:], texts[35:]]


def test_the_first_look_at_a_mirror_is_within_what_it_may_send() -> None:
    gate = Gate([authority_from_table({"id": "mirror", "kind": "channel"})], [])
    refused = 0
    for post in ENTRIES:
        line = ChannelReport(id=post.id, time=NOW, source="mirror", channel="mirror", text=post.text)
        try:
            gate.admit(line, "mirror", NOW, relays=True)
        except BadRecord:
            refused += 1
    assert refused == 0
