"""ASTERIX recordings through `tocsin track`: other people's as they are, real flights as our own radars record them.

The recordings at hand are seconds long, so no track can grow in them; they show that every report is read and counted.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from typer.testing import CliRunner

from tocsin.command.main import app
from tocsin.earth.frames import LocalFrame

pytestmark = pytest.mark.reference

# EUROCONTROL-SPEC-147 3N_C-R2: horizontal position error of airliners, RMS.
RMS_MAX_M = 330.0


def radar(name: str, lat: float, lon: float, scan_s: float, source: tuple[int, int]) -> dict[str, Any]:
    return {
        "id": name, "kind": "radar", "lat": lat, "lon": lon, "altitude_m": 500, "range_m": 220_000, "sigma_range_m": 60,
        "sigma_azimuth_deg": 0.08, "sigma_altitude_m": 30, "scan_s": scan_s, "asterix": list(source),
    }  # fmt: skip


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("name", "sources", "reports"),
    [
        # The network carried every datagram of this one twice.
        ("cat_034_048.pcap", [(25, 201), (25, 13), (25, 14)], 23),
        ("cat_001_002.pcap", [(25, 201)], 7),
        ("parsegps.gps", [(20, 193)], 11),
        ("cat_062_065.pcap", [(25, 201)], 2),
    ],
)
def test_other_peoples_recordings_are_read_and_counted(
    data_dir: Path, tmp_path: Path, name: str, sources: list[tuple[int, int]], reports: int
) -> None:
    sensors = [radar(f"r{sac}-{sic}", 45.8, 16.0 + sic / 1_000, 4, (sac, sic)) for sac, sic in sources]
    (tmp_path / "sensors.json").write_text(json.dumps(sensors))
    recording = data_dir / "tracks" / "asterix" / "croatia" / name
    out = run("track", recording, "--sensors", tmp_path / "sensors.json", "--out", tmp_path / "t.csv", "--date",
              "2014-02-25", "--json")  # fmt: skip
    figures = json.loads(out)
    assert figures["plots"] == reports
    first = duckdb.sql(f"SELECT min(time)::VARCHAR FROM '{tmp_path / 't.csv'}'").fetchall()[0][0]
    assert first.startswith(("2014", "2016"))


def test_tracks_of_a_recording_follow_what_the_aircraft_themselves_said(data_dir: Path, tmp_path: Path) -> None:
    whole = data_dir / "tracks" / "adsb" / "traffic" / "collections" / "switzerland.json.gz"
    records = json.loads(gzip.decompress(whole.read_bytes()))
    begin = min(one["timestamp"] for one in records) + 6 * 3_600_000
    records = [one for one in records if begin <= one["timestamp"] < begin + 600_000]
    flights, sensors, recording = tmp_path / "flights.json.gz", tmp_path / "sensors.json", tmp_path / "radar.pcap"
    flights.write_bytes(gzip.compress(json.dumps(records).encode()))
    sensors.write_text(json.dumps([radar("zurich", 47.45, 8.55, 4, (1, 1)), radar("geneva", 46.24, 6.1, 6, (1, 2))]))
    run("import", flights, "--as", "plots", "--sensors", sensors, "--out", recording)
    figures = json.loads(run("track", recording, "--sensors", sensors, "--out", tmp_path / "t.parquet", "--json"))
    for one in figures["sensors"]:
        assert one["state"] == "up"
        assert abs(one["range_bias_m"]) < 3 * one["range_bias_sigma_m"]
        assert abs(one["azimuth_bias_deg"]) < 3 * one["azimuth_bias_sigma_deg"]
        assert one["detection_probability"] == pytest.approx(0.9, abs=0.05)
    squares = off_m2(records, tmp_path / "t.parquet")
    print(f"{len(squares)} reported positions, RMS {np.sqrt(np.mean(squares)):.0f} m; radars {figures['sensors']}")
    assert np.sqrt(np.mean(squares)) < RMS_MAX_M


def off_m2(records: list[dict[str, Any]], tracks: Path) -> list[float]:
    """Squared distance of each reported position, from a minute after the aircraft's first, to the nearest track."""
    frame = LocalFrame(46.8, 7.5)
    query = f"SELECT epoch(time::TIMESTAMP), lat, lon FROM '{tracks}' WHERE status <> 'tentative' ORDER BY 1"
    time_s, lat, lon = (np.array(part) for part in zip(*duckdb.sql(query).fetchall(), strict=True))
    east, north = frame.to_local(lat, lon)
    first: dict[str, float] = {}
    squares, missing = [], 0
    for one in sorted(records, key=lambda record: record["timestamp"]):
        at = one["timestamp"] / 1e3
        if one["latitude"] is None or at < first.setdefault(one["icao24"], at) + 60:
            continue
        lo, hi = np.searchsorted(time_s, [at - 0.01, at + 0.01])
        e, n = frame.to_local(one["latitude"], one["longitude"])
        d2 = ((east[lo:hi] - float(e)) ** 2 + (north[lo:hi] - float(n)) ** 2).min(initial=np.inf)
        if d2 < 2_000.0**2:
            squares.append(float(d2))
        else:
            missing += 1
    assert missing < 0.03 * len(squares)
    return squares
