"""The other side of a webhook: what is genuine, fresh and new. For our own sample listeners, and to be copied.

Forged    no key of ours signed it
Stale     signed, and its time is not now: somebody kept it and plays it again, or a clock is wrong
Known     signed and fresh, and its id was here before: answer 2xx, and do nothing
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from tocsin.announce.signing_keys import Verifying
from tocsin.model.errors import BadInput

# Of the specification's libraries. The sender signs every attempt anew, so retries are never stale.
TOLERANCE_S = 300.0
SIGNATURES_MAX = 10
# Only what is signed is remembered, so nobody else can fill this.
IDS_MAX = 100_000


class NotGenuine(BadInput):
    """A request that is forged or stale."""


class Receipts:
    """Checks requests; remembers ids for as long as they could be played again.

    keys   any of them may have signed: while keys change, the old and the new one
    """

    def __init__(self, keys: Sequence[Verifying]) -> None:
        self._keys = tuple(keys)
        self._seen: OrderedDict[str, float] = OrderedDict()

    def new(self, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
        """Whether a request tells anything new, at that time (seconds since 1970). Raises NotGenuine."""
        given = {key.lower(): value for key, value in headers.items()}
        try:
            name, at, signatures = (given[f"webhook-{key}"] for key in ("id", "timestamp", "signature"))
        except KeyError as error:
            raise NotGenuine(f"a header is missing: {error}") from error
        signed = b".".join((name.encode(), at.encode(), body))
        each = signatures.split(" ")[:SIGNATURES_MAX]
        if not any(key.verifies(signed, one) for key in self._keys for one in each):
            raise NotGenuine("no key of ours signed it")
        if not (at.isascii() and at.isdecimal()) or abs(now_s - int(at[:15])) > TOLERANCE_S:
            raise NotGenuine(f"it was signed at {at[:15]}, and now it is {now_s:.0f}")
        self._forget(now_s)
        if name in self._seen:
            return False
        self._seen[name] = now_s
        return True

    def _forget(self, now_s: float) -> None:
        while self._seen:
            name, seen_s = next(iter(self._seen.items()))
            # A request from ahead of our clock can come again for twice as long.
            if now_s - seen_s <= 2 * TOLERANCE_S and len(self._seen) <= IDS_MAX:
                return
            del self._seen[name]
