"""Hours of waiting in no time: an event loop whose clock jumps to the next thing to do once everybody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop for coroutines that wait for time and for each other only."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        super().__init__()

    def time(self) -> float:
        return self.elapsed_s

    def _run_once(self) -> None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if timers and not self._ready:  # type: ignore[attr-defined]
            self.elapsed_s = max(self.elapsed_s, min(timers))
        super()._run_once()  # type: ignore[misc]


def now() -> datetime:
    """The virtual time, as the service's clock would say it."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())


def played(story: Coroutine[Any, Any, T]) -> T:
    """What a story gives, played in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)
