"""One process of a cluster: started, killed, hung and started again under its name, its log kept.

Processes of our own are forked from one that has loaded the program already: six of them start in the time of one.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import pwd
import resource
import runpy
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NoReturn

from tocsin.model.errors import Missing

# The first one loads the program and its kernels.
READY_S_MAX = 120.0
END_S_MAX = 10.0
_LOOK_S = 0.05
# Of linux/prctl.h: be sent a signal when the parent dies, so that nothing is left behind by whoever was killed himself.
_PR_SET_PDEATHSIG = 1

Life = Callable[[], None]
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tocsin.cluster.loaded", "tocsin.command.run"])


class Process:
    """A name, and the lives that are lived under it one after the other.

    name    what people call it
    log     where all its lives write what they say
    lives   how many there were
    """

    def __init__(
        self, name: str, life: Life, log: Path, ready: Callable[[], bool], *, end_by: signal.Signals = signal.SIGTERM
    ) -> None:
        """`life` is what a process does from its first to its last moment; it goes to the process by pickle."""
        self.name = name
        self.log = log
        self.lives = 0
        self._life = life
        self._ready = ready
        self._end_by = end_by
        self._process: ForkServerProcess | None = None
        self._hung = False

    @property
    def pid(self) -> int:
        """The process's id; 0 before its first life."""
        return (self._process and self._process.pid) or 0

    @property
    def alive(self) -> bool:
        """Whether it lives, hung or not."""
        return self._process is not None and self._process.is_alive()

    @property
    def ready(self) -> bool:
        """Whether it answers."""
        return self.alive and not self._hung and self._ready()

    def start(self) -> None:
        """Begin a life; `wait_ready` waits until it answers."""
        assert not self.alive, f"{self.name} lives already"
        self.lives += 1
        self._hung = False
        self._process = _forking.Process(target=_live, args=(self._life, str(self.log)), name=self.name)
        self._process.start()

    def wait_ready(self, within_s: float = READY_S_MAX) -> None:
        """Return when it answers. Raises Missing, naming its log, when it ends before or takes too long."""
        end_s = time.monotonic() + within_s
        while not self._ready():
            if not self.alive or time.monotonic() > end_s:
                how = "does not answer" if self.alive else "ended"
                raise Missing(f"{self.name} {how} after its start: {self.last_words()} (all it said: {self.log})")
            time.sleep(_LOOK_S)

    def last_words(self) -> str:
        """The last line of its log, for people."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it said nothing")

    def kill(self) -> None:
        """End it as kill -9 does, and return when it is gone."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.join()

    def hang(self) -> None:
        """It stands still, and whoever speaks to it hears nothing."""
        self._hung = True
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on where it stood still."""
        self._signal(signal.SIGCONT)
        self._hung = False

    def fill_disk(self, full: bool) -> None:
        """From now on none of its files grows, or they do again: what a full disk is to it alone."""
        if self.alive:
            _, most = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0 if full else most, most))

    def end(self) -> None:
        """Ask it to end, and end it where it does not."""
        if self._process is None:
            return
        self._signal(self._end_by)
        self._signal(signal.SIGCONT)
        self._process.join(END_S_MAX)
        if self._process.is_alive():
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        # Whether it lives is asked of the process that started it and has not yet waited for it: the id is its own.
        if self._process is not None and self._process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _live(life: Life, log: str) -> None:
    """In the new process: a group of its own, so that a Ctrl-C is its keeper's alone, and then its life."""
    os.setsid()
    _die_with_parent()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    life()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def become(program: str, arguments: Sequence[str], user: str | None = None) -> NoReturn:
    """Be another program from here on, as another user where we may choose. The life of what is not ours."""
    if user is not None:
        who = pwd.getpwnam(user)
        os.initgroups(user, who.pw_gid)
        os.setgid(who.pw_gid)
        os.setuid(who.pw_uid)
        # The kernel forgets it where the user changes.
        _die_with_parent()
    os.execv(program, [program, *arguments])  # noqa: S606 - found on this machine, without a shell


def tocsin(*arguments: str) -> None:
    """`tocsin` with these arguments: the life of a node or a front end."""
    sys.argv = ["tocsin", *arguments]
    runpy.run_module("tocsin", run_name="__main__")


def free_ports(count: int) -> list[int]:
    """So many ports of this machine that nothing listens on just now."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
