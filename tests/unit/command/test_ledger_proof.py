"""`tocsin ledger verify`, `prove` and `blank`, as somebody types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.unit.ledger.proofs import changed
from tocsin.announce.key_making import make
from tocsin.command.main import app
from tocsin.ledger.check import check as problems
from tocsin.ledger.incident import Incident
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.window import Window
from tocsin.model.errors import BadFile, BadSettings

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def said(*words: object) -> tuple[int, str]:
    """The exit status of a command, and what it printed; what it raises is raised."""
    ran = CliRunner().invoke(app, ["ledger", *map(str, words)])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger of three incidents, two of them released, logged, signed and written out."""
    make("proof", tmp_path, "proof", subject="", days=1, now=NOW)
    with SqliteStore(tmp_path / "ledger.db", make=True) as store:
        for number in range(3):
            store.append(
                [
                    Incident(
                        id=f"i{number}",
                        incident=f"i{number}",
                        recorded=NOW,
                        by="desk",
                        window=Window(begin=NOW),
                        struck=f"the house of person {number}",
                        released=number > 0,
                    )
                ]
            )
    prove = ("prove", tmp_path / "proof.db", "--ledger", tmp_path / "ledger.db", "--key", tmp_path / "proof.key")
    assert said(*prove, "--out", tmp_path / "public") == (0, "3 records logged; 3 entries, signed\n")
    return tmp_path


def check(folder: Path, export: Path, *more: object) -> tuple[int, str]:
    heads = folder / "public" / "v1" / "proof"
    return said("verify", export, "--heads", heads, "--trust", folder / "proof.pub", *more)


def test_what_was_signed_is_in_order_as_a_log_and_as_a_folder_of_it(folder: Path) -> None:
    for export in (folder / "proof.db", folder / "public" / "v1" / "proof"):
        status, output = check(folder, export)
        assert status == 0
        assert output.startswith("3 entries, as they were signed up to 20")
    assert check(folder, folder / "proof.db", "--ledger", folder / "ledger.db")[0] == 0


def test_an_entry_that_was_altered_is_one_line_and_exit_1(folder: Path) -> None:
    export = folder / "entries.jsonl"
    lines = (folder / "public/v1/proof/entries/0.jsonl").read_bytes().splitlines()
    export.write_bytes(b"\n".join([lines[0], changed(lines[1], content="{}"), lines[2]]))
    assert check(folder, export) == (1, "entry 1 (incident i1) is not as it was signed\n")
    status, output = check(folder, export, "--json")
    assert status == 1
    assert [(one["what"], one["first"]) for one in json.loads(output)["problems"]] == [("altered", 1)]


def test_a_text_that_is_blanked_leaves_a_log_that_fits_its_heads(folder: Path) -> None:
    assert said("blank", folder / "proof.db", 1, "--reason", "it named a person")[0] == 0
    status, output = check(folder, folder / "proof.db", "--ledger", folder / "ledger.db")
    assert status == 0, output
    assert "and 1 that no head vouches for yet" in output


def test_words_that_nobody_may_read_any_more_go_from_ledger_and_log_and_both_still_fit(folder: Path) -> None:
    ledger, log = folder / "ledger.db", folder / "proof.db"
    name, words = "i1", b"the house of person 1"
    assert words in (folder / "proof.db").read_bytes()
    with pytest.raises(BadSettings, match="--words, too"):
        said("redact", name, "--ledger", ledger, "--log", log)
    status, output = said("redact", name, "--words", "--ledger", ledger, "--log", log, "--reason", "it named a person")
    assert status == 0, output
    for path in (*folder.glob("ledger.db*"), *folder.glob("proof.db*")):
        assert words not in path.read_bytes(), path
    status, output = check(folder, log, "--ledger", ledger)
    assert status == 0, output
    assert "redacted the words of" in said("show", name, "--ledger", ledger)[1]
    # What lost its words and no redaction says so, was altered.
    with SqliteStore(ledger) as store, SqliteStore(None) as other:
        left = store.get("i1")
        assert left is not None
        other.append([left])
        assert [one for one in problems(other) if "no redaction here says so" in one]


def test_a_record_without_words_is_known_by_the_hash_of_what_the_log_still_shows(folder: Path) -> None:
    ledger, log = folder / "ledger.db", folder / "proof.db"
    assert said("redact", "i1", "--words", "--ledger", ledger)[0] == 0
    assert check(folder, log, "--ledger", ledger)[0] == 0
    # Who puts another record in its place, and says that its words were redacted, is found.
    with SqliteStore(ledger) as store, SqliteStore(folder / "other.db") as other:
        for one in store.read():
            swapped = isinstance(one, Incident) and one.id == "i1"
            other.append([replace(one, blanked="0" * 64) if swapped else one])
    status, output = check(folder, log, "--ledger", folder / "other.db")
    assert (status, "incident i1 of the ledger is not what was logged" in output) == (1, True)


def test_files_that_cannot_be_checked_are_refused_in_a_sentence(folder: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        check(folder, folder / "nothing")
    (folder / "empty").mkdir()
    with pytest.raises(BadFile, match="there are no entries in"):
        check(folder, folder / "empty")
    with pytest.raises(BadSettings, match="give the log itself"):
        check(folder, folder / "public" / "v1" / "proof", "--ledger", folder / "ledger.db")
