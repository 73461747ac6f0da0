"""`tocsin say`: prints or writes warnings in the forms that were asked for, and says what it could not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.some import some
from tests.unit.announce.test_file_drop import NOW, ZONES
from tocsin.command.main import app
from tocsin.model.errors import BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    warnings = [
        Warning(id=f"{zone}/1/1/prepare", zone=zone, level="prepare", time=NOW, expires=NOW) for zone in ("z0", "z3")
    ]
    (tmp_path / "warnings.jsonl").write_bytes(b"".join(to_json(one) + b"\n" for one in warnings))
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(tuple(ZONES.values())))
    return [str(tmp_path / "warnings.jsonl"), "--zones", str(tmp_path / "zones.geojson")]


def test_a_text_is_printed_in_each_language_asked_for(files: list[str]) -> None:
    ran = CliRunner().invoke(app, ["say", *files, "--form", "sms", "--language", "en", "--language", "uk"])
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines() == [
        "Prepare to take cover: Town 3 and Town 0. Sent at 03:00 UTC. Stay close to a shelter.",
        "Приготуйтеся перейти в укриття: Місто 3 і Місто 0. 03:00 UTC.",
    ]


def test_files_go_into_a_folder_and_what_is_left_out_is_said(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["say", *files, "--form", "same", "--form", "camf", "--camf-country", "231", "--out", str(out)]
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 0, ran.output
    assert sorted(path.name.split(".", 1)[1] for path in out.iterdir()) == ["camf.txt", "same.1.wav", "same.txt"]
    assert "SAME cannot name 1 zones such as z3" in ran.stderr
    assert all(str(path) in ran.stdout for path in some(out.iterdir()))


def test_json_holds_every_text(files: list[str]) -> None:
    ran = CliRunner().invoke(app, ["say", *files, "--form", "same", "--json"])
    said = json.loads(ran.stdout)
    assert said["files"] == 2
    assert list(said["texts"].values()) == ["ZCZC-CIV-CEM-000000+0015-0600300-TOCSIN  -\n"]
    assert len(said["left_out"]) == 1


def test_a_form_that_is_none_is_refused_with_those_there_are(files: list[str]) -> None:
    ran = CliRunner().invoke(app, ["say", *files, "--form", "fax"])
    assert isinstance(ran.exception, BadSettings)
    assert "choose from title, full, sms" in str(ran.exception)
