"""Compiled kernels are never older than the sources they were made from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.compiled import PACKAGE, cache_folder, sources

ASK = "import tocsin.track.outer as o; print(o.outer())"


def run(package: Path, code: str, **env: str) -> str:
    """What the code prints with the package that lies in the folder."""
    given = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=given | {"PYTHONPATH": str(package.parent)} | env,
        capture_output=True, text=True, check=True, cwd=package.parent,
    )  # fmt: skip
    return found.stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small tocsin: a kernel that calls a kernel that uses a constant of a third file."""
    made = tmp_path / "tocsin"
    (made / "track").mkdir(parents=True)
    for name in ("__init__.py", "compiled.py", "kernels.py", "track/__init__.py"):
        shutil.copy(PACKAGE / name, made / name)
    (made / "track" / "told.py").write_text("TOLD = 1\n")
    for name, source in (("inner", "told import TOLD as it"), ("outer", "inner import inner as it")):
        result = "it" if name == "inner" else "it()"
        head = f"from tocsin.kernels import leaf\nfrom tocsin.track.{source}\n\n"
        (made / "track" / f"{name}.py").write_text(f"{head}@leaf\ndef {name}():\n    return {result}\n")
    return made


@pytest.mark.parametrize("kept_in", ["beside", "given"])
def test_an_edited_source_is_not_served_from_an_old_cache(package: Path, tmp_path: Path, kept_in: str) -> None:
    env = {"NUMBA_CACHE_DIR": str(tmp_path / "kept") if kept_in == "given" else ""}
    assert run(package, ASK, **env) == "1"
    (package / "track" / "told.py").write_text("TOLD = 2\n")
    assert run(package, ASK, **env) == "2"
    assert len(list(tmp_path.rglob("tocsin-kernels-*"))) == 2


def test_a_process_started_by_another_keeps_its_kernels_beside_the_others(tmp_path: Path) -> None:
    code = "import tocsin, os; print(os.environ['NUMBA_CACHE_DIR'])"
    first = run(PACKAGE, code, NUMBA_CACHE_DIR=str(tmp_path))
    assert Path(first).parent == tmp_path
    assert run(PACKAGE, code, NUMBA_CACHE_DIR=first) == first


def test_a_package_that_cannot_be_written_keeps_its_kernels_in_the_users_cache(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(os, "access", lambda path, _: not Path(path).is_relative_to(package))
    found = cache_folder(package)
    assert found is not None
    assert found.parent == tmp_path / "user" / "tocsin"
    # The folder that systemd makes for the service comes before.
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "given"))
    found = cache_folder(package)
    assert found is not None
    assert found.parent == tmp_path / "given"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert cache_folder(package) is None


def test_where_no_folder_can_be_written_kernels_are_compiled_all_the_same_and_it_is_said(
    package: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "kernels")
    assert run(package, ASK, NUMBA_CACHE_DIR=nowhere) == "1"
    assert not list(tmp_path.rglob("*.nbi"))
    said = run(package, "from tocsin import compiled; print(compiled.trouble())", NUMBA_CACHE_DIR=nowhere)
    assert nowhere in said
    assert "minutes at every start" in said


def test_kernels_compiled_at_install_are_used_where_the_sources_cannot_be_written(
    package: Path, tmp_path: Path
) -> None:
    run(package, ASK, NUMBA_CACHE_DIR="")
    beside = {path.relative_to(package / "__pycache__"): path.read_bytes() for path in package.rglob("*.nb?")}
    assert beside
    run(package, "import tocsin", NUMBA_CACHE_DIR=str(tmp_path / "kept"))
    kept = {path.relative_to(tmp_path / "kept"): path.read_bytes() for path in (tmp_path / "kept").rglob("*.nb?")}
    assert kept == beside


def test_what_kernels_import_counts_and_what_they_do_not_import_does_not() -> None:
    found = sources()
    assert {"track/associate/batch.py", "track/bank.py", "earth/geodesic.py", "forecast/reach.py"} <= set(found)
    assert "track/bulk.py" not in found
