"""Mutants of a file: each differs from it by one operator, number, condition or keyword. Nothing is written to disk."""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast, is_number
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Number

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "model", "earth", "track", "forecast", "warn", "engine", "journal", "announce", "cap", "ingest", "score",
    "guard", "sectors", "twins", "service",
)  # fmt: skip

# Up to here a whole number counts, and one more or less is the likely slip. Of what is measured one metre in thirty
# thousand is nothing; a half and a double are what a wrong unit or factor makes.
_COUNTED = 100
# Of cosmic-ray's own. Left out: other pairs of binary operators (most only crash), decorators (they say how, not what).
_PAIRS = {
    "ReplaceBinaryOperator": "Add_Sub Sub_Add Mul_Div Div_Mul FloorDiv_Div Mod_Mul Pow_Mul BitOr_BitAnd BitAnd_BitOr "
    "BitXor_BitOr LShift_RShift RShift_LShift",
    "ReplaceComparisonOperator": "Lt_LtE LtE_Lt Gt_GtE GtE_Gt Lt_Gt Gt_Lt LtE_GtE GtE_LtE Eq_NotEq NotEq_Eq Is_IsNot "
    "IsNot_Is",
    "ReplaceUnaryOperator": "Delete_Not Delete_USub Delete_Invert",
}
_OPERATORS = [f"{kind}_{pair}" for kind, pairs in _PAIRS.items() for pair in pairs.split()] + [
    "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "ZeroIterationForLoop", "OtherNumber",
]  # fmt: skip
# `frozen` and `slots` are the type checker's affair; `strict` asserts what is equally long anyway.
_UNSEEN_KEYWORDS = {"frozen", "slots", "gc", "weakref", "strict", "kw_only"}
_LOGS = {"log", "_log"}

Span = tuple[tuple[int, int], tuple[int, int]]


class OtherNumber(Operator):  # type: ignore[misc]
    """One more and one less of what is counted; twice and half of what is measured."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if is_number(node):
            yield from [(node.start_pos, node.end_pos)] * 2

    def mutate(self, node: Any, index: int) -> Number:
        value = ast.literal_eval(node.value)
        counted = value == 0 or (isinstance(value, int) and value <= _COUNTED)
        other = (value + 1, value - 1)[index] if counted else (value * 2, value / 2)[index]
        whole = isinstance(value, int) and other == int(other)
        return Number(str(int(other) if whole else other), node.start_pos, prefix=node.prefix)

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


def _operator(name: str) -> Any:
    return OtherNumber() if name == OtherNumber.__name__ else get_operator(f"core/{name}")()


@dataclass(frozen=True)
class Mutant:
    """The `occurrence`-th change that an operator can make in a file; `line` … `last` is the text that changes."""

    path: str
    line: int
    last: int
    operator: str
    occurrence: int
    # The same for the same change while other lines come and go, so that a sample stays what it was.
    key: str

    @property
    def folder(self) -> str:
        return Path(self.path).parts[2]

    def source(self) -> str:
        """The whole changed file."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text: str = mutate_code((ROOT / self.path).read_text(), _operator(self.operator), self.occurrence)
        return text

    def change(self) -> tuple[str, str]:
        """The lines that differ: as they are, and as they become."""
        lines = list(difflib.ndiff((ROOT / self.path).read_text().splitlines(), self.source().splitlines()))
        return tuple(" ".join(" ".join(one[2:].split()) for one in lines if one[0] == sign) for sign in "-+")  # type: ignore[return-value]


def unseen(tree: ast.Module) -> Iterator[tuple[Span, str]]:
    """Where a change means nothing that a test should see, and why."""

    def span(node: Any) -> Span:
        return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)

    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as said) | ast.AnnAssign(annotation=said):
                yield span(said), "type"
            case (
                ast.FunctionDef(returns=said, decorator_list=how)
                | ast.AsyncFunctionDef(returns=said, decorator_list=how)
            ):
                yield from [(span(one), "type or decorator") for one in (said, *how) if one]
            case ast.ClassDef(decorator_list=how, keywords=words):
                yield from [(span(one), "decorator") for one in how]
                yield from [(span(one), one.arg) for one in words if one.arg in _UNSEEN_KEYWORDS]
            case ast.Call(keywords=words):
                yield from [(span(one), one.arg) for one in words if one.arg in _UNSEEN_KEYWORDS]
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Compare(left=ast.Name(id="__name__"))):
                yield span(node), "never run by a test"
            case ast.Assign(targets=[ast.Name(id="__slots__" | "__all__")]):
                yield span(node), "slots"
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name in _LOGS:
                yield span(node), "log"
            case ast.Raise(exc=ast.Call(args=told)):
                yield from [(span(one), "wording of an error") for one in told]
            case ast.Assert(test=test):
                # Turning the whole of it round is seen; weakening what always holds is not.
                yield ((test.lineno, test.col_offset + 1), span(node)[1]), "assertion"


def mutants(path: str) -> list[Mutant]:
    """Every mutant of a file that a test should tell from it and that still is Python."""
    text = (ROOT / path).read_text()
    lines = text.splitlines()
    hidden = [where for where, _ in unseen(ast.parse(text))]
    nodes = list(ast_nodes(get_ast(text)))
    found, twins = [], Counter[tuple[str, str]]()
    for name in _OPERATORS:
        operator = _operator(name)
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(places):
            said = lines[start[0] - 1].strip()
            # cosmic-ray replaces exceptions of one name only, not `msgspec.DecodeError`.
            dotted = name == "ExceptionReplacer" and "." in lines[start[0] - 1][start[1] : end[1]]
            # The star after which arguments must be named is no product.
            star = name.endswith("Mul_Div") and lines[start[0] - 1][start[1] : start[1] + 2] == "*,"
            if dotted or star or any(low <= start and end <= high for low, high in hidden):
                continue
            twins[name, said] += 1
            key = hashlib.blake2b(f"{path} {name} {said} {twins[name, said]}".encode(), digest_size=8).hexdigest()
            found.append(Mutant(path, start[0], end[0], name, occurrence, key))
    return found


def files(folders: tuple[str, ...]) -> list[str]:
    """The source files of these folders."""
    return [
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in sorted((ROOT / "src" / "tocsin" / folder).rglob("*.py"))
    ]


def touched(against: str) -> dict[str, set[int]]:
    """The lines of each source file that differ from what `against` and HEAD have in common, or from HEAD's parent."""

    def git(*told: str) -> str:
        return subprocess.run(["git", *told], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    base = git("merge-base", "HEAD", against)
    if base == git("rev-parse", "HEAD") and not git("diff", "--name-only", "HEAD", "--", "src/tocsin"):
        base = "HEAD~1"
    found: dict[str, set[int]] = {}
    path = ""
    for line in git("diff", "-U0", "--no-ext-diff", base, "--", "src/tocsin").splitlines():
        if line.startswith("+++ "):
            path = line.removeprefix("+++ b/")
        elif match := re.match(r"@@ \S+ \+(\d+)(?:,(\d+))? @@", line):
            first, many = int(match[1]), int(match[2] or 1)
            found.setdefault(path, set()).update(range(first, first + many))
    return found
