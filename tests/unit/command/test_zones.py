"""`tocsin zones` at the prompt: files out, one line per problem, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.some import some
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


def test_every_fault_of_a_zones_file_is_a_line_and_not_the_first_alone(tmp_path: Path) -> None:
    file = tmp_path / "z.geojson"
    _run("build", "--country", "LB", "--out", file)
    text = json.loads(file.read_text())
    first, second, third, fourth, fifth = (feature["properties"] for feature in text["features"][:5])
    first["shelter_s"], second["population"], fourth["id"] = "soon", -1, third["id"]
    fifth["name"] = "Bei\u200brut\u202e"
    file.write_text(json.dumps(text))
    status, said = _run("check", file, "--json")
    answer = json.loads(said)
    assert (status, answer["errors"]) == (1, 4)
    errors = [f"{problem['zone']} {problem['text']}" for problem in answer["problems"] if problem["grade"] == "error"]
    assert [error[: len("feature 0")] for error in errors[:3]] == ["feature 0", "feature 1", "feature 3"]
    assert "second zone of this id" in errors[2]
    assert errors[3] == f"{fifth['id']} has a name with characters that nobody sees (U+200B, U+202E); retype it"
    assert all(f"{file}: error: {error}" in _run("check", file)[1] for error in some(errors))


def test_what_nobody_sees_in_a_name_is_not_imported(tmp_path: Path) -> None:
    built, out = tmp_path / "built.geojson", tmp_path / "out.geojson"
    _run("build", "--country", "VA", "--out", built)
    text = json.loads(built.read_text())
    text["features"][0]["properties"]["name"] = "\ufeffVati\u200bcan\n City\u202e"
    built.write_text(json.dumps(text))
    assert _run("import", built, "--out", out)[0] == 0
    assert zones_from_geojson(out.read_bytes())[0].name == "Vatican City"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="nowhere"):
        _run("check", tmp_path / "nowhere.geojson")
    with pytest.raises(BadFile, match="cannot be written"):
        _run("build", "--country", "VA", "--out", tmp_path / "no" / "z.geojson")
