"""`tocsin simulate` and `tocsin import` as people call them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.small_raid import raid, write_raid
from tocsin.command.main import app
from tocsin.ingest.files import read_observations
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile, BadRecord, BadSettings
from tocsin.model.geojson import zones_from_geojson
from tocsin.model.observation import Plot, Position
from tocsin.model.value import seconds_of
from tocsin.model.wire import observation_from_json, sensors_from_json

ROOT = Path(__file__).resolve().parents[3]
ROWS = [
    {"timestamp": 1_600_000_000_000 + 4_000 * k, "icao24": "abc123", "latitude": 47.0 + 0.004 * k, "longitude": 8.0,
     "altitude": 9_000, "groundspeed": 216, "track": 0}
    for k in range(60)
] + [{"timestamp": None, "icao24": "abc123"}, "rubbish"]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_raid(tmp_path)
    (tmp_path / "flights.json.gz").write_bytes(gzip.compress(json.dumps(ROWS).encode()))
    (tmp_path / "sensors.json").write_text(
        '[{"id": "1/2", "kind": "radar", "lat": 47.1, "lon": 8.3, "altitude_m": 600}]'
    )
    return tmp_path


def run(*words: str) -> str:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_simulate_writes_the_four_files_and_they_are_read_back(folder: Path) -> None:
    counts = json.loads(run("simulate", f"{folder}/raid.toml", "--seed", "5", "--out", f"{folder}/night", "--json"))
    night = folder / "night"
    lines = (night / "observations.jsonl").read_bytes().splitlines()
    assert len([observation_from_json(line) for line in lines]) == counts["observations"] > 20
    assert len(sensors_from_json((night / "sensors.json").read_bytes())) == 1
    assert len(zones_from_geojson((night / "zones.geojson").read_bytes())) == 8
    truth = [json.loads(line) for line in (night / "truth.jsonl").read_text().splitlines()]
    assert [one["kind"] for one in truth] == ["strike", "object"]
    assert set(truth[0]) == {"kind", "time", "lat", "lon", "zone", "threat", "object"}
    assert sorted(path.name for path in night.iterdir()) == [
        "observations.jsonl", "sensors.json", "truth.jsonl", "zones.geojson",
    ]  # fmt: skip


def test_the_same_command_writes_the_same_bytes(folder: Path) -> None:
    for name in ("one", "two"):
        run("simulate", f"{folder}/raid.toml", "--seed", "5", "--out", f"{folder}/{name}", "--asterix")
    for path in (folder / "one").iterdir():
        assert path.read_bytes() == (folder / "two" / path.name).read_bytes()
    assert (folder / "one" / "radar.pcap").stat().st_size > 1_000


def test_flights_become_positions_and_bad_rows_are_kept_apart(folder: Path) -> None:
    out = run(
        "import",
        f"{folder}/flights.json.gz",
        "--out",
        f"{folder}/o.jsonl",
        "--rejects",
        f"{folder}/bad.jsonl",
        "--json",
    )
    counts = json.loads(out)
    assert counts["positions"] == 60
    assert sum(counts["rejected"].values()) == 2
    assert len((folder / "bad.jsonl").read_text().splitlines()) == 2
    first = observation_from_json((folder / "o.jsonl").read_bytes().splitlines()[0])
    assert isinstance(first, Position)
    assert first.altitude_m == pytest.approx(9_000 * 0.3048, abs=0.1)


@pytest.mark.parametrize("ending", ["jsonl", "pcap", "ast"])
def test_flights_become_plots(folder: Path, ending: str) -> None:
    out = f"{folder}/o.{ending}"
    text = run(
        "import", f"{folder}/flights.json.gz", "--as", "plots", "--sensors", f"{folder}/sensors.json", "--out", out
    )
    assert "plots of 60 recorded positions" in text
    assert Path(out).stat().st_size > 1_000


def test_a_recording_without_a_day_is_imported_on_the_day_given_and_replays_as_it_would_itself(folder: Path) -> None:
    sensors = ("--sensors", f"{folder}/sensors.json")
    run("import", f"{folder}/flights.json.gz", "--as", "plots", *sensors, "--out", f"{folder}/r.ast")
    recording = folder / "r.ast"
    recording.write_bytes(recording.read_bytes() + b"\x41\x00\x06\x01\x02\x03")
    day = ("--date", "2026-03-01")
    said = json.loads(run("import", f"{recording}", *sensors, *day, "--out", f"{folder}/o.jsonl", "--json"))
    found = [observation_from_json(line) for line in (folder / "o.jsonl").read_bytes().splitlines()]
    assert said["written"] == len(found) > 60
    assert said["passed_over"] == {"a block of ASTERIX category 065 (state of a tracker)": 1}
    assert {f"{one.time:%Y-%m-%d}" for one in found} == {"2026-03-01"}
    assert any(isinstance(one, Plot) for one in found)
    assert found == list(read_observations(recording, sensors_from_json((folder / "sensors.json").read_bytes()),
                                           Rejects(), day_s=seconds_of(datetime(2026, 3, 1, tzinfo=UTC))))  # fmt: skip
    with pytest.raises(BadFile, match="not in the sensors file"):
        call("import", f"{recording}", "--out", f"{folder}/o.jsonl")
    assert len((folder / "o.jsonl").read_bytes().splitlines()) == len(found)


def call(*words: str) -> None:
    CliRunner().invoke(app, words, catch_exceptions=False)


def test_wrong_use_is_said_in_one_sentence(folder: Path) -> None:
    flights = f"{folder}/flights.json.gz"
    with pytest.raises(BadSettings, match="--sensors"):
        call("import", flights, "--as", "plots", "--out", f"{folder}/o.pcap")
    with pytest.raises(BadSettings, match="ending"):
        call("import", flights, "--out", f"{folder}/o.pcap")
    with pytest.raises(BadSettings, match="--date"):
        call("import", flights, "--date", "2026-03-01", "--out", f"{folder}/o.jsonl")
    with pytest.raises(BadSettings, match="one after the other"):
        call("import", flights, f"{folder}/r.ast", "--out", f"{folder}/o.jsonl")
    with pytest.raises(BadSettings, match="--as plots"):
        call("import", f"{folder}/r.ast", "--as", "plots", "--out", f"{folder}/o.jsonl")
    with pytest.raises(BadFile, match="cannot be read"):
        call("import", f"{folder}/absent.json", "--out", f"{folder}/o.jsonl")
    with pytest.raises(BadFile, match="cannot be read"):
        call("simulate", f"{folder}/absent.toml", "--out", f"{folder}/n")
    (folder / "raid.toml").write_text(raid() + "speling = 1\n")
    with pytest.raises(BadRecord, match=r"raid\.toml:sensors.*speling|speling"):
        call("simulate", f"{folder}/raid.toml", "--out", f"{folder}/n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x1f\x8bdamaged", "gzip"),
        (b'{"a": 1}', "no recording"),
        (b"[]", "none of 1 files"),
        (b"\x1a3raw", "decoded first"),
        (b'[{"timestamp": 1e300, "latitude": 1, "longitude": 1, "altitude": 1}]', "none of 1 files"),
        (b'[{"timestamp": 1, "latitude": 91, "longitude": 1, "altitude": 1}]', "none of 1 files"),
        (b'{"trace": [[0, 1, 2, 3, 4, 5], 7, []], "timestamp": "x"}', "none of 1 files"),
    ],
)
def test_damaged_recordings_are_refused_and_never_crash(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "f.json").write_bytes(content)
    with pytest.raises(BadFile, match=says):
        call("import", f"{tmp_path}/f.json", "--out", f"{tmp_path}/o.jsonl")
