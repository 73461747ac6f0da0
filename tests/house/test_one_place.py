"""One rule, one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tocsin"
TREES = {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
# Values of the constants of nature, and others somebody may take for them.
NATURE = {
    340.0, 340.1, 340.29, 340.3, 343.0, 9.8, 9.80665, 9.81, 3.986004418e14, 7.292115e-5, 6_371_008.8, 6_371_000.0,
}  # fmt: skip
HOME = "earth/physics.py"


def _natural(tree: ast.AST) -> list[float]:
    """Constants of nature written out; whole numbers may mean anything."""
    numbers = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [number for number in numbers if isinstance(number, float) and number in NATURE]


def test_a_constant_of_nature_is_written_once() -> None:
    found = {name: _natural(tree) for name, tree in TREES.items()}
    assert sorted(found.pop(HOME)) == sorted({9.80665, 340.3, 3.986004418e14, 7.292115e-5, 6_371_008.8})
    assert not {name: numbers for name, numbers in found.items() if numbers}


@pytest.mark.parametrize("called", ["sensors_from_json", "zones_from_geojson"])
def test_a_file_of_the_sector_is_read_in_one_place(called: str) -> None:
    callers = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == called
    }
    assert callers == {"replay/configuration.py"}
