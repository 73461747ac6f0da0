"""Data flows one way through the folders, and the core touches nothing outside itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.some import some

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tocsin"
CORE = ("model", "earth", "track", "forecast", "warn", "engine", "guard", "twins", "sectors")
# A clock, a socket, a file, a thread or chance in the core, and replay no longer gives what happened.
FORBIDDEN_MODULES = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "requests",
    "secrets", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading",
    "time", "urllib", "uuid", "aiohttp", "apsw", "starlette", "structlog",
}  # fmt: skip
FORBIDDEN_CALLS = {"now", "utcnow", "today", "open", "print", "input", "default_rng", "urandom", "hash", "id"}
BASE = {"model", "earth"}
BELOW = BASE | {
    "track",
    "forecast",
    "warn",
    "engine",
    "journal",
    "ingest",
    "announce",
    "score",
    "simulate",
    "plan",
    "cap",
    "words",
    "ledger",
    "guard",
    "twins",
    "sectors",
}
ARROWS = {
    "model": set(),
    "earth": {"model"},
    "words": {"model"},
    "track": BASE,
    "forecast": BASE,
    "warn": BASE,
    "guard": BASE,
    "cap": BASE | {"words"},
    "engine": BASE | {"track", "forecast", "warn"},
    "journal": BASE,
    "ingest": BASE | {"cap"},
    "announce": BASE | {"cap", "words"},
    "score": BASE,
    "simulate": BASE,
    "ledger": BASE | {"words", "journal", "ingest", "score"},
    "plan": BASE | {"simulate", "forecast", "warn"},
    "sectors": BASE,
    "twins": BASE | {"engine", "guard"},
    "replay": BELOW,
    "report": BELOW | {"replay"},
    "service": BELOW | {"replay"},
    "cluster": BELOW | {"replay", "report", "service"},
    "bench": BELOW | {"replay", "report", "service", "cluster"},
    "command": BELOW | {"replay", "report", "service", "cluster", "bench"},
}


def _modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((SOURCE / folder).rglob("*.py"))]


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _core_breaches(source: str) -> list[str]:
    tree = ast.parse(source)
    found = [name for name in _imports(tree) if name.split(".")[0] in FORBIDDEN_MODULES]
    found += [name for name in _imports(tree) if name.startswith("numpy.random")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FORBIDDEN_CALLS and not (isinstance(node.func, ast.Attribute) and name in ("id", "open")):
                found.append(f"{name}()")
        elif isinstance(node, ast.Attribute) and node.attr == "random":
            found.append(".random")
        elif isinstance(node, ast.keyword) and node.arg == "fastmath":
            found.append("fastmath")
    return found


@pytest.mark.parametrize("path", _modules(*CORE), ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_core_knows_no_clock_file_socket_thread_or_chance(path: Path) -> None:
    assert not _core_breaches(path.read_text())


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from os import path",
        "from datetime import datetime\ndatetime.now()",
        "open('x')",
        "import numpy as np\nnp.random.normal()",
        "import numba\n@numba.njit(fastmath=True)\ndef f(): ...",
    ],
)
def test_a_breach_of_the_core_is_noticed(source: str) -> None:
    assert _core_breaches(source)


@pytest.mark.parametrize("folder", ARROWS)
def test_a_folder_imports_only_what_stands_before_it(folder: str) -> None:
    said = [(path, name) for path in some(_modules(folder)) for name in _imports(ast.parse(path.read_text()))]
    for path, name in some(said):
        parts = name.split(".")
        if parts[0] == "tocsin" and len(parts) > 1 and (SOURCE / parts[1]).is_dir():
            assert parts[1] in ARROWS[folder] | {folder}, f"{path.relative_to(SOURCE)} imports {name}"


def test_every_folder_has_its_place() -> None:
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(ARROWS)


def test_indirect_imports_keep_the_layers_too() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
