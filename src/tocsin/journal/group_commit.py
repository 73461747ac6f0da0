"""Group commit: one thread writes, many wait; a whole group costs one visit to the disk."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

from tocsin.journal.journal import Encoded, Journal, Receipt, encode
from tocsin.model.errors import JournalBusy, JournalError
from tocsin.model.event import Configuration, Event, Loss, OperatorAct, Tick

log = logging.getLogger(__name__)

# Long enough to gather 50 of 10,000 observations a second, short enough to be no part of anybody's delay.
GROUP_S = 0.005
# Between looks at whether a checkpoint, a seal or an archive is due.
_UPKEEP_S = 0.1
# What waits for the disk besides being few: an upstream alert may be 4 MB.
QUEUE_BYTES_MAX = 256_000_000
GROUP_EVENTS_MAX = 5_000
# Ticks and people's acts have room of their own: a flood of observations may not keep decisions and officers out.
RESERVED = 1_000

OnCommit = Callable[[list[tuple[int, Event]]], None]


@dataclass(frozen=True)
class _Waiting:
    events: Sequence[Event]
    rows: list[Encoded]
    size_bytes: int
    future: Future[list[Receipt]]


class GroupCommit:
    """A writer thread over a journal.

    Order: for each group, first the commit (durable), then `on_commit` with its new events, then the receipts. So
    whoever holds a receipt knows that the event is on its way to the engine, and events reach `on_commit` exactly
    once, in the order of seq. `on_commit` runs on the writer thread: put the events on a queue and return; while it
    waits for room there, so does the writer, and what is new is refused as busy. Should it raise, receipts still go
    out (the events are safe), and everything after is refused: better a loud stop than an engine that misses events.

    trouble   why the last write or upkeep failed; None when all is well
    """

    def __init__(
        self,
        journal: Journal,
        *,
        on_commit: OnCommit | None = None,
        queue_max: int = 20_000,
        group_s: float = GROUP_S,
    ) -> None:
        self._journal = journal
        self._on_commit = on_commit
        self._queue_max = queue_max
        self._group_s = group_s
        self._waiting: deque[_Waiting] = deque()
        self._events = 0
        self._bytes = 0
        self._changed = threading.Condition()
        self._closing = False
        self._stopped: str | None = None
        self._write_trouble: str | None = None
        self._upkeep_trouble: str | None = None
        self._idle = threading.Event()
        self._writer = threading.Thread(target=self._write, name="journal-writer", daemon=True)
        self._keeper = threading.Thread(target=self._keep, name="journal-upkeep", daemon=True)
        self._writer.start()
        self._keeper.start()

    @property
    def waiting(self) -> int:
        """Events waiting for the disk."""
        return self._events

    @property
    def trouble(self) -> str | None:
        """Why the last write or upkeep failed, in a sentence; None when all is well."""
        return self._stopped or self._journal.gone or self._write_trouble or self._upkeep_trouble

    def submit(self, events: Sequence[Event]) -> Future[list[Receipt]]:
        """Queue events for the next group; the future holds their receipts once they are durable.

        Its exception is a JournalError when the disk refused the group (nothing of it was kept).
        Raises JournalBusy when too much is waiting (try again later), JournalError when closed or stopped.
        """
        rows = [encode(event) for event in events]
        size_bytes = sum(len(row.body) for row in rows)
        waiting = _Waiting(events, rows, size_bytes, Future())
        with self._changed:
            if self._closing or self._stopped:
                raise JournalError(self._stopped or "the journal is being closed; send again after the restart")
            # A batch larger than the whole queue is taken when nothing waits; else it could never be.
            reserved = all(isinstance(event, (Tick, OperatorAct, Configuration, Loss)) for event in events)
            queue_max = self._queue_max + RESERVED if reserved else self._queue_max
            full = self._events + len(rows) > queue_max
            if self._waiting and (full or (not reserved and self._bytes + size_bytes > QUEUE_BYTES_MAX)):
                raise JournalBusy(
                    f"{self._events} events are waiting for the disk, at most {self._queue_max} may; send again later"
                )
            self._waiting.append(waiting)
            self._events += len(rows)
            self._bytes += size_bytes
            if len(self._waiting) == 1 or self._events >= GROUP_EVENTS_MAX:
                self._changed.notify()
        return waiting.future

    def close(self) -> None:
        """Write what is waiting, then stop. The journal itself stays open."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._idle.set()
        self._writer.join()
        self._keeper.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _write(self) -> None:
        while group := self._next_group():
            self._commit(group)

    def _next_group(self) -> list[_Waiting]:
        """Wait for the first event, gather for a moment, take a group; empty: closed and drained."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            end = monotonic() + self._group_s
            while self._events < GROUP_EVENTS_MAX and not self._closing and (left_s := end - monotonic()) > 0:
                self._changed.wait(left_s)
            group: list[_Waiting] = []
            count = 0
            while self._waiting and (not group or count + len(self._waiting[0].rows) <= GROUP_EVENTS_MAX):
                one = self._waiting.popleft()
                count += len(one.rows)
                self._bytes -= one.size_bytes
                group.append(one)
            self._events -= count
            return group

    def _commit(self, group: list[_Waiting]) -> None:
        # From here on a caller who gives up no longer cancels the future; the events are written either way.
        answered = [one.future for one in group if one.future.set_running_or_notify_cancel()]
        try:
            receipts = self._journal.append_encoded([row for one in group for row in one.rows])
        except JournalError as error:
            log.error("%s", error)
            self._refuse(answered, error)
            return
        except Exception as error:
            # A writer thread that dies would leave every sender waiting for ever.
            log.exception("a group of events could not be written")
            self._refuse(answered, JournalError(f"the journal failed ({error}); see the service's log"))
            return
        self._write_trouble = None
        self._hand_over(group, receipts)
        start = 0
        for one in group:
            end = start + len(one.rows)
            if not one.future.cancelled():
                one.future.set_result(receipts[start:end])
            start = end

    def _refuse(self, futures: Sequence[Future[list[Receipt]]], error: JournalError) -> None:
        self._write_trouble = str(error)
        for future in futures:
            future.set_exception(error)

    def _hand_over(self, group: list[_Waiting], receipts: list[Receipt]) -> None:
        if self._on_commit is None or self._stopped:
            return
        events = (event for one in group for event in one.events)
        new = [
            (receipt.seq, event) for receipt, event in zip(receipts, events, strict=True) if receipt.outcome == "new"
        ]
        try:
            if new:
                self._on_commit(new)
        except Exception as error:
            log.exception("events %s to %s are in the journal but were not handed on", new[0][0], new[-1][0])
            self._stopped = f"committed events could not be handed to the engine ({error}); restart the service"

    def _keep(self) -> None:
        while not self._idle.wait(_UPKEEP_S):
            try:
                self._journal.upkeep()
            except JournalError as error:
                if self._upkeep_trouble is None:
                    log.error("%s", error)
                self._upkeep_trouble = str(error)
            else:
                self._upkeep_trouble = None
