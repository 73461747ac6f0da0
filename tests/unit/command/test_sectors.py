"""The commands of sectors: what they print, what they write, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.replay.sectors import read_cut
from tocsin.simulate.places import invented_zones


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """A folder with the cut of 30 towns into three."""
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(30)))
    place = [{"lat": zone.polygons[0][0][0][1], "lon": zone.polygons[0][0][0][0]} for zone in invented_zones(30)]
    sensors = [{"id": f"m{number}", "kind": "presence"} | one for number, one in enumerate(place)]
    (tmp_path / "sensors.json").write_text(json.dumps(sensors))
    line = ["sectors", "plan", "--zones", str(tmp_path / "zones.geojson"), "--sensors", str(tmp_path / "sensors.json")]
    ran = CliRunner().invoke(
        app, [*line, "--sectors", "3", "--names", "a,b,c", "--out", str(tmp_path), "--json"], catch_exceptions=False
    )
    said = json.loads(ran.stdout)
    assert [one["sector"] for one in said["sectors"]] == ["a", "b", "c"]
    assert sum(one["zones"] for one in said["sectors"]) == 30
    assert sum(one["load"] for one in said["sectors"]) == pytest.approx(1.0, abs=1e-3)
    assert (said["zones"], said["sensors"]) == (30, 30)
    assert (tmp_path / "sectors.png").read_bytes().startswith(b"\x89PNG")
    assert "A country in sectors" in (tmp_path / "sectors.html").read_text()
    return tmp_path


def test_a_country_is_cut_and_a_zone_goes_to_its_neighbour_in_two_steps(planned: Path) -> None:
    path = planned / "sectors.json"
    zone = read_cut(path).sectors["a"][0]

    def move(*options: str) -> str:
        ran = CliRunner().invoke(app, ["sectors", "move", str(path), *options], catch_exceptions=False)
        assert ran.exit_code == 0
        return ran.stdout

    assert "machines of b and" in move("--zone", zone, "--to", "b")
    assert read_cut(path).owners()[zone] == ["a", "b"]
    assert "machines of a and" in move("--finish")
    assert read_cut(path).owners()[zone] == ["b"] and not read_cut(path).moving


@pytest.mark.parametrize(
    "options", [[], ["--zone", "town-1"], ["--to", "a"], ["--zone", "town-1", "--to", "a", "--finish"]]
)
def test_half_a_move_is_none(tmp_path: Path, options: list[str]) -> None:
    with pytest.raises(BadSettings, match="--zone and --to"):
        CliRunner().invoke(app, ["sectors", "move", str(tmp_path / "x.json"), *options], catch_exceptions=False)


def test_names_and_sectors_are_as_many(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(5)))
    line = ["sectors", "plan", "--zones", str(tmp_path / "zones.geojson"), "--out", str(tmp_path)]
    for more, said in (
        (["--sectors", "2", "--names", "a"], "2 sectors need 2"),
        (["--sectors", "6"], "6 sectors of 5"),
    ):
        with pytest.raises(BadSettings, match=said):
            CliRunner().invoke(app, [*line, *more], catch_exceptions=False)
