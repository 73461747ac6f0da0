"""The way into this machine's record, each group with the place in the stream that the record then has reached."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

from tocsin.journal.commit_queue import Waiting, waiting_for
from tocsin.journal.encoded import Receipt
from tocsin.journal.group_commit import GroupCommit
from tocsin.journal.jetstream.entering import Entered
from tocsin.journal.jetstream.message import Message
from tocsin.journal.jetstream.ticks import microseconds
from tocsin.journal.marks import Mark
from tocsin.model.errors import JournalBusy, JournalError
from tocsin.model.event import Configuration, Event, Loss, Tick

# The record is busy: the stream waits for it.
BUSY_S = 0.005


def is_told(event: Event) -> bool:
    """Whether others are told of what an island took in: not of its time, its settings and its own losses."""
    return not isinstance(event, (Tick, Configuration, Loss))


class Recorder:
    """Puts groups into the record in the order in which it is called.

    mark   how far the stream is followed with what was given to the record
    """

    def __init__(self, commits: GroupCommit, mark: Mark) -> None:
        self.commits = commits
        self.mark = mark
        self._lock = threading.Lock()

    def follow(self, stream: int, after: int) -> None:
        """From now on a stream is followed, from after one of its messages."""
        with self._lock:
            self.mark = Mark(stream, after, self.mark.ticked_us)

    def alone(self, waiting: Waiting) -> Future[list[Receipt]]:
        """Take events in without the stream. Raises JournalBusy and JournalError."""
        with self._lock:
            ticks = [microseconds(event.time) for event in waiting.events if isinstance(event, Tick)]
            mark = self.mark._replace(ticked_us=max((self.mark.ticked_us, *ticks)))
            told = any(is_told(event) for event in waiting.events)
            future = self.commits.submit_encoded(replace(waiting, mark=mark, own=told))
            self.mark = mark
            return future

    def message_alone(self, message: Message) -> None:
        """The same for a message that did not come back."""
        try:
            future = self.alone(waiting_for(message.events, message.rows))
        except JournalError as error:
            message.fail(error)
        else:
            future.add_done_callback(partial(_settle, message, list(range(len(message.rows))), {}))

    async def read(self, found: Entered, position: int, ours: Message | None, alive: Callable[[], None]) -> None:
        """Take in what enters of a message of the stream, and tell those whose it is. Waits while the record is busy.

        alive   called meanwhile: it is not the stream that is silent
        """
        while True:
            with self._lock:
                mark = Mark(self.mark.stream, position, max(self.mark.ticked_us, found.ticked_us))
                try:
                    future = self._taken(found, mark)
                except JournalBusy:
                    future = None
                else:
                    self.mark = mark
            if future is not None:
                break
            alive()
            await asyncio.sleep(BUSY_S)
        if ours is not None:
            future.add_done_callback(partial(_settle, ours, found.numbers, found.others))

    def _taken(self, found: Entered, mark: Mark) -> Future[list[Receipt]]:
        future: Future[list[Receipt]] = Future()
        if not found.rows:
            future.set_result([])
            return future
        try:
            return self.commits.submit_encoded(waiting_for(found.events, found.rows, mark=mark))
        except JournalBusy:
            raise
        except JournalError as error:
            # What is held in memory is full, or nothing is taken any more: `full` and `trouble` say so.
            future.set_exception(error)
            return future


def _settle(message: Message, numbers: list[int], others: dict[int, Receipt], future: Future[list[Receipt]]) -> None:
    """Tell everybody what became of a message's events: of some, what the record says; of the others, what is known."""
    if (error := future.exception()) is not None:
        message.fail(error)
        return
    receipts = others | dict(zip(numbers, future.result(), strict=True))
    message.settle([receipts[number] for number in range(len(message.rows))])
