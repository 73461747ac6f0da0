"""What waits to be committed: bounded in events and in bytes, taken in groups."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from tocsin.journal.encoded import Encoded, Receipt
from tocsin.journal.marks import Mark
from tocsin.model.errors import JournalBusy
from tocsin.model.event import Configuration, Event, Loss, OperatorAct, Tick

# What waits for the disk besides being few: an upstream alert may be 4 MB.
QUEUE_BYTES_MAX = 256_000_000
GROUP_EVENTS_MAX = 5_000
# Ticks and people's acts have room of their own: a flood of observations may not keep decisions and officers out.
RESERVED = 1_000


@dataclass(frozen=True)
class Waiting:
    """Events that somebody wants to be durable, and who is told when they are.

    mark   how far an agreed log is followed with them; None: they are of none
    own    this machine takes them in alone, and an agreed log is to be told of them
    """

    events: Sequence[Event]
    rows: list[Encoded]
    size_bytes: int
    future: Future[list[Receipt]]
    mark: Mark | None = None
    own: bool = False


def waiting_for(
    events: Sequence[Event], rows: list[Encoded], *, mark: Mark | None = None, own: bool = False
) -> Waiting:
    """Events and the same encoded, on their way."""
    return Waiting(events, rows, sum(len(row.body) for row in rows), Future(), mark, own)


def is_reserved(events: Sequence[Event]) -> bool:
    """Whether they have room of their own."""
    return all(isinstance(event, (Tick, OperatorAct, Configuration, Loss)) for event in events)


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
