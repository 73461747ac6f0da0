"""Tickets: bytes that only this service can have made, for one purpose, good once and for a short time.

Nothing is kept of one that was given out, so that strangers who ask for millions fill nothing; only of those that were
spent, until they would have ended anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

LASTS_S = 300.0
# Beyond these the oldest is forgotten: nobody signs in so often, and what a ticket leads to is good once by itself.
SPENT_MAX = 100_000
_CHANCE, _UNTIL, _SEAL = 16, 8, 32
TICKET_BYTES = _CHANCE + _UNTIL + _SEAL


class Tickets:
    """Gives tickets out and takes them back; those of an earlier start of the service are nobody's.

    clock_s   seconds that only ever grow: a clock that is set would bring spent tickets back
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._secret = secrets.token_bytes(32)
        self._clock_s = clock_s
        self._spent: OrderedDict[bytes, float] = OrderedDict()

    def new(self, purpose: str) -> bytes:
        """A ticket, TICKET_BYTES long."""
        until_ms = int((self._clock_s() + LASTS_S) * 1_000)
        body = secrets.token_bytes(_CHANCE) + until_ms.to_bytes(_UNTIL, "big")
        return body + self._seal(body, purpose)

    def holds(self, ticket: bytes, purpose: str) -> bool:
        """Whether it is one of ours for that purpose, not too old, and not spent."""
        if len(ticket) != TICKET_BYTES:
            return False
        body, seal = ticket[:-_SEAL], ticket[-_SEAL:]
        if not hmac.compare_digest(seal, self._seal(body, purpose)):
            return False
        return int.from_bytes(body[_CHANCE:], "big") > self._clock_s() * 1_000 and ticket not in self._spent

    def spend(self, ticket: bytes, purpose: str) -> bool:
        """Take it; whether it held until now. No ticket is taken twice."""
        if not self.holds(ticket, purpose):
            return False
        now_s = self._clock_s()
        while self._spent and (len(self._spent) >= SPENT_MAX or next(iter(self._spent.values())) < now_s):
            self._spent.popitem(last=False)
        self._spent[ticket] = now_s + LASTS_S
        return True

    def derived(self, ticket: bytes, use: str) -> bytes:
        """32 bytes that belong to a ticket, that nobody else can work out."""
        return self._seal(ticket, f"derived {use}")

    def _seal(self, body: bytes, purpose: str) -> bytes:
        return hmac.digest(self._secret, purpose.encode() + b"\0" + body, hashlib.sha256)
