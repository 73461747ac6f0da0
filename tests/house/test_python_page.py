"""What the page on Python says to type gives what it says, in an empty folder."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "use-from-python.md"


@pytest.mark.server
@pytest.mark.unfollowed
def test_the_page_on_python_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = doctest.testfile(str(PAGE), module_relative=False)
    assert ran.attempted >= 10
    assert ran.failed == 0
