"""Everything on the path from a decision to the people stands alone: what fails is news, and stops nothing else."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

import structlog
from prometheus_client import Counter, Gauge

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Ticks that may wait for a watcher: ten seconds at the shortest tick. Longer pauses are a disk that has died.
WATCHED_MAX = 100
# What a watcher that hangs gets at the end to finish.
FINISH_S = 5.0


class Alone:
    """Runs what must not take anything else down with it, under a name; used from several threads.

    failures   counts failures by name
    up         1 or 0 by name
    """

    def __init__(self, failures: Counter, up: Gauge) -> None:
        self._failures = failures
        self._up = up
        self._failing: set[str] = set()
        self._known: set[str] = set()

    def failing(self, name: str) -> bool:
        """Whether the last run under this name failed."""
        return name in self._failing

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Whatever is raised inside goes no further: it is counted, and said once, and so is the recovery."""
        if name not in self._known:
            self._known.add(name)
            self._up.labels(name).set(1)
        try:
            yield
        except Exception as error:
            self._failures.labels(name).inc()
            if name not in self._failing:
                self._failing.add(name)
                self._up.labels(name).set(0)
                # Where the log goes may be what failed.
                with suppress(OSError, ValueError):
                    log.exception("this fails; the rest goes on", listener=name, reason=str(error))
        else:
            if name in self._failing:
                self._failing.discard(name)
                self._up.labels(name).set(1)
                with suppress(OSError, ValueError):
                    log.warning("this works again", listener=name)


class Watcher(Generic[T]):
    """Somebody who may wait for a disk or a terminal, and therefore does so in a thread of its own.

    When it hangs, WATCHED_MAX calls wait for it and further ones are lost to it, counted and said under `NAME queue`.
    """

    def __init__(self, name: str, call: Callable[[T], None], alone: Alone) -> None:
        self.name = name
        self._call = call
        self._alone = alone
        self._queue: queue.Queue[tuple[T] | None] = queue.Queue(WATCHED_MAX)
        self._thread = threading.Thread(target=self._run, name=f"watcher {name}", daemon=True)
        self._thread.start()

    def offer(self, what: T) -> None:
        """Hand it on; never waits."""
        with self._alone(f"{self.name} queue"):
            self._queue.put_nowait((what,))

    def stop(self) -> None:
        """Let it finish; one that hangs is left behind."""
        end_s = time.monotonic() + FINISH_S
        with self._alone(f"{self.name} queue"):
            self._queue.put(None, timeout=FINISH_S)
            self._thread.join(max(0.0, end_s - time.monotonic()))
        if self._thread.is_alive():
            log.error("a watcher hangs and is left behind", listener=self.name, waiting=self._queue.qsize())

    def _run(self) -> None:
        while (one := self._queue.get()) is not None:
            with self._alone(self.name):
                self._call(*one)
