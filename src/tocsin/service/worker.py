"""The thread the engine runs in: committed events in, effects out, in the journal's order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from tocsin.engine.engine import Engine
from tocsin.model.effect import Effect
from tocsin.model.event import Event, Tick

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one committed event.

    seq       its number in the journal
    spent_s   seconds the engine took over it
    """

    seq: int
    event: Event
    effects: tuple[Effect, ...]
    spent_s: float


class Worker:
    """Steps the engine through committed events and hands every tick's effects on.

    publish    called in this thread with the steps since the last tick, at every tick
    snapshot   called in this thread with (seq, engine) when `snapshot_every_s` have passed, after a tick
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[Sequence[Step]], None],
        snapshot: Callable[[int, Engine], None],
        *,
        snapshot_every_s: float,
    ) -> None:
        self.engine = engine
        self.failed = 0
        self._publish = publish
        self._snapshot = snapshot
        self._snapshot_every_s = snapshot_every_s
        self._snapshot_due_s = time.monotonic() + snapshot_every_s
        # Bounded by the journal's own queue: nothing gets here that was not committed first.
        self._queue: queue.SimpleQueue[Sequence[tuple[int, Event]] | None] = queue.SimpleQueue()
        self._taken = 0
        self._done = 0
        self._steps: list[Step] = []
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def behind(self) -> int:
        """Committed events the engine has not reached yet."""
        return self._taken - self._done

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    def take(self, committed: Sequence[tuple[int, Event]]) -> None:
        """Queue committed events; called by the journal's writer, in order."""
        self._taken += len(committed)
        self._queue.put(committed)

    def stop(self) -> None:
        """Finish what is queued, take a last snapshot and end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        seq = 0
        while (group := self._queue.get()) is not None:
            for seq, event in group:
                self._step(seq, event)
                self._done += 1
        if seq:
            self._snapshot(seq, self.engine)

    def _step(self, seq: int, event: Event) -> None:
        begun_s = time.perf_counter()
        try:
            effects = tuple(self.engine.step(event))
        except Exception:
            # A stopped warning service is itself a danger: standing warnings stay, the fault is counted and shown,
            # and the same event does the same in every replay, so twins stay equal.
            self.failed += 1
            log.exception("the engine failed on an event", seq=seq)
            effects = ()
        self._steps.append(Step(seq, event, effects, time.perf_counter() - begun_s))
        if isinstance(event, Tick):
            steps, self._steps = self._steps, []
            self._publish(steps)
            if time.monotonic() >= self._snapshot_due_s:
                self._snapshot(seq, self.engine)
                self._snapshot_due_s = time.monotonic() + self._snapshot_every_s
