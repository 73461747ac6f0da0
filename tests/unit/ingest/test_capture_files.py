"""Files of captures: pcap and its relatives, pcapng, compressed ones; and files that are none."""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import tarfile
import time
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.ingest.asterix_bytes import plot_048
from tests.unit.ingest.network_bytes import (
    START_S,
    enhanced,
    ethernet,
    interface,
    ipv4,
    obsolete,
    option,
    pcap,
    pcapng,
    simple,
    udp,
)
from tocsin.ingest.asterix import recording
from tocsin.ingest.asterix.capture import datagrams, is_capture
from tocsin.ingest.asterix.packets import Datagram
from tocsin.ingest.files import read_observations, read_plots
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of
from tocsin.replay.importing import import_recordings

RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
WORD = b"a datagram"
BARE, FRAME = ipv4(udp(WORD)), ethernet(ipv4(udp(WORD)))
PLOTS = [ethernet(ipv4(udp(plot_048(number, time_s=number)))) for number in range(6)]


def read(data: bytes, rejects: Rejects | None = None) -> list[Datagram]:
    return list(datagrams(data, "test", rejects or Rejects()))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("magic", "behind", "swapped"),
    [
        (0xA1B2C3D4, b"", False), (0xA1B23C4D, b"", False), (0xA1B2C3D4, b"", True), (0xA1B2C3D4, b"\0" * 4, False),
        (0xA1B2C3D4, b"\1\0\0\0\0\x08\0\0", False),
        (0xA1B2CD34, b"\1\0\0\0\0\x08\0\0", False), (0xA1B2CD34, b"\1\0\0\0\0\x08\0\0\0\0\0\0", False),
    ],
)  # fmt: skip
def test_every_relative_of_pcap_is_read(order: str, magic: int, behind: bytes, swapped: bool) -> None:
    for count in (1, 2, 6):
        rejects = Rejects()
        data = pcap(PLOTS[:count], order=order, magic=magic, behind=behind, swapped=swapped)
        assert is_capture(data)
        found = read(data, rejects)
        assert [one.captured_s for one in found] == [START_S + n for n in range(count)]
        assert [one.payload for one in found] == [plot_048(n, time_s=n) for n in range(count)]
        assert rejects.total == 0


@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_fractions_of_a_second_are_counted_as_the_file_says(order: str, nano: bool) -> None:
    data = bytearray(pcap([FRAME], order=order, magic=0xA1B23C4D if nano else 0xA1B2C3D4))
    data[28:32] = struct.pack(order + "I", 250_000_000 if nano else 250_000)
    (found,) = read(bytes(data))
    assert found.captured_s == START_S + 0.25


@pytest.mark.parametrize("first", ["pcap", "pcapng"])
@pytest.mark.parametrize("second", ["pcap", "big pcap", "nano pcap", "pcapng", "big pcapng"])
def test_files_one_behind_the_other_are_each_read_as_their_own(first: str, second: str) -> None:
    files = {
        "pcap": pcap(PLOTS[:3]),
        "big pcap": pcap([BARE] * 3, 101, order=">"),
        "nano pcap": pcap(PLOTS[:3], magic=0xA1B23C4D),
        "pcapng": pcapng("<", interface("<", 1), *(enhanced("<", one, START_S * 1_000_000) for one in PLOTS[:3])),
        "big pcapng": pcapng(">", interface(">", 101), *(enhanced(">", BARE, START_S * 1_000_000) for _ in range(3))),
    }
    rejects = Rejects()
    found = read(files[first] + files[second] + files[first], rejects)
    payloads = [[one.payload for one in read(files[name])] for name in (first, second, first)]
    assert [one.payload for one in found] == [*chain(*payloads)]
    assert len(found) == 9 and rejects.total == 0
    # The first was cut short: its last packet reaches into the next file.
    cut = read(files[first][:-30] + files[second], rejects)
    assert [one.payload for one in cut][-3:] == payloads[1]
    assert [one.payload for one in cut][:2] == payloads[0][:2]


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_file_made_of_beginnings_of_files_costs_no_more_than_its_length(kind: str) -> None:
    head = pcapng("<")[:12] if kind == "pcapng" else pcap([])[:8] + struct.pack("<IIII", START_S, 0, 200_000, 200_000)
    rejects = Rejects()
    begun_s = time.process_time()
    read(head * 40_000, rejects)
    assert time.process_time() - begun_s < 3
    assert rejects.account.balanced


def test_a_recorder_whose_clock_was_never_set_tells_no_time() -> None:
    assert [one.captured_s for one in read(pcap([FRAME, FRAME], start_s=7))] == [None, None]


def test_a_damaged_packet_header_costs_its_packet_only_however_far_the_next_one_is() -> None:
    far = ethernet(ipv4(bytes(60_000), 1))
    data = bytearray(pcap([PLOTS[0], *[far] * 25, PLOTS[1]]))
    at = 24 + 16 + len(PLOTS[0])
    data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"
    rejects = Rejects()
    assert [one.payload for one in read(bytes(data), rejects)] == [plot_048(0), plot_048(1, time_s=1)]
    assert rejects.counts == {"a damaged packet header, … octets": 1}
    assert f"{16 + len(far)} octets" in rejects.summary()


def test_recordings_of_different_weeks_in_one_file_are_both_read() -> None:
    later = pcap(PLOTS, start_s=START_S + 40 * 86_400)[24:]
    rejects = Rejects()
    assert len(read(pcap(PLOTS) + later, rejects)) == 12
    assert rejects.total == 0


@pytest.mark.parametrize("wrong_s", [1 << 13, -(1 << 17), 1 << 18])
@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_wrong_capture_time_costs_that_time_alone(tmp_path: Path, kind: str, wrong_s: int) -> None:
    seconds = [START_S + number + (wrong_s if number == 3 else 0) for number in range(6)]
    if kind == "pcap":
        data = pcap([]) + b"".join(
            pcap([frame], start_s=time_s)[24:] for frame, time_s in zip(PLOTS, seconds, strict=True)
        )
    else:
        packets = (enhanced("<", frame, time_s * 1_000_000) for frame, time_s in zip(PLOTS, seconds, strict=True))
        data = pcapng("<", interface("<", 1), *packets)
    path = tmp_path / "night.pcap"
    path.write_bytes(data)
    rejects = Rejects()
    assert observed(path, rejects) == [0, 1, 2, 3, 4, 5]
    assert rejects.left_out == {"a capture time more than an hour from those before and after": 1}


def test_a_packet_of_another_year_than_the_one_before_is_damaged() -> None:
    data = bytearray(pcap(PLOTS))
    data[24 + 16 + len(PLOTS[0]) + 3] ^= 0x10
    rejects = Rejects()
    assert [one.captured_s for one in read(bytes(data), rejects)] == [START_S + n for n in (0, 2, 3, 4, 5)]
    assert rejects.account == (1, 0, 1, 0)


def test_a_capture_that_ends_early_or_at_once_says_so() -> None:
    for data, said in (
        (pcap(PLOTS)[:-1], "ends within a packet"), (pcap(PLOTS) + b"\0" * 9, "ends within a packet"),
        (pcap([]), "without a packet"), (pcap([])[:20], "within its header"),
        (pcapng("<", interface("<", 1)), "without a packet"),
    ):  # fmt: skip
        rejects = Rejects()
        read(data, rejects)
        assert said in rejects.summary()
        assert rejects.account.balanced


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("resolution", "ticks_per_s"), [(None, 10**6), (6, 10**6), (9, 10**9), (3, 10**3), (0x80 | 20, 2**20)]
)
@pytest.mark.parametrize("offset_s", [0, START_S, -3_600])
def test_each_interface_of_a_pcapng_counts_in_ticks_of_its_own_from_a_time_of_its_own(
    order: str, resolution: int | None, ticks_per_s: int, offset_s: int
) -> None:
    options = option(order, 1, b"abc")
    if resolution is not None:
        options += option(order, 9, bytes([resolution]))
    if offset_s:
        options += option(order, 14, struct.pack(order + "q", offset_s))
    options += option(order, 0, b"")
    ticks = ((START_S - offset_s) * 4 + 1) * ticks_per_s // 4
    described = interface(order, 1), interface(order, 101, options)
    for packet in (enhanced(order, BARE, ticks, 1), obsolete(order, BARE, ticks, 1)):
        data = pcapng(order, *described, packet, (5, b"statistics  "))
        assert is_capture(data)
        (found,) = read(data)
        assert found.payload == WORD
        assert found.captured_s == pytest.approx(START_S + 0.25, abs=1e-3 if resolution == 3 else 1e-6)


def test_interfaces_of_different_links_are_each_read_as_their_own() -> None:
    described = interface("<", 1), interface("<", 101), interface("<", 113)
    packets = enhanced("<", FRAME, 0), enhanced("<", BARE, 0, 1), enhanced("<", bytes(14) + b"\x08\0" + BARE, 0, 2)
    assert [one.payload for one in read(pcapng("<", *described, *packets))] == [WORD] * 3


def test_a_simple_packet_has_no_time_and_no_more_octets_than_are_kept() -> None:
    (found,) = read(pcapng("<", interface("<", 101), simple("<", BARE)))
    assert (found.payload, found.captured_s) == (WORD, None)
    kind, body = simple("<", BARE)
    cut = struct.pack("<I", 9_000) + body[4:]
    (found,) = read(pcapng("<", interface("<", 101, kept_max=len(BARE)), (kind, cut)))
    assert found.payload == WORD
    # A frame that holds blocks alone shows every octet that does not belong to it.
    (found,) = read(pcapng("<", interface("<", 147, kept_max=14), (kind, struct.pack("<I", 99) + plot_048(1))))
    assert found.payload == plot_048(1)


def test_a_packet_of_an_interface_nobody_described_is_said() -> None:
    for blocks in ((interface("<", 101), enhanced("<", BARE, 0, 1)), (simple("<", BARE),)):
        rejects = Rejects()
        assert read(pcapng("<", *blocks), rejects) == []
        assert "interface that the pcapng does not describe" in rejects.summary()


def test_a_new_section_forgets_the_interfaces_of_the_last_and_may_be_of_the_other_order() -> None:
    sections = [pcapng(order, interface(order, 101), enhanced(order, BARE, 0)) for order in "<>"]
    assert len(read(sections[0] + sections[1])) == 2
    rejects = Rejects()
    assert len(read(sections[0] + pcapng("<", enhanced("<", BARE, 0)), rejects)) == 1
    assert rejects.total == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_damaged_pcapng_block_costs_itself_only(order: str) -> None:
    whole = pcapng(order, interface(order, 101), *(enhanced(order, BARE, number) for number in range(5)))
    block = (len(whole) - len(pcapng(order, interface(order, 101)))) // 5
    for length in (0, 13, 1_000_000, 0xFFFFFFFF):
        data = bytearray(whole)
        at = len(whole) - 4 * block
        data[at + 4 : at + 8] = struct.pack(order + "I", length)
        rejects = Rejects()
        assert len(read(bytes(data), rejects)) == 4
        assert rejects.counts == {"a damaged pcapng block, … octets": 1}
    rejects = Rejects()
    assert len(read(whole[:-1], rejects)) == 4
    assert "ends within a block" in rejects.summary()


def observed(path: Path, rejects: Rejects | None = None) -> list[float]:
    return [seconds_of(one.time) - START_S for one in read_observations(path, (RADAR,), rejects or Rejects())]


def test_a_capture_that_is_compressed_is_read_whatever_its_name(tmp_path: Path) -> None:
    for name in ("night.pcap.gz", "night.pcap", "NIGHT.AST.GZ"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(pcap(PLOTS)))
        assert recording.is_recording(path)
        assert observed(path) == [0, 1, 2, 3, 4, 5]
    whole = pcap(PLOTS)
    # As recorders that go on in a file they left write it, and tapes that fill their blocks.
    path.write_bytes(gzip.compress(whole[:100]) + gzip.compress(whole[100:]) + bytes(512))
    assert observed(path) == [0, 1, 2, 3, 4, 5]
    assert not recording.is_recording(tmp_path / "flights.json.gz")


def test_what_is_left_of_a_damaged_compressed_capture_is_read_and_the_damage_said(tmp_path: Path) -> None:
    path = tmp_path / "night.pcap.gz"
    whole = gzip.compress(pcap(PLOTS * 50))
    path.write_bytes(whole[:-12])
    rejects = Rejects()
    assert observed(path, rejects)[:3] == [0, 1, 2]
    assert "ends early" in rejects.summary()
    path.write_bytes(whole[:11])
    with pytest.raises(BadFile, match="is empty"):
        observed(path)


def test_a_small_file_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "UNPACKED_OCTETS_MAX", 5_000_000)
    path = tmp_path / "bomb.pcap.gz"
    path.write_bytes(gzip.compress(bytes(6_000_000)))
    with pytest.raises(BadFile, match="unpacks to more than 5000000 octets"):
        observed(path)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "is empty"), (b"\0" * 5_000, "no recording"), (b"<html>not found</html>", "no recording"),
        (b"time,sensor,range_m\n" * 900, "no recording"), (b"\x30" * 9_000, "no recording"),
        (b"0,1,2,3\n" * 4_000, "no recording"),
        (bz2.compress(b"x"), "bzip2.*unpack it"), (b"PK\3\4" + bytes(90), "zip archive"),
        (b"snoop\0\0\0\0\0\0\2\0\0\0\4", "snoop.*editcap"), (b"RTSS" + bytes(99), "Network Monitor"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["night.pcap", "night.ast"])
def test_a_file_that_is_no_recording_is_an_error_with_a_sentence(
    tmp_path: Path, name: str, octets: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(octets)
    with pytest.raises(BadFile, match=said):
        observed(path)


def test_a_recording_is_what_its_octets_say_not_what_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "blocks.pcap"
    path.write_bytes(b"".join(plot_048(number, time_s=number) for number in range(4)))
    assert len(observed(path)) == 4
    path = tmp_path / "capture.ast"
    path.write_bytes(pcap(PLOTS))
    assert observed(path) == [0, 1, 2, 3, 4, 5]


def test_nothing_usable_is_never_said_without_why(tmp_path: Path) -> None:
    sector = bytes([0xE0, 1, 2, 2, 0, 0, 0])
    holding = {
        "one.pcap": pcap([ethernet(bytes(28), 0x0806)] * 3), "two.pcap": pcap([]), "three.pcap": pcap([FRAME]),
        "four.ast": b"\x22\0\x0a" + sector, "five.ast": plot_048(1, sac=9), "six.ast": b"\x41\0\6\1\2\3",
    }  # fmt: skip
    for name, octets in holding.items():
        path = tmp_path / name
        path.write_bytes(octets)
        with pytest.raises(BadFile, match=r"holds a usable observation; \S.*\d"):
            import_recordings(
                [path], tmp_path / "out.jsonl", (RADAR,), Rejects(), [], day_s=0, progress=lambda found: found
            )
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "name", ["night.pcap0", "night.pcap.1", "night.dmp", "night", "night.json", "night.2026-03-01"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_recording_is_known_by_its_octets_however_it_is_called(tmp_path: Path, name: str, packed: bool) -> None:
    for octets in (
        pcap(PLOTS),
        pcapng("<", interface("<", 1), enhanced("<", PLOTS[0], START_S * 1_000_000)),
        plot_048(1) * 3,
    ):
        path = tmp_path / name
        path.write_bytes(gzip.compress(octets) if packed else octets)
        assert recording.is_recording(path)
        assert list(read_observations(path, [RADAR], Rejects()))


@pytest.mark.parametrize("name", ["night.csv", "night.jsonl", "night.parquet", "night.ndjson"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_capture_is_read_under_the_name_of_a_table_or_of_lines(tmp_path: Path, name: str, packed: bool) -> None:
    data = pcap(PLOTS)
    (tmp_path / name).write_bytes(gzip.compress(data) if packed else data)
    for read_all in (
        lambda: list(read_observations(tmp_path / name, [RADAR], Rejects())),
        lambda: read_plots(tmp_path / name, [RADAR], Rejects()).time_s,
    ):
        assert len(read_all()) == len(PLOTS)


def test_what_is_called_otherwise_and_begins_otherwise_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "flights.json"
    for octets in (b"", b"[]", b'{"a": 1}', b"time,sensor\n", b"\x1f\x8bdamaged", gzip.compress(b'[{"a": 1}]'), b"0\n"):
        path.write_bytes(octets)
        assert not recording.is_recording(path)
    assert not recording.is_recording(tmp_path / "nowhere")


def test_a_compression_that_is_not_read_is_named_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "night.dump"
    path.write_bytes(bz2.compress(pcap(PLOTS)))
    with pytest.raises(BadFile, match="bzip2, which is not read; unpack it"):
        list(read_observations(path, [RADAR], Rejects()))


def _packets(frames: list[bytes], *, fraction: int = 0, on_wire: int | None = None) -> bytes:
    """A pcap that says microseconds; on_wire: what stands for each length on the wire."""
    parts = [struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)]
    for number, frame in enumerate(frames):
        length = len(frame) if on_wire is None else on_wire
        parts.append(struct.pack("<IIII", START_S + number, fraction, len(frame), length) + frame)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("name", "packing"), [("n.tar", ""), ("n.tar.gz", "gz"), ("n.tgz", "gz"), ("n.pcap.gz", "twice")]
)
def test_an_archive_and_what_is_packed_twice_are_to_be_unpacked(tmp_path: Path, name: str, packing: str) -> None:
    data = pcap(PLOTS)
    if packing == "twice":
        data = gzip.compress(data)
    else:
        octets = io.BytesIO()
        with tarfile.open(fileobj=octets, mode="w") as archive:
            one = tarfile.TarInfo("night.pcap")
            one.size = len(data)
            archive.addfile(one, io.BytesIO(data))
        data = octets.getvalue()
    (tmp_path / name).write_bytes(gzip.compress(data) if packing else data)
    with pytest.raises(BadFile, match="not read; unpack it"):
        list(read_observations(tmp_path / name, [RADAR], Rejects()))


def test_a_packet_of_which_nothing_was_kept_costs_no_other() -> None:
    for frames in ([b"", FRAME, b"", FRAME], [FRAME, b"", b"", FRAME]):
        for on_wire in (None, 60):
            rejects = Rejects()
            data = _packets(frames, on_wire=on_wire)
            assert [(one.payload, one.captured_s) for one in read(data, rejects)] == [
                (WORD, START_S + number) for number, frame in enumerate(frames) if frame
            ]
            assert rejects.passed_over == {"a packet without content": 2}
            assert rejects.counts == {}


def test_a_length_on_the_wire_that_was_left_0_costs_nothing() -> None:
    rejects = Rejects()
    assert [one.payload for one in read(_packets([FRAME] * 4, on_wire=0), rejects)] == [WORD] * 4
    assert rejects.account == (0, 0, 0, 0)


@pytest.mark.parametrize(("fraction", "after_s"), [(123_456_789, 0.123456789), (999_999_999, 1), (1_000_000, 1)])
def test_nanoseconds_in_a_file_of_microseconds_cost_nothing(fraction: int, after_s: float) -> None:
    rejects = Rejects()
    found = read(_packets([FRAME] * 4, fraction=fraction), rejects)
    assert [one.captured_s for one in found] == pytest.approx([START_S + number + after_s for number in range(4)])
    assert rejects.account == (0, 0, 0, 0)


def test_a_pcapng_whose_ends_of_lines_were_changed_on_its_way_is_named(tmp_path: Path) -> None:
    path = tmp_path / "night.pcapng"
    whole = pcapng("<", interface("<", 1), enhanced("<", PLOTS[0], START_S * 1_000_000))
    path.write_bytes(whole.replace(b"\n", b"\r\n"))
    with pytest.raises(BadFile, match="transferred as text, which is not read; transfer it again, as binary"):
        list(read_observations(path, [RADAR], Rejects()))


def test_each_damaged_header_costs_a_look_near_it_and_not_a_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(octets: bytes, kind: Any) -> Any:
        nonlocal looked
        looked += len(octets)
        return frombuffer(octets, kind)

    frombuffer = np.frombuffer
    monkeypatch.setattr(np, "frombuffer", counted)
    frame = bytes(40)
    whole = pcap([frame] * 3_000, 12)
    octets, each = bytearray(whole), 16 + len(frame)
    for number in range(10, 310, 3):
        octets[24 + number * each + 8 : 24 + number * each + 12] = b"\xff" * 4
    rejects = Rejects()
    assert read(bytes(octets), rejects) == []
    assert looked < 1_000_000
    assert sum(number for reason, number in rejects.counts.items() if "damaged packet header" in reason) == 100
