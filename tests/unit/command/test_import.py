"""`tocsin import` of many files: each is judged."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.some import some
from tocsin.command.main import app
from tocsin.model.errors import BadFile


def _flight(path: Path) -> Path:
    rows = [
        {"timestamp": 1_700_000_000_000 + second * 1_000, "latitude": 50.0, "longitude": 30 + second / 1e3,
         "geoaltitude": 1_000, "groundspeed": 200, "track": 90, "icao24": "abcdef", "callsign": "X"}
        for second in range(5)
    ]  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


def test_a_file_that_cannot_be_used_stops_no_other_and_the_exit_is_1(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    files = [tmp_path / "missing.json", tmp_path / "bad.json", _flight(tmp_path / "good.json")]
    result = CliRunner().invoke(app, ["import", *map(str, files), "--out", str(tmp_path / "o.jsonl")])
    assert result.exit_code == 1
    assert len((tmp_path / "o.jsonl").read_bytes().splitlines()) == 5
    assert [line.split(" ")[1].rstrip(":") for line in result.stderr.splitlines()] == [str(file) for file in files[:2]]
    result = CliRunner().invoke(app, ["import", *map(str, files), "--out", str(tmp_path / "o.jsonl"), "--json"])
    assert len(json.loads(result.stdout)["refused"]) == 2


def test_recordings_none_of_which_can_be_used_are_all_named(tmp_path: Path) -> None:
    files = [tmp_path / "a.ast", tmp_path / "b.pcap"]
    result = CliRunner().invoke(app, ["import", *map(str, files), "--out", str(tmp_path / "o.jsonl")])
    assert isinstance(result.exception, BadFile)
    assert all(str(file) in str(result.exception) for file in some(files))


def test_files_of_one_name_give_ids_of_their_own_and_one_given_twice_the_same(tmp_path: Path) -> None:
    files = []
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        files.append(_flight(tmp_path / day / "trace.json"))
    for given, distinct in ((files, 10), ([files[0], files[0]], 5)):
        CliRunner().invoke(app, ["import", *map(str, given), "--out", str(tmp_path / "o.jsonl")])
        ids = [json.loads(line)["id"] for line in (tmp_path / "o.jsonl").read_bytes().splitlines()]
        assert (len(ids), len(set(ids))) == (10, distinct)


def test_a_file_without_a_row_is_refused_with_why(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]")
    result = CliRunner().invoke(app, ["import", str(tmp_path / "none.json"), "--out", str(tmp_path / "o.jsonl")])
    assert isinstance(result.exception, BadFile) and "there is no row in them" in str(result.exception)
