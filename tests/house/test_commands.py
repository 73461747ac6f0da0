"""Commands only parse and print: what they do lives elsewhere, and asking for help does not pay for it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "src" / "tocsin" / "command"
# What `register` imports, and so what `tocsin --help` reads.
COMMANDS = sorted(
    FOLDER / f"{node.module.rpartition('.')[2]}.py"
    for node in ast.walk(ast.parse((FOLDER / "__init__.py").read_text()))
    if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("tocsin.command.")
)
LINES_MAX = 100
HEAVY = ("numpy", "numba", "msgspec", "pydantic", "starlette", "shapely", "rich.table", "tocsin.engine", "tocsin.track")


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_a_command_fits_on_two_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES_MAX


@pytest.mark.parametrize("module", ["tocsin.command.main", "tocsin.replay"])
def test_nothing_heavy_is_loaded_before_it_is_asked_for(module: str) -> None:
    program = f"import sys, {module}; print(*[name for name in {HEAVY} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_every_command_was_found() -> None:
    assert len(COMMANDS) >= 13
