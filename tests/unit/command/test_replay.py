"""`tocsin replay --sources`: a recording is heard as the live service would have heard it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tocsin.command.main import app
from tocsin.model.errors import BadFile
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Impact, Observation, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

NOW_S = 1_767_225_600.0
RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
PLACE: dict[str, Any] = {"lat": 50.05, "lon": 20.05}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town, no sensors, and a recording of one impact told by `calls` and a sighting by `anna`."""
    zone = Zone(id="home", name="Home", population=9_000, polygons=((RING,),))
    said: list[Observation] = [
        Impact(id="i", time=time_of(NOW_S), source="calls", **PLACE, sigma_m=50),
        Sighting(id="s", time=time_of(NOW_S + 5), source="anna", **PLACE, threat="drone"),
    ]
    (tmp_path / "observations.jsonl").write_bytes(b"".join(to_json(one) + b"\n" for one in said))
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson((zone,)))
    (tmp_path / "sensors.json").write_text("[]")
    return tmp_path


def printed(folder: Path, sources: str | None, *more: str) -> Result:
    """What a replay with these tables prints."""
    arguments = ["replay", str(folder / "observations.jsonl"), *more]
    for name in ("sensors.json", "zones.geojson"):
        arguments += [f"--{name.split('.')[0]}", str(folder / name)]
    arguments += ["--out", str(folder / "run")]
    if sources is not None:
        (folder / "sources.toml").write_text(sources)
        arguments += ["--sources", str(folder / "sources.toml")]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def replayed(folder: Path, sources: str | None) -> dict[str, Any]:
    """The summary of a replay with these tables."""
    summary: dict[str, Any] = json.loads(printed(folder, sources, "--json").stdout)
    return summary


def test_without_sources_a_recording_is_trusted_as_it_is(folder: Path) -> None:
    summary = replayed(folder, None)
    assert summary["observations"]["refused"] == 0
    assert summary["warnings"]["take_cover"] >= 1


def test_with_sources_what_nobody_may_say_is_refused(folder: Path) -> None:
    summary = replayed(folder, '[[source]]\nid = "anna"\n')
    assert summary["observations"] == {"used": 1, "duplicate": 0, "conflict": 0, "refused": 1}
    assert set(summary["warnings"]) & {"prepare", "take_cover"} == {"prepare"}


def test_with_sources_one_impact_counts_as_what_its_source_is(folder: Path) -> None:
    report = replayed(folder, '[[source]]\nid = "calls"\nkinds = ["impact"]\n')
    assert "take_cover" not in report["warnings"]
    measured = replayed(folder, '[[source]]\nid = "calls"\nkinds = ["impact"]\nmeasures = ["impact"]\n')
    assert measured["warnings"]["take_cover"] >= 1


def test_what_is_refused_is_printed_by_its_reason_and_a_stranger_is_called_one(folder: Path) -> None:
    said = printed(folder, '[[source]]\nid = "anna"\nkinds = ["impact"]\n').stderr
    assert "1 × there is no source calls: no [[source]] table has that id" in said
    assert "1 × source anna may not send a sighting, only impact" in said
    assert "nobody" not in said
    assert "not used" not in printed(folder, None).stderr


def test_with_terrain_radars_see_over_the_land_and_what_is_unknown_of_it_is_said(folder: Path) -> None:
    heights = np.zeros((1_201, 1_201), ">i2")
    heights[:, 60:64] = 2_000
    (folder / "land").mkdir()
    heights.tofile(folder / "land" / "N50E020.hgt")
    radar = Sensor(id="r", kind="radar", lat=50.05, lon=20.03, altitude_m=30.0, range_m=9_000.0)
    (folder / "sensors.json").write_bytes(to_json([radar]))
    said = printed(folder, None, "--terrain", str(folder / "land"))
    assert "the land around r:" in said.stderr
    assert "in no file" in said.stderr
    smooth = replayed(folder, None)
    assert smooth["land"] == []
    over: dict[str, Any] = json.loads(printed(folder, None, "--json", "--terrain", str(folder / "land")).stdout)
    assert over["observations"] == smooth["observations"]
    assert over["land"]


def test_a_folder_without_elevation_is_refused_by_name(folder: Path) -> None:
    (folder / "land").mkdir()
    arguments = ["replay", str(folder / "observations.jsonl"), "--terrain", str(folder / "land"), "--out", str(folder)]
    for name in ("sensors", "zones"):
        arguments += [f"--{name}", str(folder / f"{name}.{'json' if name == 'sensors' else 'geojson'}")]
    with pytest.raises(BadFile, match="no file of elevation there"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
