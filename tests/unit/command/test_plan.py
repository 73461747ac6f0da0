"""The planner's commands: what they print, what they write, and what they refuse."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from tests.small_raid import write_raid
from tests.some import some
from tocsin.command.main import app
from tocsin.command.plan_inputs import off_the_ground
from tocsin.earth.elevation import Elevation
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor
from tocsin.replay.configuration import read_zones
from tocsin.replay.files import write_files
from tocsin.replay.nights import night_files, simulate
from tocsin.replay.planning import land_about


@pytest.fixture
def network(tmp_path: Path) -> list[str]:
    """The options that name a network of one radar and eight towns."""
    files = night_files(simulate(write_raid(tmp_path), seed=1))
    write_files(tmp_path, {name: files[name] for name in ("sensors.json", "zones.geojson")})
    return ["--sensors", str(tmp_path / "sensors.json"), "--zones", str(tmp_path / "zones.geojson")]


def test_minutes_are_told_and_written_for_their_owner_alone(network: list[str], tmp_path: Path) -> None:
    out = tmp_path / "plan"
    line = ["plan", "minutes", *network, "--classes", "jet", "--losses", "--json", "--out", str(out)]
    ran = CliRunner().invoke(app, line, catch_exceptions=False)
    found = json.loads(ran.stdout)
    assert found["zones"] == 8 and not found["terrain"]
    assert found["classes"][0]["class"] == "jet" and 0 <= found["classes"][0]["could"] <= 1
    assert found["losses"][0]["sensor"] == "radar-1" and found["losses"][0]["people_fewer"] > 0
    names = {"minutes.csv", "minutes.geojson", "minutes.html", "losses.csv", "jet.png"}
    assert {path.name: path.stat().st_mode & 0o777 for path in out.iterdir()} == dict.fromkeys(names, 0o600)
    assert len((out / "minutes.csv").read_text().splitlines()) == 9


def test_coverage_says_by_how_many_and_on_whom_it_hangs(network: list[str], tmp_path: Path) -> None:
    out = tmp_path / "seen"
    line = ["plan", "coverage", *network, "--classes", "jet", "--heights", "1000", "--out", str(out)]
    ran = CliRunner().invoke(app, line, catch_exceptions=False)
    assert "of 8 zones seen" in ran.stdout and "without radar-1" in ran.stdout
    assert "No terrain" in ran.stderr
    rows = (out / "coverage.csv").read_text().splitlines()
    assert rows[0] == "zone,class,height_m,chance_at_one_look,seen_by,only_by" and len(rows) == 9


def test_coverage_as_geotiff_says_cell_by_cell_what_the_table_says_of_towns(network: list[str], tmp_path: Path) -> None:
    out = tmp_path / "seen"
    line = ["plan", "coverage", *network, "--classes", "jet", "--heights", "300", "--out", str(out), "--geotiff"]
    CliRunner().invoke(app, line, catch_exceptions=False)
    assert (out / "jet-300m.tif").stat().st_mode & 0o777 == 0o600
    index = ZoneIndex(read_zones(Path(network[network.index("--zones") + 1])))
    lat, lon = index.frame.to_geodetic(index.east_m, index.north_m)
    with rasterio.open(out / "jet-300m.tif") as made:
        assert made.descriptions == ("sensors that see", "chance at one look of each") and made.crs.to_epsg() == 4326
        cells = np.array(list(made.sample(np.column_stack([lon, lat]))))
    with (out / "coverage.csv").open() as table:
        rows = list(csv.DictReader(table))
    # A cell is some hundred metres wide: at the very end of a reach it may be another.
    assert sum(int(row["seen_by"]) == round(float(cell[0])) for row, cell in zip(some(rows), cells, strict=True)) >= 7
    assert len({float(cell[0]) for cell in cells}) > 1, "and not everywhere the same"
    with pytest.raises(BadSettings, match="--out"):
        CliRunner().invoke(app, ["plan", "coverage", *network, "--geotiff"], catch_exceptions=False)


def test_files_of_an_earlier_plan_are_taken_away_and_those_of_others_named(network: list[str], tmp_path: Path) -> None:
    out = tmp_path / "plan"
    out.mkdir()
    for name in ("notes.txt", "losses.csv", "drone.png", "coverage.csv", "jet-100m.tif"):
        (out / name).write_text("of last year")
    line = ["plan", "minutes", *network, "--classes", "jet", "--out", str(out)]
    ran = CliRunner().invoke(app, line, catch_exceptions=False)
    assert "also holds files of other plans, maybe of another network: coverage.csv, jet-100m.tif." in ran.stderr
    made = {"minutes.csv", "minutes.geojson", "minutes.html", "jet.png"}
    assert {path.name for path in out.iterdir()} == made | {"notes.txt", "coverage.csv", "jet-100m.tif"}


def test_attackers_of_a_scenario_come_from_where_it_says(network: list[str], tmp_path: Path) -> None:
    line = [
        "plan",
        "minutes",
        *network,
        "--classes",
        "cruise_missile",
        "--threats",
        str(tmp_path / "raid.toml"),
        "--json",
    ]
    found = json.loads(CliRunner().invoke(app, line, catch_exceptions=False).stdout)
    assert [row["class"] for row in found["classes"]] == ["cruise_missile"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["minutes", "--classes", "civil"], "attacks"),
        (["minutes", "--classes", "jet", "--threats", "drill", "--policy", "none"], "no policy"),
        (["minutes", "--classes", "helicopter", "--threats", "drill"], "has no attackers"),
        (["coverage", "--heights", "low"], "no numbers"),
        (["coverage", "--heights", "0"], "between 1"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(network: list[str], more: list[str], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        CliRunner().invoke(app, ["plan", more[0], *network, *more[1:]], catch_exceptions=False)


def test_a_sensor_that_hangs_in_the_air_or_lies_under_the_ground_is_named() -> None:
    land = Elevation(np.full((11, 11), 1_000, np.float32), 43.0, 1.0, 0.1, 0.1)
    sensors = [
        Sensor(id=name, kind="radar", lat=42.5, lon=lon, altitude_m=metres)
        for name, lon, metres in (
            ("mast", 1.5, 1_060.0), ("slope", 1.5, 960.0), ("sky", 1.5, 1_690.0), ("cellar", 1.5, 25.0),
            ("far", 9.5, 0.0),
        )
    ]  # fmt: skip
    (said,) = off_the_ground(sensors, land)
    assert said.startswith("2 of 5 sensors do not stand on this land: sky 690 m above the ground, cellar 975 m below")
    assert off_the_ground(sensors[:2], land) == [] == off_the_ground([], land)
    (many,) = off_the_ground([sensors[2]] * 9, land)
    assert "and 4 others" in many


def test_elevation_of_somewhere_else_is_refused_and_not_taken_for_a_smooth_earth(
    network: list[str], tmp_path: Path
) -> None:
    np.zeros((1_201, 1_201), ">i2").tofile(tmp_path / "S60W170.hgt")
    ran = CliRunner().invoke(app, ["plan", "minutes", *network, "--terrain", str(tmp_path / "S60W170.hgt")])
    assert isinstance(ran.exception, BadSettings)
    assert "holds no elevation of this land" in str(ran.exception)


def test_a_sensor_on_the_other_side_of_the_world_is_named_and_stops_no_plan(network: list[str], tmp_path: Path) -> None:
    zones = Path(network[network.index("--zones") + 1])
    index = ZoneIndex(read_zones(zones))
    lat, lon = math.floor(index.frame.lat), math.floor(index.frame.lon)
    tile = tmp_path / f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}{'E' if lon >= 0 else 'W'}{abs(lon):03d}.hgt"
    np.zeros((1_201, 1_201), ">i2").tofile(tile)
    near = Sensor(id="near", kind="radar", lat=index.frame.lat, lon=index.frame.lon, range_m=50_000.0)
    away = Sensor(id="away", kind="radar", lat=-index.frame.lat, lon=index.frame.lon, range_m=50_000.0)
    land = land_about([tile], [near, away], index)
    assert land.far == ("away",)
    assert any("too far from these zones" in said and "(away)" in said for said in land.said())
    assert land_about([tile], [near], index).elevation.heights_m.shape == land.elevation.heights_m.shape
