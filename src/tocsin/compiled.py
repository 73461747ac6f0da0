"""Where compiled kernels are kept: in a folder of their own for every state of the kernels' sources.

numba looks only at a function's own file to see whether its cache is stale. A kernel has the code of all that it calls
and the constants of all that it imports compiled into it, so after an update the old code would be run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent
# Where this process keeps them, once `use` was called; None: nowhere.
kept: Path | None = None
_OWN = "tocsin-kernels-"
# A module with functions that are compiled; others may call numba in a way of their own.
_KERNEL = re.compile(rb"^from (?:tocsin\.kernels|numba) import", re.MULTILINE)
_IMPORT = re.compile(rb"^\s*(?:from|import) tocsin\.([\w.]+)", re.MULTILINE)


def sources(package: Path = PACKAGE) -> dict[str, bytes]:
    """The text of every module that holds kernels or is imported by one that does, by its path in the package."""
    texts = {
        path.relative_to(package).as_posix(): path.read_bytes()
        for files in ("kernels.py", "model/*.py", "earth/**/*.py", "track/**/*.py", "forecast/*.py", "plan/*.py")
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


def cache_folder(package: Path = PACKAGE) -> Path | None:
    """The folder for these sources in the first place that can be written; None: there is none.

    The places: NUMBA_CACHE_DIR, and no other where that is set; else beside the sources, the folder that systemd gives
    (CacheDirectory=), and the user's cache. Never one that others may write to: what lies there is run.
    """
    digest = hashlib.blake2b(digest_size=8)
    for name, text in sources(package).items():
        digest.update(f"{name} {len(text)}\n".encode() + text)
    place = next((place for place in _places(package) if _can_be_written(place)), None)
    return None if place is None else place / f"{_OWN}{digest.hexdigest()}"


def _places(package: Path) -> list[Path]:
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        # A process started by another one is given that one's folder.
        return [Path(given).parent if Path(given).name.startswith(_OWN) else Path(given)]
    found = [package / "__pycache__"]
    if ours := os.environ.get("CACHE_DIRECTORY"):
        found.append(Path(ours.split(":")[0]))
    users = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    return [*found, Path(users) / "tocsin"]


def _can_be_written(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def use() -> None:
    """Tell numba, in this process and in those it starts, to keep kernels in `cache_folder`.

    Kernels that were compiled at install beside sources which cannot be written are copied there: numba uses no folder
    that it may not write to.
    """
    global kept
    kept = cache_folder()
    if kept is None:
        return
    installed = PACKAGE / "__pycache__" / kept.name
    if not kept.exists() and installed.is_dir():
        _copy(installed, kept)
    os.environ["NUMBA_CACHE_DIR"] = str(kept)
    if numba := sys.modules.get("numba.core.config"):
        numba.reload_config()


def _copy(installed: Path, to: Path) -> None:
    """Whole or not at all, whoever else does the same; where it cannot be done, they are compiled anew."""
    part = to.with_name(f"{to.name}.{os.getpid()}")
    try:
        shutil.copytree(installed, part)
        part.rename(to)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)


def trouble() -> str | None:
    """That kernels are compiled anew at every start, in a sentence, and what to do; None: they are kept."""
    if kept is not None:
        return None
    given = os.environ.get("NUMBA_CACHE_DIR")
    where = f"NUMBA_CACHE_DIR ({given}) cannot be written" if given else "there is no folder that can be written"
    return (
        f"{where}: kernels are compiled in memory, which takes minutes at every start; "
        "set NUMBA_CACHE_DIR to a folder that is this user's alone"
    )
