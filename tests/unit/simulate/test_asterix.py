"""What we write as ASTERIX another library reads back."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import asterix.generated as gen
import pytest
from asterix.base import Bits, RawDatablock

from tests.some import some
from tocsin.model.errors import BadValue
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of
from tocsin.simulate.asterix import pcap, recording, recording_of, stream_of
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import scenario_from_toml
from tocsin.simulate.world import simulate

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 1, 1, 23, 59, 58, tzinfo=UTC)
RADAR = Sensor(id="7/9", kind="radar", lat=47, lon=8, scan_s=4.0, range_m=200_000.0)


def records(data: bytes) -> list[tuple[int, Any]]:
    """(category, record) of every record, as libasterix reads them."""
    blocks = RawDatablock.parse(Bits.from_bytes(data))
    assert not isinstance(blocks, ValueError)
    specs = {34: gen.Cat_034_1_29, 48: gen.Cat_048_1_32}
    found = []
    for block in blocks:
        parsed = specs[block.get_category()].cv_uap.parse(block.get_raw_records())
        assert not isinstance(parsed, ValueError), parsed
        found += [(block.get_category(), record) for record in parsed]
    return found


def value(record: Any, item: str, part: str | None = None, unit: str | None = None) -> Any:
    found = record.get_item(item)
    if found is None:
        return None
    variation = found.variation if part is None else found.variation.get_item(part).variation
    return variation.content.as_quantity(unit) if unit else variation.content.as_uint()


def plot(number: int, **more: Any) -> Plot:
    return Plot(
        id=f"p{number}", time=AT, source="7/9", sensor="7/9", range_m=12_345.0 * (number + 1), azimuth_deg=200.0, **more
    )


def test_every_item_of_a_target_report_is_read_back() -> None:
    plots = [
        plot(0, altitude_m=1_524.0, icao24="4b43ac", mode3a="7100"),
        plot(1, altitude_m=3_048.0),
        plot(2),
    ]
    start_s = seconds_of(AT) - 10
    data = stream_of(recording(plots, [RADAR], {"7/9": 1.0}, start_s, start_s + 20))
    read = [record for category, record in records(data) if category == 48]
    assert len(read) == 3
    for number, record in enumerate(read):
        assert (value(record, "010", "SAC"), value(record, "010", "SIC")) == (7, 9)
        assert value(record, "140", None, "s") == pytest.approx(86_398, abs=0.004)
        assert value(record, "040", "RHO", "NM") * 1_852 == pytest.approx(12_345 * (number + 1), abs=4)
        assert value(record, "040", "THETA", "°") == pytest.approx(200, abs=0.003)
    assert value(read[0], "220") == 0x4B43AC
    assert value(read[0], "070", "MODE3A") == 0o7100
    assert value(read[0], "090", "FL", "FL") == pytest.approx(50)
    assert value(read[2], "220") is None
    assert value(read[2], "090") is None


def test_the_height_a_radar_measures_itself_is_three_dimensional_height() -> None:
    at_s = seconds_of(AT)
    data = stream_of(recording([plot(1, altitude_m=3_048.0)], [RADAR], {"7/9": 1.0}, at_s - 9, at_s + 9))
    (read,) = [record for category, record in records(data) if category == 48]
    raw = read.get_item("110").unparse().to_bytes()
    assert int.from_bytes(raw, "big") * 25 * 0.3048 == pytest.approx(3_048, abs=4)


def test_each_turn_has_one_north_mark_and_thirty_one_other_sectors() -> None:
    data = stream_of(recording([], [RADAR], {"7/9": 1.5}, 1_000_000.0, 1_000_040.0))
    kinds = [value(record, "000") for category, record in records(data) if category == 34]
    assert kinds.count(1) == 10
    assert kinds.count(2) == 320
    norths = [value(r, "030", None, "s") for c, r in records(data) if c == 34 and value(r, "000") == 1]
    assert all(some(b - a == pytest.approx(4.0, abs=0.02) for a, b in pairwise(norths)))
    periods = {value(r, "041", None, "s") for c, r in records(data) if c == 34}
    assert periods == {4.0}


def test_a_simulated_night_recorded_is_all_its_plots() -> None:
    scenario = scenario_from_toml((ROOT / "scenarios" / "drill.toml").read_bytes(), "drill")
    night = simulate(scenario, invented_zones(20), 5)
    frames = recording_of(night, scenario)
    assert all(some(a[0] <= b[0] for a, b in pairwise(frames)))
    plots = sum(isinstance(one, Plot) for one in night.observations)
    written = 0
    for _, data in frames:
        at = 0
        while at < len(data):
            category, length = struct.unpack_from(">BH", data, at)
            if category == 48:
                written += len(records(data[at : at + length]))
            at += length
    assert written == plots
    capture = pcap(frames)
    assert capture[:4] == b"\xd4\xc3\xb2\xa1"
    assert len(capture) == 24 + sum(16 + 42 + len(data) for _, data in frames)


def test_a_radar_without_a_sac_and_sic_is_refused() -> None:
    nameless = Sensor(id="hill", kind="radar", lat=47, lon=8, scan_s=4.0)
    with pytest.raises(BadValue, match="SAC/SIC"):
        recording([], [nameless], {"hill": 0.0}, 0.0, 10.0)
