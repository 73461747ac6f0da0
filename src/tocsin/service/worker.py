"""The thread the engine runs in: committed events in, effects out, in the journal's order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from tocsin.model.effect import Effect
from tocsin.model.event import Event, Tick
from tocsin.model.sensor import SensorHealth
from tocsin.service.alone import Alone
from tocsin.twins.guarded import Guarded

log = structlog.get_logger(__name__)

# Committed events that may wait for the engine: two seconds of the most observations a second we are built for.
QUEUE_MAX = 20_000
# Steps that were not handed on wait for the next tick; beyond this many the oldest go, and everything is told anew.
STEPS_MAX = 100_000
# While nothing else is recorded a snapshot is all that would be known of what was published.
HURRIED_S = 10.0


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


@dataclass(frozen=True, slots=True)
class Decided:
    """What one tick brought.

    steps     every step since the last tick handed on, the tick's own last
    sensors   how every sensor did
    whole     every standing warning and a picture of every zone, where somebody asked; empty otherwise
    """

    steps: tuple[Step, ...]
    sensors: tuple[SensorHealth, ...]
    whole: tuple[Effect, ...] = ()

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Those of the steps, in order."""
        return tuple(effect for step in self.steps for effect in step.effects)


class Worker:
    """Steps the engine through committed events and hands on what every tick brought. Ends only when told.

    publish    called in this thread at every tick; the first is whole
    noted      called in this thread with every step
    snapshot   called in this thread with (seq, engine) when `snapshot_every_s` have passed, after a tick
    hurried    whether nothing else is recorded; then sooner
    said       what of the engine's effects is said here
    """

    def __init__(
        self,
        engine: Guarded,
        publish: Callable[[Decided], None],
        snapshot: Callable[[int, Guarded], None],
        alone: Alone,
        *,
        snapshot_every_s: float,
        noted: Callable[[Step], None],
        hurried: Callable[[], bool] = lambda: False,
        said: Callable[[Iterable[Effect]], tuple[Effect, ...]] = tuple,
    ) -> None:
        self.engine = engine
        self.failed = 0
        self._publish = publish
        self._noted = noted
        self._snapshot = snapshot
        self._snapshot_every_s = snapshot_every_s
        self._snapshot_due_s = time.monotonic() + snapshot_every_s
        self._hurried = hurried
        self._said = said
        self._hurried_s = 0.0
        self._alone = alone
        self._whole = True
        self._room = threading.Condition()
        # Bounded by `take`, in events and not in groups.
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

    def ask_whole(self) -> None:
        """Let the next tick be told with everything that stands: somebody may have missed something."""
        self._whole = True

    def take(self, committed: Sequence[tuple[int, Event]]) -> None:
        """Queue committed events; called by the journal's writer, in order. Waits while QUEUE_MAX wait already.

        What is committed may neither be dropped nor overtaken: twins and replays would decide otherwise. So the writer
        waits here, its own queue fills, and `submit` refuses what is new with JournalBusy: the sender is told to come
        again (503), and keeps what was never acknowledged.
        """
        with self._room:
            # A group larger than the whole queue is taken when nothing waits; else it could never be.
            self._room.wait_for(lambda: not self.behind or self.behind + len(committed) <= QUEUE_MAX)
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
                with self._alone("engine"):
                    self._step(seq, event)
                self._done += 1
            with self._room:
                self._room.notify_all()
        if seq:
            self._save(seq)

    def _step(self, seq: int, event: Event) -> None:
        begun_s = time.perf_counter()
        effects: tuple[Effect, ...] = ()
        try:
            effects = self._said(self.engine.step(event))
        except Exception:
            # A stopped warning service is itself a danger: standing warnings stay, the fault is counted and shown,
            # and the same event does the same in every replay, so twins stay equal.
            self.failed += 1
            with suppress(OSError, ValueError):
                log.exception("the engine failed on an event", seq=seq)
        step = Step(seq, event, effects, time.perf_counter() - begun_s)
        self._steps.append(step)
        with self._alone("outcomes"):
            self._noted(step)
        if len(self._steps) > STEPS_MAX:
            del self._steps[:-STEPS_MAX]
            self._whole = True
        if isinstance(event, Tick):
            with self._alone("hand on"):
                self._hand_on()
            now_s = time.monotonic()
            if now_s >= self._snapshot_due_s or (now_s >= self._hurried_s and self._hurried()):
                self._snapshot_due_s = now_s + self._snapshot_every_s
                self._hurried_s = now_s + HURRIED_S
                self._save(seq)

    def _hand_on(self) -> None:
        whole: tuple[Effect, ...] = ()
        if self._whole:
            # Before the picture is taken: whoever asks from now on may mean what comes after it.
            self._whole = False
            picture = self.engine.picture()
            whole = () if picture is None else self._said((*self.engine.standing(), picture))
        try:
            self._publish(Decided(tuple(self._steps), self.engine.health, whole))
        except Exception:
            self._whole = True
            raise
        self._steps.clear()

    def _save(self, seq: int) -> None:
        with self._alone("snapshot"):
            self._snapshot(seq, self.engine)
