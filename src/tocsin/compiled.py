"""Where compiled kernels are kept: in a folder of their own for every state of the kernels' sources.

numba looks only at a function's own file to see whether its cache is stale. A kernel has the code of all that it calls
and the constants of all that it imports compiled into it, so after an update the old code would be run.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent
_OWN = "tocsin-kernels-"
# A module with functions that are compiled; others may call numba in a way of their own.
_KERNEL = re.compile(rb"^from (?:tocsin\.kernels|numba) import", re.MULTILINE)
_IMPORT = re.compile(rb"^\s*(?:from|import) tocsin\.([\w.]+)", re.MULTILINE)


def sources(package: Path = PACKAGE) -> dict[str, bytes]:
    """The text of every module that holds kernels or is imported by one that does, by its path in the package."""
    texts = {
        path.relative_to(package).as_posix(): path.read_bytes()
        for files in ("kernels.py", "model/*.py", "earth/*.py", "track/**/*.py", "forecast/*.py")
        for path in sorted(package.glob(files))
    }
    wanted = [name for name, text in texts.items() if _KERNEL.search(text)]
    found: dict[str, bytes] = {}
    while wanted:
        name = wanted.pop()
        if name in texts and name not in found:
            found[name] = texts[name]
            wanted += [f"{module.decode().replace('.', '/')}.py" for module in _IMPORT.findall(texts[name])]
    return dict(sorted(found.items()))


def cache_folder(package: Path = PACKAGE) -> Path:
    """The folder for these sources: under NUMBA_CACHE_DIR, else beside them, else in the user's cache."""
    digest = hashlib.blake2b(digest_size=8)
    for name, text in sources(package).items():
        digest.update(f"{name} {len(text)}\n".encode() + text)
    beside = package / "__pycache__"
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        # A process started by another one is given that one's folder.
        base = Path(given).parent if Path(given).name.startswith(_OWN) else Path(given)
    elif os.access(beside if beside.is_dir() else package, os.W_OK):
        base = beside
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "tocsin"  # noqa: PTH111
    return base / f"{_OWN}{digest.hexdigest()}"


def use() -> None:
    """Tell numba, in this process and in those it starts, to keep kernels in `cache_folder`."""
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    if numba := sys.modules.get("numba.core.config"):
        numba.reload_config()
