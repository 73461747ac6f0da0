"""What waits to be committed: bounded in events and in bytes, taken in groups."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from tocsin.journal.encoded import Encoded, Receipt
from tocsin.model.errors import JournalBusy
from tocsin.model.event import Event

# What waits for the disk besides being few: an upstream alert may be 4 MB.
QUEUE_BYTES_MAX = 256_000_000
GROUP_EVENTS_MAX = 5_000
# Ticks and people's acts have room of their own: a flood of observations may not keep decisions and officers out.
RESERVED = 1_000


@dataclass(frozen=True)
class Waiting:
    """Events that somebody wants to be durable, and who is told when they are."""

    events: Sequence[Event]
    rows: list[Encoded]
    size_bytes: int
    future: Future[list[Receipt]]


class Queue:
    """What waits, the oldest first; its user holds a lock.

    events, size_bytes   of all of it
    """

    def __init__(self, queue_max: int) -> None:
        self.events = self.size_bytes = 0
        self._queue_max = queue_max
        self._waiting: deque[Waiting] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, one: Waiting, *, reserved: bool) -> None:
        """Let it wait; what is reserved has room of its own. Raises JournalBusy when too much waits."""
        queue_max = self._queue_max + RESERVED if reserved else self._queue_max
        full = self.events + len(one.rows) > queue_max
        # A batch larger than the whole queue is taken when nothing waits; else it could never be.
        if self._waiting and (full or (not reserved and self.size_bytes + one.size_bytes > QUEUE_BYTES_MAX)):
            raise JournalBusy(
                f"{self.events} events are waiting for the disk, at most {self._queue_max} may; send again later"
            )
        self._waiting.append(one)
        self.events += len(one.rows)
        self.size_bytes += one.size_bytes

    def take_group(self) -> list[Waiting]:
        """The oldest, as much as makes a group; nothing where nothing waits."""
        group: list[Waiting] = []
        count = 0
        while self._waiting and (not group or count + len(self._waiting[0].rows) <= GROUP_EVENTS_MAX):
            one = self._waiting.popleft()
            count += len(one.rows)
            self.size_bytes -= one.size_bytes
            group.append(one)
        self.events -= count
        return group
