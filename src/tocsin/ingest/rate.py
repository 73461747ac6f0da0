"""How much a source may send: a bucket of tokens, for every door alike."""

from __future__ import annotations


class Allowance:
    """Observations that may still pass: `per_s` more every second, `burst_s` seconds' worth saved up at most.

    Times are seconds of any one clock; one that goes backwards gives nothing.
    """

    def __init__(self, per_s: float, burst_s: float = 1.0) -> None:
        self._per_s = per_s
        self._most = per_s * burst_s
        self._left = self._most
        self._at_s: float | None = None

    def take(self, wanted: int, now_s: float) -> int:
        """How many of `wanted` may pass now; they are taken."""
        self._refill(now_s)
        passed = min(wanted, int(self._left))
        self._left -= passed
        return passed

    def take_all(self, wanted: int, now_s: float) -> bool:
        """Whether all of `wanted` may pass now; if not, none is taken."""
        self._refill(now_s)
        if wanted > self._left:
            return False
        self._left -= wanted
        return True

    def wait_s(self) -> float:
        """Seconds from the last time it was asked until one more may pass; 0: one may."""
        return max(0.0, 1.0 - self._left) / self._per_s

    def _refill(self, now_s: float) -> None:
        elapsed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s
        self._left = min(self._most, self._left + elapsed_s * self._per_s)
