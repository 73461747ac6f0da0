"""Real NATS servers for a while: Debian's nats-server, three as one JetStream cluster on free ports of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tocsin.cluster import servers

# Three elect a leader within a second or two; a machine of tests is slow.
START_S_MAX = 30.0
LOOK_S = 0.05
Found = TypeVar("Found")


class NatsServers:
    """A cluster of them; which of them runs, whoever holds it decides. They are called by their numbers, from 0.

    addresses   where each takes clients, as `cluster.servers` takes them
    """

    def __init__(self, folder: Path, count: int) -> None:
        """Write what each is told, into a folder for each. Raises Missing."""
        self._servers = servers.nats_servers(folder, count)
        self.addresses = tuple(one.address for one in self._servers)

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of those that run."""
        return tuple(number for number, one in enumerate(self._servers) if one.alive)

    def start(self, *numbers: int) -> None:
        """Start these, or all that do not run, and return when a majority answers. Raises TimeoutError."""
        for number in numbers or range(len(self._servers)):
            if not self._servers[number].alive:
                self._servers[number].start()
        if len(self.running) > len(self._servers) // 2:
            self._until(lambda: all(self._servers[number].leader in self._names for number in self.running) or None)

    def kill(self, *numbers: int) -> None:
        """End these at once, or all that run, as a power cut would."""
        for number in numbers or self.running:
            self._servers[number].kill()

    def pause(self, number: int) -> None:
        """Let one hang: it keeps its connections and says nothing."""
        self._servers[number].hang()

    def resume(self, number: int) -> None:
        """Let one that hangs go on."""
        self._servers[number].resume()

    def leader_of(self, stream: str) -> int:
        """Who leads a stream, as he says himself. Raises TimeoutError where nobody does for long."""
        return self._until(lambda: next((one for one in self.running if self._servers[one].leads(stream)), None))

    @property
    def _names(self) -> set[str]:
        return {self._servers[number].name for number in self.running}

    def _until(self, look: Callable[[], Found | None]) -> Found:
        end_s = time.monotonic() + START_S_MAX
        while (found := look()) is None:
            if time.monotonic() > end_s:
                raise TimeoutError(f"the NATS servers: they have no leader within {START_S_MAX:g} s")
            time.sleep(LOOK_S)
        return found


@contextmanager
def nats_servers(folder: Path, *, count: int = 3) -> Iterator[NatsServers]:
    """So many as one cluster, all of them running. Raises Missing and TimeoutError."""
    made = NatsServers(folder, count)
    try:
        made.start()
        yield made
    finally:
        made.kill()
