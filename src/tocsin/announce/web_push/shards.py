"""Subscribers over several senders: each is one sender's alone, by a hash of the endpoint, wherever he asked for it.

Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM Transactions on Networking 6:1, 1998): everybody belongs to the
sender whose name hashes highest together with the endpoint. With one more sender nobody moves but to that one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import aiohttp
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.announce.outward import read_at_most, session
from tocsin.announce.web_push.subscription import Asked
from tocsin.announce.web_push.subscriptions import Subscriptions

log = structlog.get_logger(__name__)

HEADER = "x-tocsin-shard"
HANDED = "/v1/push/handed"
# Of those who belong elsewhere, so many at a time.
HANDED_MAX = 200
ANSWER_S_MAX = 10.0
AGAIN_S = 10.0
# Subscribers looked at before other work gets a turn: a few milliseconds.
SLICE = 1_000
# As far as clocks of one service may lie apart: a request that somebody wrote down is of no use later.
VALID_S = 300.0
_ANSWER_BYTES_MAX = 65_536


def owner(endpoint: str, names: frozenset[str]) -> str:
    """Whose a subscriber is.

    >>> owner("https://push.example/abc", frozenset(("a", "b", "c")))
    'a'
    """
    return max(names, key=lambda name: (hashlib.blake2b(f"{name}\0{endpoint}".encode(), digest_size=8).digest(), name))


def shared_key(vapid: ec.EllipticCurvePrivateKey) -> bytes:
    """What all senders know and nobody else: they have the key by which push services know them."""
    number = vapid.private_numbers().private_value.to_bytes(32, "big")
    return HKDF(SHA256(), 32, None, b"tocsin push shards").derive(number)


class Shards:
    """The senders, of which this service is one.

    own         its name
    addresses   by name where each is reached, without a slash at the end
    key         by which they know each other
    """

    def __init__(self, own: str, addresses: Mapping[str, str], key: bytes) -> None:
        self.own = own
        self._addresses = dict(addresses)
        self._names = frozenset(addresses)
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    def elsewhere(self, endpoint: str) -> str | None:
        """The address of the sender whose that subscriber is; None: it is this one."""
        name = owner(endpoint, self._names)
        return None if name == self.own else self._addresses[name]

    def signature(self, method: str, path: str, body: bytes, now: datetime) -> str:
        """That one of us asks this, now."""
        at_s = int(now.timestamp())
        return f"{at_s}.{self._seal(at_s, method, path, body)}"

    def is_ours(self, signature: str, method: str, path: str, body: bytes, now: datetime) -> bool:
        """Whether one of us asks that."""
        at, _, seal = signature.partition(".")
        if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(int(at) - now.timestamp()) > VALID_S:
            return False
        return hmac.compare_digest(seal.encode(), self._seal(int(at), method, path, body).encode())

    def _seal(self, at_s: int, method: str, path: str, body: bytes) -> str:
        return hmac.new(self._key, f"{at_s} {method} {path}\n".encode() + body, hashlib.sha256).hexdigest()

    async def ask(self, address: str, method: str, path: str, body: bytes, now: datetime) -> tuple[int, bytes]:
        """What another sender answers: status and body. Raises OSError, TimeoutError and aiohttp.ClientError."""
        if self._session is None:
            self._session = session(private=True, timeout_s=ANSWER_S_MAX)
        headers = {HEADER: self.signature(method, path, body, now), "content-type": "application/json"}
        async with self._session.request(
            method, address + path, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, await read_at_most(answer.content, _ANSWER_BYTES_MAX)

    async def strangers(self, store: Subscriptions) -> list[str]:
        """Endpoints of those here who are another's."""
        found = []
        for number, one in enumerate(store.crowd):
            if self.elsewhere(one.endpoint) is not None:
                found.append(one.endpoint)
            if number % SLICE == 0:
                await asyncio.sleep(0)
        return found

    async def hand_over(self, store: Subscriptions, endpoints: Sequence[str], now: datetime) -> list[str]:
        """Give these to whose they are, and forget whom he has taken; those who are still here.

        Whoever is owed a word is told it here first. For a moment both have him: twice is better than never. Raises
        what `ask` raises, and ConnectionError where one does not take them.
        """
        going: dict[str, list[Asked]] = {}
        left = []
        for endpoint in endpoints:
            one, address = store.crowd.find(endpoint), self.elsewhere(endpoint)
            if one is None or address is None:
                continue
            asked = going.setdefault(address, [])
            if store.crowd.owes(endpoint) or len(asked) >= HANDED_MAX:
                left.append(endpoint)
            else:
                asked.append(one.asked())
        for address, asked in going.items():
            if asked:
                status, _ = await self.ask(address, "POST", HANDED, msgspec.json.encode(asked), now)
                if status != 204:
                    raise ConnectionError(f"another sender answers {status} to those who are its own")
                for given in asked:
                    await store.drop(given.endpoint)
        return left

    async def work(self, store: Subscriptions, now: Callable[[], datetime], channel: str) -> None:
        """Hand over whoever is another's since the senders were divided otherwise, and keep connections until then."""
        left = await self.strangers(store)
        if left:
            log.info("subscribers are another sender's now", channel=channel, subscribers=len(left))
        while left:
            try:
                left = await self.hand_over(store, left, now())
                await asyncio.sleep(0.0 if len(left) > HANDED_MAX else 1.0)
            except (OSError, TimeoutError, aiohttp.ClientError) as error:
                log.warning("subscribers of another sender stay here for now", channel=channel, reason=str(error))
                await asyncio.sleep(AGAIN_S)

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
