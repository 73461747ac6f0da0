"""`tocsin cap` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadFile
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ALERT = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n<identifier>a</identifier>\n</alert>'


def test_check_prints_one_line_per_problem_and_exits_1(tmp_path: Path) -> None:
    path = tmp_path / "alert.xml"
    path.write_bytes(ALERT)
    result = CliRunner().invoke(app, ["cap", "check", "--schema-only", str(path)])
    assert result.exit_code == 1 and result.stdout == f"{path}:1: alert has no sender\n"
    result = CliRunner().invoke(app, ["cap", "check", "--json", str(path)])
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "files": {str(path): [{"line": 1, "what": "alert has no sender"}]},
        "problems": 1,
    }


def test_check_of_a_good_message_says_nothing_and_exits_0(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    from tocsin.announce.cap_archive import Archive
    from tocsin.cap.write import Author, Issuer

    issuer = Issuer(sender="warnings.example")
    path = tmp_path / "alert.xml"
    path.write_bytes(Author(issuer, zones).xml(Archive(issuer).apply([warn("z0")])[0]))
    result = CliRunner().invoke(app, ["cap", "check", "--profile", "tocsin", str(path)])
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["cap", "check", str(tmp_path / "missing.xml")])
    assert isinstance(result.exception, BadFile) and "missing.xml" in str(result.exception)


@pytest.mark.parametrize("command", ["check", "verify"])
def test_help_shows_an_example(command: str) -> None:
    assert "Example" in CliRunner().invoke(app, ["cap", command, "--help"]).stdout
