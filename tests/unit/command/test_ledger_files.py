"""Files that commands of the ledger read and write, and what of them is shown."""

from __future__ import annotations

import codecs
import json
import os
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.ledger.formats import bounded
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.wire import record_from_json
from tocsin.model.errors import BadFile, BadSettings

# What is said of it moves the cursor and begins a line of its own.
INCIDENT = (
    r'{"record":"incident","id":"raid/1","incident":"raid","recorded":"2026-03-01T10:00:00Z","by":"desk",'
    r'"struck":"\u001b[2Ja\n  where    forged","place":{"lat":50,"lon":30,"sigma_m":1000},'
    r'"window":{"begin":"2026-03-01T02:00:00Z","end":"2026-03-01T03:00:00Z","said":"at night","rule":"by hand"}}'
)


NOTES = """recorded = 2026-03-01T10:00:00Z
by = "desk"
[[claim]]
id = "c-1"
incident = "raid"
measure = "killed"
figure = 4
chain = ["café"]
published = 2026-03-01T09:00:00Z
when = "31 February"
zone = "Europe/Kyiv"
personal = { witness = "A. B." }
"""
REDACTION = '[[redaction]]\nid = "r"\nof = "c-1"\nby = "desk"\nrecorded = 2026-03-01T10:00:00Z\n'


def run(*arguments: Path | str, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["ledger", *map(str, arguments)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
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


@pytest.mark.parametrize("text", ["", "{}\n", INCIDENT.replace('"raid/1"', "7")])
def test_an_import_that_keeps_nothing_says_so_and_leaves_no_new_ledger(tmp_path: Path, text: str) -> None:
    archive, ledger, other = tmp_path / "records.jsonl", tmp_path / "ledger.db", tmp_path / "other.db"
    archive.write_text(text)
    assert "0 rows kept" in run("import", archive, "--format", "jsonl", "--ledger", ledger, code=1)
    with pytest.raises(BadFile, match="cannot be read"):
        run("import", tmp_path / "none", "--format", "jsonl", "--ledger", ledger)
    assert [one.name for one in tmp_path.iterdir()] == ["records.jsonl"]
    # One that is there stays, whatever comes.
    archive.write_text(INCIDENT)
    run("import", archive, "--format", "jsonl", "--ledger", other)
    archive.write_text(text)
    run("import", archive, "--format", "jsonl", "--ledger", other, code=1)
    assert "raid" in run("show", "--ledger", other)


def test_an_import_that_keeps_nothing_takes_no_ledger_from_another_that_has_just_made_it(tmp_path: Path) -> None:
    archive, ledger = tmp_path / "records.jsonl", tmp_path / "ledger.db"
    archive.write_text("{}\n")
    with closing(SqliteStore(ledger)) as other:
        run("import", archive, "--format", "jsonl", "--ledger", ledger, code=1)
        other.append([record_from_json(INCIDENT.encode())])
    assert "raid" in run("show", "--ledger", ledger)


def test_an_export_takes_the_place_of_a_link_and_leaves_alone_what_it_led_to(tmp_path: Path) -> None:
    notes, ledger, theirs = tmp_path / "notes.toml", tmp_path / "ledger.db", tmp_path / "theirs"
    notes.write_text(NOTES)
    run("import", notes, "--format", "notes", "--ledger", ledger)
    theirs.write_text("somebody else's")
    theirs.chmod(0o666)
    out = tmp_path / "out.jsonl"
    for planted in (out, tmp_path / "out.jsonl.part"):
        planted.symlink_to(theirs)
    with pytest.raises(BadFile, match="cannot be written"):
        run("export", "--format", "jsonl", "--private", "--out", out, "--ledger", ledger)
    # That one is gone now, and the next time nothing is in the way.
    run("export", "--format", "jsonl", "--private", "--out", out, "--ledger", ledger)
    assert theirs.read_text() == "somebody else's"
    assert not out.is_symlink() and stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "A. B." in out.read_text()
    # One that leads in a circle is a name like any other, and a folder behind one is none.
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(BadFile, match="cannot be written"):
        run("export", "--format", "jsonl", "--out", loop / "out.jsonl", "--ledger", ledger)
    run("export", "--format", "jsonl", "--out", loop, "--ledger", ledger)
    assert not loop.is_symlink()


@pytest.mark.parametrize("format_", ["jsonl", "csv", "hxl", "geojson", "parquet", "notes", "missile-attacks",
                                     "alert-intervals", "oref-alerts", "ucdp", "acled"])  # fmt: skip
def test_what_has_no_end_is_refused_before_it_is_read(tmp_path: Path, format_: str) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, said in ((Path("/dev/zero"), "is a device"), (tmp_path, "is a folder"), (loop, "cannot be read")):
        with pytest.raises(BadFile, match=said):
            run("import", path, "--format", format_, "--ledger", tmp_path / "ledger.db")


@pytest.mark.parametrize("format_", ["jsonl", "csv", "notes"])
def test_a_pipe_is_read_as_far_as_a_file_may_go(tmp_path: Path, format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(bounded.opened, "__defaults__", (100_000,))
    monkeypatch.setattr("tocsin.ledger.formats.notes.FILE_BYTES_MAX", 100_000)

    def pour() -> None:
        with pytest.raises(BrokenPipeError), pipe.open("wb", buffering=0) as file:
            while True:
                file.write(b"\n" * 65_536)

    poured = threading.Thread(target=pour)
    poured.start()
    with pytest.raises(BadFile, match="more than 100,000 bytes"):
        run("import", pipe, "--format", format_, "--ledger", tmp_path / "ledger.db")
    poured.join(10)
    assert not poured.is_alive()


@pytest.mark.parametrize("encoded", [codecs.BOM_UTF8 + NOTES.encode(), NOTES.encode("utf-16")])
def test_notes_of_another_programs_text_are_read_and_a_day_that_never_was_costs_no_claim(
    tmp_path: Path, encoded: bytes
) -> None:
    notes, ledger = tmp_path / "notes.toml", tmp_path / "ledger.db"
    notes.write_bytes(encoded)
    said = run("import", notes, "--format", "notes", "--ledger", ledger)
    assert "1 rows kept, 0 rejected" in said
    assert "kept as it was said: '31 February' is no time (there is no such day)" in said
    (claim,) = json.loads(run("show", "raid", "--json", "--ledger", ledger))["claims"]
    assert (claim["said_when"], claim["figure"], claim["chain"]) == ("31 February", {"low": 4, "high": 4}, ["café"])
    shown = run("show", "raid", "--ledger", ledger)
    assert "“31 February”" in shown
    # What a person needs to take it back, move or redact it.
    assert "c-1" in shown


def test_what_a_redaction_took_out_before_it_came_is_counted(tmp_path: Path) -> None:
    first, notes, ledger = tmp_path / "first.toml", tmp_path / "notes.toml", tmp_path / "ledger.db"
    first.write_text(REDACTION)
    notes.write_text(NOTES)
    run("import", first, "--format", "notes", "--ledger", ledger)
    copy = tmp_path / "copy.db"
    copy.write_bytes(ledger.read_bytes())
    found = json.loads(run("import", notes, "--format", "notes", "--ledger", copy, "--json"))
    assert list(found["left_out"].values()) == [1]
    said = run("import", notes, "--format", "notes", "--ledger", ledger)
    assert "1 values left out: 1 × personal parts or words, which a redaction here takes out" in said
    assert b"A. B." not in b"".join(path.read_bytes() for path in tmp_path.glob("ledger.db*"))
