"""The thread that keeps the minutes of warning: the engine waits for none of it.

The threads that count looks for it give way to everything (`kept_of`). This one does not: put aside while it holds the
interpreter's lock, it would hold up the engine's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from tocsin.model.errors import TocsinError
from tocsin.model.sensor import SensorHealth
from tocsin.service.alone import Alone
from tocsin.service.minutes.fall import Fall, fall_of
from tocsin.service.minutes.kept import Kept, Left
from tocsin.service.minutes.shown import body_of

log = structlog.get_logger(__name__)

MAKING = "the minutes of warning are still being worked out"
# Whoever stops the service does not wait for a country to be worked out.
STOP_S = 2.0


class Live:
    """Minutes as sensors do now. `hear` from any thread; the rest is read from any.

    make      works everything out, in this thread
    left      what people have; None: it is being worked out, or cannot be
    fall      what officers are told of; None: people have as many minutes as usual
    body      the same for officers, as JSON
    trouble   why there is nothing of it and will not be; None: nothing is wrong
    """

    def __init__(self, make: Callable[[], Kept], now: Callable[[], datetime], fall_share: float, alone: Alone) -> None:
        self.left: Left | None = None
        self.fall: Fall | None = None
        self.body: bytes | None = None
        self.trouble: str | None = None
        self._make, self._now, self._share, self._alone = make, now, fall_share, alone
        self._health: Sequence[SensorHealth] | None = None
        self._news = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="minutes", daemon=True)

    def start(self) -> None:
        """Begin to work it out."""
        log.info(MAKING)
        self._thread.start()

    @property
    def missing(self) -> str:
        """Why there is nothing to show, while there is no `body`."""
        return self.trouble or MAKING

    def hear(self, health: Sequence[SensorHealth]) -> None:
        """How every sensor does; costs nothing, and only the newest counts."""
        self._health = health
        self._news.set()

    def stop(self) -> None:
        """End the thread, or leave it behind where it has long to go."""
        self._ended = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        begun_s = time.monotonic()
        try:
            kept = self._make()
        except TocsinError as error:
            self.trouble = f"the minutes of warning cannot be worked out: {error}"
            log.error("the minutes of warning are not known", why=str(error))
            return
        except MemoryError:
            self.trouble = "the minutes of warning cannot be worked out: there is not enough memory"
            log.error("the minutes of warning are not known", why="there is not enough memory")
            return
        log.info("the minutes of warning are known", took_s=round(time.monotonic() - begun_s, 1))
        while not self._ended:
            self._news.wait()
            self._news.clear()
            health = self._health
            if health is not None and not self._ended:
                with self._alone("minutes"):
                    self._follow(kept, health)

    def _follow(self, kept: Kept, health: Sequence[SensorHealth]) -> None:
        begun_s = time.monotonic()
        left = kept.left(health)
        if left is None:
            return
        fall = fall_of(left, self._share)
        # Officers first: writing it all out for a country takes as long again.
        self.left, self.fall = left, fall
        self.body = body_of(left, self._now())
        log.info("minutes of warning anew", lost=len(left.lost), took_s=round(time.monotonic() - begun_s, 2))
