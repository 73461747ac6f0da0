"""Hears the Atom feed as another warning system does: it polls, and fetches the messages it does not know."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

import aiohttp

from tocsin.announce.outward import read_at_most
from tocsin.announce.sample import Ear

EVERY_S = 5.0
SILENT_S = 4 * EVERY_S
LATE_S = 2 * EVERY_S + 5.0
ANSWER_S_MAX = 10.0
FEED_BYTES_MAX = 64_000_000
# Of the new ones of a look these are fetched, to see that they can be had.
FETCHED_MAX = 3
_CAP = re.compile(rb'href="[^"]*/cap/([^"/]+)\.xml"')


class FeedListener:
    """Polls `/feed.atom` at an address.

    channel   whose feed that is
    told_in   ids of the warnings that a CAP message tells of, by its identifier
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, address: str, told_in: Callable[[str], Iterable[str]], channel: str = "atom_feed") -> None:
        self.channel = channel
        self._address = address
        self._told_in = told_in

    async def listen(self, ear: Ear) -> None:
        """Until cancelled, or the feed or a message cannot be had."""
        known: set[str] = set()
        tag = ""
        timeout = aiohttp.ClientTimeout(total=ANSWER_S_MAX)
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
            while True:
                async with session.get(f"{self._address}/feed.atom", headers={"if-none-match": tag}) as answer:
                    if answer.status != 304:
                        tag = answer.headers.get("etag", "")
                        listed = {
                            unquote(one.decode())
                            for one in _CAP.findall(await read_at_most(answer.content, FEED_BYTES_MAX))
                        }
                        for name in sorted(listed - known)[-FETCHED_MAX:]:
                            await self._fetch(session, name)
                        ear.heard(one for name in listed - known for one in self._told_in(name))
                        known = listed
                ear.alive()
                await asyncio.sleep(EVERY_S)

    async def _fetch(self, session: aiohttp.ClientSession, name: str) -> None:
        async with session.get(f"{self._address}/cap/{name}.xml") as answer:
            if name.encode() not in await read_at_most(answer.content, FEED_BYTES_MAX):
                raise ConnectionError(f"what is served as the message {name} is not that message")
