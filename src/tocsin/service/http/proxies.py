"""The proxies whose word on who is calling is taken."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache


class Proxies:
    """Addresses and networks of proxies that are trusted; `in` asks whether a host is one. Raises ValueError."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(one) for one in networks)
        self._seen = lru_cache(maxsize=4_096)(self._one)

    def __contains__(self, host: str) -> bool:
        return self._seen(host)

    def _one(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        # As IPv4 callers look to who listens on `::`.
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)
