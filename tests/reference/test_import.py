"""Flights that other people recorded: real aircraft, damaged clocks and spoofed positions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.ingest.flights import read_flights
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of
from tocsin.simulate.recorded_flights import seen_by

pytestmark = pytest.mark.reference


def read(path: Path) -> tuple[list, Rejects, Counter[str]]:  # type: ignore[type-arg]
    rejects, doubts = Rejects(None), Counter[str]()
    return list(read_flights(path, rejects, doubts)), rejects, doubts


@pytest.fixture(scope="session")
def flights(data_dir: Path) -> Path:
    return data_dir / "tracks" / "adsb" / "traffic"


@pytest.mark.parametrize(
    ("name", "kept", "rejected", "doubt"),
    [
        # 394 rows of its trace are of the aircraft on the ground.
        ("ambulances/rega_zh.json.gz", 339, 0, None),
        ("gliders/danube_valley.json.gz", 2_339, 0, "time goes back"),
        ("military/aircraft_carrier.json.gz", 7_335, 1_689, "a jump no aircraft makes"),
        ("noisy/noisy_spoofing.json.gz", 8_670, 11, "a jump no aircraft makes"),
        ("noisy/noisy_time_issue.json.gz", 8_294, 0, "a jump no aircraft makes"),
        ("readsb/trace_full_ac671b.json", 2_106, 0, None),
    ],
)
def test_every_sample_survives_and_what_is_wrong_is_counted(
    flights: Path, name: str, kept: int, rejected: int, doubt: str | None
) -> None:
    positions, rejects, doubts = read(flights / name)
    assert (len(positions), rejects.total) == (kept, rejected)
    assert len({one.id for one in positions}) == kept
    assert all(one.cooperative for one in some(positions))
    assert (doubts[doubt] > 0) if doubt else not doubts


def test_units_are_turned(flights: Path) -> None:
    positions, _, _ = read(flights / "readsb" / "trace_full_ac671b.json")
    first = positions[0]
    assert first.altitude_m == pytest.approx(32_000 * 0.3048)
    assert first.speed_mps == pytest.approx(478.6 * 0.514444, abs=0.01)
    assert (first.icao24, positions[3].callsign) == ("ac671b", "DAL1812")
    assert seconds_of(first.time) == pytest.approx(1_738_703_622.619, abs=1e-3)


def test_raw_receiver_recordings_are_refused_with_advice(flights: Path) -> None:
    with pytest.raises(BadFile, match="decoded first"):
        read(flights / "dump1090" / "sample_dump1090.bin")


def test_a_radar_sees_a_real_helicopter_where_it_flew(flights: Path) -> None:
    positions, _, _ = read(flights / "ambulances" / "rega_zh.json.gz")
    radar = Sensor(
        id="1/1", kind="radar", lat=47.4, lon=8.6, altitude_m=700, range_m=90_000.0, false_plots_per_scan=0.0
    )
    seen = seen_by(positions, [radar], 1)
    plots = [one for one in seen.observations if isinstance(one, Plot)]
    assert len(plots) > 20
    times = np.array([seconds_of(one.time) for one in positions])
    for plot in plots:
        assert plot.icao24 == "4b43ac"
        k = int(np.argmin(np.abs(times - seconds_of(plot.time))))
        east, north = LocalFrame(47.4, 8.6).to_local(positions[k].lat, positions[k].lon)
        heading = np.degrees(np.arctan2(east, north)) % 360
        if np.hypot(east, north) > 5_000 and abs(times[k] - seconds_of(plot.time)) < 2:
            assert abs((plot.azimuth_deg - heading + 180) % 360 - 180) < 3
