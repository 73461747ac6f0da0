"""Real NATS servers for a while: Debian's nats-server, three as one JetStream cluster on free ports of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.cluster import servers

# Three elect a leader within a second or two; a machine of tests is slow.
START_S_MAX = 30.0
LOOK_S = 0.05


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
        """Start these, or all that do not run, and return when those that run answer, a majority. Raises Missing."""
        for number in numbers or range(len(self._servers)):
            if not self._servers[number].alive:
                self._servers[number].start()
        if len(self.running) > len(self._servers) // 2:
            for number in self.running:
                self._servers[number].wait_ready(START_S_MAX)

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
        end_s = time.monotonic() + START_S_MAX
        while time.monotonic() < end_s:
            for number in self.running:
                if self._servers[number].leads(stream):
                    return number
            time.sleep(LOOK_S)
        raise TimeoutError(f"the NATS servers: nobody leads {stream}")


@contextmanager
def nats_servers(folder: Path, *, count: int = 3) -> Iterator[NatsServers]:
    """So many as one cluster, all of them running. Raises Missing."""
    made = NatsServers(folder, count)
    try:
        made.start()
        yield made
    finally:
        made.kill()
