"""Captures of every link, with VLANs, options, fragments and clocks of every fineness."""

from __future__ import annotations

import struct

import pytest

from tests.unit.ingest.asterix_bytes import packet, pcap
from tocsin.ingest.asterix.capture import Datagram, datagrams, is_capture
from tocsin.ingest.rejects import Rejects

START_S = 1_767_225_600
WORD = b"a datagram"


def ip(payload: bytes = WORD, *, options: int = 0, protocol: int = 17, fragment: int = 0, version: int = 4) -> bytes:
    udp = struct.pack(">HHHH", 4_000, 5_000, 8 + len(payload), 0) + payload
    head = struct.pack(
        ">BBHHHBB8s", version << 4 | 5 + options, 0, 20 + 4 * options + len(udp), 1, fragment, 64, protocol, b""
    )
    return head.ljust(20 + 4 * options, b"\1") + udp + b"padding"


def read(link: int, *frames: bytes, rejects: Rejects | None = None) -> list[Datagram]:
    data = bytearray(pcap(list(frames)))
    data[20:24] = struct.pack("<I", link)
    return list(datagrams(bytes(data), "test", rejects or Rejects()))


@pytest.mark.parametrize(
    ("link", "before"),
    [
        (1, b"\1" * 12 + b"\x08\x00"),
        (1, b"\1" * 12 + b"\x81\x00\0\5\x08\x00"),
        (1, b"\1" * 12 + b"\x88\xa8\0\5\x81\x00\0\6\x08\x00"),
        (113, b"\1" * 14 + b"\x08\x00"),
        (276, b"\x08\x00" + b"\1" * 18),
        (12, b""), (101, b""), (228, b""),
        (0, b"\2\0\0\0"), (108, b"\0\0\0\2"),
    ],
)  # fmt: skip
def test_the_datagram_is_found_behind_every_link(link: int, before: bytes) -> None:
    rejects = Rejects()
    for options in (0, 3):
        (found,) = read(link, before + ip(options=options), rejects=rejects)
        assert (found.payload, found.captured_s) == (WORD, START_S)
    assert rejects.total == 0


def test_an_unknown_link_is_said_and_other_traffic_is_passed_over() -> None:
    rejects = Rejects()
    assert read(147, ip(), rejects=rejects) == []
    assert "unknown link type" in rejects.summary()
    rejects = Rejects()
    assert read(12, ip(protocol=6), ip(version=6), b"\x45", rejects=rejects) == []
    assert read(1, b"\1" * 12 + b"\x86\xdd" + ip(), b"\1" * 12 + b"\x08\x06" + ip(), rejects=rejects) == []
    assert rejects.total == 0


@pytest.mark.parametrize(("fragment", "taken"), [(0x4000, True), (0x2000, False), (0x0001, False), (0x1FFF, False)])
def test_a_fragment_is_no_datagram_and_one_that_must_not_be_cut_is(fragment: int, taken: bool) -> None:
    rejects = Rejects()
    assert [one.payload for one in read(12, ip(fragment=fragment), rejects=rejects)] == [WORD] * taken
    assert rejects.total == (not taken)


def test_a_datagram_that_is_cut_is_said_and_not_read() -> None:
    rejects = Rejects()
    whole = ip()[:-7]
    assert [one.payload for one in read(12, whole, rejects=rejects)] == [WORD]
    assert read(12, whole[:-1], rejects=rejects) == []
    short = bytearray(whole)
    short[24:26] = b"\0\7"
    assert read(12, bytes(short), rejects=rejects) == []
    assert rejects.counts == {"a packet with a datagram that is cut off": 2}


@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_fractions_of_a_second_are_counted_as_the_file_says(order: str, nano: bool) -> None:
    data = bytearray(pcap([packet(WORD)], order=order, nano=nano))
    assert is_capture(bytes(data))
    data[28:32] = struct.pack(order + "I", 250_000_000 if nano else 250_000)
    (found,) = datagrams(bytes(data), "test", Rejects())
    assert found.captured_s == START_S + 0.25


def pcapng(order: str, *blocks: tuple[int, bytes]) -> bytes:
    parts = []
    for kind, body in ((0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)), *blocks):
        padded = body.ljust(len(body) + -len(body) % 4, b"\0")
        length = struct.pack(order + "I", 12 + len(padded))
        parts.append(struct.pack(order + "I", kind) + length + padded + length)
    return b"".join(parts)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("option", "ticks_per_s"), [(None, 10**6), (6, 10**6), (9, 10**9), (3, 10**3), (0x80 | 20, 2**20)]
)
def test_each_interface_of_a_pcapng_counts_in_ticks_of_its_own(
    order: str, option: int | None, ticks_per_s: int
) -> None:
    comment = struct.pack(order + "HH", 1, 3) + b"abc\0"
    fineness = b"" if option is None else comment + struct.pack(order + "HHB3x", 9, 1, option)
    ethernet = (1, struct.pack(order + "HHI", 1, 0, 65_535))
    bare = (1, struct.pack(order + "HHI", 101, 0, 65_535) + fineness)
    ticks = (START_S * 4 + 1) * ticks_per_s // 4
    frame = ip()
    told = struct.pack(order + "IIIII", 1, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)) + frame
    data = pcapng(order, ethernet, bare, (6, told), (5, b"statistics  "))
    assert is_capture(data)
    (found,) = datagrams(data, "test", Rejects())
    assert found.payload == WORD
    assert found.captured_s == pytest.approx(START_S + 0.25, abs=1e-3 if option == 3 else 1e-6)


def test_a_simple_packet_has_no_time_and_an_interface_nobody_described_no_link() -> None:
    bare = (1, struct.pack("<HHI", 101, 0, 65_535))
    frame = ip()
    simple = (3, struct.pack("<I", len(frame)) + frame)
    (found,) = datagrams(pcapng("<", bare, simple), "test", Rejects())
    assert (found.payload, found.captured_s) == (WORD, None)
    stray = (6, struct.pack("<IIIII", 1, 0, 0, len(frame), len(frame)) + frame)
    assert list(datagrams(pcapng("<", bare, stray), "test", Rejects())) == []
    assert list(datagrams(pcapng("<", simple), "test", Rejects())) == []


def test_a_new_section_forgets_the_interfaces_of_the_last() -> None:
    bare = (1, struct.pack("<HHI", 101, 0, 65_535))
    frame = ip()
    told = (6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
    assert len(list(datagrams(pcapng("<", bare, told) * 2, "test", Rejects()))) == 2
    assert len(list(datagrams(pcapng("<", bare, told) + pcapng("<", told), "test", Rejects()))) == 1


def test_a_pcapng_block_of_a_wrong_length_ends_it_and_is_said() -> None:
    bare = (1, struct.pack("<HHI", 101, 0, 65_535))
    frame = ip()
    told = (6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
    data = pcapng("<", bare, told, told)
    rejects = Rejects()
    assert len(list(datagrams(data[:-1], "test", rejects))) == 1
    assert "wrong length" in rejects.summary()
