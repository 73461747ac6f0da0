"""The ledger's bench takes in what it makes, every row of it, and measures what its reach is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.bench import ledger_store


def test_everything_that_is_made_is_taken_in_and_every_figure_of_the_reach_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, few in {"INCIDENTS": 40, "SOURCES": 20, "SHOWN": 20, "LARGEST": 5}.items():
        monkeypatch.setattr(ledger_store, name, few)
    found = ledger_store.figures(claims=200)
    assert found["rows_kept"] == 260
    assert set(found) >= set(ledger_store.REACH)
    assert found["page_ms_p99"] > 0
    assert found["claims_of_the_largest"] > 200 / 40
    assert list(tmp_path.iterdir()) == []
