"""A test that lost to its neighbours is told from one that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.alone import FEW, again, failed

LOSES_ONCE = """
from pathlib import Path

def test_once():
    marker = Path(__file__).with_name("tried")
    tried = marker.exists()
    marker.touch()
    assert tried
"""


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here needs what is installed beside pytest, and it takes seconds to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(folder: Path, tests: str) -> int:
    (folder / "test_told.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q"]
    return subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL).returncode


def test_what_passes_alone_is_named_and_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert again(run(tmp_path, LOSES_ONCE), tmp_path) == 0
    assert "test_told.py::test_once failed beside the others and PASSED ALONE" in capfd.readouterr().out


def test_what_is_broken_fails_alone_as_well(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert again(run(tmp_path, "def test_wrong(): assert 1 == 2"), tmp_path) == 1
    assert "test_told.py::test_wrong failed alone as well" in capfd.readouterr().out


def test_many_failures_are_no_bad_luck(tmp_path: Path) -> None:
    tests = f"import pytest\n\n@pytest.mark.parametrize('n', range({FEW + 1}))\ndef test_wrong(n): assert n < 0"
    status = run(tmp_path, tests)
    # Whoever tried them again would find them mended.
    (tmp_path / "test_told.py").write_text(tests.replace("n < 0", "True"))
    assert len(failed(tmp_path)) == FEW + 1
    assert again(status, tmp_path) == status == 1


@pytest.mark.parametrize("status", [2, 3, 4, 5, 139])
def test_a_run_that_broke_down_is_not_tried_again(tmp_path: Path, status: int) -> None:
    run(tmp_path, LOSES_ONCE)
    assert failed(tmp_path)
    assert again(status, tmp_path) == status
