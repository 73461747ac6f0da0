"""What stands in IP: datagrams, pieces of datagrams and of streams, and tunnels.

IPv4 with options, IPv6 with extension headers, MPLS; IP in IP, GRE (ERSPAN too), VXLAN, Geneve, GTP, L2TP. Each layer
says which one is inside; what is put together from several packets goes through joining.py.
"""

from __future__ import annotations

from collections.abc import Callable

from tocsin.ingest.asterix.packets import PAYLOAD, Layer, PassedOver, Step, u16
from tocsin.model.errors import BadRecord

_FRAGMENT, _AUTHENTICATION = 44, 51
_INSIDE = {4: "ipv4", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", _AUTHENTICATION: "authentication", 137: "mpls"}
# Hop-by-hop, routing, destination options, mobility, host identity, shim.
_IPV6_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})
_PROTOCOLS = {
    1: "ICMP", 2: "IGMP", 46: "RSVP", 50: "ESP (encrypted)", 58: "ICMPv6", 59: "IPv6 without content", 88: "EIGRP",
    89: "OSPF", 103: "PIM", 112: "VRRP", 132: "SCTP", 136: "UDP-Lite",
}  # fmt: skip
VXLAN_PORT, GENEVE_PORT, GTP_PORT, L2TP_PORT = 4_789, 6_081, 2_152, 1_701
# What Geneve carries: Ethernet, IPv4, IPv6.
_GENEVE_INSIDE = frozenset({0x6558, 0x0800, 0x86DD})
EMPTY = "a packet without content"


class Fragment(Exception):
    """A piece of an IP packet: whose, at which octet, whether more follow, and what is inside once it is whole."""

    def __init__(self, key: bytes, offset: int, more: bool, body: bytes, number: int) -> None:
        super().__init__()
        self.key, self.offset, self.more, self.body, self.number = key, offset, more, body, number


class Segment(Exception):
    """A piece of a TCP stream: its ports, its place in the stream, and what it carries."""

    def __init__(self, ports: bytes, place: int, body: bytes) -> None:
        super().__init__()
        self.ports, self.place, self.body = ports, place, body


def ip(octets: bytes) -> Step:
    """A packet of either version."""
    version = octets[0] >> 4
    if version not in (4, 6):
        raise PassedOver("a packet that is neither IPv4 nor IPv6")
    return f"ipv{version}", octets


def ipv4(octets: bytes) -> Step:
    """Its total length counts: what stands behind it is padding. One of 0 was left to the network card."""
    if octets[0] >> 4 != 4:
        raise PassedOver("a packet that is neither IPv4 nor IPv6")
    header, total = (octets[0] & 15) * 4, u16(octets, 2)
    if header < 20 or 0 < total < header:
        raise BadRecord("an IPv4 header of a wrong length")
    flags, number = u16(octets, 6), octets[9]
    body = octets[header : total or len(octets)]
    if flags & 0x3FFF:
        key = octets[12:20] + octets[4:6] + octets[9:10]
        if header + len(body) < total:
            raise BadRecord("a fragment that is cut off")
        raise Fragment(key, (flags & 0x1FFF) * 8, bool(flags & 0x2000), body, number)
    return protocol(number, body)


def ipv6(octets: bytes) -> Step:
    """Behind the header its extensions, up to what they carry."""
    if octets[0] >> 4 != 6:
        raise PassedOver("a packet that is neither IPv4 nor IPv6")
    length, number, at = u16(octets, 4), octets[6], 40
    end = 40 + length if length else len(octets)
    while number in _IPV6_EXTENSIONS or number in (_FRAGMENT, _AUTHENTICATION):
        following = octets[at]
        if number == _FRAGMENT:
            flags = u16(octets, at + 2)
            if flags & 0xFFF9:
                if end > len(octets):
                    raise BadRecord("a fragment that is cut off")
                key = octets[8:40] + octets[at + 4 : at + 8]
                raise Fragment(key, flags & 0xFFF8, bool(flags & 1), octets[at + 8 : end], following)
            at += 8
        else:
            at += (octets[at + 1] + 2) * 4 if number == _AUTHENTICATION else (octets[at + 1] + 1) * 8
        number = following
    return protocol(number, octets[at:end])


def protocol(number: int, body: bytes) -> Step:
    """What an IP packet carries, by its protocol's number."""
    layer = _INSIDE.get(number)
    if layer is None:
        raise PassedOver(f"a packet of {_PROTOCOLS.get(number, f'IP protocol {number}')}")
    return layer, body


def authentication(octets: bytes) -> Step:
    """A header that signs what follows it (RFC 4302): what that is, its own length in words of four octets."""
    return protocol(octets[0], octets[(octets[1] + 2) * 4 :])


def udp(octets: bytes) -> Step:
    """A datagram's payload, or the frame in it where it is a tunnel's."""
    length = u16(octets, 4)
    if length < 8 or length > len(octets):
        raise BadRecord("a datagram that is cut off")
    payload, port = octets[8:length], u16(octets, 2)
    inside = _TUNNELS[port](payload) if port in _TUNNELS and len(payload) > 8 else None
    return inside or (PAYLOAD, payload)


def _vxlan(payload: bytes) -> Step | None:
    """RFC 7348."""
    return ("ethernet", payload[8:]) if payload[0] == 8 else None


def _geneve(payload: bytes) -> Step | None:
    """RFC 8926: options of so many words behind the header; version 0."""
    if payload[0] >> 6 or u16(payload, 2) not in _GENEVE_INSIDE:
        return None
    return "ethertype", payload[2:4] + payload[8 + (payload[0] & 0x3F) * 4 :]


def _gtp(payload: bytes) -> Step | None:
    """3GPP TS 29.281: version 1, user data (type 255); extensions say which one follows, and their length in words."""
    if payload[0] & 0xF0 != 0x30 or payload[1] != 0xFF:
        return None
    at, following = 8, 0
    if payload[0] & 7:
        at, following = 12, payload[11] if payload[0] & 4 else 0
    while following:
        at += max(1, payload[at]) * 4
        following = payload[at - 1]
    return "ip", payload[at:]


def _l2tp(payload: bytes) -> Step | None:
    """RFC 2661: version 2, no control message; length, sequence and offset where its flags say so."""
    flags = u16(payload, 0)
    if flags & 0x800F != 2:
        return None
    at = 6 + 2 * bool(flags & 0x4000) + 4 * bool(flags & 0x0800)
    if flags & 0x0200:
        at += 2 + u16(payload, at)
    return "ppp", payload[at:]


_TUNNELS: dict[int, Callable[[bytes], Step | None]] = {
    VXLAN_PORT: _vxlan, GENEVE_PORT: _geneve, GTP_PORT: _gtp, L2TP_PORT: _l2tp,
}  # fmt: skip


def tcp(octets: bytes) -> Step:
    """Raises Segment: a stream is put together elsewhere."""
    header = (octets[12] >> 4) * 4
    if header < 20 or header > len(octets):
        raise BadRecord("a TCP segment that is cut off")
    if header == len(octets):
        raise PassedOver("a TCP segment without content")
    # A first segment (SYN) that carries octets carries them one place on.
    place = int.from_bytes(octets[4:8], "big") + (octets[13] >> 1 & 1)
    raise Segment(octets[:4], place, octets[header:])


def mpls(octets: bytes) -> Step:
    """Behind the labels IP, or an Ethernet frame of a wire carried over the network, with or without a control word."""
    at = 0
    while not octets[at + 2] & 1:
        at += 4
    inside = octets[at + 4 :]
    version = inside[0] >> 4
    if version in (4, 6):
        return f"ipv{version}", inside
    return "ethernet", inside[4:] if version == 0 else inside


def gre(octets: bytes) -> Step:
    """RFC 2784 and 2890; PPTP's (RFC 2637); mirrored frames (ERSPAN I to III)."""
    flags, inside = u16(octets, 0), u16(octets, 2)
    if flags & 7 == 1:
        return "ppp", octets[8 + 4 * (flags >> 12 & 1) + 4 * (flags >> 7 & 1) :]
    # A checksum or a route takes four octets, a key four, a sequence number four.
    body = octets[4 + 4 * bool(flags & 0xC000) + 4 * (flags >> 13 & 1) + 4 * (flags >> 12 & 1) :]
    if inside == 0x88BE:
        return "ethernet", body[8:] if flags & 0x1000 else body
    if inside == 0x22EB:
        return "ethernet", body[12 + 8 * (body[11] & 1) :]
    return "ethertype", octets[2:4] + body


LAYERS: dict[str, Layer] = {
    "ip": ip, "ipv4": ipv4, "ipv6": ipv6, "authentication": authentication, "udp": udp, "tcp": tcp, "mpls": mpls,
    "gre": gre,
}  # fmt: skip
