"""Which tests run a line, and how long they take: measured once, kept outside git, and anew where files changed."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import signal
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import coverage
import pytest

from tests.mutants.forks import QUIET, downstream, in_forks, module
from tests.mutants.made import FOLDERS, ROOT, files

# A test that takes longer is not asked; a file with many such is left early.
_TEST_S, _TOO_SLOW, _FILE_S = 20, 8, 400.0
_WORD = re.compile(r"[A-Za-z_]\w*")
KEPT = ROOT / ".mutants"


class _Slow(BaseException):
    """Not an Exception: Hypothesis would try the example again."""


class _Watch:
    """Notes how long each test takes, and tells coverage which one runs."""

    def __init__(self, covered: coverage.Coverage) -> None:
        self.covered = covered
        self.seconds: dict[str, float] = {}
        self.unfit: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        def late(*_: Any) -> None:
            raise _Slow

        signal.signal(signal.SIGPROF, late)
        self.covered.switch_context(item.nodeid)
        start = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, _TEST_S)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.seconds[item.nodeid] = round(time.process_time() - start, 3)
            self.covered.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.unfit.add(report.nodeid)


def _measure(file: str) -> dict[str, Any]:
    """What each test of a file takes and which lines it runs; for a process of its own."""
    covered = coverage.Coverage(data_file=None, config_file=False, source_pkgs=["tocsin"])
    covered.start()
    watch = _Watch(covered)
    pytest.main([*QUIET, f"--maxfail={_TOO_SLOW}", file], plugins=[watch])
    covered.stop()
    data = covered.get_data()
    lines: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for path in data.measured_files():
        for line, tests in data.contexts_by_lineno(path).items():
            for test in tests:
                lines[test][str(Path(path).relative_to(ROOT))].append(line)
    fit = {test: [seconds, lines[test]] for test, seconds in watch.seconds.items() if test not in watch.unfit}
    return {"tests": fit, "unfit": sorted(watch.unfit)}


@cache
def _digest(path: str) -> str:
    file = ROOT / path
    return hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest() if file.is_file() else "gone"


def _test_files(interpreted: bool, paths: set[str]) -> list[str]:
    """What may notice a change in these files; with kernels interpreted, what does not take minutes then.

    The service's own tests start whole services, and are asked of nothing else.
    """
    served = any(path.startswith("src/tocsin/service/") for path in paths)
    asked = [folder for folder in (*FOLDERS, "replay") if served or folder != "service"]
    wide = [*(f"unit/{folder}/test_*.py" for folder in asked), "laws/test_*.py", "reference/test_*.py"]
    few = [*(f"unit/{folder}/test_*.py" for folder in FOLDERS[:4]), *(f"laws/test_{name}*.py" for name in FOLDERS[:4])]
    wanted = [*(few if interpreted else [*wide, "nights/test_*.py"]), "house/test_complete.py"]
    return [path.relative_to(ROOT).as_posix() for one in wanted for path in sorted((ROOT / "tests").glob(one))]


def measure(interpreted: bool, paths: set[str], jobs: int) -> dict[str, Any]:
    """Each test's seconds and lines; those files' tests anew that changed or run one of `paths` that changed."""
    kept = KEPT / ("interpreted.json" if interpreted else "compiled.json")
    known: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}

    def stale(file: str) -> bool:
        if file not in known or known[file]["digests"][file] != _digest(file):
            return True
        changed = any(_digest(path) != digest for path, digest in known[file]["digests"].items())
        return changed and not paths.isdisjoint(known[file]["digests"])

    reach = frozenset[str]().union(*(downstream(module(path)) for path in paths))
    wanted = [file for file in _test_files(interpreted, paths) if module(file) in reach and stale(file)]
    for path in (*wanted, *files(FOLDERS)):
        _digest(path)  # as they are now, whatever is written while their tests run
    if wanted:
        print(f"measuring which lines {len(wanted)} test files run", flush=True)
    for file, found in in_forks(((file, partial(_measure, file), _FILE_S) for file in wanted), jobs):
        found = found or {"tests": {}, "unfit": ["all: too slow"]}
        run = {path for _, lines in found["tests"].values() for path in lines}
        known[file] = {**found, "digests": {path: _digest(path) for path in sorted({file, *run})}}
        print(f"  {file}: {len(found['tests'])} tests, {len(found['unfit'])} unfit", flush=True)
        KEPT.mkdir(exist_ok=True)
        kept.write_text(json.dumps(known))
    return {test: told for file in known for test, told in known[file]["tests"].items()}


class Seen:
    """Finds the tests that a changed line may turn red."""

    def __init__(self, tests: dict[str, Any]) -> None:
        self.seconds: dict[str, float] = {test: told[0] for test, told in tests.items()}
        self._by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._by_file: dict[str, set[str]] = defaultdict(set)
        for test, (_, lines) in tests.items():
            for path in lines:
                self._by_file[path].add(test)
                for line in lines[path]:
                    self._by_line[path, line].add(test)

    def tests(self, path: str, line: int, budget_s: float) -> tuple[list[str], float, bool]:
        """The fastest that fit the budget, file by file; the seconds they take; whether those are all.

        They are the tests that run the line; of what is run at import, those that run a line which says its name.
        """
        seen = set[str]()
        lines, names = _statement(path)[line]
        found = {test for one in lines for test in self._by_line[path, one]}
        reach = downstream(module(path))
        while names := names - seen:
            seen |= names
            said = [place for name in names for place in _words().get(name, ()) if module(place[0]) in reach]
            names = set()
            for place in said:
                lines, more = _statement(place[0])[place[1]]
                found |= {test for one in lines for test in self._by_line[place[0], one]}
                names |= more
        if seen:
            found |= {test for test in self.seconds if seen & _imported(test.split("::")[0])}
        fast = sorted(found or self._by_file[path], key=lambda test: self.seconds[test])
        chosen = fast[: bisect_right(list(accumulate(self.seconds[test] for test in fast)), budget_s)]
        # What a file's tests set up together is set up once.
        first = {test.split("::")[0]: number for number, test in reversed(list(enumerate(chosen)))}
        by_file = sorted(chosen, key=lambda test: first[test.split("::")[0]])
        return by_file, sum(self.seconds[test] for test in chosen), len(chosen) == len(fast)


@cache
def _words() -> dict[str, list[tuple[str, int]]]:
    """Where each word stands in the package: file and line."""
    return words_in(ROOT / "src")


def words_in(folder: Path) -> dict[str, list[tuple[str, int]]]:
    """Where each word stands in the files below a folder: file and line."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for word in set(_WORD.findall(line.split("#")[0])):
                found[word].append((path.relative_to(ROOT).as_posix(), number))
    return found


@cache
def _imported(file: str) -> set[str]:
    """What a test file takes from the package."""
    nodes = [one for one in ast.walk(ast.parse((ROOT / file).read_bytes())) if isinstance(one, ast.ImportFrom)]
    return {one.name for node in nodes if (node.module or "").startswith("tocsin") for one in node.names}


@cache
def _statement(path: str) -> dict[int, tuple[range, set[str]]]:
    """For each line those of its innermost statement (of a compound one, its head) and, at import, names it makes."""
    found: dict[int, tuple[range, set[str]]] = defaultdict(lambda: (range(0), set()))

    def walk(node: ast.AST, at_import: bool) -> None:
        for child in ast.iter_child_nodes(node):
            inner = at_import
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                body = getattr(child, "body", None)
                last = body[0].lineno - 1 if body else child.end_lineno or child.lineno
                lines = range(child.lineno, max(last, child.lineno) + 1)
                for line in range(child.lineno, (child.end_lineno or child.lineno) + 1):
                    found[line] = lines, _made(child) if at_import else set()
                inner = at_import and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            walk(child, inner)

    walk(ast.parse((ROOT / path).read_bytes()), True)
    return found


def _made(node: ast.AST) -> set[str]:
    """The names that a statement makes."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()
