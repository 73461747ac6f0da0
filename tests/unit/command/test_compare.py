"""Policies against each other: the same raids for each, wherever they are played."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.model.errors import BadSettings
from tocsin.replay.comparison import raid
from tocsin.replay.configuration import read_policy
from tocsin.replay.many import done_in_any_order
from tocsin.replay.scenarios import load_scenario

ZONES = """{"type": "FeatureCollection", "features": [%s]}"""
ZONE = """{"type": "Feature", "properties": {"id": "%s", "name": "%s", "population": 5000, "shelter_s": 15},
"geometry": {"type": "Polygon", "coordinates": [[[%f,47],[%f,47],[%f,47.05],[%f,47.05],[%f,47]]]}}"""
SCENARIO = """
name = "few-rockets"
start = 2026-07-11T15:20:00Z
duration_s = 110

[place]
zones = "zones.geojson"
radius_m = 10_000

[[threats]]
kind = "rocket"
count = 3
first_s = 10
from_m = [20_000, 25_000]
launch_report = 1.0

[[sensors]]
name = "counter"
kind = "radar"
range_m = 60_000
scan_s = 1
height = true
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    edges = [(8 + 0.05 * k, 8.05 + 0.05 * k) for k in range(4)]
    zones = [ZONE % (f"z{k}", f"z{k}", west, east, east, west, west) for k, (west, east) in enumerate(edges)]
    (tmp_path / "zones.geojson").write_text(ZONES % ",".join(zones))
    (tmp_path / "few.toml").write_text(SCENARIO)
    return tmp_path / "few.toml"


def _job(scenario: Path, seed: int) -> tuple[Any, ...]:
    tables = {name: read_policy(name) for name in ("default", "sparing")}
    return load_scenario(scenario), str(scenario.parent), seed, tables, True


def test_a_raid_is_scored_under_every_policy_and_alike_each_time(scenario: Path) -> None:
    row = raid(*_job(scenario, 1))
    assert set(row["scores"]) == {"circle", "region", "default", "sparing"}
    assert row["scores"]["default"]["strikes"] == row["scores"]["circle"]["strikes"] > 0
    assert [one["factor"] for one in row["curves"]["sparing"]] == [0.1, 0.3, 3.0, 10.0]
    assert row == raid(*_job(scenario, 1))


@pytest.mark.server
def test_the_command_compares_and_reports(scenario: Path, tmp_path: Path) -> None:
    words = ["compare", "default", "sparing", "--scenarios", str(scenario), "--seeds", "2", "--workers", "1", "--json"]
    ran = CliRunner().invoke(app, [*words, "--report", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)
    assert result["raids"] == 2
    assert set(result["mean"]) == {"default", "sparing", "circle", "region"}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "sparing" in page
    assert page.count("<svg") == 2


def test_a_policy_that_is_none_is_refused_before_anything_is_played(scenario: Path) -> None:
    with pytest.raises(BadSettings, match="no policy 'bold'"):
        CliRunner().invoke(app, ["compare", "bold", "--scenarios", str(scenario)], catch_exceptions=False)


def test_a_cluster_without_dask_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadSettings, match=r"tocsin\[dask\]"):
        list(done_in_any_order(len, [("",)], "jobs", dask="tcp://127.0.0.1:1"))


@pytest.mark.server
@pytest.mark.filterwarnings("default")
def test_a_cluster_gives_what_this_machine_gives(scenario: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is optional: `pip install 'tocsin[dask]'`")
    jobs = [_job(scenario, seed) for seed in (1, 2)]
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        there = dict(done_in_any_order(raid, jobs, "raids", dask=cluster.scheduler_address))
    assert there == {number: raid(*job) for number, job in enumerate(jobs)}
