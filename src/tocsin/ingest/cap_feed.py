"""Neighbours' CAP messages, polled: Atom, RSS, EDXL-DE, plain lists of messages, or one message at an address.

Quality: bounded in octets, entries, redirects and time; a feed that has not changed is neither sent nor read again; an
entry is fetched once, and tried again a few times where that fails; one that cannot be used costs itself only. Links
are followed to the feed's own host and to named ones only, one step deep, so that a feed cannot make us ask anybody
else. Documents are read in a process of their own. Oldest first. Lost: entries beyond the newest 500 of a feed.

A record is a message, or an entry or alert of which no message came; what is listed again at the next look is the same
one. A message counts when it is delivered, each time that is tried.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

import aiohttp

from tocsin.cap.feed import LISTED_MAX, Entry, Listed, Message
from tocsin.ingest.admission import OverRate
from tocsin.ingest.fetcher import Fetcher, session_for, spread
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Alert
from tocsin.model.value import time_of

FEED_OCTETS_MAX = 8_000_000
# A whole country in one message is 1.7 MB.
ENTRY_OCTETS_MAX = 4_000_000
# Of one look: a slow server may keep back its messages, but not the next look at what is newer.
ENTRIES_S = 30.0
ENTRIES_AT_ONCE = 8
TRIES_MAX = 5
SEEN_MAX = 20_000
ACCEPT = "application/cap+xml, application/atom+xml, application/xml, text/xml, */*;q=0.1"


class CapFeedSource:
    """Looks at a feed every `every_s` or so; raises when it cannot be had. An empty delivery says that all is well.

    hosts    `host` or `host:port` of others to which its entries may link
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
        hosts: Collection[str] = (),
        every_s: float = 30.0,
        chance: random.Random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._fetcher = Fetcher(url, hosts)
        self._readers = readers
        self._rejects = rejects
        self._every_s = every_s
        self._chance = chance
        self._clock = clock
        self._found: list[Message] = []
        # Entries still to be fetched, the newest last, and how often that was tried.
        self._waiting: dict[Entry, int] = {}
        # Of the feed itself, those beyond what is read that are counted.
        self._beyond = 0
        # Hashes, as an ordered set: the oldest are forgotten first.
        self._seen: dict[int, None] = {}

    async def run(self, deliver: Deliver) -> None:
        """Look until cancelled; raises aiohttp.ClientError, TimeoutError or BadInput where the feed fails."""
        async with session_for(ACCEPT) as session:
            while True:
                await self._look(session)
                self._rejects.read(len(self._found))
                self._rejects.use(len(self._found))
                await deliver([self._alert(message) for message in sorted(self._found, key=lambda one: one.sent)])
                # Not before it is kept: what fails here is delivered when the source is started again.
                self._found.clear()
                await asyncio.sleep(spread(self._every_s, self._chance))

    async def _look(self, session: aiohttp.ClientSession) -> None:
        """Find what is new since the last look."""
        body = await self._fetcher.feed(session, FEED_OCTETS_MAX)
        if body is not None:
            listed = await self._readers.listed_in(self.name, body, f"the feed of {self.name}")
            if listed.root.lower() == "html":
                raise BadRecord(
                    f"{self.name}: there is a page for people at {self._fetcher.url}, no feed; give the feed's address"
                )
            self._note(listed)
            self._fetcher.read()
        await self._fetch_waiting(session)

    def _note(self, listed: Listed) -> None:
        """Messages in a feed are found; entries wait to be fetched; problems are rejects."""
        self._find(listed.messages)
        met = Counter[str]()
        for problem in listed.problems:
            met[problem] += 1
            if self._is_new((problem, str(met[problem]))):
                self._reject(problem)
        self._leave(listed.beyond - self._beyond)
        self._beyond = max(listed.beyond, self._beyond)
        for entry in listed.entries:
            if self._is_new((entry.link, entry.version)):
                self._waiting[entry] = 0
        while len(self._waiting) > LISTED_MAX:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            self._reject(f"more than {LISTED_MAX} entries wait to be fetched", oldest.link)

    def _reject(self, reason: str, link: str = "") -> None:
        self._rejects.read()
        self._rejects.add(reason, link, self.name)

    def _leave(self, number: int) -> None:
        """Count what stands in a document beyond what is read of it."""
        if number > 0:
            self._rejects.read(number)
            self._rejects.count(f"beyond the newest {LISTED_MAX} of a document, which are read", number)

    def _find(self, messages: Iterable[Message]) -> bool:
        """Keep the messages that are new; whether there are any."""
        new = [message for message in messages if self._is_new(message.xml)]
        self._found += new
        return bool(new)

    async def _fetch_waiting(self, session: aiohttp.ClientSession) -> None:
        """Find the messages behind waiting entries, as many as can be had in ENTRIES_S; the newest come first."""
        left = list(self._waiting)

        async def fetch() -> None:
            while left:
                await self._fetch(session, left.pop())

        with suppress(TimeoutError):
            async with asyncio.timeout(ENTRIES_S), asyncio.TaskGroup() as group:
                for _ in range(min(ENTRIES_AT_ONCE, len(left))):
                    group.create_task(fetch())

    async def _fetch(self, session: aiohttp.ClientSession, entry: Entry) -> None:
        """Find the messages behind an entry, or leave it waiting for the next look."""
        self._waiting[entry] += 1
        try:
            body = await self._fetcher.entry(session, entry.link, ENTRY_OCTETS_MAX)
            listed = await self._readers.listed_in(self.name, body, entry.link[:200])
            new = self._find(listed.messages)
            self._leave(listed.beyond)
            reasons = listed.problems
            if not (reasons or listed.messages):
                reasons = ("there is no CAP message behind an entry",)
            elif not (reasons or new):
                self._rejects.read()
                self._rejects.pass_over("an entry whose messages are known")
        except (aiohttp.ClientError, TimeoutError, OverRate) as error:
            if self._waiting[entry] < TRIES_MAX:
                return
            reasons = (f"an entry cannot be had: {error or type(error).__name__}",)
        except BadInput as error:
            reasons = (str(error),)
        del self._waiting[entry]
        for reason in reasons:
            self._reject(reason, entry.link)

    def _alert(self, message: Message) -> Alert:
        digest = hashlib.blake2b(message.xml.encode(errors="surrogatepass"), digest_size=16).hexdigest()
        # A message from the future came now: by whose clock does not matter here.
        time = min(message.sent, time_of(self._clock()))
        return Alert(id=f"{self.name}/{digest}", time=time, source=self.name, cap=message.xml)

    def _is_new(self, what: str | tuple[str, str]) -> bool:
        """Whether it is seen for the first time; from now on it is not."""
        known = hash(what)
        if known in self._seen:
            return False
        self._seen[known] = None
        if len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]
        return True
