"""Tables on standard output: an edge where a terminal has one, none in a file or a pipe."""

from __future__ import annotations

import pytest
from rich.table import Table

from tocsin.report.tables import table_console

HEADINGS = [f"a heading with many words, number {number}" for number in range(7)]


def _printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    table_console().print(Table(*HEADINGS))
    return capsys.readouterr().out.splitlines()


def test_in_a_pipe_no_heading_of_a_wide_table_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert any(all(one in line for one in HEADINGS) for line in _printed(capsys))


def test_whoever_says_how_wide_his_screen_is_gets_tables_that_fit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert max(map(len, _printed(capsys))) <= 100
