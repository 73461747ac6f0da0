"""`tocsin track`: a table of plots in, the contract's tracks out."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from tests.some import some
from tocsin.bench.track_scenario import scenario
from tocsin.command.main import app
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.wire import to_json

COLUMNS = (
    "time track_id lat lon altitude_m speed_mps heading_deg sigma_m threat probability status sensors".split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("track")
    one = scenario(8, 2, duration_s=40.0)
    (folder / "sensors.json").write_bytes(to_json(list(one.sensors)))
    lines = ["t_s,sensor,range_m,azimuth_deg"]
    plots = one.plots
    for row in range(len(plots)):
        name = plots.sensors[plots.sensor[row]]
        lines.append(f"{plots.time_s[row]},{name},{plots.range_m[row]},{plots.azimuth_deg[row]}")
    (folder / "plots.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("name", ["tracks.csv", "tracks.parquet"])
def test_plots_become_tracks_in_the_contracts_columns(inputs: Path, name: str) -> None:
    out = inputs / name
    done = CliRunner().invoke(
        app,
        ["track", str(inputs / "plots.csv"), "--sensors", str(inputs / "sensors.json"), "--out", str(out), "--json"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    assert {"plots", "tracks", "track_s", "read_s", "write_s"} <= figures.keys()
    assert figures["tracks"] >= 3
    table = duckdb.sql(f"SELECT time::VARCHAR AS time, * EXCLUDE (time) FROM '{out}'")
    assert table.columns == COLUMNS
    rows = table.fetchall()
    assert {row[10] for row in rows} <= {"tentative", "confirmed", "coasted"}
    assert all(str(row[1]).startswith("T") for row in some(rows))


def test_every_thins_the_rows_and_a_picture_is_drawn(inputs: Path) -> None:
    picture = inputs / "tracks.png"
    done = CliRunner().invoke(
        app,
        [
            "track", str(inputs / "plots.csv"), "--sensors", str(inputs / "sensors.json"), "--out",
            str(inputs / "thin.csv"), "--every", "10", "--plot", str(picture),
        ],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    times = duckdb.sql(f"SELECT DISTINCT time::VARCHAR FROM '{inputs / 'thin.csv'}'").fetchall()
    assert 2 <= len(times) <= 5


@pytest.mark.parametrize(("change", "kind"), [("sensors", BadFile), ("out", BadSettings)])
def test_what_is_wrong_is_said_in_one_sentence(inputs: Path, change: str, kind: type[Exception]) -> None:
    arguments = {"sensors": str(inputs / "sensors.json"), "out": str(inputs / "o.csv")}
    arguments[change] = str(inputs / "nothing.txt")
    options = [text for name, value in arguments.items() for text in (f"--{name}", value)]
    with pytest.raises(kind, match=r"nothing\.txt"):
        CliRunner().invoke(app, ["track", str(inputs / "plots.csv"), *options], catch_exceptions=False)


def test_what_was_learned_about_the_radars_is_printed_and_positions_count(inputs: Path) -> None:
    lines = (inputs / "plots.csv").read_text().splitlines()[1:]
    with (inputs / "all.jsonl").open("w") as file:
        for number, line in enumerate(lines):
            t_s, sensor, range_m, azimuth_deg = line.split(",")
            time = f"2026-03-01T10:{int(float(t_s)) // 60:02}:{float(t_s) % 60:09.6f}Z"
            plot = {"kind": "plot", "id": str(number), "time": time, "sensor": sensor, "range_m": float(range_m)}
            file.write(json.dumps(plot | {"azimuth_deg": float(azimuth_deg)}) + "\n")
        for number in range(8):
            said = {"kind": "position", "id": f"a{number}", "time": f"2026-03-01T10:00:{5 * number:02}Z", "source": "x"}
            file.write(json.dumps(said | {"lat": 48.0, "lon": 31 + number / 200, "altitude_m": 9_000.0,
                                          "icao24": "4b1234", "cooperative": True}) + "\n")  # fmt: skip
    options = ["--sensors", str(inputs / "sensors.json"), "--out", str(inputs / "all.csv")]
    done = CliRunner().invoke(app, ["track", str(inputs / "all.jsonl"), *options, "--json"], catch_exceptions=False)
    figures = json.loads(done.stdout)
    assert figures["plots"] == len(lines) + 8
    assert [one["sensor"] for one in figures["sensors"]] == ["near-4", "near-6", "far-10"]
    assert all(one["state"] == "up" and one["range_bias_sigma_m"] > 0 for one in some(figures["sensors"]))
    rows = duckdb.sql(f"SELECT DISTINCT threat FROM '{inputs / 'all.csv'}' WHERE status = 'confirmed'").fetchall()
    assert ("civil",) in rows
    done = CliRunner().invoke(app, ["track", str(inputs / "all.jsonl"), *options], catch_exceptions=False)
    assert "clock s" in done.stdout
    assert "near-6" in done.stdout
