"""What `tocsin track` takes from a file: reports of one time, however wrong a clock was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tocsin.ingest.rejects import Rejects
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of, time_text
from tocsin.replay.track_input import AWAY_S_MAX, read_rows
from tocsin.track.bulk import frame_of
from tocsin.track.report_rows import TIME

RADAR = Sensor(id="r1", kind="radar", lat=50.0, lon=30.0, altitude_m=200, range_m=300_000, scan_s=5)
NOW_S = 1_772_334_000.0


def _file(path: Path, times_s: list[float]) -> Path:
    if path.suffix == ".csv":
        rows = [f"{time_text(time_of(time_s))},r1,60000,{number}" for number, time_s in enumerate(times_s)]
        path.write_text("\n".join(["time,sensor,range_m,azimuth_deg", *rows]) + "\n")
    else:
        plot = {"kind": "plot", "sensor": "r1", "range_m": 60_000, "azimuth_deg": 9}
        rows = [json.dumps(plot | {"id": f"p{n}", "time": time_text(time_of(s))}) for n, s in enumerate(times_s)]
        path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("name", ["plots.jsonl", "plots.csv"])
@pytest.mark.parametrize("wrong_s", [[0.0], [4_102_444_800.0], [0.0, 4_102_444_800.0], [NOW_S - AWAY_S_MAX - 60]])
def test_a_clock_that_was_never_set_costs_its_reports_only(tmp_path: Path, name: str, wrong_s: list[float]) -> None:
    path = _file(tmp_path / name, [*wrong_s, NOW_S, NOW_S + 5, NOW_S + 10])
    rejects = Rejects()
    read = read_rows(str(path), [RADAR], frame_of([RADAR]), rejects)
    assert read.rows[:, TIME].tolist() == [NOW_S, NOW_S + 5, NOW_S + 10]
    assert rejects.account == (3 + len(wrong_s), 3, len(wrong_s), 0)
    assert "more than a year from the middle of all reports" in rejects.summary()


def test_a_recording_of_a_year_is_one(tmp_path: Path) -> None:
    path = _file(tmp_path / "plots.jsonl", [NOW_S + day * 86_400 for day in range(0, 366, 5)])
    rejects = Rejects()
    assert len(read_rows(str(path), [RADAR], frame_of([RADAR]), rejects).rows) == 74
    assert rejects.total == 0


def test_what_says_nothing_of_a_track_and_what_was_told_before_is_passed_over_and_not_used(tmp_path: Path) -> None:
    at = {"time": time_text(time_of(NOW_S)), "lat": 50.0, "lon": 30.0, "source": "p"}
    plot = {"kind": "plot", "id": "1", "time": at["time"], "sensor": "r1", "range_m": 60_000, "azimuth_deg": 9}
    told = [
        plot, plot, {"kind": "status", "id": "2", "time": at["time"], "sensor": "r1", "state": "up"},
        {"kind": "impact", "id": "3", "sigma_m": 50} | at,
        {"kind": "launch", "id": "4", "sigma_m": 50, "threat": "rocket"} | at,
        {"kind": "sighting", "id": "5", "threat": "drone"} | at,
        {"kind": "report", "id": "6", "time": at["time"], "source": "p", "channel": "c", "text": "a drone"},
    ]  # fmt: skip
    (tmp_path / "all.jsonl").write_text("\n".join(map(json.dumps, told)))
    row = f"{at['time']},r1,60000,9\n"
    (tmp_path / "plots.csv").write_text("time,sensor,range_m,azimuth_deg\n" + row * 3)
    rejects = Rejects()
    assert len(read_rows(str(tmp_path / "all.jsonl"), [RADAR], frame_of([RADAR]), rejects).rows) == 2
    assert rejects.account == (7, 2, 0, 5)
    assert rejects.passed_over["a report told before"] == 1
    assert {kind.split()[-1] for kind in rejects.passed_over} == {"before", "status", "impact", "launch", "report"}
    rejects = Rejects()
    assert len(read_rows(str(tmp_path / "plots.csv"), [RADAR], frame_of([RADAR]), rejects).rows) == 1
    assert rejects.account == (3, 1, 0, 2)
