"""Processes that have numpy, numba and the rest imported already, one for each thing that may break or hang."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import re
import resource
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.made import FOLDERS, ROOT

# How pytest runs here: nothing kept, nothing shown, and what takes other programs or minutes left out.
QUIET = [
    "-q", "--tb=no", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:anyio",
    "-m", "not server and not browser and not compiled",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
]  # fmt: skip

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.MULTILINE
)
# A task may wait for others, or for its turn on a busy machine, so many times as long as it may compute.
_WAIT = 8


def prepare(interpreted: bool) -> None:
    """Import what every test needs, once; with kernels interpreted, or compiled and warm."""
    import tocsin  # noqa: F401 - where compiled kernels are kept is said before numba is imported

    os.environ["NUMBA_DISABLE_JIT"] = str(int(interpreted))
    import_all()
    if not interpreted:
        importlib.import_module("tocsin.service.warmup").warm_up()
    from hypothesis import HealthCheck, Phase, settings

    # The same examples every time, and none sought that is smaller than the first that fails.
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    settings.load_profile("mutants")
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*QUIET, "--version"])  # imports its plugins
    _imports()
    gc.freeze()


def import_all() -> None:
    """Import what is changed and what it is tried with, but what Alembic runs: that is no module of ours to import."""
    for folder in (*FOLDERS, "replay", "simulate"):
        package = importlib.import_module(f"tocsin.{folder}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name:
                importlib.import_module(module.name)


def in_forks(tasks: Iterator[tuple[Any, Callable[[], Any], float]], jobs: int) -> Iterator[tuple[Any, Any]]:
    """Run each task (its name, what to do, seconds of a core) in a process of its own: names and answers as they come.

    None where it ran out of time or died; with it dies what it started.
    """
    running: dict[int, tuple[Any, float]] = {}
    with tempfile.TemporaryDirectory() as folder:

        def answer(pid: int) -> Any:
            path = Path(folder, str(pid))
            return json.loads(path.read_text()) if path.exists() else None

        def reap() -> Iterator[tuple[Any, Any]]:
            for pid, (name, until) in list(running.items()):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del running[pid]
                    yield name, answer(pid)
                elif time.monotonic() > until:
                    os.killpg(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    del running[pid]
                    yield name, None
            time.sleep(0.01)

        for name, task, seconds in tasks:
            while len(running) >= jobs:
                yield from reap()
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                _child(task, folder, int(seconds))
            running[pid] = name, time.monotonic() + _WAIT * seconds
        while running:
            yield from reap()


def _child(task: Callable[[], Any], folder: str, seconds: int) -> None:
    """Do the task without a voice, leave the answer in the folder, and end without any of the parent's farewells."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    try:
        path = Path(folder, str(os.getpid()))
        text = json.dumps(task())
        path.with_suffix(".part").write_text(text)
        path.with_suffix(".part").rename(path)
    finally:
        os._exit(0)


def module(path: str) -> str:
    """The module that a file of the package, or of its tests, is."""
    return ".".join(Path(path.removeprefix("src/")).with_suffix("").parts).removesuffix(".__init__")


@cache
def _imports() -> dict[str, set[str]]:
    """The modules of the package and its tests that each of them imports, anywhere in it: in programs it writes too."""
    paths = {path.relative_to(ROOT).as_posix(): path for top in ("src", "tests") for path in (ROOT / top).rglob("*.py")}
    names = {module(path) for path in paths}
    return {module(path): imported(file.read_text()) & names for path, file in paths.items()}


def imported(text: str) -> set[str]:
    """The names of what a text imports, and of what it imports from: to parse all files takes twenty times as long."""
    said: set[str] = set()
    for source, taken, plain in _IMPORT.findall(text):
        words = [one.split()[0] for one in re.sub(r"#.*", "", taken or plain).strip("()").split(",") if one.split()]
        said |= {source, *(f"{source}.{word}" for word in words)} if source else set(words)
    return said


@cache
def downstream(name: str) -> frozenset[str]:
    """A module and all that import it, directly or through others."""
    found = {name}
    while more := {one for one, said in _imports().items() if said & found} - found:
        found |= more
    return frozenset(found)


class _Changed(SourceFileLoader):
    """Loads a module from a changed text."""

    text: str

    def get_code(self, fullname: str) -> types.CodeType:
        return compile(self.text, self.path, "exec", dont_inherit=True)


class _Finder:
    """Finds one module, changed."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == self.name else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Changed(name, spec.origin)
            spec.loader.text = self.text
        return spec


class _Chosen:
    """Runs these tests, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.order = {name: number for number, name in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid])


def forget(name: str) -> None:
    """Have a module, and all that import it, imported anew by whoever asks for them next."""
    for one in downstream(name):
        sys.modules.pop(one, None)
        package, _, leaf = one.rpartition(".")
        if package in sys.modules:
            # Else `from tocsin.warn import alerts` would still give the one before.
            vars(sys.modules[package]).pop(leaf, None)


def trial(path: str, text: str, tests: list[str]) -> int:
    """Pytest's exit code with this text in the file's place: 0 when no test notices. For a process of its own."""
    name = module(path)
    forget(name)
    sys.meta_path.insert(0, _Finder(name, text))
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    return int(pytest.main([*QUIET, "-x", *files], plugins=[_Chosen(tests)]))
