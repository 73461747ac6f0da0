"""Frames, packets and capture files for tests, built by hand: each link, each tunnel, each kind of file."""

from __future__ import annotations

import struct

START_S = 1_767_225_600
ETHERNET = b"\1\2\3\4\5\6\7\7\7\7\7\7"
PORT = 8_600


def udp(payload: bytes, port: int = PORT) -> bytes:
    return struct.pack(">HHHH", PORT, port, 8 + len(payload), 0) + payload


def tcp(payload: bytes, place: int, flags: int = 0x18) -> bytes:
    return struct.pack(">HHIIBBHHH", PORT, PORT, place, 1, 5 << 4, flags, 8_192, 0, 0) + payload


def ipv4(body: bytes, protocol: int = 17, *, flags: int = 0, number: int = 1, options: int = 0) -> bytes:
    size = 20 + 4 * options
    ends = b"\x0a\0\0\1\xef\1\2\3"
    head = struct.pack(">BBHHHBBH8s", 0x45 + options, 0, size + len(body), number, flags, 64, protocol, 0, ends)
    return head + b"\1" * (4 * options) + body


def ipv6(body: bytes, protocol: int = 17) -> bytes:
    return b"\x60\0\0\0" + struct.pack(">HBB", len(body), protocol, 64) + b"\xfd" + bytes(14) + b"\1" + b"\xff\2" + (
        bytes(13) + b"\1" + body
    )  # fmt: skip


def ethernet(body: bytes, kind: int = 0x0800) -> bytes:
    return ETHERNET + struct.pack(">H", kind) + body


def ip_fragments(body: bytes, size: int, number: int = 7) -> list[bytes]:
    """IPv4 packets with `size` octets each of a body."""
    return [
        ipv4(body[at : at + size], flags=(0x2000 if at + size < len(body) else 0) | at // 8, number=number)
        for at in range(0, len(body), size)
    ]


def ipv6_fragments(body: bytes, size: int) -> list[bytes]:
    return [
        ipv6(struct.pack(">BBHI", 17, 0, at | (at + size < len(body)), 9) + body[at : at + size], 44)
        for at in range(0, len(body), size)
    ]


def card(kind: int, extensions: bytes, body: bytes) -> bytes:
    """A record of ERF: what it is, extensions of 8 octets, and what was captured."""
    lengths = struct.pack(">HHH", 16 + len(extensions) + len(body), 0, len(body))
    return bytes(8) + bytes([kind, 4]) + lengths + extensions + body


def links(payload: bytes) -> dict[str, tuple[int, bytes]]:
    """What carries a payload -> (link type, the frame)."""
    datagram = udp(payload)
    four, six = ipv4(datagram), ipv6(datagram)
    frame = ethernet(four)
    wifi = b"\x08\1" + bytes(22) + b"\xaa\xaa\3\0\0\0\x08\0" + four
    quality = b"\x88\1" + bytes(22) + b"\0\0" + b"\xaa\xaa\3\0\0\0\x08\0" + four
    snap = b"\xaa\xaa\3\0\0\0\x08\0" + four
    options = ipv6(b"\x3c\0" + bytes(6) + b"\x11\0" + bytes(6) + datagram, 0)
    secured = b"\x11\4" + bytes(22) + datagram
    return {
        "Ethernet": (1, frame),
        "Ethernet with padding": (1, frame + b"\x30\0\x04\0" * 5),
        "IPv4 with options": (1, ethernet(ipv4(datagram, options=3))),
        "VLAN": (1, ethernet(b"\0\5\x08\0" + four, 0x8100)),
        "VLAN in VLAN": (1, ethernet(b"\0\5\x81\0\0\6\x08\0" + four, 0x88A8)),
        "backbone bridges": (1, ethernet(b"\0\0\0\1" + frame, 0x88E7)),
        "IPv6": (1, ethernet(six, 0x86DD)),
        "IPv6 with extensions": (1, ethernet(options, 0x86DD)),
        "IPv4 with authentication": (1, ethernet(ipv4(secured, 51))),
        "IPv6 with authentication": (1, ethernet(ipv6(secured, 51), 0x86DD)),
        "PPPoE": (1, ethernet(b"\x11\0\0\1" + struct.pack(">H", len(four) + 2) + b"\0\x21" + four + b"\0" * 9, 0x8864)),
        "MPLS": (1, ethernet(b"\0\1\0\x40\0\2\1\x40" + four, 0x8847)),
        "MPLS of IPv6": (1, ethernet(b"\0\1\1\x40" + six, 0x8847)),
        "Ethernet over MPLS": (1, ethernet(b"\0\1\1\x40" + bytes(4) + frame, 0x8847)),
        "LLC": (1, ethernet(b"\xf0\xf0\3" + payload + b"\0" * 9, 3 + len(payload))),
        "LLC 2": (1, ethernet(b"\xf0\xf0\2\2" + payload, 4 + len(payload))),
        "SNAP": (1, ethernet(snap, len(snap))),
        "SNAP in a VLAN": (1, ethernet(b"\0\5" + struct.pack(">H", len(snap)) + snap, 0x8100)),
        "IP in IP": (1, ethernet(ipv4(four, 4))),
        "IPv6 in IPv4": (1, ethernet(ipv4(six, 41))),
        "GRE": (1, ethernet(ipv4(b"\0\0\x08\0" + four, 47))),
        "GRE with checksum, key and sequence": (1, ethernet(ipv4(b"\xb0\0\x08\0" + bytes(12) + four, 47))),
        "GRE of Ethernet": (1, ethernet(ipv4(b"\0\0\x65\x58" + frame, 47))),
        "PPTP": (1, ethernet(ipv4(b"\x30\1\x88\x0b\0\0\0\0\0\0\0\0\xff\3\0\x21" + four, 47))),
        "a mirrored port": (1, ethernet(ipv4(b"\x10\0\x88\xbe\0\0\0\1" + b"\x10\1\0\0\0\0\0\0" + frame, 47))),
        "a mirrored port, third version": (
            1,
            ethernet(ipv4(b"\x10\0\x22\xeb\0\0\0\1" + b"\x20" + bytes(11) + frame, 47)),
        ),
        "VXLAN": (1, ethernet(ipv4(udp(b"\x08\0\0\0\0\0\5\0" + frame, 4_789)))),
        "Geneve": (1, ethernet(ipv4(udp(b"\1\0\x65\x58\0\0\1\0" + bytes(4) + frame, 6_081)))),
        "Geneve of IPv6": (1, ethernet(ipv4(udp(b"\0\0\x86\xdd\0\0\1\0" + six, 6_081)))),
        "GTP": (1, ethernet(ipv4(udp(b"\x30\xff" + struct.pack(">HI", len(four), 1) + four, 2_152)))),
        "GTP with an extension": (
            1,
            ethernet(
                ipv4(udp(b"\x34\xff" + struct.pack(">HI", len(four) + 8, 1) + b"\0\0\0\x85\1\0\0\0" + four, 2_152))
            ),
        ),
        "L2TP": (1, ethernet(ipv4(udp(b"\0\2\0\1\0\1\xff\3\0\x21" + four, 1_701)))),
        "L2TP with length, sequence and offset": (
            1,
            ethernet(
                ipv4(
                    udp(
                        b"\x4a\2" + struct.pack(">H", len(four) + 20) + b"\0\1\0\1\0\0\0\0\0\2\0\0\xff\3\0\x21" + four,
                        1_701,
                    )
                )
            ),
        ),
        "loopback": (0, b"\2\0\0\0" + four),
        "loopback of IPv6": (0, b"\x1e\0\0\0" + six),
        "loopback of OpenBSD": (108, b"\0\0\0\2" + four),
        "PPP": (9, b"\xff\3\0\x21" + four),
        "PPP, compressed": (9, b"\x21" + four),
        "PPP of IPv6": (50, b"\xff\3\0\x57" + six),
        "PPPoE alone": (51, b"\x11\0\0\1" + struct.pack(">H", len(four) + 2) + b"\0\x21" + four),
        "bare IP of BSD": (12, four),
        "bare IP": (101, six),
        "bare IPv4": (228, four),
        "bare IPv6": (229, six),
        "Cisco HDLC": (104, b"\x0f\0\x08\0" + four),
        "frame relay": (107, b"\x18\x41\3\xcc" + four),
        "frame relay with SNAP": (107, b"\x18\x41\3\0\x80\0\0\0\x08\0" + four),
        "ATM": (100, snap),
        "Linux cooked": (113, bytes(14) + b"\x08\0" + four),
        "Linux cooked, IPv6": (113, bytes(14) + b"\x86\xdd" + six),
        "Linux cooked, LLC": (113, bytes(14) + b"\0\4\xf0\xf0\3" + payload),
        "Linux cooked 2": (276, b"\x08\0" + bytes(18) + four),
        "FDDI": (10, b"\x50" + ETHERNET + snap),
        "token ring": (6, b"\x10\x40" + ETHERNET + snap),
        "Wi-Fi": (105, wifi),
        "Wi-Fi with quality of service": (105, quality),
        "radiotap": (127, b"\0\0\x0a\0\0\0\0\0\0\0" + wifi),
        "PPP with direction": (204, b"\1\xff\3\0\x21" + four),
        "ATM of BSD": (11, snap),
        "ATM of Sun": (123, b"\2\0\0\x20" + snap),
        "IP over fibre channel": (122, bytes(16) + snap),
        "IP over FireWire": (138, bytes(16) + b"\x08\0" + four),
        "IP over InfiniBand": (242, bytes(40) + b"\x08\0\0\0" + four),
        "Prism": (119, b"\0\0\0\x41" + bytes(140) + wifi),
        "AVS": (163, b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + wifi),
        "AVS called Prism": (119, b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + wifi),
        "PPI of Wi-Fi": (192, b"\0\0\x0c\0\x69\0\0\0" + bytes(4) + wifi),
        "macOS' header": (258, b"\x6c\0\0\0\1\0\0\0\1\0\0\0" + bytes(96) + frame),
        "BSD's log of IPsec": (109, b"\2\0\0\0" + bytes(8) + four),
        "BSD's log of a packet filter": (117, b"\x3d\2" + bytes(62) + four),
        "Linux's log": (239, b"\2\0\0\0\x05\0\1\0\0\0\0\0" + struct.pack("<HH", 4 + len(six), 9) + six),
        "a DAG card": (197, card(2, b"", b"\0\0" + frame)),
        "a DAG card with extensions": (197, card(0x82, b"\x83" + bytes(15), b"\0\0" + frame)),
        "a DAG card, bare IP": (197, card(22, b"", four)),
        "Juniper": (178, b"MGC\1" + frame),
        "Juniper with extensions": (178, b"MGC\x80\0\3\1\2\3" + frame),
        "Juniper without layer 2": (178, b"MGC\2\2\0\0\0" + four),
        "Symantec": (99, bytes(6) + b"\x08\0" + bytes(36) + four),
        "Solaris' ipnet": (226, b"\2\2\0\1" + struct.pack(">I", len(four)) + bytes(16) + four),
        "netANALYZER": (240, b"\0\1\0\0" + frame),
        "netANALYZER with preamble": (241, b"\0\1\0\0" + b"\x55" * 7 + b"\xd5" + frame),
        "Ethernet with preamble": (274, b"\x55" * 7 + b"\xd5" + frame),
        "a switch's tag": (281, ETHERNET + b"\x20\0\0\1\x08\0" + four),
        "a switch's tag in front": (282, b"\x20\0\0\1" + frame),
        "a switch's long tag": (284, ETHERNET + b"\xda\xda\0\0\xc0\1\0\0\x08\0" + four),
        "Cisco's metadata": (1, ethernet(b"\1\1\0\1\0\5\x08\0" + four, 0x8909)),
        "TRILL": (1, ethernet(b"\0\0\0\1\0\2" + frame, 0x22F3)),
        "HSR": (1, ethernet(b"\0\x34\0\1\x08\0" + four, 0x892F)),
        "a redundancy tag": (1, ethernet(b"\0\0\0\1\x08\0" + four, 0xF1C1)),
        "a virtual port's tag": (1, ethernet(b"\0\1\0\2\x08\0" + four, 0x8926)),
        "a bridge port's tag": (1, ethernet(bytes(6) + b"\x08\0" + four, 0x893F)),
        "MACsec that only signs": (1, ethernet(b"\0\0\0\0\0\1\x08\0" + four + b"\x77" * 16, 0x88E5)),
        "MACsec with its channel": (1, ethernet(b"\x20\0\0\0\0\1" + bytes(8) + b"\x08\0" + four, 0x88E5)),
        "a private link": (147, payload),
        "what Wireshark exported": (252, b"\0\x0c\0\x08asterix\0\0\0\0\0" + payload),
    }


def pcap(
    frames: list[bytes],
    link: int = 1,
    *,
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    behind: bytes = b"",
    swapped: bool = False,
    start_s: int = START_S,
) -> bytes:
    """Frames one second apart; `behind`: what a relative of pcap adds to each packet's header."""
    parts = [struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 65_535, link)]
    for number, frame in enumerate(frames):
        lengths = (len(frame) + 4, len(frame)) if swapped else (len(frame), len(frame) + 4)
        parts.append(struct.pack(order + "IIII", start_s + number, 0, *lengths) + behind + frame)
    return b"".join(parts)


def pcapng(order: str, *blocks: tuple[int, bytes]) -> bytes:
    """A section of blocks (type, body)."""
    parts = []
    for kind, body in ((0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)), *blocks):
        padded = body.ljust(len(body) + -len(body) % 4, b"\0")
        length = struct.pack(order + "I", 12 + len(padded))
        parts.append(struct.pack(order + "I", kind) + length + padded + length)
    return b"".join(parts)


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value.ljust(len(value) + -len(value) % 4, b"\0")


def interface(order: str, link: int, options: bytes = b"", *, kept_max: int = 0) -> tuple[int, bytes]:
    return 1, struct.pack(order + "HHI", link, 0, kept_max) + options


def enhanced(order: str, frame: bytes, ticks: int, number: int = 0) -> tuple[int, bytes]:
    """A packet at so many ticks of its interface."""
    return 6, struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)) + frame


def obsolete(order: str, frame: bytes, ticks: int, number: int = 0) -> tuple[int, bytes]:
    head = struct.pack(order + "HHIIII", number, 9, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return 2, head + frame


def simple(order: str, frame: bytes) -> tuple[int, bytes]:
    return 3, struct.pack(order + "I", len(frame)) + frame
