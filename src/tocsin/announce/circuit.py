"""Who does not answer is left alone for a while, and then asked with one message before it gets all that waits."""

from __future__ import annotations

from collections.abc import Callable

FAILURES_MAX = 5
# A recipient that is back waits this long at most: warnings are of minutes, and a dead one costs a try every so often.
REST_S = 15.0
# Whoever asks for more patience than that gets this much.
REST_S_MAX = 60.0


class Resting(ConnectionError):
    """It failed too often in a row; it is asked again when it has rested."""


class Circuit:
    """Closed: it is called. Open: it rests. Half open: one call, and its outcome decides.

    now_s   a clock that never goes backwards, in seconds
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._failures = 0
        self._until_s = float("-inf")
        self._why = ""

    def enter(self) -> None:
        """Ask before every call. Raises Resting."""
        left_s = self._until_s - self._now_s()
        if left_s > 0:
            why = f"{self._why}; " if self._why else ""
            raise Resting(f"{why}it failed {self._failures} times in a row and is asked again in {left_s:.0f} s")

    def succeeded(self) -> None:
        """It answered well."""
        self._failures = 0

    def failed(self, rest_s: float = 0.0, why: str = "") -> None:
        """It did not; `rest_s`: how long it asks to be left alone; `why`: the beginning of a sentence."""
        self._failures += 1
        self._why = why
        if self._failures >= FAILURES_MAX:
            rest_s = max(rest_s, REST_S)
        self._until_s = self._now_s() + min(rest_s, REST_S_MAX)
