"""`tocsin zones` at the prompt: files out, one line per problem, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.some import some
from tocsin.command.main import app
from tocsin.model.errors import BadFile, BadSettings
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
    status, said = _run("check", tmp_path / "nowhere.geojson")
    assert status == 1 and "nowhere.geojson cannot be read" in said
    with pytest.raises(BadFile, match="cannot be written"):
        _run("build", "--country", "VA", "--out", tmp_path / "no" / "z.geojson")


def _written(path: Path, *rows: tuple[object, object]) -> Path:
    features = [{"type": "Feature", "properties": {"id": name}, "geometry": drawn} for name, drawn in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def _square(west: float = 30.0) -> dict[str, object]:
    east = west + 0.2
    return {"type": "Polygon", "coordinates": [[[west, 50], [east, 50], [east, 50.2], [west, 50.2], [west, 50]]]}


def test_many_files_are_each_judged_and_a_missing_one_stops_none(tmp_path: Path) -> None:
    good = tmp_path / "good.geojson"
    _run("build", "--country", "VA", "--out", good)
    text = json.loads(good.read_text())
    text["features"] += [{"type": "Feature", "properties": {"id": "p"}, "geometry": None}, 7]
    bad = tmp_path / "bad.geojson"
    bad.write_text(json.dumps(text))
    empty = _written(tmp_path / "empty.geojson")
    status, said = _run("check", tmp_path / "missing.geojson", bad, empty, tmp_path / "no.kml", good, "--json")
    answer = json.loads(said)
    errors = [(Path(one["file"]).name, one["zone"]) for one in answer["problems"] if one["grade"] == "error"]
    assert errors == [
        ("missing.geojson", "the file"),
        ("bad.geojson", f"feature {len(text['features']) - 2} ('p')"),
        ("bad.geojson", f"feature {len(text['features']) - 1}"),
        ("empty.geojson", "the file"),
        ("no.kml", "the file"),
    ]
    assert (status, answer["zones"], answer["errors"]) == (1, 2 * (len(text["features"]) - 2), 5)


def test_what_cannot_be_imported_is_said_the_others_are_written_and_the_exit_is_1(tmp_path: Path) -> None:
    maps = _written(
        tmp_path / "m.geojson", ("A", _square()), ("B", None), ("P", {"type": "Point", "coordinates": [1, 2]})
    )
    out = tmp_path / "out"
    status, said = _run("import", tmp_path / "missing.gpkg", maps, "--out", out)
    assert status == 1
    assert [zone.id for zone in zones_from_geojson(out.read_bytes())] == ["A"]
    assert "refused: there is no file" in said and "feature 1 ('B') has no outline" in said
    assert "3 features read, 1 rejected, 1 files refused, 1 passed over" in said
    status, said = _run("import", maps, "--out", out, "--json")
    answer = json.loads(said)
    assert status == 1
    assert answer["read"] == answer["zones"] + len(answer["rejected"]) + sum(answer["passed_over"].values()) == 3


def test_points_beside_areas_are_no_fault(tmp_path: Path) -> None:
    maps = _written(tmp_path / "m.geojson", (10, _square()), (None, {"type": "Point", "coordinates": [30, 50]}))
    out = tmp_path / "out.geojson"
    assert _run("import", maps, "--out", out)[0] == 0
    assert _run("check", out)[0] == 0


@pytest.mark.parametrize("name", ["z.kml", "z.kmz", "z.gpkg", "z.shp", "z.csv", "z.KML", "z.geojson.zip"])
def test_zones_are_not_written_as_geojson_under_the_name_of_something_else(tmp_path: Path, name: str) -> None:
    maps = _written(tmp_path / "m.geojson", ("A", _square()))
    for words in (("build", "--country", "VA"), ("import", maps)):
        with pytest.raises(BadSettings, match="zones are written as GeoJSON"):
            _run(*words, "--out", tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_thousand_notes_are_cut_for_people_and_whole_for_programs(tmp_path: Path) -> None:
    maps = _written(tmp_path / "m.geojson", ("A", _square()), *((number, None) for number in range(200)))
    said = _run("import", maps, "--out", tmp_path / "o")[1]
    assert "… and 150 more; --json gives all" in said and said.count("rejected:") == 50
    assert len(json.loads(_run("import", maps, "--out", tmp_path / "o", "--json")[1])["rejected"]) == 200


def test_a_map_that_is_no_zones_file_is_told_how_it_becomes_one(tmp_path: Path) -> None:
    (tmp_path / "m.kml").write_text("<kml/>")
    result = CliRunner().invoke(app, ["zones", "check", str(tmp_path / "m.kml"), str(tmp_path / "gone.geojson")])
    assert result.exit_code == 1
    first, second = result.stdout.splitlines()[:2]
    assert "a map becomes zones by `tocsin zones import`" in first
    assert "gone.geojson" in second and "becomes zones" not in second
