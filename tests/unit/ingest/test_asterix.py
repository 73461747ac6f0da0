"""ASTERIX recordings: several sources, midnight, damage, captures of every kind."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ingest.asterix_bytes import north_034, packet, pcap, plot_048
from tocsin.ingest.asterix import blocks
from tocsin.ingest.asterix.blocks import blocks_of
from tocsin.ingest.asterix.framing import GPS_HEADER_OCTETS, unframed
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.asterix.records import records_of
from tocsin.ingest.files import read_observations, read_plots
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Plot, Position, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of

RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
OTHER = Sensor(id="7/8", kind="radar", lat=45, lon=17)
MIDNIGHT_S = 1_767_225_600


def read(data: bytes, *, captured_s: float | None = None, rejects: Rejects | None = None) -> list[Any]:
    return list(AsterixReader((RADAR, OTHER), rejects or Rejects()).read(data, captured_s, "test"))


def test_a_plot_is_told_in_metres_degrees_and_utc() -> None:
    (plot,) = read(plot_048(256, time_s=10.5, range_nm=50), captured_s=MIDNIGHT_S + 11)
    assert isinstance(plot, Plot)
    assert (plot.sensor, plot.range_m, plot.azimuth_deg) == ("hill", 92_600.0, 90.0)
    assert seconds_of(plot.time) == MIDNIGHT_S + 10.5
    assert seconds_of(plot.received_at) == MIDNIGHT_S + 11


def test_sources_are_told_apart_and_an_unknown_one_is_reported_once(tmp_path: Path) -> None:
    stream = plot_048(1) + plot_048(2, sac=7, sic=8) + plot_048(3, sac=9, sic=9) + plot_048(4, sac=9, sic=9)
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        found = read(stream, rejects=rejects)
    assert [plot.sensor for plot in found] == ["hill", "7/8"]
    assert rejects.total == 2
    assert len((tmp_path / "rejects.jsonl").read_text().splitlines()) == 1


def test_midnight_passes_with_and_without_capture_times() -> None:
    before, after = plot_048(1, time_s=86_399), plot_048(2, time_s=1)
    first, second = read(before + after)
    assert (second.time - first.time).total_seconds() == 2
    (late,) = read(before, captured_s=MIDNIGHT_S + 1)
    assert seconds_of(late.time) == MIDNIGHT_S - 1


def test_a_north_mark_says_that_the_radar_is_alive() -> None:
    (status,) = read(north_034(time_s=5))
    assert isinstance(status, Status)
    assert (status.sensor, status.state) == ("hill", "up")


def test_a_radar_that_says_its_data_must_not_be_used_is_down() -> None:
    body = bytes([0xE4, 1, 2, 1, 0, 2, 0x80, 0x80, 0x80])
    (status,) = read(b"\x22" + struct.pack(">H", 3 + len(body)) + body)
    assert status.state == "down"


@pytest.mark.parametrize("of_day_s", [50_000, 10, 86_390])
def test_truncated_times_follow_the_service_messages_of_their_source(of_day_s: int) -> None:
    service = bytes([0xD0, 1, 2, 2]) + (of_day_s * 128).to_bytes(3, "big")
    # Item 141 stands in the seventh place of category 001's plots.
    later_s = (of_day_s + 20) % 86_400
    plot = bytes([0b11100010, 1, 2, 0x10]) + struct.pack(">HHH", 6_400, 0, later_s * 128 % 65_536)
    stream = b"\x02" + struct.pack(">H", 3 + len(service)) + service + b"\x01" + struct.pack(">H", 3 + len(plot)) + plot
    (found,) = [one for one in read(stream, captured_s=MIDNIGHT_S + of_day_s + 1) if isinstance(one, Plot)]
    assert seconds_of(found.time) == MIDNIGHT_S + of_day_s + 20
    assert found.range_m == 92_600.0


def test_a_simulated_target_is_rejected_and_says_so() -> None:
    block = bytearray(plot_048(1))
    block[9] |= 0x10
    rejects = Rejects()
    assert read(bytes(block), rejects=rejects) == []
    assert "simulated" in rejects.summary()


def test_an_ads_b_report_needs_no_sensor() -> None:
    place = struct.pack(">ii", round(45.5 * (1 << 30) / 180), round(-16.25 * (1 << 30) / 180))
    fspec = bytes([0b11000011, 0b00010001, 0b01000000])
    # Items 010, 040, 131, 080, 140: bits 1, 2, 7, 11, 16.
    body = fspec + bytes([5, 6, 0]) + place + bytes.fromhex("4ca123") + struct.pack(">h", 1_600)
    found = read(b"\x15" + struct.pack(">H", 3 + len(body)) + body, captured_s=float(MIDNIGHT_S))
    (position,) = found
    assert isinstance(position, Position)
    assert (position.source, position.icao24, position.cooperative) == ("5/6", "4ca123", True)
    assert position.lat == pytest.approx(45.5, abs=1e-6)
    assert position.lon == pytest.approx(-16.25, abs=1e-6)
    assert position.altitude_m == pytest.approx(3_048)


def test_a_position_of_0_and_0_stands_for_none() -> None:
    rejects = Rejects()
    ads_b = bytes([0b11000101, 0b00010000]) + bytes([5, 6, 0]) + bytes(6) + bytes.fromhex("4ca123")
    track = bytes([0b10011001, 0b00001100, 5, 6]) + bytes(3) + bytes(8) + b"\0\7\0"
    for category, body in ((21, ads_b), (62, track)):
        data = struct.pack(">BH", category, 3 + len(body)) + body
        assert read(data, captured_s=float(MIDNIGHT_S), rejects=rejects) == []
    assert rejects.counts == {"ASTERIX: lat and lon are both …, which stands for no place": 2}


def test_the_same_record_has_the_same_id_whenever_it_arrives() -> None:
    (first,) = read(plot_048(1, time_s=5), captured_s=MIDNIGHT_S + 6)
    (again,) = read(plot_048(1, time_s=5), captured_s=MIDNIGHT_S + 9)
    (other,) = read(plot_048(2, time_s=5), captured_s=MIDNIGHT_S + 6)
    assert first.id == again.id != other.id


@pytest.mark.parametrize("damage", [b"\x00\x30", b"\x30\x00", b"\x30\x00\x02", b"\xff" * 40])
def test_rubbish_between_blocks_costs_no_block(damage: bytes) -> None:
    rejects = Rejects()
    found = read(plot_048(1) + damage + plot_048(2) + plot_048(3), rejects=rejects)
    assert [round(plot.azimuth_deg * 65_536 / 360 / 64) for plot in found] == [1, 2, 3]
    assert rejects.total >= 1


def test_a_length_that_swallows_the_next_blocks_does_not_cost_them() -> None:
    blocks = [bytearray(plot_048(number)) for number in range(1, 6)]
    blocks[1][2] = 3 * len(blocks[1])
    found = read(b"".join(blocks))
    assert [round(plot.azimuth_deg * 65_536 / 360 / 64) for plot in found][-3:] == [3, 4, 5]


def test_categories_we_do_not_read_are_counted_and_passed_over() -> None:
    rejects = Rejects()
    assert len(read(plot_048(1) + 2 * b"\x41\x00\x06\x01\x02\x03" + plot_048(2), rejects=rejects)) == 2
    assert rejects.passed_over == {"a block of ASTERIX category 065 (state of a tracker)": 2}
    assert (rejects.total, rejects.counts) == (0, {})
    assert "2 × a block of ASTERIX category 065" in rejects.summary()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("vlan", [False, True])
def test_captures_of_every_byte_order_are_read(tmp_path: Path, order: str, nano: bool, vlan: bool) -> None:
    path = tmp_path / "radar.pcap"
    path.write_bytes(pcap([packet(plot_048(n, time_s=n), vlan=vlan) for n in range(5)], order=order, nano=nano))
    rejects = Rejects()
    found = list(read_observations(path, (RADAR,), rejects))
    assert [seconds_of(plot.time) - MIDNIGHT_S for plot in found] == [0, 1, 2, 3, 4]
    assert rejects.total == 0
    assert len(read_plots(path, (RADAR,), Rejects())) == 5


def test_a_pcapng_capture_is_read(tmp_path: Path) -> None:
    frame = packet(plot_048(1, time_s=3))
    padded = frame + b"\0" * (-len(frame) % 4)
    micros = (MIDNIGHT_S + 3) * 1_000_000

    def block(kind: int, body: bytes) -> bytes:
        length = 12 + len(body)
        return struct.pack("<II", kind, length) + body + struct.pack("<I", length)

    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = block(1, struct.pack("<HHI", 1, 0, 65_535))
    enhanced = block(6, struct.pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(frame), len(frame)) + padded)
    path = tmp_path / "radar.pcapng"
    path.write_bytes(section + interface + enhanced)
    (plot,) = read_observations(path, (RADAR,), Rejects())
    assert seconds_of(plot.received_at) == MIDNIGHT_S + 3


def test_gps_recordings_and_framed_datagrams_are_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "radar.gps"
    path.write_bytes(b"\xcd" * GPS_HEADER_OCTETS + b"".join(plot_048(n) + b"\x30" * 10 for n in range(4)))
    assert len(list(read_observations(path, (RADAR,), Rejects()))) == 4
    block = plot_048(1)
    framed = struct.pack(">H", len(block) + 6) + b"\x01\x02\x03\x04" + block
    assert unframed(framed * 2) == [block, block]
    assert unframed(block) == [block]


def test_a_datagram_made_to_be_searched_for_ever_is_given_up() -> None:
    # Every third octet begins a block of 2,046 octets whose records hold together until its very end.
    trap = b"\x30\x07\xfe" * 21_000
    rejects = Rejects()
    assert read(trap, rejects=rejects) == []
    assert rejects.total >= 1


@pytest.mark.parametrize("octets", [b"\x30\x08\x00" + b"\xff" * 60_000, b"\x30" * 60_000, b"\x3e\x01\x00" * 20_000])
def test_long_runs_of_one_pattern_are_given_up(octets: bytes) -> None:
    assert read(octets) == []


def test_blocks_that_hide_each_other_cost_no_more_than_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Small good blocks, each before one of 16,576 octets that is read to its end and found to be none.
    hostile = bytes.fromhex("02 00 06 80 00 02 03 00 04 00 02 40 C0 80 00 00 40 00 40 00") * 950
    read = 0

    def counted(*given: Any) -> Any:
        nonlocal read
        found, fault = records_of(*given)
        read += len(found)
        return found, fault

    monkeypatch.setattr(blocks, "records_of", counted)
    assert sum(len(one.octets) for one in blocks_of(hostile))
    allowed = blocks.VAIN_OCTETS_MIN + blocks.VAIN_OCTETS_PER_OCTET * len(hostile)
    assert read <= allowed / blocks.TRY_OCTETS + 3 * len(hostile)
