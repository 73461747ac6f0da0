"""Long work in the event loop, done in slices: nobody else waits longer for it than one slice takes.

A thread would not do: the interpreter lets it keep everybody waiting for 5 ms at each of their steps.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
# Work that yields after every small step, and returns its result.
Steps = Generator[None, None, T]

# An answer takes the loop three or four rounds.
SLICE_S = 0.002


async def in_slices(steps: Steps[T], slice_s: float = SLICE_S) -> T:
    """The result of work during which the event loop goes round after every `slice_s`."""
    pause = Pause(slice_s)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        await pause()


class Pause:
    """Called often, it lets the event loop go round whenever `slice_s` have passed since it last did."""

    def __init__(self, slice_s: float = SLICE_S) -> None:
        self._slice_s = slice_s
        self._since_s = time.perf_counter()

    async def __call__(self) -> None:
        if time.perf_counter() - self._since_s >= self._slice_s:
            await asyncio.sleep(0)
            self._since_s = time.perf_counter()


def at_once(steps: Steps[T]) -> T:
    """The result of the same work, where nobody waits."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
