"""Turns by address: who comes too often waits in line, and beyond that is refused."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection

# In a request's scope: its address is a proxy's that does not say for whom it asks.
UNSAID = "tocsin.unsaid"
# Addresses remembered before those that owe nothing are forgotten.
KNOWN_MAX = 10_000


def address_key(host: str) -> str:
    """Under what an address is counted: itself, or, of IPv6, its network of 64 bits, of which one person has all.

    >>> address_key("192.0.2.7"), address_key("::ffff:192.0.2.7"), address_key("2001:db8:1:2:3::4")
    ('192.0.2.7', '192.0.2.7', '2001:db8:1:2::')
    """
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(address) >> 64 << 64))


def address_of(request: HTTPConnection) -> str:
    """Under what the address is counted that a request comes from."""
    return address_key(request.client.host if request.client else "unknown")


class Turns:
    """`per_s` turns a second for each address, of which `burst` may be saved up; nobody waits longer than `line_s`.

    The generic cell rate algorithm (ITU-T I.371): of each address no more is kept than when its turns are paid for.
    Times are seconds of one clock that does not go backwards.
    """

    def __init__(self, per_s: float, *, burst: float, line_s: float) -> None:
        self._every_s = 1 / per_s
        self._saved_s = burst / per_s
        self._line_s = line_s
        self._paid: dict[str, float] = {}

    def take(self, address: str, now_s: float) -> float | None:
        """Seconds to wait before this turn, 0 within what was saved up; None: the line is full, nothing is taken."""
        paid = max(self._paid.get(address, now_s), now_s) + self._every_s
        wait_s = max(0.0, paid - self._saved_s - now_s)
        if wait_s > self._line_s:
            return None
        if len(self._paid) >= KNOWN_MAX and address not in self._paid:
            self._paid = {one: at for one, at in self._paid.items() if at > now_s}
        self._paid[address] = paid
        return wait_s
