"""`tocsin plan site`: sensors where they give people minutes, and files that nobody else reads."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.some import some
from tocsin.command.main import app
from tocsin.model.errors import BadFile, BadSettings
from tocsin.replay.configuration import read_sensors

OFFERS = """
[[offer]]
name = "small"
price = 10
sensor = { kind = "radar", range_m = 15000.0 }
[[offer]]
name = "ear"
price = 1
sensor = { kind = "acoustic" }
"""


def square(number: int, lat: float, lon: float, people: int) -> dict[str, Any]:
    corners = [(lon, lat), (lon + 0.02, lat), (lon + 0.02, lat + 0.02), (lon, lat + 0.02), (lon, lat)]
    return {
        "type": "Feature",
        "properties": {"id": f"z{number}", "name": f"Z {number}", "population": people},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four towns, the largest in a corner; a radar that stands in another; offers, and an expert's layout."""
    made = tmp_path_factory.mktemp("plan")
    towns = [(40.0, 1.0, 1_000), (40.0, 1.4, 2_000), (40.3, 1.0, 1_500), (40.3, 1.4, 90_000)]
    zones = {"type": "FeatureCollection", "features": [square(n, *town) for n, town in enumerate(towns)]}
    (made / "zones.json").write_text(json.dumps(zones))
    there = {"id": "small-1", "kind": "radar", "lat": 40.0, "lon": 1.0, "altitude_m": 20, "range_m": 15_000}
    (made / "there.json").write_text(json.dumps([there]))
    expert = {"id": "mine", "kind": "radar", "lat": 40.3, "lon": 1.4, "altitude_m": 20}
    (made / "expert.json").write_text(json.dumps([expert]))
    (made / "offers.toml").write_text(OFFERS)
    return made


def run(folder: Path, *words: object) -> Result:
    common = ("--sensors", folder / "there.json", "--zones", folder / "zones.json", "--classes", "drone")
    more = ("--offers", folder / "offers.toml", "--side", "4")
    return CliRunner().invoke(app, [str(word) for word in ("plan", "site", *common, *more, *words)])


def told(folder: Path, *words: object) -> dict[str, Any]:
    done = run(folder, *words, "--json")
    assert done.exit_code == 0, done.exception
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_proposal_is_no_worse_than_what_it_is_compared_with_and_within_its_bound(folder: Path) -> None:
    said = told(folder, "--kinds", "small=1,ear=3", "--layout", folder / "expert.json")
    given = {row["layout"]: row["people_with_enough"] for row in said["layouts"]}
    assert set(given) == {"what is there", "regular grid", "expert.json", "proposed"}
    assert said["reached"] <= said["bound"] + 0.1 and len(said["proposed"]) <= 4
    assert given["proposed"] >= max(given.values()) * 0.999
    # The largest town is what the only radar is for.
    assert given["proposed"] > 45_000


def test_files_are_for_their_owner_and_what_is_there_stays(folder: Path, tmp_path: Path) -> None:
    done = run(folder, "--kinds", "small=1", "--out", tmp_path / "out")
    assert done.exit_code == 0 and "no choice gives more than" in done.stdout
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in some((tmp_path / "out").iterdir())}
    assert files == dict.fromkeys(["sensors.json", "sites.csv", "sites.png", "summary.json"], 0o600)
    sensors = read_sensors(tmp_path / "out" / "sensors.json")
    # The name that is taken is left to whom it is.
    assert [(sensor.id, sensor.range_m) for sensor in sensors] == [("small-1", 15_000.0), ("small-2", 15_000.0)]


def test_the_network_that_is_given_is_never_written_over(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "sensors.json"
    mine.write_bytes((folder / "there.json").read_bytes())
    done = run(folder, "--kinds", "small=1", "--sensors", mine, "--out", tmp_path)
    assert "would write over" in str(done.exception)
    assert mine.read_bytes() == (folder / "there.json").read_bytes()


def test_a_budget_is_kept_and_what_is_cheapest_reaches_what_was_asked(folder: Path) -> None:
    bought = told(folder, "--budget", 12)
    assert 0 < bought["price"] <= 12 and {row["layout"] for row in bought["layouts"]} >= {"regular grid of small"}
    cheapest = told(folder, "--budget", 100, "--reach", 0.2)
    assert cheapest["aim"] == "cheapest" and cheapest["bound"] <= cheapest["reached"] == cheapest["price"]
    assert cheapest["layouts"][-1]["people_with_enough"] >= 0.2 * cheapest["people"]


@pytest.mark.parametrize("aim", ["losses", "worst"])
def test_other_aims_keep_within_their_bounds(folder: Path, aim: str) -> None:
    said = told(folder, "--kinds", "small=3", "--aim", aim)
    assert said["aim"] == aim and 0 <= said["reached"] <= said["bound"] + 0.1
    assert {row["sensor"] for row in said["losses"]} >= {"small-1"}


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["--kinds", "boat=1"], BadSettings, "there is no 'boat'"),
        (["--kinds", "small=many"], BadSettings, "write how many"),
        (["--kinds", "small=1", "--aim", "gold"], BadSettings, "the aim is 'gold'"),
        (["--kinds", "small=1", "--candidates", "none.json"], BadFile, "none.json"),
        (["--kinds", "ear=1", "--layout", "expert.json"], BadSettings, "mine is of kind radar, which is not on offer"),
        (["--kinds", "small=1", "--roads", "offers.toml"], BadFile, "is no GeoJSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said(folder: Path, words: list[str], error: type[Exception], said: str) -> None:
    files = {path.name for path in folder.iterdir()} | {"none.json"}
    done = run(folder, *(folder / word if word in files else word for word in words))
    assert isinstance(done.exception, error) and said in str(done.exception)
