"""Files that commands of the ledger read and write, and what of them is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadSettings

# What is said of it moves the cursor and begins a line of its own.
INCIDENT = (
    r'{"record":"incident","id":"raid/1","incident":"raid","recorded":"2026-03-01T10:00:00Z","by":"desk",'
    r'"struck":"\u001b[2Ja\n  where    forged","place":{"lat":50,"lon":30,"sigma_m":1000},'
    r'"window":{"begin":"2026-03-01T02:00:00Z","end":"2026-03-01T03:00:00Z","said":"at night","rule":"by hand"}}'
)


def run(*arguments: Path | str) -> str:
    found = CliRunner().invoke(app, ["ledger", *map(str, arguments)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


def test_a_ledger_and_an_archive_outlive_whoever_names_them_as_what_is_written(tmp_path: Path) -> None:
    archive, ledger, link = tmp_path / "records.jsonl", tmp_path / "ledger.db", tmp_path / "link"
    archive.write_text(INCIDENT)
    run("import", archive, "--format", "jsonl", "--ledger", ledger)
    link.symlink_to(ledger)
    before = ledger.read_bytes()
    for written in (archive, ledger, link):
        with pytest.raises(BadSettings, match="name a file of its own"):
            run("import", archive, "--format", "jsonl", "--ledger", ledger, "--rejects", written)
    for written in (ledger, link):
        with pytest.raises(BadSettings, match="name a file of its own"):
            run("export", "--format", "jsonl", "--ledger", ledger, "--out", written)
    assert archive.read_text() == INCIDENT
    assert ledger.read_bytes() == before


def test_what_others_wrote_moves_no_cursor_and_makes_no_line_of_its_own(tmp_path: Path) -> None:
    notes, ledger = tmp_path / "notes.jsonl", tmp_path / "ledger.db"
    notes.write_text(INCIDENT)
    run("import", notes, "--format", "jsonl", "--ledger", ledger)
    for said in (run("show", "--ledger", ledger), run("show", "raid", "--ledger", ledger)):
        assert r"\x1b[2Ja\n  where    forged" in said
        assert "\x1b" not in said
