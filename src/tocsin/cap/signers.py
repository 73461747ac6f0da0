"""The key that signs now and the one that comes after it, and until when readers can believe them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.cap.sign import Signer
from tocsin.model.errors import BadSettings


@dataclass(frozen=True, slots=True)
class Signers:
    """Which key signs a message is decided by when it was sent: after the change an older one keeps its bytes.

    first       signs what is sent before `next_from`
    next        signs what is sent from then on; both are given, or neither
    warned      how long before the last certificate ends it is a trouble
    """

    first: Signer
    next: Signer | None = None
    next_from: datetime | None = None
    warned: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        if (self.next is None) != (self.next_from is None):
            raise BadSettings("a next signing key needs the time from which it signs, and the time a key: give both")

    def at(self, sent: datetime) -> Signer:
        """Who signs what is sent then."""
        if self.next is not None and self.next_from is not None and sent >= self.next_from:
            return self.next
        return self.first

    def left(self, now: datetime) -> timedelta:
        """For how long from now on what is sent can be verified; not above zero: it cannot be now."""
        if now < self.at(now).valid_from:
            return timedelta(0)
        until = self.at(now).valid_to
        following = self.next
        if following is not None and self.next_from is not None and now < self.next_from <= until:
            # Before the change the first must hold; after it the next, which must not begin later.
            until = following.valid_to if following.valid_from <= self.next_from else self.next_from
        return until - now

    def trouble(self, now: datetime) -> str | None:
        """What an operator must see to, in a sentence; None: nothing, for now.

        Messages are signed all the same: who looks refuses them, and who does not is warned.
        """
        signer, left = self.at(now), self.left(now)
        if left > self.warned:
            return None
        remedy = "make a key (`tocsin keys make cap`), give its certificate to the readers, set it as the next one"
        if now < signer.valid_from:
            return f"CAP messages cannot be verified yet: the certificate holds from {signer.valid_from:%Y-%m-%d %H:%M}"
        if left <= timedelta(0):
            return f"CAP messages cannot be verified: the certificate ended {signer.valid_to:%Y-%m-%d}; {remedy}"
        return f"in {left.days} days CAP messages can be verified no more, for want of a certificate; {remedy}"
