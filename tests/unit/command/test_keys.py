"""`tocsin keys`: says what each file is for, and shows no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.some import some
from tocsin.announce.key_making import KINDS
from tocsin.command.main import app


@pytest.mark.parametrize("kind", KINDS)
def test_making_a_key_says_what_to_do_with_it_and_show_tells_no_secret(kind: str, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["keys", "make", kind, "--out", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    paths = sorted(map(str, tmp_path.iterdir()))
    assert all(path in ran.output for path in some(paths)) and "Name " in ran.output
    shown = CliRunner().invoke(app, ["keys", "show", *paths, "--json"])
    assert shown.exit_code == 0
    assert list(json.loads(shown.output)) == paths
    secret = next(path for path in tmp_path.iterdir() if path.suffix in (".key", ".secret"))
    lines = [line for line in secret.read_text().splitlines() if "-----" not in line]
    assert not any(line in ran.output + shown.output for line in some(lines))
