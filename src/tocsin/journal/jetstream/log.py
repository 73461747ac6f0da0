"""An agreed log: what is submitted goes to the brokers, comes back in everybody's order, and into our own record.

Two ways through it. With the brokers: a group is sent until most of them have it; it is read back from the stream like
everybody's, committed to the record with its place there, and then acknowledged. Without them, as an island: what
comes is committed to the record alone and acknowledged, and is sent to the stream when they are back.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from tocsin.journal.commit_queue import waiting_for
from tocsin.journal.encoded import Receipt, encode
from tocsin.journal.group_commit import GroupCommit, OnCommit
from tocsin.journal.jetstream.entering import Entering, Hears
from tocsin.journal.jetstream.outgoing import Outgoing
from tocsin.journal.jetstream.recorder import Recorder
from tocsin.journal.jetstream.session import Session
from tocsin.journal.jetstream.stream import Place
from tocsin.journal.journal import Journal
from tocsin.model.errors import JournalError
from tocsin.model.event import Event, Loss
from tocsin.model.value import time_text

ISLAND_AFTER_S = 10.0
# What is on its way when it closes gets so long; then its senders are told to send it again.
CLOSE_S, LOOK_S = 5.0, 0.01


def everything(_: Event) -> bool:
    """What a country of one sector hears."""
    return True


class JetStreamLog:
    """A `Log` (journal/log.py) that several machines share; this machine's record is `journal`.

    hears           which observations enter the record; the receipt of any other is (0, "new"): the brokers have it
    island_after_s  so long without the brokers, and this machine goes on alone

    A tick whose slot a twin's has taken, or that comes after a later one, gets (0, "duplicate"), and enters no record.
    """

    def __init__(
        self,
        journal: Journal,
        place: Place,
        *,
        on_commit: OnCommit | None = None,
        hears: Hears = everything,
        queue_max: int = 20_000,
        island_after_s: float = ISLAND_AFTER_S,
    ) -> None:
        self._journal = journal
        self._closing = False
        self._commits = GroupCommit(journal, on_commit=on_commit, queue_max=queue_max)
        # Of this life of the process alone: after a restart nobody waits for what was sent before it.
        sender = f"{place.node}-{secrets.token_hex(8)}"
        self._outgoing = Outgoing(place, sender, queue_max)
        self._recorder = Recorder(self._commits, journal.mark)
        self._entering = Entering(place, hears)
        self._session = Session(
            journal, place, sender, self._outgoing, self._recorder, self._entering, island_after_s=island_after_s
        )

    @property
    def full(self) -> bool:
        """Whether so much is held that observations were refused since the disk failed."""
        return self._commits.full

    @property
    def waiting(self) -> int:
        """Events that have no place in the record yet."""
        return self._outgoing.events + self._commits.waiting

    @property
    def undurable(self) -> int:
        """Events that the engine has and the disk has not; while the disk is well, none."""
        return self._commits.undurable

    @property
    def trouble(self) -> str | None:
        """Why nothing is recorded, in a sentence; None: all is well."""
        return self._commits.trouble

    @property
    def alone(self) -> bool:
        """Whether the brokers are out of reach, and what others hear with them."""
        return self._outgoing.alone

    @property
    def missed(self) -> str | None:
        """What the brokers have forgotten and this record does not hold, until a Loss says it; None: nothing."""
        return self._session.missed

    @property
    def notices(self) -> tuple[str, ...]:
        """What operators must see to although events are taken in and decided upon, each in a sentence."""
        found = []
        untold = self._journal.untold
        if (since := self._session.alone_since) is not None:
            found.append(
                f"since {time_text(since)} the brokers are out of reach: this machine decides alone, from what it "
                f"hears itself, and the others do not know of {untold} of its events; see to the brokers and the "
                f"lines to them ({self._session.why})"
            )
        elif untold:
            found.append(f"the others are being told of {untold} events that this machine took in alone")
        if time.monotonic() < self._entering.ahead_until_s:
            found.append(
                f"{self._entering.ahead} ticks were ahead of the brokers' time, and were held to it; check the clocks "
                "of this sector's machines and of the brokers"
            )
        if self._entering.unreadable:
            found.append(
                f"{self._entering.unreadable} events of the agreed log cannot be read by this version and were passed "
                f"over ({self._entering.why}); upgrade this machine"
            )
        return tuple(found)

    def wait_until_caught_up(self) -> None:
        """Return once the record holds what the stream held when we came to it, or this machine goes on alone."""
        self._session.caught_up.wait()

    def submit(self, events: Sequence[Event]) -> Future[list[Receipt]]:
        """Give events to the log; the future holds their receipts once most brokers and this disk have them.

        Of an island's they say that this disk has them. Raises as `Log.submit` does.
        """
        waiting = waiting_for(events, [encode(event) for event in events])
        if self._closing:
            raise JournalError("the log is being closed; send again after the restart")
        if any(isinstance(event, Loss) for event in events):
            # What one machine has lost the others may hold: it is nothing to them.
            future = self._recorder.alone(waiting)
            if self.missed is not None:
                self._session.told()
            return future
        future = self._outgoing.put(waiting, self._recorder.alone)
        self._session.wake()
        return future

    def close(self) -> None:
        """See what is waiting to its end, then stop. The journal itself stays open."""
        self._closing = True
        end_s = time.monotonic() + CLOSE_S
        while self._outgoing.events and time.monotonic() < end_s:
            time.sleep(LOOK_S)
        self._session.stop()
        self._outgoing.leave(
            lambda message: message.fail(
                JournalError("the log was closed before the brokers had this; send it again after the restart")
            )
        )
        self._commits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
