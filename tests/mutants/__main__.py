"""`make mutants`: change one thing at a time in what a commit touched, and see whether a test goes red."""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.mutants.made import FOLDERS, ROOT, Mutant, files, mutants, touched

HERE = Path(__file__).parent
# At most so many of a change, so that it takes minutes.
CHANGE_MAX = 150


def chosen(args: argparse.Namespace) -> list[Mutant]:
    """A sample of the folders', or those on the lines that a change touched."""
    folders = tuple(args.folder) or FOLDERS
    found = [one for path in files(folders) for one in (mutants(path) if args.sample or path in args.lines else [])]
    if not args.sample:
        found = [one for one in found if one.line in args.lines[one.path]]
    # Lowest digest first: a sample does not change with what is written elsewhere.
    found.sort(key=lambda one: hashlib.blake2b(f"{args.seed} {one.key}".encode(), digest_size=8).digest())
    most = args.sample or CHANGE_MAX
    if len(found) > most:
        print(f"{most} of {len(found)} mutants (seed {args.seed})")
    return sorted(found[:most], key=lambda one: (one.path, one.line, one.operator, one.occurrence))


def judge(wanted: list[Mutant], interpreted: bool, args: argparse.Namespace) -> list[tuple[Mutant, str]]:
    """Each mutant with what became of it; what no test noticed is printed at once."""
    from tests.mutants.forks import in_forks, prepare, trial
    from tests.mutants.seen import Seen, measure

    prepare(interpreted)
    seen = Seen(measure(interpreted, {one.path for one in wanted}, args.jobs))
    listed = tomllib.loads((HERE / "equivalent.toml").read_text())["mutant"]
    argued = {(one["file"], one["before"], one["after"]) for one in listed}
    cut: set[Mutant] = set()
    found: list[tuple[Mutant, str]] = []

    def note(one: Mutant, word: str) -> None:
        found.append((one, word))
        if word not in ("killed", "timeout", "equivalent", "no Python"):
            before, after = one.change()
            print(f"{word}: {one.path}:{one.line}\n  - {before}\n  + {after}", flush=True)

    def tasks() -> Iterator[tuple[Mutant | str, Callable[[], int], float]]:
        path = ""
        for one in wanted:
            text = one.source()
            tests, seconds, all_of_them = seen.tests(one.path, one.line, args.budget)
            if not all_of_them:
                cut.add(one)
            if not is_python(text):
                note(one, "no Python")
            elif (one.path, *one.change()) in argued:
                note(one, "equivalent")
            elif not tests:
                note(one, "out of budget" if one in cut else "survived")
            else:
                if path != one.path:
                    path = one.path
                    yield path, partial(trial, path, (ROOT / path).read_text(), tests), 3 * seconds + 15
                yield one, partial(trial, one.path, text, tests), 3 * seconds + 15

    for one, code in in_forks(tasks(), args.jobs):
        if isinstance(one, str):
            if code != 0:
                print(f"{one}: unchanged, its tests fail all the same ({code}): what is said of it is worth nothing")
        else:
            alive = "out of budget" if one in cut else "survived"
            note(one, {None: "timeout", 0: alive, 1: "killed", 2: "killed"}.get(code, f"pytest said {code}"))
    return found


def is_python(text: str) -> bool:
    """Whether a changed file still can be compiled."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def report(found: list[tuple[Mutant, str]], floors: dict[str, float]) -> bool:
    """Print what became of them, folder by folder; whether none is below its floor."""
    words = ("killed", "timeout", "survived", "out of budget", "equivalent")
    print(f"{'folder':10}{'mutants':>9}" + "".join(f"{word:>15}" for word in words) + f"{'score':>9}{'floor':>8}")
    held = True
    for folder in FOLDERS:
        count = Counter(word for one, word in found if one.folder == folder)
        judged = sum(count[word] for word in words) - count["equivalent"]
        if judged:
            score = 100 * (count["killed"] + count["timeout"]) / judged
            held &= score >= floors.get(folder, 0)
            row = f"{folder:10}{judged + count['equivalent']:>9}" + "".join(f"{count[word]:>15}" for word in words)
            print(f"{row}{score:>8.1f}%{floors.get(folder, 0):>7}%")
    return held


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, help="so many of the folders' mutants, not those of a change")
    parser.add_argument("--folder", action="append", choices=FOLDERS, default=[])
    parser.add_argument("--against", default="origin/main", help="what a change is compared with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=20.0, help="seconds of tests a mutant, fastest first")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    os.chdir(ROOT)
    args.lines = {} if args.sample else touched(args.against)

    from tocsin.compiled import sources

    kernels = {f"src/tocsin/{name}" for name in sources()}
    wanted = chosen(args)
    found: list[tuple[Mutant, str]] = []
    # What is compiled into kernels is seen only where they are interpreted; all else is faster with them compiled.
    for interpreted in (True, False):
        part = [one for one in wanted if (one.path in kernels) == interpreted]
        if part:
            with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
                found += process.submit(judge, part, interpreted, args).result()
    floors: dict[str, float] = tomllib.loads((HERE / "floors.toml").read_text())
    return 0 if report(found, floors if args.sample else {}) else 1


if __name__ == "__main__":
    raise SystemExit(main())
