"""`tocsin people`: the first administrator, and whether the record is whole."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import apsw
import pytest
from typer.testing import CliRunner, Result

from tocsin.command.main import app
from tocsin.model.errors import BadFile, BadSettings
from tocsin.service.people.file import PeopleFile


class Desk:
    """The command line over one settings file."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "tocsin.toml"
        self.config.write_text('zones = "zones.geojson"\n[journal]\npath = "data/journal.db"\n')
        self.file = folder / "data" / "people.db"

    def run(self, *arguments: str, **more: Any) -> Result:
        return CliRunner().invoke(app, ["people", *arguments, "--config", str(self.config)], **more)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_first_administrator_gets_a_code_that_lies_nowhere(desk: Desk) -> None:
    ran = desk.run("add", "chief", "--role", "admin", "--role", "auditor")
    assert ran.exit_code == 0, ran.output
    code = re.search(r"code is (\S+), once", ran.output)
    assert code is not None and len(code[1]) == 19 and f"#invitation=chief/{code[1]}" in ran.output
    assert desk.file.stat().st_mode & 0o777 == 0o600 and code[1].encode() not in desk.file.read_bytes()
    rows = json.loads(desk.run("list", "--json").output)
    assert [(row["id"], row["roles"], row["password"]) for row in rows] == [("chief", ["admin", "auditor"], False)]
    assert isinstance(desk.run("add", "Chief", "--role", "admin").exception, BadSettings)
    assert isinstance(desk.run("remove", "chief").exception, ValueError), "nobody could invite anybody after that"
    assert isinstance(desk.run("reset", "nobody").exception, BadSettings)


def test_a_password_is_asked_for_on_the_terminal_and_weighed(desk: Desk) -> None:
    weak = desk.run("add", "chief", "--role", "admin", "--password", input="chief-chief-1\nchief-chief-1\n")
    assert isinstance(weak.exception, BadSettings) and "cannot be taken" in str(weak.exception)
    good = "seven grey herons wade"
    ran = desk.run("add", "chief", "--role", "admin", "--password", input=f"{good}\n{good}\n")
    assert ran.exit_code == 0 and good not in ran.output
    assert json.loads(desk.run("list", "--json").output)[0]["password"] is True


def test_before_there_is_anybody_it_says_what_to_do(desk: Desk) -> None:
    ran = desk.run("list")
    assert isinstance(ran.exception, BadSettings) and "people add" in str(ran.exception)
    assert not desk.file.exists()


def damage(path: Path, change: str, *values: Any) -> None:
    db = apsw.Connection(str(path))
    db.execute(change, values)
    db.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE audit SET entry = replace(entry, 'officer-2', 'officer-9') WHERE seq = 3", "entry 3"),
        ("UPDATE audit SET entry = substr(entry, 1, 20) || 'x' || substr(entry, 22) WHERE seq = 2", "entry 2"),
        ("UPDATE audit SET sha256 = replace(sha256, substr(sha256, 1, 1), 'g') WHERE seq = 2", "entry 2"),
        ("DELETE FROM audit WHERE seq = 2", "entry 2 is missing"),
        ("DELETE FROM audit WHERE seq > 2", "entries after 2 are missing"),
    ],
)
def test_one_byte_of_the_record_changed_or_an_entry_gone_is_named(desk: Desk, change: str, said: str) -> None:
    for name in ("chief", "officer-1", "officer-2"):
        assert desk.run("add", name, "--role", "admin").exit_code == 0
    assert desk.run("remove", "officer-1").exit_code == 0
    whole = desk.run("verify")
    assert whole.exit_code == 0 and whole.output.startswith("4 entries")
    damage(desk.file, change)
    ran = desk.run("verify")
    assert isinstance(ran.exception, BadFile) and said in str(ran.exception)


def test_a_chain_that_was_made_anew_lacks_the_head_that_was_noted(desk: Desk) -> None:
    desk.run("add", "chief", "--role", "admin")
    head = desk.run("verify").output.split()[-1]
    desk.run("add", "officer-1", "--role", "operator")
    assert desk.run("verify", "--head", head).exit_code == 0
    damage(desk.file, "DELETE FROM audit")
    damage(desk.file, "DELETE FROM audit_head")
    desk.run("add", "officer-2", "--role", "operator")
    assert desk.run("verify").exit_code == 0
    assert isinstance(desk.run("verify", "--head", head).exception, BadFile)


def test_a_file_that_is_no_database_is_said_and_left_as_it_is(desk: Desk) -> None:
    desk.file.parent.mkdir()
    desk.file.write_bytes(b"not a database, and longer than a header of one would be" * 20)
    with pytest.raises(BadFile, match="restore it from a copy"):
        PeopleFile(desk.file)
    assert isinstance(desk.run("list").exception, BadFile)
    assert desk.file.read_bytes().startswith(b"not a database")
