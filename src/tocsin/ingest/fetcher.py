"""Feeds fetched from their hosts: bounded in octets, redirects and time, and never from anybody else.

Links are followed to the feed's own host and to named ones only, so that a feed cannot make us ask anybody else. A feed
that has not changed is not sent again.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from urllib.parse import urljoin, urlsplit, urlunsplit

import aiohttp

from tocsin.model.errors import BadRecord, BadSettings

REDIRECTS_MAX = 3
REQUEST_S = 10.0
# Looks are spread by a quarter: the pollers of one feed must not fall into step.
JITTER = 0.25
PORTS = {"http": 80, "https": 443}
_MOVED = frozenset({301, 302, 303, 307, 308})
_CONDITIONS = (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified"))


def session_for(accept: str) -> aiohttp.ClientSession:
    """A session for one feed. Packed, a small body may grow without end: none is asked for."""
    headers = {"accept": accept, "accept-encoding": "identity"}
    timeout = aiohttp.ClientTimeout(total=REQUEST_S)
    return aiohttp.ClientSession(timeout=timeout, auto_decompress=False, headers=headers)


def spread(every_s: float, chance: random.Random) -> float:
    """Seconds until the next look."""
    return every_s * (1 - JITTER + 2 * JITTER * chance.random())


class Fetcher:
    """One feed and what it may link to.

    hosts    `host` or `host:port` of others to which its entries may link
    """

    def __init__(self, url: str, hosts: Collection[str] = ()) -> None:
        self.url = url
        self._allowed = _allowed(url, hosts)
        self._secure = urlsplit(url).scheme == "https"
        self._unchanged: dict[str, str] = {}
        self._next: dict[str, str] = {}

    async def feed(self, session: aiohttp.ClientSession, octets_max: int) -> bytes | None:
        """The feed; None where nothing has changed since it was last `read`.

        Raises aiohttp.ClientError, TimeoutError and BadRecord.
        """
        answer = await self._get(session, self.url, octets_max, self._unchanged)
        if answer is None:
            return None
        headers, body = answer
        self._next = {asked: headers[name] for asked, name in _CONDITIONS if name in headers}
        return body

    def read(self) -> None:
        """The feed that came last could be read: it need not be sent again."""
        self._unchanged = self._next

    async def entry(self, session: aiohttp.ClientSession, link: str, octets_max: int) -> bytes:
        """What a link of the feed leads to. Raises as `feed` does."""
        answer = await self._get(session, link, octets_max, {})
        assert answer is not None, "it was asked without a condition"
        return answer[1]

    async def _get(
        self, session: aiohttp.ClientSession, link: str, octets_max: int, unchanged: Mapping[str, str]
    ) -> tuple[Mapping[str, str], bytes] | None:
        """Headers and body; None where nothing has changed. Raises aiohttp.ClientError, TimeoutError and BadRecord."""
        url = self.url
        for _ in range(REDIRECTS_MAX + 1):
            url = self.permitted(url, link)
            async with session.get(url, headers=unchanged, allow_redirects=False) as response:
                if response.status in _MOVED:
                    link = response.headers.get("Location", "")
                    continue
                if response.status == 304 and unchanged:
                    return None
                response.raise_for_status()
                if response.status != 200:
                    raise BadRecord(f"{url[:200]} answers {response.status}")
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise BadRecord(f"{url[:200]} answers in a packed form that was not asked for")
                return response.headers, await _body(response, octets_max, url)
        raise BadRecord(f"{url[:200]}: more than {REDIRECTS_MAX} redirects")

    def permitted(self, base: str, link: str) -> str:
        """Where a link leads, put together from what was looked at. Raises BadRecord where that may not be asked.

        From a feed by https nothing is fetched in the clear.
        """
        try:
            parts = urlsplit(urljoin(base, link))
            host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise BadRecord(f"{link[:200]!r} is no address: {error}") from error
        scheme = parts.scheme
        if scheme not in PORTS:
            raise BadRecord(f"{link[:200]!r} is not fetched: only http and https are")
        if self._secure and scheme == "http":
            scheme, port = "https", PORTS["https"] if port == PORTS["http"] else port
        if (host, port) not in self._allowed:
            raise BadRecord(f"{link[:200]!r} is not fetched: {host}:{port} is not the feed's host; add it to `hosts`")
        named = f"[{host}]" if ":" in host else host
        return urlunsplit((scheme, f"{named}:{port}", parts.path, parts.query, ""))


def _allowed(url: str, hosts: Collection[str]) -> frozenset[tuple[str, int]]:
    """(host, port) of a feed and of others that it may link to. Raises BadSettings."""
    found: set[tuple[str, int]] = set()
    for one in (url, *(f"//{host}" for host in hosts)):
        try:
            parts = urlsplit(one)
            host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
        except ValueError as error:
            raise BadSettings(f"{one!r} is no address: {error}") from error
        if not host or (one is url and port is None):
            raise BadSettings(f"{one!r} is no address; write http://… or https://…, and a host as example.org[:8080]")
        ports = PORTS.values() if port is None or port in PORTS.values() else (port,)
        found.update((host, port) for port in ports)
    return frozenset(found)


async def _body(response: aiohttp.ClientResponse, octets_max: int, url: str) -> bytes:
    parts: list[bytes] = []
    left = octets_max
    async for part in response.content.iter_chunked(1 << 16):
        left -= len(part)
        if left < 0:
            raise BadRecord(f"{url[:200]}: more than {octets_max} octets")
        parts.append(part)
    return b"".join(parts)
