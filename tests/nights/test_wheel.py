"""The wheel runs where there is no source tree: from an empty folder, unwritable, without a home, as somebody else."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import skip
from tests.some import some
from tocsin.compiled import PACKAGE, kept
from tocsin.service.http.page import STATIC

ROOT = Path(__file__).resolve().parents[2]
# Nobody: no home, no rights.
SOMEBODY_ELSE = 65_534


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """A folder that others may read, with the wheel unpacked, and its kernels as if they were compiled there."""
    if not (STATIC / "index.html").is_file():
        skip("the live page is not built; run make web")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-wheel-"))
    folder.chmod(0o755)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    with_kernels(folder / "site" / "tocsin")
    yield folder
    shutil.rmtree(folder)


def with_kernels(package: Path) -> None:
    """Our kernels under the names and times that numba looks for there: compiling them anew takes four minutes."""
    assert kept is not None
    for path in some(list(PACKAGE.rglob("*.py"))):
        there = package / path.relative_to(PACKAGE)
        assert there.read_bytes() == path.read_bytes()
        os.utime(there, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    made = package / "__pycache__" / kept.name
    shutil.copytree(kept, made)
    for folder in some([path for path in (PACKAGE, *PACKAGE.rglob("*")) if path.is_dir()]):
        there = package / folder.relative_to(PACKAGE)
        old = made / f"{folder.name}_{hashlib.sha1(str(folder).encode()).hexdigest()}"
        if old.is_dir():
            old.rename(made / f"{there.name}_{hashlib.sha1(str(there).encode()).hexdigest()}")


def tocsin(installed: Path, *words: str, user: int | None, **environment: str) -> str:
    """What the command says, from an empty folder and with no variable but those given."""
    program = (
        f"import sys; sys.path.insert(0, {str(installed / 'site')!r}); from tocsin.command.main import main; main()"
    )
    empty = Path(tempfile.mkdtemp(dir=installed))
    empty.chmod(0o777)
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program, *words], cwd=empty, env=environment, user=user, group=user,
        extra_groups=None if user is None else [], capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return ran.stdout + ran.stderr


@pytest.mark.server
@pytest.mark.parametrize("user", [None, SOMEBODY_ELSE])
def test_an_installed_wheel_finds_its_pages_its_scenarios_and_a_place_for_its_kernels(
    installed: Path, user: int | None
) -> None:
    if user is not None:
        if os.geteuid() != 0:
            pytest.skip("only root can be somebody else")
        if subprocess.run(["setpriv", f"--reuid={user}", "test", "-x", sys.executable], check=False).returncode:
            pytest.skip(f"this Python ({sys.executable}) is for its owner alone")
    cache = installed / f"kernels-{user}"
    cache.mkdir()
    if user is not None:
        os.chown(cache, user, user)
    said = tocsin(installed, "doctor", user=user, NUMBA_CACHE_DIR=str(cache))
    assert f"kept in {cache}" in said, said
    assert "built (" in said, said
    # Those compiled at install are used, and not compiled anew.
    assert kept is not None
    assert {path.name for path in (cache / kept.name).rglob("*.nbi")} == {path.name for path in kept.rglob("*.nbi")}
    said = tocsin(installed, "simulate", "drill", "--out", "night", user=user, NUMBA_CACHE_DIR=str(cache))
    assert "observations" in said, said
