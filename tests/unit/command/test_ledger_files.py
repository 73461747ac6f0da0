"""A file that is to be written is never one of those that are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadSettings

NOTES = '{"source":"monitor","recorded":"2026-03-01T10:00:00Z","by":"desk","name":"A monitor","kind":"monitor"}\n'


def run(*arguments: Path | str) -> None:
    found = CliRunner().invoke(app, ["ledger", *map(str, arguments)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output


def test_a_ledger_and_an_archive_outlive_whoever_names_them_as_what_is_written(tmp_path: Path) -> None:
    archive, ledger, link = tmp_path / "records.jsonl", tmp_path / "ledger.db", tmp_path / "link"
    archive.write_text(NOTES)
    run("import", archive, "--format", "jsonl", "--ledger", ledger)
    link.symlink_to(ledger)
    before = ledger.read_bytes()
    for written in (archive, ledger, link):
        with pytest.raises(BadSettings, match="name a file of its own"):
            run("import", archive, "--format", "jsonl", "--ledger", ledger, "--rejects", written)
    for written in (ledger, link):
        with pytest.raises(BadSettings, match="name a file of its own"):
            run("export", "--format", "jsonl", "--ledger", ledger, "--out", written)
    assert archive.read_text() == NOTES
    assert ledger.read_bytes() == before
