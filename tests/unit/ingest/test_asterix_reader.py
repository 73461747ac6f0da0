"""What one record becomes: whose it is, when it was, and what is no report at all."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.unit.ingest.asterix_bytes import block, north_034, plot_048
from tocsin.ingest.asterix.framing import unframed
from tocsin.ingest.asterix.reader import RECORDED_DELAY_S_MAX, AsterixReader, sources_of
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Plot, Position, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of, time_of

RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
OTHER = Sensor(id="7/8", kind="radar", lat=45, lon=17)
MIDNIGHT_S = 1_767_225_600


def read(
    data: bytes, captured_s: float | None = None, *, live: bool = False, rejects: Rejects | None = None
) -> list[Any]:
    return list(AsterixReader((RADAR, OTHER), rejects or Rejects(), live=live).read(data, captured_s, "test"))


def clock(of_day_s: float) -> bytes:
    return int(of_day_s * 128).to_bytes(3, "big")


def test_a_system_track_is_a_position_that_nobody_vouches_for() -> None:
    place = struct.pack(">ii", round(45.5 * (1 << 25) / 180), round(-16.25 * (1 << 25) / 180))
    # Items 010, 070, 105 and 130: bits 1, 4, 5 and 18.
    record = bytes([0b10011001, 0b00000001, 0b00010000, 5, 6]) + clock(10) + place + struct.pack(">h", 1_600)
    (position,) = read(block(62, record), MIDNIGHT_S + 11)
    assert isinstance(position, Position)
    assert (position.source, position.cooperative, position.icao24) == ("5/6", False, None)
    assert position.lat == pytest.approx(45.5, abs=1e-5)
    assert position.lon == pytest.approx(-16.25, abs=1e-5)
    assert position.altitude_m == pytest.approx(3_048)
    assert seconds_of(position.time) == MIDNIGHT_S + 10


@pytest.mark.parametrize("late_s", [RECORDED_DELAY_S_MAX, -RECORDED_DELAY_S_MAX])
def test_a_recorder_whose_clock_is_far_off_says_nothing_of_arrival_and_our_own_clock_always_does(late_s: float) -> None:
    (near,) = read(plot_048(1, time_s=40_000), MIDNIGHT_S + 40_000 + late_s)
    assert seconds_of(near.received) == MIDNIGHT_S + 40_000 + late_s
    farther_s = MIDNIGHT_S + 40_000 + late_s * 1.01
    for live in (False, True):
        reader = AsterixReader((RADAR, OTHER), Rejects(), live=live)
        for before_s in (10, 5, 2):
            list(reader.read(plot_048(1, time_s=40_000 - before_s), farther_s - before_s, "test"))
        (far,) = reader.read(plot_048(1, time_s=40_000), farther_s, "test")
        assert isinstance(far, Plot) and far.time == near.time
        assert far.received == (time_of(farther_s) if live else None)


def test_without_a_capture_nothing_is_known_of_arrival() -> None:
    (plot,) = read(plot_048(1, time_s=5))
    assert plot.received is None
    reader = AsterixReader((RADAR,), Rejects(), day_s=MIDNIGHT_S)
    (dated,) = reader.read(plot_048(1, time_s=5), None, "test")
    assert seconds_of(dated.time) == MIDNIGHT_S + 5


def service(category: int, message: int, nogo: int | None = None) -> bytes:
    """A service message of the radar 1/2: items 010, 000, 030 and perhaps 050/COM; of 002 010, 000 and 030."""
    if category == 2:
        return block(2, bytes([0b11010000, 1, 2, message]) + clock(5))
    system = b"" if nogo is None else bytes([0x80, nogo])
    return block(34, bytes([0b11100000 | (0x04 if system else 0), 1, 2, message]) + clock(5) + system)


@pytest.mark.parametrize(
    ("message", "state"),
    [
        (service(34, 1), "up"), (service(2, 1), "up"), (service(34, 2), None), (service(2, 2), None),
        (service(34, 1, 0x7F), "up"), (service(34, 2, 0x7F), None),
        (service(34, 1, 0x80), "down"), (service(34, 2, 0x80), "down"),
        (north_034(sac=9, sic=9), None),
    ],
)  # fmt: skip
def test_a_radar_lives_by_its_north_mark_and_is_down_when_it_says_so(message: bytes, state: str | None) -> None:
    rejects = Rejects()
    found = read(message, rejects=rejects)
    assert [(type(one), one.sensor, one.state) for one in found] == ([(Status, "hill", state)] if state else [])
    assert [one.reason is not None for one in found] == ([state == "down"] if state else [])
    assert rejects.total == 0


@pytest.mark.parametrize(("kind", "taken"), [(0, False), (1, True), (2, True), (5, True), (7, True)])
def test_a_report_that_says_that_nothing_was_detected_is_none(kind: int, taken: bool) -> None:
    data = bytearray(plot_048(1))
    data[9] = kind << 5
    rejects = Rejects()
    assert bool(read(bytes(data), rejects=rejects)) == taken
    assert rejects.total == (not taken)


def test_a_report_that_says_nothing_of_how_it_was_detected_is_taken() -> None:
    (plot,) = read(block(48, bytes([0b11010000, 1, 2]) + clock(1) + struct.pack(">HH", 256, 16_384)))
    assert (plot.range_m, plot.azimuth_deg) == (1_852.0, 90.0)


def test_a_second_record_may_leave_out_its_source_in_category_1_alone() -> None:
    service = bytes([0b11010000, 1, 2, 2]) + clock(100)
    first = bytes([0b11100000, 1, 2, 0x10]) + struct.pack(">HH", 128, 0)
    second = bytes([0b01100000, 0x10]) + struct.pack(">HH", 256, 0)
    found = [one for one in read(block(2, service) + block(1, first, second)) if isinstance(one, Plot)]
    assert [(one.sensor, one.range_m) for one in found] == [("hill", 1_852.0), ("hill", 3_704.0)]
    rejects = Rejects()
    assert not [one for one in read(block(2, service) + block(1, second), rejects=rejects) if isinstance(one, Plot)]
    assert rejects.total == 1
    rejects = Rejects()
    nameless = bytes([0b01010000]) + clock(1) + struct.pack(">HH", 256, 0)
    assert len(read(block(48, plot_048(1)[3:], nameless), rejects=rejects)) == 1
    assert rejects.total == 1


def test_truncated_times_follow_each_source_s_own_clock() -> None:
    def plot(sic: int, of_day_s: float) -> bytes:
        phase = struct.pack(">H", int(of_day_s * 128) % 65_536)
        return block(1, bytes([0b11100010, 1 if sic == 2 else 7, sic, 0x10]) + struct.pack(">HH", 128, 0) + phase)

    def at(sic: int, of_day_s: float) -> bytes:
        return block(2, bytes([0b11010000, 1 if sic == 2 else 7, sic, 2]) + clock(of_day_s))

    # Two radars whose clocks are half an hour apart: each one's plots are of its own time.
    found = [
        one for one in read(at(2, 40_000) + at(8, 41_800) + plot(2, 40_003) + plot(8, 41_803)) if isinstance(one, Plot)
    ]
    assert [(one.sensor, seconds_of(one.time)) for one in found] == [("hill", 40_003), ("7/8", 41_803)]


def test_a_record_without_any_time_before_any_is_known_is_refused() -> None:
    rejects = Rejects()
    assert read(block(1, bytes([0b11100000, 1, 2, 0x10]) + struct.pack(">HH", 128, 0)), rejects=rejects) == []
    assert "before any time was known" in rejects.summary()


def test_a_radar_is_known_by_its_declared_codes_else_by_its_name() -> None:
    named = Sensor(id="255/0", kind="radar", lat=0, lon=0)
    both = Sensor(id="3/4", kind="radar", lat=0, lon=0, asterix=(5, 6))
    none = Sensor(id="a3/4", kind="radar", lat=0, lon=0)
    assert {source: one.id for source, one in sources_of([named, both, none]).items()} == {
        (255, 0): "255/0",
        (5, 6): "3/4",
    }


def test_frames_are_taken_off_only_where_they_fill_the_datagram() -> None:
    one = plot_048(1)
    framed = struct.pack(">H", len(one) + 6) + b"\1\2\3\4" + one
    assert unframed(framed) == [one]
    for odd in (framed + b"\0", framed[:-1], framed + framed[:8], b"", b"\0" * 9):
        assert unframed(odd) == [odd]
