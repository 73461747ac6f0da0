"""`tocsin zones` at the prompt: files out, one line per problem, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadFile
from tocsin.model.geojson import zones_from_geojson


def _run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["zones", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_zones_are_built_imported_again_and_found_without_errors(tmp_path: Path) -> None:
    built, again = tmp_path / "built.geojson", tmp_path / "again.geojson"
    status, said = _run("build", "--country", "LB", "--out", built, "--json", "--shelter-s", 45)
    assert status == 0
    assert json.loads(said)["zones"] == len(zones_from_geojson(built.read_bytes())) > 30
    assert _run("import", built, "--out", again)[0] == 0
    # Read through GDAL and back, nothing of a zone is lost; a ring may begin at another corner.
    for before, after in zip(*(zones_from_geojson(file.read_bytes()) for file in (built, again)), strict=True):
        assert replace(after, polygons=before.polygons) == before
        assert {frozenset(ring) for ring in after.polygons[0]} == {frozenset(ring) for ring in before.polygons[0]}
    status, said = _run("check", again)
    assert status == 0
    assert "0 errors" in said


def test_an_error_in_the_zones_is_a_line_and_exit_1(tmp_path: Path) -> None:
    file = tmp_path / "z.geojson"
    _run("build", "--country", "VA", "--out", file)
    zone = zones_from_geojson(file.read_bytes())[0]
    text = json.loads(file.read_text())
    text["features"][0]["properties"]["parent"] = zone.id
    file.write_text(json.dumps(text))
    status, said = _run("check", file)
    assert status == 1
    assert f"{file}: error: {zone.id} is its own parent" in said
    status, said = _run("check", file, "--json")
    assert status == 1
    assert json.loads(said)["errors"] == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="nowhere"):
        _run("check", tmp_path / "nowhere.geojson")
    with pytest.raises(BadFile, match="cannot be written"):
        _run("build", "--country", "VA", "--out", tmp_path / "no" / "z.geojson")
