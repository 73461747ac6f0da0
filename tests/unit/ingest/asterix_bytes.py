"""ASTERIX and pcap bytes for tests, built by hand."""

from __future__ import annotations

import struct


def plot_048(number: int, *, sac: int = 1, sic: int = 2, time_s: float = 0.0, range_nm: float = 50.0) -> bytes:
    """A block of one PSR plot; `number` is in its azimuth, so that every block differs."""
    time = int(time_s * 128).to_bytes(3, "big")
    polar = struct.pack(">HH", round(range_nm * 256), number * 64 % 65_536)
    body = bytes([0xF0, sac, sic]) + time + b"\x20" + polar
    return b"\x30" + struct.pack(">H", 3 + len(body)) + body


def north_034(*, sac: int = 1, sic: int = 2, time_s: float = 0.0) -> bytes:
    """A north mark."""
    body = bytes([0xE0, sac, sic, 1]) + int(time_s * 128).to_bytes(3, "big")
    return b"\x22" + struct.pack(">H", 3 + len(body)) + body


def block(category: int, *records: bytes) -> bytes:
    """A block of these records."""
    body = b"".join(records)
    return bytes([category]) + struct.pack(">H", 3 + len(body)) + body


def placed_034(lat: float, lon: float, *, sic: int = 2, time_s: float = 1.0, height_m: int = 300) -> bytes:
    """A north mark with the place of its radar: items 010, 000, 030 and 120."""
    degrees = (round(one * (1 << 23) / 180).to_bytes(3, "big", signed=True) for one in (lat, lon))
    place = struct.pack(">h", height_m) + b"".join(degrees)
    return block(34, bytes([0b11100001, 0b00010000, 1, sic, 1]) + int(time_s * 128).to_bytes(3, "big") + place)


def packet(payload: bytes, *, vlan: bool = False, fragment: int = 0) -> bytes:
    """An Ethernet frame with a UDP datagram."""
    kind = b"\x81\x00\x00\x05\x08\x00" if vlan else b"\x08\x00"
    udp = struct.pack(">HHHH", 4000, 5000, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, fragment, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return b"\x01" * 12 + kind + ip + udp


def pcap(frames: list[bytes], *, order: str = "<", nano: bool = False, start_s: int = 1_767_225_600) -> bytes:
    """A recording of frames one second apart."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 65_535, 1)]
    for number, frame in enumerate(frames):
        parts.append(struct.pack(order + "IIII", start_s + number, 0, len(frame), len(frame)) + frame)
    return b"".join(parts)
