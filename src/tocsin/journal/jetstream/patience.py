"""For how long the brokers have been out of reach, counted only while this process runs: it may be held up itself."""

from __future__ import annotations

# Whoever lives among several brokers is reached again within a fraction of this.
DISCONNECTED_MAX_S = 3.0
# Of the time between two looks no more counts: for the rest we were not running.
LOOK_S_MAX = 0.5


class Patience:
    """Looked at several times a second; everything that came from the brokers is told to it.

    silent_s        since anything came that we read
    unacked_s       for which something has waited for the brokers' word, and none came
    disconnected_s  without any connection
    """

    def __init__(self, island_after_s: float) -> None:
        self._island_after_s = island_after_s
        self.silent_s = self.unacked_s = self.disconnected_s = 0.0

    def heard(self) -> None:
        """Something came from the stream, if only a sign that it is there."""
        self.silent_s = 0.0

    def acked(self) -> None:
        """The brokers have taken something."""
        self.unacked_s = 0.0

    def look(self, passed_s: float, *, connected: bool, waiting: bool) -> None:
        """So much time has passed; `waiting`: for the brokers' word."""
        passed_s = min(passed_s, LOOK_S_MAX)
        self.silent_s += passed_s
        self.unacked_s = self.unacked_s + passed_s if waiting else 0.0
        self.disconnected_s = 0.0 if connected else self.disconnected_s + passed_s

    @property
    def at_end(self) -> bool:
        """Whether this machine is to go on alone."""
        waited_s = max(self.silent_s, self.unacked_s)
        return waited_s > self._island_after_s or self.disconnected_s > DISCONNECTED_MAX_S
