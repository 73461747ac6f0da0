"""Link layers: what stands in a captured frame, layer by layer, down to IP or to ASTERIX itself.

Ethernet with VLANs, 802.3 with LLC and SNAP, PPP, PPPoE, Cisco HDLC, frame relay, Linux cooked (both), loopback, bare
IP, Wi-Fi that is not encrypted, FDDI, token ring, and what Wireshark exports; recorders.py takes off what recorders and
switches add. Radars of before IP send their blocks in LLC frames: those are read where blocks fill the frame.
"""

from __future__ import annotations

import struct

from tocsin.ingest.asterix import internet, recorders
from tocsin.ingest.asterix.blocks import only_blocks
from tocsin.ingest.asterix.packets import PAYLOAD, Layer, PassedOver, Step, u16
from tocsin.model.errors import BadRecord

# Ethernet's type field holds lengths up to this.
LENGTH_MAX = 1_500
_ETHERTYPES = {
    0x0806: "ARP", 0x8035: "RARP", 0x809B: "AppleTalk", 0x8137: "IPX", 0x8808: "flow control", 0x8809: "slow protocols",
    0x8863: "PPPoE discovery", 0x888E: "802.1X", 0x88CC: "LLDP", 0x88F7: "PTP",
    0x9000: "loopback tests",
}  # fmt: skip


def ethernet(octets: bytes) -> Step:
    """IEEE 802.3 and Ethernet II."""
    return ethertype(octets[12:])


def ethertype(octets: bytes) -> Step:
    """What a frame carries, by the two octets before it: a type, or a length."""
    number, body = u16(octets, 0), octets[2:]
    if number <= LENGTH_MAX:
        if number > len(body):
            raise BadRecord("a frame that is cut off")
        return "llc", body[:number]
    layer = _CARRIED.get(number)
    if layer is None:
        raise PassedOver(f"a frame of Ethernet type 0x{number:04x}{_known(_ETHERTYPES, number)}")
    return layer, body


def vlan(octets: bytes) -> Step:
    """802.1Q, 802.1ad and their forerunners: two octets of tag, and what it carries."""
    return ethertype(octets[2:])


def backbone(octets: bytes) -> Step:
    """802.1ah: four octets of tag, and a customer's whole frame."""
    return "ethernet", octets[4:]


def llc(octets: bytes) -> Step:
    """802.2: IP by SNAP, or blocks of ASTERIX as they are."""
    service, control = octets[0] & 0xFE, octets[2]
    if octets[:2] == b"\xff\xff":
        raise PassedOver("a frame of IPX")
    if octets[:3] == b"\xaa\xaa\x03":
        return ethertype(octets[6:])
    if octets[:3] == b"\x06\x06\x03":
        return "ip", octets[3:]
    # Numbered information (LLC 2) has a control field of two octets, unnumbered of one.
    body = octets[3:] if control & 3 == 3 else octets[4:]
    if not only_blocks(body):
        raise PassedOver(f"an LLC frame of service 0x{service:02x}, without ASTERIX")
    return PAYLOAD, body


def ppp(octets: bytes) -> Step:
    """With or without address and control, and with the protocol in one octet or two."""
    if octets[:2] == b"\xff\x03":
        octets = octets[2:]
    short = octets[0] & 1
    number = octets[0] if short else u16(octets, 0)
    layer = {0x0021: "ipv4", 0x0057: "ipv6", 0x0281: "mpls"}.get(number)
    if layer is None:
        raise PassedOver(f"a frame of PPP protocol 0x{number:04x}")
    return layer, octets[1 if short else 2 :]


def pppoe(octets: bytes) -> Step:
    """A PPPoE session."""
    length = u16(octets, 4)
    if 6 + length > len(octets):
        raise BadRecord("a frame that is cut off")
    return "ppp", octets[6 : 6 + length]


def cisco_hdlc(octets: bytes) -> Step:
    """Address and control, and Ethernet's type."""
    return ethertype(octets[2:])


def frame_relay(octets: bytes) -> Step:
    """RFC 2427: an address of two to four octets, unnumbered information, and which network layer follows."""
    at = 1
    while not octets[at] & 1:
        at += 1
    at += 2 if octets[at + 2] else 3
    layer = {0xCC: "ipv4", 0x8E: "ipv6", 0x80: "snap"}.get(octets[at])
    if layer is None:
        raise PassedOver(f"a frame-relay frame of network layer 0x{octets[at]:02x}")
    return layer, octets[at + 1 :]


def snap(octets: bytes) -> Step:
    """Three octets of whose numbers these are, and Ethernet's type."""
    return ethertype(octets[3:])


def cooked(octets: bytes) -> Step:
    """Linux cooked: kind of packet, of device, an address, Ethernet's type; small numbers are Linux's own, 4 is LLC."""
    number = u16(octets, 14)
    if number > LENGTH_MAX:
        return ethertype(octets[14:])
    if number != 4:
        raise PassedOver(f"a frame of Linux's own type {number}")
    return "llc", octets[16:]


def cooked_2(octets: bytes) -> Step:
    """Linux cooked, version 2: Ethernet's type comes first."""
    return cooked(bytes(14) + octets[:2] + octets[20:])


def loopback(octets: bytes) -> Step:
    """BSD's: four octets of address family, of the order of whoever wrote them; the packet says its version itself."""
    return "ip", octets[4:]


def fddi(octets: bytes) -> Step:
    """Frame control and two addresses before LLC."""
    if octets[0] & 0xF0 != 0x50:
        raise PassedOver("an FDDI frame without LLC")
    return "llc", octets[13:]


def token_ring(octets: bytes) -> Step:
    """Access control, frame control, two addresses, a route where the sender's address says so, LLC."""
    if octets[1] & 0xC0 != 0x40:
        raise PassedOver("a token ring frame without LLC")
    return "llc", octets[14 + (octets[14] & 0x1F if octets[8] & 0x80 else 0) :]


def radiotap(octets: bytes) -> Step:
    """Its length, least octet first, and a Wi-Fi frame."""
    return "wifi", octets[octets[2] | octets[3] << 8 :]


def wifi(octets: bytes) -> Step:
    """IEEE 802.11: frames of data that are not encrypted."""
    kind, flags = octets[0], octets[1]
    # Data (type 2) with content (bit 6 of the subtype is "no data").
    if kind & 0x0C != 0x08 or kind & 0x40:
        raise PassedOver("a Wi-Fi frame that carries no data")
    if flags & 0x40:
        raise PassedOver("a Wi-Fi frame that is encrypted")
    header = 24 + (6 if flags & 3 == 3 else 0) + (2 if kind & 0x80 else 0) + (4 if kind & 0x80 and flags & 0x80 else 0)
    return "llc", octets[header:]


def exported(octets: bytes) -> Step:
    """What Wireshark exports from upper layers: tagged values, the dissector's name among them, and the octets."""
    at, name = 0, b""
    while (tag := u16(octets, at)) != 0:
        length = u16(octets, at + 2)
        if tag == 12:
            name = octets[at + 4 : at + 4 + length].rstrip(b"\0")
        at += 4 + length
    body = octets[at + 4 :]
    if name != b"asterix":
        raise PassedOver("what Wireshark exported of a protocol other than ASTERIX")
    return PAYLOAD, body


_CARRIED = {
    0x0800: "ipv4", 0x86DD: "ipv6", 0x8100: "vlan", 0x88A8: "vlan", 0x9100: "vlan", 0x9200: "vlan", 0x9300: "vlan",
    0x88E7: "backbone", 0x8847: "mpls", 0x8848: "mpls", 0x8864: "pppoe", 0x6558: "ethernet", 0x880B: "ppp",
    0x8870: "llc",
} | recorders.TAGS  # fmt: skip

LAYERS: dict[str, Layer] = internet.LAYERS | recorders.LAYERS | {
    "ethernet": ethernet, "ethertype": ethertype, "vlan": vlan, "backbone": backbone, "llc": llc, "snap": snap,
    "ppp": ppp, "pppoe": pppoe, "hdlc": cisco_hdlc, "frame relay": frame_relay, "cooked": cooked, "cooked 2": cooked_2,
    "loopback": loopback, "fddi": fddi, "token ring": token_ring, "radiotap": radiotap, "wifi": wifi,
    "exported": exported,
}  # fmt: skip

# Link-layer types as pcap numbers them.
_LINKS = {
    0: "loopback", 1: "ethernet", 6: "token ring", 9: "ppp", 10: "fddi", 12: "ip", 14: "ip", 50: "ppp", 51: "pppoe",
    100: "llc", 101: "ip", 104: "hdlc", 105: "wifi", 107: "frame relay", 108: "loopback", 113: "cooked",
    127: "radiotap", 143: "ethernet", 166: "ppp", 228: "ipv4", 229: "ipv6", 252: "exported", 276: "cooked 2",
} | recorders.LINKS  # fmt: skip

# Headers that say the link of the frame behind them: where their own length stands, in how many octets, and the link.
_LINK_SAID = {192: (2, 2, 4), 258: (0, 4, 8)}


def frame_of(link: int, octets: bytes) -> Step:
    """The layer with which frames of a link begin; of a link that is not read, blocks where they fill the frame.

    Raises BadRecord, with the link's name, for any other frame of such a link.
    """
    if link in _LINKS:
        return _LINKS[link], octets
    if link in _LINK_SAID:
        length_at, length_octets, link_at = _LINK_SAID[link]
        length = int.from_bytes(octets[length_at : length_at + length_octets], "little")
        within = struct.unpack_from("<I", octets, link_at)[0]
        if within in _LINKS:
            return _LINKS[within], octets[length:]
        raise BadRecord(f"link type {within}{_known(recorders.UNREAD, within)}, which is not read")
    if only_blocks(octets):
        return PAYLOAD, octets
    private = " (private use)" if 147 <= link <= 162 else _known(recorders.UNREAD, link)
    raise BadRecord(f"link type {link}{private}, which is not read")


def _known(names: dict[int, str], number: int) -> str:
    return f" ({names[number]})" if number in names else ""
