"""Room in a bounded file, shared so that who is noisy leaves room for all others."""

from __future__ import annotations

from collections import Counter

# Names told apart; all others share what one may have.
NAMES_MAX = 1_000


class Shares:
    """Grants room to names: none may have more than what is then left, so that each always finds some."""

    def __init__(self, room: int) -> None:
        self._left = room
        self._taken: Counter[str] = Counter()
        self._told: set[str] = set()

    def take(self, name: str, size: int) -> bool:
        """Whether a name may have so much more; it is taken then.

        >>> shares = Shares(100)
        >>> [sum(shares.take(name, 1) for _ in range(100)) for name in ("noisy", "noisy too", "quiet")]
        [50, 25, 12]
        """
        name = self._bounded(name)
        if self._taken[name] + size > self._left - size:
            return False
        self._taken[name] += size
        self._left -= size
        return True

    def refused_first(self, name: str) -> bool:
        """Whether this is the first time that it is asked since a name was refused."""
        name = self._bounded(name)
        if name in self._told:
            return False
        self._told.add(name)
        return True

    def _bounded(self, name: str) -> str:
        return name if name in self._taken or len(self._taken) < NAMES_MAX else ""
