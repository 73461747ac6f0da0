"""Group commit: one thread writes, many wait; a whole group costs one visit to the disk.

A disk that refuses, or does not answer, keeps nobody from being warned: from then on events go to the engine before
they are durable, and nobody gets a receipt (docs/decisions/0025-the-disk-fails.md).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

from tocsin.journal.commit_queue import GROUP_EVENTS_MAX, Queue, Waiting, is_reserved, waiting_for
from tocsin.journal.encoded import Receipt, encode
from tocsin.journal.journal import Journal
from tocsin.model.errors import JournalError, NotDurable
from tocsin.model.event import Event

log = logging.getLogger(__name__)

# Long enough to gather 50 of 10,000 observations a second, short enough to be no part of anybody's delay.
GROUP_S = 0.005
# Between looks at whether a checkpoint, a seal or an archive is due.
_UPKEEP_S = 0.1
# A healthy disk answers within milliseconds, a checkpoint on a poor one within half a second.
PATIENCE_S = 1.0
# Between attempts while the disk refuses; and between looks at whether it answers.
RETRY_S, LOOK_S = 1.0, 0.1
# What is held in memory while the disk refuses: about 200 MB, a quarter of an hour of a busy night.
HELD_EVENTS_MAX, HELD_BYTES_MAX = 200_000, 100_000_000
# Ticks have room of their own, at one a second for two days.
HELD_RESERVED = 200_000

OnCommit = Callable[[list[tuple[int, Event]]], None]


@dataclass(frozen=True)
class _Taken:
    """A group that has its place in the journal's order."""

    group: list[Waiting]
    receipts: list[Receipt]


def _speaker(event: Event) -> str:
    """Who handed an observation in: the source it came by; a batch is of one."""
    return str(getattr(event, "via", None) or getattr(event, "source", ""))


class GroupCommit:
    """A writer thread over a journal, and one that stands in for it while the disk does not answer.

    Order: for each group, first the commit (durable), then `on_commit` with its new events, then the receipts. So
    whoever holds a receipt knows that the event is on its way to the engine, and events reach `on_commit` exactly
    once, in the order of seq. `on_commit` runs on the writer thread: put the events on a queue and return; while it
    waits for room there, so does the writer, and what is new is refused as busy. Should it raise, receipts still go
    out (the events are safe), and everything after is refused: better a loud stop than an engine that misses events.

    While the disk refuses, or has not answered for PATIENCE_S, `on_commit` comes first: the journal holds the events in
    memory, instead of receipts there is NotDurable, and all is written in the same order once the disk is back.

    trouble   why the last write or upkeep failed; None when all is well
    full      whether so much is held that observations were refused since the disk failed
    """

    # This machine has nobody whom it could be cut off from.
    alone = False
    notices: tuple[str, ...] = ()
    missed: str | None = None

    def __init__(
        self,
        journal: Journal,
        *,
        on_commit: OnCommit | None = None,
        queue_max: int = 20_000,
        group_s: float = GROUP_S,
        held_max: int = HELD_EVENTS_MAX,
    ) -> None:
        self._journal = journal
        self._on_commit = on_commit
        self._group_s = group_s
        self._held_max = held_max
        self._queue = Queue(queue_max)
        self._changed = threading.Condition()
        self._closing = False
        # Whether something waits that is not to wait for others.
        self._hurried = False
        self._stopped: str | None = None
        self._write_trouble: str | None = None
        self._upkeep_trouble: str | None = None
        self.full = False
        # Speaker -> how many of its events are held, and their bytes.
        self._parts: dict[str, tuple[int, int]] = {}
        # Held by whoever numbers events and hands them on, and never while the disk is waited for.
        self._turn = threading.Lock()
        self._in_flight: _Taken | None = None
        # When the writer began to wait for the disk; None: it does not.
        self._begun_s: float | None = None
        self._retry_s = 0.0
        # Whether the disk answered in time when it was last written to.
        self._prompt = True
        self._idle = threading.Event()
        self._writer = threading.Thread(target=self._write, name="journal-writer", daemon=True)
        self._others = [
            threading.Thread(target=self._keep, name="journal-upkeep", daemon=True),
            threading.Thread(target=self._stand_in, name="journal-stand-in", daemon=True),
        ]
        for thread in (self._writer, *self._others):
            thread.start()

    @property
    def waiting(self) -> int:
        """Events waiting for the disk."""
        return self._queue.events

    @property
    def undurable(self) -> int:
        """Events that the engine has and the disk has not; while the disk is well, none."""
        return 0 if self._write_trouble is None else self._journal.held[0]

    @property
    def trouble(self) -> str | None:
        """Why the last write or upkeep failed, in a sentence; None when all is well."""
        return self._stopped or self._journal.gone or self._write_trouble or self._upkeep_trouble

    def submit(self, events: Sequence[Event]) -> Future[list[Receipt]]:
        """Queue events for the next group; the future holds their receipts once they are durable.

        Its exception is NotDurable when the disk refuses: the engine has them, and the journal holds them.
        Raises JournalBusy when too much is waiting (try again later), JournalError when closed, stopped or full.
        """
        return self.submit_encoded(waiting_for(events, [encode(event) for event in events]))

    def submit_encoded(self, waiting: Waiting) -> Future[list[Receipt]]:
        """`submit` of events that are already encoded."""
        reserved = is_reserved(waiting.events)
        with self._changed:
            if self._closing or self._stopped:
                raise JournalError(self._stopped or "the journal is being closed; send again after the restart")
            self._must_have_room(waiting.events, waiting.size_bytes, reserved)
            self._queue.put(waiting, reserved=reserved)
            # A tick decides on all that was handed in before it, and an officer's act is waited for: neither gathers.
            self._hurried |= reserved
            if len(self._queue) == 1 or self._queue.events >= GROUP_EVENTS_MAX or reserved:
                self._changed.notify()
        return waiting.future

    def _must_have_room(self, events: Sequence[Event], size_bytes: int, reserved: bool) -> None:
        """While the disk refuses there is a bound to what is held, and to each speaker's part. Raises JournalError.

        Nobody may hold more than is left for all others: one who floods takes half, two a third each (the dynamic
        threshold of Choudhury and Hahne, 1998).
        """
        if self._write_trouble is None:
            return
        held, held_bytes = self._journal.held
        free = self._held_max - held - self._queue.events
        if reserved:
            over = free + HELD_RESERVED < len(events)
        else:
            free_bytes = HELD_BYTES_MAX - held_bytes - self._queue.size_bytes
            part, part_bytes = self._parts.get(_speaker(events[0]), (0, 0))
            over = part + len(events) > free or part_bytes + size_bytes > free_bytes
        if over:
            self.full = True
            raise JournalError(
                f"the disk refuses, and {held} events are held in memory, of at most {self._held_max}: this was not "
                f"taken; send it again later ({self._write_trouble})"
            )

    def close(self) -> None:
        """Write what is waiting, then stop. The journal itself stays open."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._writer.join()
        self._idle.set()
        for thread in self._others:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _write(self) -> None:
        while (group := self._next_group()) is not None:
            self._commit(group)
        if self._journal.held[0]:
            self._reach_disk()
        if lost := self._journal.held[0]:
            log.error("%s events were decided upon and are on no disk: %s", lost, self._write_trouble)

    def _next_group(self) -> list[Waiting] | None:
        """Wait for the first event, gather for a moment, take a group; None: closed and drained.

        An empty one where the disk is to be tried again.
        """
        with self._changed:
            held = self._write_trouble is not None
            self._changed.wait_for(lambda: self._queue or self._closing, RETRY_S if held else None)
            end = monotonic() + self._group_s
            while self._queue and self._queue.events < GROUP_EVENTS_MAX and not (self._hurried or self._closing):
                if (left_s := end - monotonic()) <= 0:
                    break
                self._changed.wait(left_s)
            self._hurried = False
            return self._queue.take_group() if self._queue or not self._closing else None

    def _commit(self, group: list[Waiting]) -> None:
        with self._turn:
            taken = self._take(group)
            if taken is not None and self._write_trouble is not None:
                # Nobody waits for a disk that refuses.
                self._hand_over(taken)
                taken = None
            self._in_flight = taken
            if self._write_trouble is not None and monotonic() < self._retry_s:
                return
            self._begun_s = monotonic()
        self._reach_disk()
        with self._turn:
            self._begun_s = None
            if self._in_flight is not None:
                self._hand_over(self._in_flight)
                self._in_flight = None

    def _take(self, group: list[Waiting]) -> _Taken | None:
        """Give a group its place; None: there is none, or the journal cannot take it."""
        # From here on a caller who gives up no longer cancels the future; the events are taken either way.
        answered = [one.future for one in group if one.future.set_running_or_notify_cancel()]
        if not group:
            return None
        try:
            rows = [row for one in group for row in one.rows]
            mark = next((one.mark for one in reversed(group) if one.mark is not None), None)
            return _Taken(group, self._journal.take(rows, mark=mark, own=any(one.own for one in group)))
        except Exception as error:
            # A writer thread that dies would leave every sender waiting for ever.
            if not isinstance(error, JournalError):
                log.exception("a group of events could not be taken")
                error = JournalError(f"the journal failed ({error}); see the service's log")
            for future in answered:
                future.set_exception(error)
            return None

    def _reach_disk(self) -> None:
        """Write all that is held; what comes of it is in `_write_trouble`."""
        begun_s = monotonic()
        try:
            self._journal.write()
        except Exception as error:
            if not isinstance(error, JournalError):
                log.exception("a group of events could not be written")
            self._refused(str(error))
            self._journal.note_held()
        else:
            with self._turn:
                self._begun_s = None
                self._prompt = monotonic() - begun_s < PATIENCE_S
                if self._journal.held[0]:
                    # Another stood in meanwhile, and took more: that need not wait.
                    self._retry_s = 0.0
                elif self._write_trouble is not None:
                    log.warning("the disk is back: everything that was decided meanwhile is on it")
                    self._write_trouble, self.full, self._parts = None, False, {}

    def _refused(self, why: str) -> None:
        if self._write_trouble is None:
            log.error("%s", why)
        self._write_trouble = why
        self._prompt = False
        self._retry_s = monotonic() + RETRY_S

    def _stand_in(self) -> None:
        """Number and hand on what comes while the writer waits for a disk that does not answer."""
        while not self._idle.wait(LOOK_S):
            with self._turn:
                patience_s = PATIENCE_S if self._prompt or self._write_trouble is None else LOOK_S
                if self._begun_s is None or monotonic() - self._begun_s < patience_s:
                    continue
                if self._write_trouble is None:
                    self._refused(f"the disk has not answered for {PATIENCE_S:g} s; check the disk")
                if self._in_flight is not None:
                    self._hand_over(self._in_flight)
                    self._in_flight = None
                with self._changed:
                    group = self._queue.take_group()
                if (taken := self._take(group)) is not None:
                    self._hand_over(taken)

    def _hand_over(self, taken: _Taken) -> None:
        """Give new events to the engine, then tell everybody what became of his."""
        events = (event for one in taken.group for event in one.events)
        pairs = zip(taken.receipts, events, strict=True)
        new = [(receipt.seq, event) for receipt, event in pairs if receipt.outcome == "new"]
        try:
            if new and self._on_commit is not None and not self._stopped:
                self._on_commit(new)
        except Exception as error:
            log.exception("events %s to %s were taken but not handed on", new[0][0], new[-1][0])
            self._stopped = f"committed events could not be handed to the engine ({error}); restart the service"
        durable_to = self._journal.last_seq
        start = 0
        for one in taken.group:
            end = start + len(one.rows)
            receipts = taken.receipts[start:end]
            self._note_part(one, receipts, durable_to)
            self._answer(one.future, receipts, durable_to)
            start = end

    def _note_part(self, one: Waiting, receipts: list[Receipt], durable_to: int) -> None:
        """Remember whose events are held; what was sent again is held once."""
        held = [
            len(row.body)
            for row, receipt in zip(one.rows, receipts, strict=True)
            if receipt.outcome == "new" and receipt.seq > durable_to
        ]
        if held:
            part, part_bytes = self._parts.get(speaker := _speaker(one.events[0]), (0, 0))
            self._parts[speaker] = part + len(held), part_bytes + sum(held)

    def _answer(self, future: Future[list[Receipt]], receipts: list[Receipt], durable_to: int) -> None:
        if future.cancelled():
            return
        if all(receipt.seq <= durable_to for receipt in receipts):
            future.set_result(receipts)
        else:
            future.set_exception(
                NotDurable(
                    "decided upon, and not on the disk: it is lost if this service ends before the disk is back; send "
                    f"it again until it is acknowledged ({self._write_trouble})"
                )
            )

    def _keep(self) -> None:
        while not self._idle.wait(_UPKEEP_S):
            try:
                self._journal.upkeep()
            except Exception as error:
                # Whatever the disk did: a keeper that ends would let the journal grow without a bound.
                if self._upkeep_trouble is None:
                    log.error("%s", error, exc_info=not isinstance(error, JournalError))
                self._upkeep_trouble = str(error)
            else:
                self._upkeep_trouble = None
