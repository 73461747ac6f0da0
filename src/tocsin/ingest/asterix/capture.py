"""Recordings of datagrams: pcap (both byte orders, µs and ns) and pcapng, of Ethernet, VLAN, Linux cooked or bare IP.

Quality: UDP over IPv4 is read; fragments are counted (none of them is a whole datagram); other traffic is passed
over. A damaged packet header costs the packets up to the next one that is believable.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.ingest.rejects import Rejects

# libpcap's own bound on a packet.
PACKET_OCTETS_MAX = 262_144
SEARCH_OCTETS_MAX = 1_000_000
_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
PCAPNG = b"\x0a\x0d\x0d\x0a"
_ETHERNET, _COOKED, _COOKED_2 = 1, 113, 276
_BARE = (12, 101, 228)
_LOOPBACK = (0, 108)
_IPV4 = 0x0800
_VLAN = (0x8100, 0x88A8)
_UDP = 17


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP payload, when it was captured (POSIX seconds, None: not told), and where in the recording it stands."""

    payload: bytes
    captured_s: float | None
    at: int


def is_capture(head: bytes) -> bool:
    """Whether a file with these first octets is a pcap or pcapng recording."""
    return head[:4] in _MAGIC or head[:4] == PCAPNG


def datagrams(data: bytes, name: str, rejects: Rejects) -> Iterator[Datagram]:
    """Every UDP payload of a recording, in its order."""
    packets = _pcapng(data, name, rejects) if data[:4] == PCAPNG else _pcap(data, name, rejects)
    for at, captured_s, link, packet in packets:
        try:
            payload = _udp(_network(link, packet))
        except ValueError as error:
            rejects.add(f"a packet with {error}", packet[:100], f"{name}@{at}")
            continue
        if payload is not None:
            yield Datagram(payload, captured_s, at)


Packet = tuple[int, float | None, int, bytes]


def _pcap(data: bytes, name: str, rejects: Rejects) -> Iterator[Packet]:
    order, tick_s = _MAGIC[data[:4]]
    if len(data) < 24:
        return
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    head = struct.Struct(order + "IIII")
    at, last_s = 24, None
    while at + 16 <= len(data):
        seconds, fraction, kept, length = head.unpack_from(data, at)
        # The first header is judged by its lengths alone, later ones also by the time before.
        if not _believable(seconds, fraction * tick_s, kept, length, last_s) or at + 16 + kept > len(data):
            resumed = _next_header(data, at + 1, head, tick_s, last_s)
            rejects.add("a damaged packet header", data[at : min(resumed, at + 100)], f"{name}@{at}")
            at = resumed
            continue
        last_s = seconds
        yield at, seconds + fraction * tick_s, link, data[at + 16 : at + 16 + kept]
        at += 16 + kept
    if at < len(data):
        rejects.add("a recording that ends within a packet", data[at : at + 100], f"{name}@{at}")


def _believable(seconds: int, fraction_s: float, kept: int, length: int, last_s: int | None) -> bool:
    near = last_s is None or abs(seconds - last_s) < 7 * 86_400
    return 0 < kept <= PACKET_OCTETS_MAX and kept <= length <= PACKET_OCTETS_MAX and fraction_s < 1 and near


def _next_header(data: bytes, start: int, head: struct.Struct, tick_s: float, last_s: int | None) -> int:
    """Where the next packet begins whose header is believable and is followed by another or by the end."""
    for at in range(start, min(len(data) - 16, start + SEARCH_OCTETS_MAX)):
        seconds, fraction, kept, length = head.unpack_from(data, at)
        if not _believable(seconds, fraction * tick_s, kept, length, last_s):
            continue
        after = at + 16 + kept
        if after == len(data):
            return at
        if after + 16 <= len(data):
            seconds_2, fraction_2, kept_2, length_2 = head.unpack_from(data, after)
            if _believable(seconds_2, fraction_2 * tick_s, kept_2, length_2, seconds):
                return at
    return len(data)


def _pcapng(data: bytes, name: str, rejects: Rejects) -> Iterator[Packet]:
    order = "<"
    interfaces: list[tuple[int, float]] = []
    at = 0
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if data[at : at + 4] == PCAPNG:
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        length = struct.unpack_from(order + "I", data, at + 4)[0]
        if length < 12 or length % 4 or at + length > len(data):
            rejects.add(
                "a pcapng block of a wrong length; what follows it is lost", data[at : at + 100], f"{name}@{at}"
            )
            return
        body = data[at + 8 : at + length - 4]
        if kind == 1 and len(body) >= 8:
            interfaces.append((struct.unpack_from(order + "H", body)[0], _tick_s(body[8:], order)))
        elif kind == 6 and len(body) >= 20:
            number, high, low, kept = struct.unpack_from(order + "IIII", body)
            if number < len(interfaces):
                link, tick_s = interfaces[number]
                yield at, (high << 32 | low) * tick_s, link, body[20 : 20 + kept]
        elif kind == 3 and len(body) >= 4 and interfaces:
            yield at, None, interfaces[0][0], body[4:]
        at += length


def _tick_s(options: bytes, order: str) -> float:
    """The resolution of an interface's time stamps: option 9, else microseconds."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == 9 and length == 1 and at + 4 < len(options):
            exponent = options[at + 4]
            return float(2.0 ** -(exponent & 0x7F)) if exponent & 0x80 else float(10.0 ** -min(exponent, 20))
        at += 4 + length + -length % 4
    return 1e-6


def _network(link: int, packet: bytes) -> bytes:
    """The IPv4 packet inside a link-layer frame; empty when it is of another protocol."""
    if link in _BARE:
        return packet
    if link in _LOOPBACK:
        return packet[4:]
    if link == _COOKED:
        kind, body = packet[14:16], 16
    elif link == _COOKED_2:
        kind, body = packet[0:2], 20
    elif link == _ETHERNET:
        kind, body = packet[12:14], 14
    else:
        raise ValueError(f"the unknown link type {link}")
    while int.from_bytes(kind, "big") in _VLAN:
        kind, body = packet[body + 2 : body + 4], body + 4
    return packet[body:] if int.from_bytes(kind, "big") == _IPV4 else b""


def _udp(packet: bytes) -> bytes | None:
    """The payload of a UDP datagram in an IPv4 packet; None for anything else. Raises ValueError where it is cut."""
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] != _UDP:
        return None
    if int.from_bytes(packet[6:8], "big") & 0x3FFF:
        raise ValueError("a fragment of a datagram")
    header = (packet[0] & 15) * 4
    length = int.from_bytes(packet[header + 4 : header + 6], "big")
    if length < 8 or header + length > len(packet):
        raise ValueError("a datagram that is cut off")
    return packet[header + 8 : header + length]
