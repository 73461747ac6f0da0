"""What tests there are depends on no clock and no chance: two workers who gather them gather the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
# The last name of what tells another thing each time that it is called.
UNSTEADY = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "uuid4", "urandom"}
UNSTEADY |= {"token_hex", "token_urlsafe", "token_bytes", "random", "randint", "getpid", "mkdtemp"}


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: all but the insides of functions; their decorators and defaults do."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*child.decorator_list, *child.args.defaults, *child.args.kw_defaults):
                if part is not None:
                    yield part
                    yield from _at_import(part)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from _at_import(child)


def unsteady(source: str) -> list[str]:
    """Calls made at import that tell another thing each time; one with a seed or another argument does not."""
    calls = [one for one in _at_import(ast.parse(source)) if isinstance(one, ast.Call)]
    names = [
        (call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func), call) for call in calls
    ]
    return [f"line {call.lineno}: {ast.unparse(call)}" for name, call in names if name in UNSTEADY]


def test_no_module_of_tests_asks_a_clock_or_chance_when_it_is_imported() -> None:
    files = sorted(TESTS.rglob("*.py"))
    assert len(files) > 100
    assert {file.name: found for file in files if (found := unsteady(file.read_text()))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "NOW = datetime.now(UTC)",
        "@pytest.mark.parametrize('t', [time.time()])\ndef test(t): ...",
        "def f(t=now()): ...",
    ],
)
def test_a_clock_that_is_asked_at_import_is_noticed(source: str) -> None:
    assert len(unsteady(source)) == 1


@pytest.mark.parametrize(
    "source", ["def test(): datetime.now(UTC)", "NOW = datetime(2026, 1, 1)", "LATE = lambda: now()"]
)
def test_a_clock_that_is_asked_later_is_no_matter(source: str) -> None:
    assert unsteady(source) == []
