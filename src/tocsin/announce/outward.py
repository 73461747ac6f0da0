"""HTTP to somebody else's endpoint: no redirects, no cookies, no proxies of the environment, and no way into a private
network that nobody meant."""

from __future__ import annotations

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tocsin.model.errors import BadSettings

# Connections kept for the next warning: it shall not wait for a handshake.
KEPT_S = 300.0
_NAT64 = IPv6Network("64:ff9b::/96")
# All that has been given out to the public; beside it lie site-local addresses, and ways to write IPv4 ones.
_GIVEN_OUT = IPv6Network("2000::/3")


class NotPublic(OSError):
    """An address that belongs to no public network; the name that led there is not to be trusted."""


def is_public(address: str) -> bool:
    """Whether an address is of the public internet; an IPv4 address inside an IPv6 one counts as itself."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        if found not in _GIVEN_OUT:
            return False
    return found.is_global and not found.is_multicast


def endpoint(url: str, *, private: bool) -> URL:
    """The URL of an endpoint; `private`: it may lie in a private network, and be without TLS.

    Raises BadSettings where it is none, or none that may be called.
    """
    try:
        found = URL(url)
        host = found.host
    except ValueError as error:
        raise BadSettings(f"an endpoint is no URL: {error}") from error
    if found.scheme not in ("http", "https") or not host:
        raise BadSettings("an endpoint needs an https URL with a host")
    if private:
        return found
    if found.scheme != "https":
        raise BadSettings(f"the endpoint at {host} is not https; use https, or say `private = true` where it is yours")
    try:
        public = is_public(host)
    except ValueError:
        # A name; what it leads to is looked at when it is called.
        return found
    if not public:
        raise BadSettings(f"the endpoint at {host} lies in a private network; say `private = true` where it is yours")
    return found


def session(*, private: bool, timeout_s: float) -> aiohttp.ClientSession:
    """A session for calls to one endpoint or many; make it inside the event loop, and close it."""
    resolver = aiohttp.ThreadedResolver()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=resolver if private else _PublicOnly(resolver), keepalive_timeout=KEPT_S, limit=100
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        trust_env=False,
    )


async def read_at_most(content: aiohttp.StreamReader, bytes_max: int) -> bytes:
    """The beginning of a body: all of it, or so many bytes and a little more."""
    found = bytearray()
    async for part in content.iter_any():
        found += part
        if len(found) > bytes_max:
            break
    return bytes(found)


class _PublicOnly(AbstractResolver):
    """Finds public addresses only: it is asked at every connection, so a name that moves inside is caught, too."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise NotPublic(errno.EACCES, "its name leads into a private network")
        return public

    async def close(self) -> None:
        await self._inner.close()
