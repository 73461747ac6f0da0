"""Kernels can be read: what stands where in an array has a name, and none takes more than one can keep in mind."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tocsin"
# Two axes, three of space, two models: smaller numbers say what they are.
INDEX_MAX = 3
PARAMETERS_MAX = 8
MODULES = sorted(path for folder in ("earth", "forecast", "plan", "track") for path in (SOURCE / folder).rglob("*.py"))
DECORATORS = {"kernel", "leaf", "inlined", "released"}


def _indices(node: ast.expr) -> Iterator[ast.expr]:
    """The single indices of a subscript."""
    yield from node.elts if isinstance(node, ast.Tuple) else [node]


def _number(node: ast.expr) -> int | None:
    """The whole number that an index is, a negative one too."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def bare_indices(source: str) -> list[str]:
    """`line: expression` of every subscript with a number in it that is larger than INDEX_MAX."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Subscript)
        and any(abs(_number(index) or 0) > INDEX_MAX for index in _indices(node.slice))
    ]


def compiled(source: str) -> list[ast.FunctionDef]:
    """The functions that are kernels."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and {ast.unparse(one) for one in node.decorator_list} & DECORATORS
    ]


def crowded(source: str) -> list[str]:
    """The kernels that take more than PARAMETERS_MAX."""
    return [node.name for node in compiled(source) if len(node.args.args) > PARAMETERS_MAX]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_stands_where_in_an_array_is_said_by_name(path: Path) -> None:
    assert not bare_indices(path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_kernel_takes_more_than_one_can_keep_in_mind(path: Path) -> None:
    assert not crowded(path.read_text())


@pytest.mark.parametrize("bare", ["track[24]", "p[m, 4]", "out[0, 4] += 1.0", "x[-5]", "settings[7] > 0.5"])
def test_a_bare_number_is_noticed(bare: str) -> None:
    assert bare_indices(f"def f():\n    {bare}")


@pytest.mark.parametrize("named", ["track[LEG_EAST]", "x[3]", "cov[:6, :6]", "np.zeros((2, 9))", "NDArray[np.int64]"])
def test_names_and_small_numbers_pass(named: str) -> None:
    assert not bare_indices(f"def f():\n    {named}")


def test_a_crowd_of_parameters_is_noticed() -> None:
    told = ", ".join("abcdefghi")
    assert crowded(f"@leaf\ndef f({told}):\n    pass") == ["f"]
    assert crowded(f"def f({told}):\n    pass") == []


def test_every_kernel_is_found_by_its_decorator() -> None:
    # Were the decorators called otherwise, the tests above would look at nothing.
    assert sum(len(compiled(path.read_text())) for path in MODULES) > 80
    kernels = importlib.import_module("tocsin.kernels")
    assert all(callable(getattr(kernels, name)) for name in DECORATORS)
