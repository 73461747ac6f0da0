"""What recorders and switches put before a frame: capture headers, and tags between a frame's addresses and its type.

a header before the frame   its length is fixed, or it says it itself
a tag in the frame          what it carries follows
"""

from __future__ import annotations

import struct

from tocsin.ingest.asterix.packets import Layer, PassedOver, Step, u16

# A DAG card's kinds of record that hold an Ethernet frame, behind two octets of its own.
_ERF_ETHERNET = frozenset({2, 11, 16, 18, 19, 20})
_ERF_IP = {22: "ipv4", 23: "ipv6"}
_NFLOG_PAYLOAD = 9


def _behind(octets_before: int, layer: str) -> Layer:
    """Takes a header of a fixed length off."""
    return lambda octets: (layer, _rest(octets, octets_before))


def _rest(octets: bytes, at: int) -> bytes:
    """What follows a header; raises IndexError where it is cut off."""
    if at >= len(octets):
        raise IndexError
    return octets[at:]


def prism(octets: bytes) -> Step:
    """Prism's 144 octets before a Wi-Fi frame, or AVS's header, which says its length."""
    if octets[:3] == b"\x80\x21\x10":
        return avs(octets)
    return "wifi", _rest(octets, 144)


def avs(octets: bytes) -> Step:
    """AVS: its length in octets 4 to 7."""
    return "wifi", _rest(octets, struct.unpack_from(">I", octets, 4)[0])


def packet_filter(octets: bytes) -> Step:
    """BSD's log of a packet filter: its length, filled up to four octets."""
    return "ip", _rest(octets, octets[0] + -octets[0] % 4)


def netfilter_log(octets: bytes) -> Step:
    """Linux's log: tagged values of the writer's byte order, one of them the packet."""
    at = 4
    while True:
        length, kind = struct.unpack_from("<HH", octets, at)
        if length < 4:
            raise IndexError
        if kind & 0x7FFF == _NFLOG_PAYLOAD:
            return "ip", octets[at + 4 : at + length]
        at += length + -length % 4


def endace(octets: bytes) -> Step:
    """ERF of a DAG card: 16 octets, extensions of 8, and for Ethernet two octets more."""
    more, at = octets[8] & 0x80, 16
    while more:
        more, at = octets[at] & 0x80, at + 8
    kind = octets[8] & 0x7F
    if kind in _ERF_ETHERNET:
        return "ethernet", _rest(octets, at + 2)
    if kind not in _ERF_IP:
        raise PassedOver(f"an ERF record of type {kind}")
    return _ERF_IP[kind], _rest(octets, at)


def juniper(octets: bytes) -> Step:
    """Juniper's Ethernet: magic, flags, extensions that say their length, and the frame, or without it a packet."""
    if octets[:3] != b"MGC":
        raise PassedOver("a frame of Juniper's in a form that is not read")
    flags = octets[3]
    at = 4 + (2 + u16(octets, 4) if flags & 0x80 else 0)
    # Without layer 2, four octets of protocol family stand before the packet.
    return ("ip", _rest(octets, at + 4)) if flags & 0x02 else ("ethernet", _rest(octets, at))


def infiniband(octets: bytes) -> Step:
    """IP over InfiniBand: 40 octets of route, Ethernet's type, two octets that are kept free."""
    return "ethertype", octets[40:42] + _rest(octets, 44)


def symantec(octets: bytes) -> Step:
    """A firewall of Symantec's: Ethernet's type in a header of 44 octets."""
    return "ethertype", octets[6:8] + _rest(octets, 44)


def cisco_metadata(octets: bytes) -> Step:
    """Cisco's metadata: version, length in words of four octets, the words, Ethernet's type."""
    return "ethertype", _rest(octets, 2 + 4 * octets[1])


def trill(octets: bytes) -> Step:
    """TRILL: six octets, options of words of four octets, a whole frame."""
    return "ethernet", _rest(octets, 6 + 4 * (u16(octets, 0) >> 6 & 0x1F))


def macsec(octets: bytes) -> Step:
    """MACsec that only signs: 6 octets, or 14 with the channel's name. Raises PassedOver for what is encrypted."""
    if octets[0] & 0x0C:
        raise PassedOver("a frame of Ethernet type 0x88e5 (MACsec (encrypted))")
    return "ethertype", _rest(octets, 14 if octets[0] & 0x20 else 6)


LAYERS: dict[str, Layer] = {
    "PPP with direction": _behind(1, "ppp"), "SunATM": _behind(4, "llc"), "fibre channel": _behind(16, "llc"),
    "IEEE 1394": _behind(16, "ethertype"), "prism": prism, "AVS": avs, "IPsec log": _behind(12, "ip"),
    "packet filter log": packet_filter, "netfilter log": netfilter_log, "ERF": endace, "juniper": juniper,
    "InfiniBand": infiniband, "symantec": symantec, "ipnet": _behind(24, "ip"), "netANALYZER": _behind(4, "ethernet"),
    "netANALYZER with preamble": _behind(12, "ethernet"), "preamble": _behind(8, "ethernet"),
    "port before frame": _behind(4, "ethernet"), "port in frame": _behind(16, "ethertype"),
    "long port in frame": _behind(20, "ethertype"), "Cisco metadata": cisco_metadata, "trill": trill,
    "macsec": macsec, "redundancy tag": _behind(4, "ethertype"), "bridge port tag": _behind(6, "ethertype"),
}  # fmt: skip

# Ethernet's types of tags that a frame's own type follows.
TAGS = {
    0x8909: "Cisco metadata", 0x22F3: "trill", 0x88E5: "macsec", 0x892F: "redundancy tag", 0xF1C1: "redundancy tag",
    0x8926: "redundancy tag", 0x893F: "bridge port tag",
}  # fmt: skip

# Link-layer types as pcap numbers them.
LINKS = {
    11: "llc", 99: "symantec", 109: "IPsec log", 117: "packet filter log", 119: "prism", 122: "fibre channel",
    123: "SunATM", 138: "IEEE 1394", 163: "AVS", 178: "juniper", 197: "ERF", 204: "PPP with direction",
    226: "ipnet", 239: "netfilter log", 240: "netANALYZER", 241: "netANALYZER with preamble", 242: "InfiniBand",
    274: "preamble", 281: "port in frame", 282: "port before frame", 283: "port in frame", 284: "long port in frame",
}  # fmt: skip

# Those of other trades, and of devices whose frames have no public form.
UNREAD = {
    2: "experimental Ethernet", 3: "AX.25", 4: "ProNET", 5: "Chaosnet", 7: "ARCNET", 8: "SLIP", 106: "Linux ATM",
    114: "LocalTalk", 118: "Cisco IOS", 121: "Hitachi HDLC", 129: "ARCNET of Linux", 130: "Juniper MLPPP",
    140: "SS7 (MTP2)", 141: "SS7 (MTP3)", 142: "SS7 (SCCP)", 144: "IrDA of Linux", 165: "BACnet", 177: "LAPD",
    187: "Bluetooth", 189: "USB", 195: "IEEE 802.15.4", 201: "Bluetooth", 202: "AX.25", 203: "LAPD", 207: "LAPB",
    209: "I2C", 210: "FlexRay", 211: "MOST", 212: "LIN", 215: "IEEE 802.15.4", 220: "USB", 224: "fibre channel",
    225: "fibre channel", 227: "CAN", 230: "IEEE 802.15.4", 231: "D-Bus", 243: "MPEG-2", 245: "NFC",
    247: "InfiniBand", 248: "SCTP", 249: "USB", 251: "Bluetooth", 253: "netlink", 254: "Bluetooth", 255: "Bluetooth",
    256: "Bluetooth", 266: "USB", 268: "ISO 14443", 271: "virtual sockets", 272: "Bluetooth", 279: "USB",
    290: "ATSC", 292: "eLink",
}  # fmt: skip
