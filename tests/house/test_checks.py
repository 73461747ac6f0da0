"""A check that cannot fail is a bug: no test looks at nothing, and every test asserts something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.some import some

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted(TESTS.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
# What these give has as many members as what they are given.
AS_MANY = {"enumerate", "sorted", "reversed", "list", "tuple", "set", "frozenset", "dict"}
SINGLE = ast.Constant | ast.Name | ast.Attribute
VIEWS = {"items", "values", "keys", "tolist"}
# They raise where something is not as it should be: the browser's waiting checks and a described API's among them.
ASSERTING = {"raises", "warns", "fail", "expect", "validate_response"}


def _called(node: ast.AST) -> str:
    """The last name of what is called: `all` of `np.all(…)`."""
    if isinstance(node, ast.Call):
        return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return ""


def there(node: ast.expr) -> bool:
    """Whether what is looked at cannot be empty: it goes through `some`, is written out, or is a table."""
    match node:
        case ast.Constant():
            return bool(node.value)
        case ast.Tuple(elts=many) | ast.List(elts=many) | ast.Set(elts=many):
            return any(not isinstance(one, ast.Starred) for one in many)
        case ast.Dict(keys=many):
            return bool(many)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.Compare(left=left, comparators=[right]) | ast.BinOp(left=left, right=right):
            # What is compared with it may be one number: that says nothing of how many there are.
            return any(there(side) for side in (left, right) if not isinstance(side, SINGLE))
        case ast.UnaryOp(operand=inner):
            return there(inner)
        case ast.GeneratorExp(generators=loops) | ast.ListComp(generators=loops) | ast.SetComp(generators=loops):
            return not [loop for loop in loops if loop.ifs or not there(loop.iter)]
        case ast.Call(func=func, args=told):
            name = _called(node)
            if name in VIEWS and isinstance(func, ast.Attribute):
                return there(func.value)
            if name == "range":
                return not [one for one in told if not isinstance(one, ast.Constant) and not ast.unparse(one).isupper()]
            if name == "map":
                return there(told[1])
            if name == "zip":
                return any(map(there, told)) and bool(node.keywords)
            return name == "some" or (name in AS_MANY | {"diff", "abs", "isfinite"} and bool(told) and there(told[0]))
    return False


def _looked_at(node: ast.AST) -> ast.expr | None:
    """What an `all(…)`, `np.all(…)`, `….all()` or `not any(…)` looks at."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and _called(node.operand) == "any":
        node = node.operand
    elif _called(node) != "all":
        return None
    assert isinstance(node, ast.Call)
    if node.args:
        return node.args[0]
    return node.func.value if isinstance(node.func, ast.Attribute) else None


def empty_looks(source: str) -> list[str]:
    """`line: expression` of each `all` that is true of nothing, and may be asked of nothing."""
    looks = [(node, _looked_at(node)) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)]
    return [f"{node.lineno}: {ast.unparse(node)}" for node, at in looks if at is not None and not there(at)]


def _checks(function: ast.AST, helpers: set[str], loop: ast.For | None = None) -> Iterator[ast.For | None]:
    """For each assertion the loop that it stands in and that may run over nothing; None where there is none."""
    for node in ast.iter_child_nodes(function):
        name = _called(node)
        if isinstance(node, ast.Assert) or name in ASSERTING | helpers or name.startswith("assert"):
            yield loop
        inner = node if isinstance(node, ast.For) and not there(node.iter) else loop
        yield from _checks(node, helpers, inner)


def _asserting(functions: dict[str, Function]) -> set[str]:
    """The functions of a file that assert, or call one that does."""
    found: set[str] = set()
    while more := {name for name, one in functions.items() if any(True for _ in _checks(one, found))} - found:
        found |= more
    return found


def toothless(source: str) -> list[str]:
    """The tests that assert nothing, or only in a loop that may run over nothing.

    Not asked of a law's loops: among many examples some may well have nothing to look at.
    """
    nodes = ast.walk(ast.parse(source))
    functions = {node.name: node for node in nodes if isinstance(node, Function)}
    helpers = _asserting(functions)
    found = []
    for name, function in functions.items():
        if name.startswith("test_"):
            loops = list(_checks(function, helpers - {name}))
            law = any("given" in ast.unparse(one) for one in function.decorator_list)
            if not loops or (not law and None not in loops):
                found.append(name)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_check_passes_over_nothing(path: Path) -> None:
    assert not empty_looks(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_every_test_asserts_something(path: Path) -> None:
    assert not toothless(path.read_text())


@pytest.mark.parametrize(
    "check",
    ["all(one > 3 for one in found)", "np.all(found > 3)", "(found > 3).all()", "not any(one < 3 for one in found)",
     "all(some(found) for one in found if one)", "all(one for one in some(a) for one in b)", "all(range(steps))"],
)  # fmt: skip
def test_a_look_at_what_may_be_empty_is_noticed(check: str) -> None:
    assert empty_looks(f"def test_it():\n    assert {check}")


@pytest.mark.parametrize(
    "check",
    ["all(one > 3 for one in some(found))", "np.all(some(found) > 3)", "some(found > 3).all()", "all(some(found))",
     "all(one for one in (1, 2))", "all(TABLE.values())", "all(one for one in range(9))", "any(found)"],
)  # fmt: skip
def test_a_look_at_what_is_there_passes(check: str) -> None:
    assert not empty_looks(f"def test_it():\n    assert {check}")


@pytest.mark.parametrize(
    "body",
    ["found()", "for one in found:\n        assert one", "for one in found[1:]:\n        with pytest.raises(E): one()"],
)
def test_a_test_that_may_assert_nothing_is_noticed(body: str) -> None:
    assert toothless(f"def test_it():\n    {body}") == ["test_it"]


@pytest.mark.parametrize(
    "body",
    ["assert found", "for one in some(found):\n        assert one", "checked()", "np.testing.assert_equal(a, b)"],
)
def test_a_test_that_asserts_passes(body: str) -> None:
    assert not toothless(f"def checked():\n    assert x\n\ndef test_it():\n    {body}")


def test_what_is_empty_is_refused_and_what_is_not_comes_back() -> None:
    nothing: Any
    for nothing in ([], {}, "", np.zeros((0, 2)), iter(())):
        with pytest.raises(AssertionError, match="nothing to look at"):
            some(nothing)
    assert some(one for one in (1, 2)) == [1, 2]
    assert some(np.zeros(1)).tolist() == [0.0]
