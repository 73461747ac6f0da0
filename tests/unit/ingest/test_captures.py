"""What a captured frame carries: through every link, tunnel and piece; and nothing vanishes that is not read."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tests.unit.ingest.asterix_bytes import plot_048
from tests.unit.ingest.network_bytes import (
    PORT,
    START_S,
    ethernet,
    ip_fragments,
    ipv4,
    ipv6,
    ipv6_fragments,
    links,
    pcap,
    tcp,
    udp,
)
from tocsin.ingest.asterix.capture import LAYERS_MAX, datagrams
from tocsin.ingest.asterix.joining import PACKETS_MAX, PIECES_MAX, STREAMS_MAX
from tocsin.ingest.asterix.packets import Datagram
from tocsin.ingest.rejects import Rejects

BLOCK = plot_048(5, time_s=100)
WORD = b"a datagram"


def read(link: int, *frames: bytes, rejects: Rejects | None = None) -> list[Datagram]:
    return list(datagrams(pcap(list(frames), link), "test", rejects or Rejects()))


def payloads(link: int, *frames: bytes, rejects: Rejects | None = None) -> list[bytes]:
    return [one.payload for one in read(link, *frames, rejects=rejects)]


@pytest.mark.parametrize("way", links(BLOCK))
def test_the_same_block_is_found_behind_every_link_and_in_every_tunnel(way: str) -> None:
    link, frame = links(BLOCK)[way]
    rejects = Rejects()
    found = read(link, frame, frame, rejects=rejects)
    assert [(one.payload, one.captured_s) for one in found] == [(BLOCK, START_S), (BLOCK, START_S + 1)]
    assert rejects.account == (0, 0, 0, 0)


# What Wireshark exports has no length of its own; a frame of a private link that holds no whole block is not read.
@pytest.mark.parametrize("way", sorted(links(BLOCK).keys() - {"what Wireshark exported"}))
def test_a_frame_cut_anywhere_is_said_and_never_read_as_another(way: str) -> None:
    link, frame = links(BLOCK)[way]
    for length in some(range(1, len(frame))):
        rejects = Rejects()
        found = payloads(link, frame[:length], rejects=rejects)
        # What is cut off behind the datagram is padding.
        assert found in ([], [BLOCK])
        assert rejects.account.read == (not found)
        assert rejects.account.balanced


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (ethernet(bytes(28), 0x0806), "a frame of Ethernet type 0x0806 (ARP)"),
        (ethernet(bytes(28), 0x22F0), "a frame of Ethernet type 0x22f0"),
        (ethernet(b"\x0c" + bytes(27), 0x88E5), "a frame of Ethernet type 0x88e5 (MACsec (encrypted))"),
        (ethernet(b"\x42\x42\3" + bytes(35), 38), "an LLC frame of service 0x42, without ASTERIX"),
        (ethernet(b"\xff\xff" + bytes(35), 37), "a frame of IPX"),
        (ethernet(ipv4(bytes(8), 1)), "a packet of ICMP"),
        (ethernet(ipv4(bytes(80), 50)), "a packet of ESP (encrypted)"),
        (ethernet(ipv4(bytes(8), 253)), "a packet of IP protocol 253"),
        (ethernet(ipv6(bytes(8), 58), 0x86DD), "a packet of ICMPv6"),
        (ethernet(ipv4(udp(b""))), "a packet without content"),
        (b"", "a packet without content"),
        (ethernet(ipv4(tcp(b"", 1), 6)), "a TCP segment without content"),
        (ethernet(ipv4(tcp(b"GET / HTTP/1.1", 1), 6)), "a TCP segment without ASTERIX"),
        (ethernet(b"\x11\0\0\1\0\x0a\xc0\x21" + bytes(8), 0x8864), "a frame of PPP protocol 0xc021"),
        (ethernet(b"\x75" + bytes(40)), "a packet that is neither IPv4 nor IPv6"),
    ],
)
def test_what_is_not_for_us_is_passed_over_by_name(frame: bytes, kind: str) -> None:
    rejects = Rejects()
    assert payloads(1, frame, frame, rejects=rejects) == []
    assert rejects.passed_over == {kind: 2}
    assert rejects.account == (2, 0, 0, 2)


@pytest.mark.parametrize(
    ("link", "said"), [(147, "147 (private use)"), (189, "189 (USB)"), (299, "299, which is not read")]
)
def test_a_link_that_is_not_read_is_named_with_every_packet_counted(link: int, said: str) -> None:
    rejects = Rejects()
    assert payloads(link, b"frame", b"frame", rejects=rejects) == []
    assert f"2 × a packet with link type {said}" in rejects.summary()


@pytest.mark.parametrize(("kind", "flags"), [(0x48, 0), (0x80, 0), (0xB4, 0), (0x08, 0x41)])
def test_wi_fi_without_content_or_encrypted_is_passed_over(kind: int, flags: int) -> None:
    rejects = Rejects()
    assert payloads(105, bytes([kind, flags]) + bytes(60), rejects=rejects) == []
    assert rejects.account == (1, 0, 0, 1)


def test_a_datagram_that_is_cut_is_said_and_not_read() -> None:
    rejects = Rejects()
    whole = ipv4(udp(WORD))
    assert payloads(12, whole + b"padding", rejects=rejects) == [WORD]
    short = bytearray(whole)
    short[24:26] = b"\0\7"
    assert payloads(12, whole[:-1], bytes(short), rejects=rejects) == []
    assert rejects.counts == {"a packet with a datagram that is cut off": 2}


def test_a_packet_whose_length_the_network_card_was_to_fill_in_is_read() -> None:
    packet = bytearray(ipv4(udp(WORD)))
    packet[2:4] = b"\0\0"
    assert payloads(12, bytes(packet)) == [WORD]


def test_tunnels_without_end_are_given_up() -> None:
    packet = ipv4(udp(WORD))
    assert payloads(12, packet) == [WORD]
    for _ in range(LAYERS_MAX):
        packet = ipv4(packet, 4)
    rejects = Rejects()
    assert payloads(12, packet, rejects=rejects) == []
    assert "layers" in rejects.summary()


def test_signatures_without_end_are_given_up() -> None:
    rejects = Rejects()
    signed = bytes([51, 0, *bytes(6)]) * LAYERS_MAX + bytes([17, 0, *bytes(6)])
    assert payloads(12, ipv4(signed[-16:] + udp(WORD), 51)) == [WORD]
    assert payloads(12, ipv4(signed + udp(WORD), 51), rejects=rejects) == []
    assert rejects.counts == {"a packet with more than … layers": 1}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_fragments_are_put_together_in_whatever_order_they_come(version: int, order: tuple[int, ...]) -> None:
    datagram = udp(BLOCK * 4)
    pieces = ip_fragments(datagram, 16) if version == 4 else ipv6_fragments(datagram, 16)
    assert len(pieces) == 4
    rejects = Rejects()
    assert payloads(101, *(pieces[n] for n in order), rejects=rejects) == [BLOCK * 4]
    assert rejects.account == (0, 0, 0, 0)


def test_fragments_of_several_datagrams_do_not_mix_and_a_missing_one_is_counted() -> None:
    first, second = ip_fragments(udp(BLOCK), 16, 1), ip_fragments(udp(WORD * 3), 16, 2)
    rejects = Rejects()
    mixed = [first[0], second[0], second[1], first[0], second[2]]
    assert payloads(12, *mixed, rejects=rejects) == [WORD * 3]
    assert rejects.passed_over == {"a fragment that came before": 1}
    assert rejects.counts == {"a packet with a fragment of a datagram whose other fragments are missing": 1}


def test_fragments_that_overlap_or_reach_too_far_are_no_datagram() -> None:
    rejects = Rejects()
    body = udp(WORD * 4)
    overlapping = [ipv4(body[:32], flags=0x2000), ipv4(body[24:], flags=3)]
    far = ipv4(body, flags=0x1FFF)
    odd = ipv4(body[:21], flags=0x2000)
    assert payloads(12, *overlapping, far, odd, rejects=rejects) == []
    assert rejects.account == (4, 0, 4, 0)


def test_a_flood_of_first_fragments_fills_no_memory_and_every_one_is_counted() -> None:
    rejects = Rejects()
    flood = [ipv4(bytes(8), flags=0x2000, number=number) for number in range(PACKETS_MAX * 3)]
    long = [ipv4(bytes(8), flags=0x2000 | place, number=9_999) for place in range(PIECES_MAX + 1)]
    assert payloads(12, *flood, *long, rejects=rejects) == []
    assert rejects.account == (len(flood) + len(long), 0, len(flood) + len(long), 0)
    # What waited longest made place for the others.
    first, last = ip_fragments(udp(WORD), 16, 7_777)
    assert payloads(12, first, *flood[: PACKETS_MAX - 1], last) == [WORD]
    assert payloads(12, first, *flood[:PACKETS_MAX], last) == []


def test_fragments_that_can_be_no_packet_any_more_are_kept_no_longer() -> None:
    rejects = Rejects()
    long = [ipv4(bytes(40_000), flags=0x2000 | place) for place in range(4)]
    assert payloads(12, *long, rejects=rejects) == []
    assert rejects.counts["a packet with fragments that overlap"] == 2
    assert rejects.account == (4, 0, 4, 0)


def segments(*parts: tuple[int, bytes]) -> list[bytes]:
    return [ipv4(tcp(body, place), 6) for place, body in parts]


def test_blocks_are_read_from_a_stream_however_it_was_cut() -> None:
    stream = b"".join(plot_048(number) for number in range(20))
    for size in (1, 7, len(BLOCK), 100, len(stream)):
        cut = segments(*((1_000 + at, stream[at : at + size]) for at in range(0, len(stream), size)))
        rejects = Rejects()
        assert b"".join(payloads(12, *cut, rejects=rejects)) == stream
        assert rejects.account == (0, 0, 0, 0)


def test_what_a_stream_says_twice_is_read_once_and_after_a_gap_reading_goes_on_with_the_next_block() -> None:
    a, b, c = (plot_048(number) for number in (1, 2, 3))
    rejects = Rejects()
    size = len(a)
    # The count of octets starts anew after the highest number.
    start = (1 << 32) - size
    twice = segments((start, a), (start, a), (0, b[:5]), (3, b[3:]))
    assert payloads(12, *twice, rejects=rejects) == [a, b]
    assert rejects.passed_over == {"a TCP segment that came before": 1}
    rejects = Rejects()
    gap = segments((0, a[:9]), (size, b[5:]), (3 * size, c))
    assert payloads(12, *gap, rejects=rejects) == [c]
    assert rejects.passed_over == {"a TCP segment without ASTERIX": 1}
    assert "within a block sent over TCP, 9 octets" in rejects.summary()


def test_a_flood_of_streams_fills_no_memory() -> None:
    flood = [ipv4(struct.pack(">HH", number, PORT) + tcp(BLOCK[:4], 1)[4:], 6) for number in range(STREAMS_MAX + 5)]
    rejects = Rejects()
    assert payloads(12, *flood, rejects=rejects) == []
    assert f"{4 * (STREAMS_MAX + 5)} octets" in rejects.summary()
    first, last = segments((0, BLOCK[:5]), (5, BLOCK[5:]))
    assert payloads(12, first, *flood[: STREAMS_MAX - 1], last) == [BLOCK]
    assert payloads(12, first, *flood[:STREAMS_MAX], last) == []


def test_what_fills_up_a_short_frame_is_no_part_of_a_stream() -> None:
    rejects = Rejects()
    empty, begun, rest = (
        ethernet(one).ljust(60, b"\x30") for one in segments((0, b""), (0, BLOCK[:4]), (4, BLOCK[4:]))
    )
    assert payloads(1, empty, begun, rest, rejects=rejects) == [BLOCK]
    assert rejects.passed_over == {"a TCP segment without content": 1}


# On Ethernet: read, passed over, cut off, empty, and what is no frame at all.
ON_ETHERNET = [
    *(frame for link, frame in links(BLOCK).values() if link == 1),
    ethernet(bytes(28), 0x0806),
    ethernet(ipv4(tcp(b"GET / HTTP/1.1", 1), 6)),
    ethernet(ipv4(udp(BLOCK))[:-1]),
    ethernet(ipv4(udp(b""))),
    b"\1",
]


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(ON_ETHERNET), st.binary(min_size=1, max_size=80)), min_size=1, max_size=12))
def test_every_packet_is_read_rejected_or_passed_over(frames: list[bytes]) -> None:
    rejects = Rejects()
    found = payloads(1, *frames, rejects=rejects)
    assert len(found) + rejects.account.read == len(frames)
    assert rejects.account.balanced
