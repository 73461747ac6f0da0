"""One process of a cluster: started, killed, hung and started again under its name, its log kept.

`Program` is a program of others. `Forked` is one of our own, forked from a process that has loaded Tocsin and its
kernels already: six of them start in the time of one.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import random
import resource
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tocsin.model.errors import Missing

# The first one of ours loads the program and its kernels.
READY_S_MAX = 120.0
END_S_MAX = 10.0
_LOOK_S = 0.05
# Of linux/prctl.h.
_PR_SET_PDEATHSIG = 1

Life = Callable[[], None]
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tocsin.cluster.loaded", "tocsin.command.run"])


class Process(ABC):
    """A name, and the lives that are lived under it one after the other.

    name    what people call it
    log     where all its lives write what they say
    lives   how many there were
    """

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.lives = 0
        self._hung = self._asked = False

    @property
    @abstractmethod
    def pid(self) -> int:
        """The id of the process of this life or of the last; 0 before the first."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether it lives, hung or not."""

    @property
    def ready(self) -> bool:
        """Whether it lives and answers."""
        return self.alive and not self._hung and self._answers()

    def start(self) -> None:
        """Begin a life; `wait_ready` waits until it answers."""
        assert not self.alive, f"{self.name} lives already"
        self.lives += 1
        self._hung = self._asked = False
        self._begin()

    def wait_ready(self, within_s: float = READY_S_MAX) -> None:
        """Return when it answers. Raises Missing, naming its log, when it ends before or takes too long."""
        end_s = time.monotonic() + within_s
        while not self._answers():
            if not self.alive or time.monotonic() > end_s:
                how = f"does not answer within {within_s:g} s of" if self.alive else "ended after"
                raise Missing(f"{self.name} {how} its start: {self.last_words()} (all it said: {self.log})")
            time.sleep(_LOOK_S)

    def last_words(self) -> str:
        """The last line of its log, for people."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it said nothing")

    def kill(self) -> None:
        """End it as kill -9 does, and return when it is gone."""
        self._signal(signal.SIGKILL)
        self._wait(None)

    def hang(self) -> None:
        """It stands still, and whoever speaks to it hears nothing."""
        self._hung = True
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on where it stood still."""
        self._signal(signal.SIGCONT)
        self._hung = False

    def fill_disk(self, full: bool) -> None:
        """From now on none of its files grows, or they do again: what a full disk is, to it alone."""
        if self.alive:
            _, most = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0 if full else most, most))

    def ask_to_end(self) -> None:
        """Tell it to end; `end` waits for it."""
        self._asked = True
        self._signal(self._end_by)
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Ask it to end, once, and end it where it does not."""
        if not self._asked:
            self.ask_to_end()
        if not self._wait(END_S_MAX):
            self.kill()

    # What asks a process to end, and to leave its files whole.
    _end_by = signal.SIGTERM

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    @abstractmethod
    def _wait(self, within_s: float | None) -> bool:
        """Whether it is over; at once where it never began."""

    def _signal(self, number: signal.Signals) -> None:
        # Its id is its own for as long as nobody has waited for it, and only we do.
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Program(Process):
    """A program of others, run with these arguments; as another user where `user` says so and we are root."""

    def __init__(self, name: str, log: Path, arguments: Sequence[str], *, user: str | None = None) -> None:
        super().__init__(name, log)
        self._arguments = list(arguments)
        if (setpriv := shutil.which("setpriv")) is not None:
            other = [] if user is None else [f"--reuid={user}", f"--regid={user}", "--init-groups"]
            self._arguments = [setpriv, "--pdeathsig=KILL", *other, *self._arguments]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return 0 if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _begin(self) -> None:
        with self.log.open("ab") as log:
            # A session of its own: a Ctrl-C is its keeper's alone.
            self._process = subprocess.Popen(  # noqa: S603 - found on this machine, without a shell
                self._arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _wait(self, within_s: float | None) -> bool:
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(within_s)
        return not self.alive


class Forked(Process):
    """A process of our own; `life` is what it does from its first to its last moment, and goes to it by pickle."""

    def __init__(self, name: str, log: Path, life: Life) -> None:
        super().__init__(name, log)
        self.life = life
        self._process: ForkServerProcess | None = None

    @property
    def pid(self) -> int:
        return (self._process and self._process.pid) or 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def _begin(self) -> None:
        process = _forking.Process(target=_live, args=(self.life, str(self.log)), name=self.name)
        process.start()
        self._process = process

    def _wait(self, within_s: float | None) -> bool:
        if self._process is not None:
            self._process.join(within_s)
        return not self.alive


def _live(life: Life, log: str) -> None:
    """In the new process: a session of its own, what it says to its log, and then its life."""
    os.setsid()
    die_with_parent()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    life()


def die_with_parent() -> None:
    """Whoever is killed himself leaves nothing behind: this process dies when the thread ends that started it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def tocsin(*arguments: str) -> None:
    """`tocsin` with these arguments: the life of a node or a front end."""
    sys.argv = ["tocsin", *arguments]
    runpy.run_module("tocsin", run_name="__main__")


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """So many ports of this machine that nothing has just now, all different.

    Nor does anything get them that asks the system for any, as each connection does that is made meanwhile: systems
    give those away from 32768 (Linux) or 49152 (others) upwards.
    """
    found: list[int] = []
    for port in random.SystemRandom().sample(range(20_000, 32_000), 12_000):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"only {len(found)} of {count} ports from 20000 to 31999 are free here")


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
