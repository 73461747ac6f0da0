"""What takes events in, puts them in order and acknowledges them: this machine alone, or brokers that many share."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from tocsin.journal.encoded import Receipt
from tocsin.model.event import Event


class Log(Protocol):
    """The order of events. Whatever has a place in it reaches the engine once, in that order, by way of the record."""

    @property
    def full(self) -> bool:
        """Whether so much is held that observations were refused since the disk failed."""

    @property
    def waiting(self) -> int:
        """Events that have no place yet."""

    @property
    def undurable(self) -> int:
        """Events that the engine has and the disk has not; while the disk is well, none."""

    @property
    def trouble(self) -> str | None:
        """Why nothing is recorded, in a sentence; None: all is well."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What operators must see to although events are taken in and decided upon, each in a sentence."""

    @property
    def alone(self) -> bool:
        """Whether other machines are cut off from us, and nothing that they hear reaches us."""

    @property
    def missed(self) -> str | None:
        """What passed that this record can never hold, in a sentence, until a Loss says it; None: nothing."""

    def submit(self, events: Sequence[Event]) -> Future[list[Receipt]]:
        """Give events to the log; the future holds their receipts once they are durable.

        Its exception is NotDurable when the disk refuses: the engine has them. Raises JournalBusy when too much is
        waiting (try again later), JournalError when closed, stopped or full.
        """

    def close(self) -> None:
        """See what is waiting to its end, then stop. The journal itself stays open."""
