"""What SIGTERM and SIGINT (Ctrl-C) do: the first ends the service whole, the second at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# As a shell counts a process that a signal ended.
ENDED_BY = 128


class Stopping:
    """Whether somebody told us to stop, and what is called then.

    Until `call` is set, the first signal ends the process at once, too: what is begun before anything is served can be
    begun again, and the journal is whole at any time. Handlers, and not what the kernel does by itself: to the first
    process of a container the kernel does nothing.
    """

    def __init__(self) -> None:
        self.told = False
        self.call: Callable[[], None] | None = None

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.told:
            os._exit(ENDED_BY + number)
        self.told = True
        if self.call is None:
            os._exit(0)
        self.call()


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Hear the signals inside; in the main thread only, as Python wants it."""
    heard = Stopping()
    before = {number: signal.signal(number, heard._handle) for number in SIGNALS}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
