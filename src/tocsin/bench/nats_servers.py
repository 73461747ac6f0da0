"""Real NATS servers for a while: Debian's nats-server, three as one JetStream cluster on free ports of this machine."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tocsin.model.errors import Missing

# Three elect a leader within a second or two; a machine of tests is slow.
START_S_MAX = 30.0
LOOK_S = 0.05
Found = TypeVar("Found")
_CONFIGURATION = """
server_name: n{number}
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{seen_at}"
jetstream {{ store_dir: "{store}", max_memory_store: 64MB, max_file_store: 4GB }}
cluster {{ name: tocsin, listen: "127.0.0.1:{route}", routes: [{routes}] }}
"""


def nats_program() -> str:
    """Where it is. Raises Missing where it is not."""
    program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
    if program is None:
        raise Missing("no nats-server; on Debian: apt-get install nats-server")
    return program


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


class NatsServers:
    """A cluster of them; which of them runs, whoever holds it decides. They are called by their numbers, from 0.

    addresses   where each takes clients, as `cluster.servers` takes them
    """

    def __init__(self, folder: Path, count: int) -> None:
        """Write what each is told, into a folder for each. Raises Missing."""
        self._program = nats_program()
        ports = free_ports(3 * count)
        clients, routes, self._seen_at = ports[:count], ports[count : 2 * count], ports[2 * count :]
        self.addresses = tuple(f"nats://127.0.0.1:{port}" for port in clients)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._files: list[Path] = []
        for number in range(count):
            store = folder / f"n{number}"
            store.mkdir(parents=True, exist_ok=True)
            told = _CONFIGURATION.format(
                number=number,
                port=clients[number],
                seen_at=self._seen_at[number],
                store=store,
                route=routes[number],
                routes=", ".join(f'"nats://127.0.0.1:{port}"' for port in routes),
            )
            self._files.append(folder / f"n{number}.conf")
            self._files[-1].write_text(told)

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of those that run."""
        return tuple(sorted(self._running))

    def start(self, *numbers: int) -> None:
        """Start these, or all that do not run, and return when a majority answers. Raises TimeoutError."""
        for number in numbers or range(len(self._files)):
            if number not in self._running:
                log = self._files[number].with_suffix(".log").open("ab")
                with log:
                    self._running[number] = subprocess.Popen(  # noqa: S603 - found above
                        [self._program, "-c", str(self._files[number])], stdout=log, stderr=log
                    )
        if len(self._running) > len(self._files) // 2:
            _until(lambda: all(map(self._healthy, self._running)) or None, "they have no leader")

    def kill(self, *numbers: int) -> None:
        """End these at once, or all that run, as a power cut would."""
        killed = [self._running.pop(number) for number in numbers or self.running]
        for process in killed:
            process.kill()
        for process in killed:
            process.wait()

    def pause(self, number: int) -> None:
        """Let one hang: it keeps its connections and says nothing."""
        self._running[number].send_signal(signal.SIGSTOP)

    def resume(self, number: int) -> None:
        """Let one that hangs go on."""
        self._running[number].send_signal(signal.SIGCONT)

    def leader_of(self, stream: str) -> int:
        """Who leads a stream, as somebody says who runs. Raises TimeoutError where nobody does for long."""
        return _until(lambda: next(self._leaders(stream), None), f"nobody leads {stream}")

    def _leaders(self, stream: str) -> Iterator[int]:
        for number in self.running:
            said = self._ask(number, "jsz?streams=true&accounts=true") or {}
            for account in said.get("account_details") or ():
                for one in account.get("stream_detail") or ():
                    leader = one.get("cluster", {}).get("leader", "")
                    if one["name"] == stream and leader and int(leader[1:]) in self._running:
                        yield int(leader[1:])

    def _healthy(self, number: int) -> bool:
        return (self._ask(number, "healthz") or {}).get("status") == "ok"

    def _ask(self, number: int, path: str) -> dict[str, Any] | None:
        asked = http.client.HTTPConnection("127.0.0.1", self._seen_at[number], timeout=2)
        with closing(asked), suppress(OSError, http.client.HTTPException, msgspec.DecodeError):
            asked.request("GET", f"/{path}")
            return msgspec.json.decode(asked.getresponse().read(), type=dict[str, Any])
        return None


def _until(look: Callable[[], Found | None], why_not: str) -> Found:
    end_s = time.monotonic() + START_S_MAX
    while (found := look()) is None:
        if time.monotonic() > end_s:
            raise TimeoutError(f"the NATS servers: {why_not}")
        time.sleep(LOOK_S)
    return found


@contextmanager
def nats_servers(folder: Path, *, count: int = 3) -> Iterator[NatsServers]:
    """So many as one cluster, all of them running. Raises Missing and TimeoutError."""
    servers = NatsServers(folder, count)
    try:
        servers.start()
        yield servers
    finally:
        servers.kill()
