"""A monitoring channel's public mirror, polled: RSS or Atom, every entry a line of the channel.

Quality: bounded in octets, entries, redirects and time; a feed that has not changed is neither sent nor read again; it
is read in a process of its own; an entry whose text has changed is an edit. Oldest first; what is more than the source
may send comes at the next look. Lost: who answers whom, which feeds do not say; entries beyond the newest 200; an edit
made while the service was down.

A record is an entry, each time that it is delivered; at the first look those too old to change a warning are passed
over.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import OrderedDict
from collections.abc import Callable

import aiohttp

from tocsin.ingest.admission import OLD_S
from tocsin.ingest.fetcher import Fetcher, session_for, spread
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.ingest.text.post import Post
from tocsin.model.observation import ChannelReport
from tocsin.model.value import time_of

FEED_OCTETS_MAX = 2_000_000
# Of one look; a channel has some thousand entries a day.
POSTS_MAX, SEEN_MAX = 200, 20_000
ACCEPT = "application/rss+xml, application/atom+xml, application/xml, text/xml, */*;q=0.1"


class ChannelFeedSource:
    """Looks at a feed every `every_s` or so; raises when it cannot be had. An empty delivery says that all is well.

    channel  what the channel is called
    chance   for the spread of looks
    clock    POSIX seconds
    """

    def __init__(
        self,
        name: str,
        url: str,
        readers: Readers,
        rejects: Rejects,
        *,
        channel: str = "",
        every_s: float = 10.0,
        chance: random.Random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._channel = channel or name
        self._fetcher = Fetcher(url)
        self._readers = readers
        self._rejects = rejects
        self._every_s = every_s
        self._chance = chance
        self._clock = clock
        # Entry -> what it said last; the oldest are forgotten first.
        self._seen: OrderedDict[bytes, bytes] = OrderedDict()
        self._problems: set[str] = set()

    async def run(self, deliver: Deliver) -> None:
        """Look until cancelled; raises aiohttp.ClientError, TimeoutError or BadInput where the feed fails."""
        async with session_for(ACCEPT) as session:
            while True:
                found = await self._look(session)
                self._rejects.read(len(found))
                self._rejects.use(len(found))
                over = await deliver([self._line(post, edited) for post, edited in found]) or ()
                # Not before they are kept: what fails here is delivered when the source is started again.
                for place, (post, _) in enumerate(found):
                    if place not in over:
                        self._remember(post)
                # What was over the rate is looked for again, though the feed may not have changed.
                if not over:
                    self._fetcher.read()
                await asyncio.sleep(spread(self._every_s, self._chance))

    async def _look(self, session: aiohttp.ClientSession) -> list[tuple[Post, bool]]:
        """What is new since the last look, oldest first, and whether it takes the place of what an entry said."""
        body = await self._fetcher.feed(session, FEED_OCTETS_MAX)
        if body is None:
            return []
        posts, problems = await self._readers.posts_in(self.name, body, f"the feed of {self.name}")
        for problem in problems[:POSTS_MAX]:
            if problem not in self._problems and len(self._problems) < SEEN_MAX:
                self._problems.add(problem)
                self._rejects.read()
                self._rejects.add(problem, "", self.name)
        new = []
        for post in sorted(posts, key=lambda one: one.time_s)[-POSTS_MAX:]:
            before = self._seen.get(_digest(post.id))
            if before == _digest(post.text):
                continue
            if before is None and self._clock() - post.time_s > OLD_S:
                self._remember(post)
                self._rejects.read()
                self._rejects.pass_over("an entry too old to change a warning")
                continue
            new.append((post, before is not None))
        return new

    def _line(self, post: Post, edited: bool) -> ChannelReport:
        # An entry from the future came now.
        at_s = min(post.time_s, self._clock())
        name = f"{self.name}/{_digest(post.id).hex()}"
        return ChannelReport(
            id=name, time=time_of(at_s), source=self.name, channel=self._channel, text=post.text, edited=edited
        )

    def _remember(self, post: Post) -> None:
        self._seen[_digest(post.id)] = _digest(post.text)
        self._seen.move_to_end(_digest(post.id))
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).digest()
