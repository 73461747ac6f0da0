"""Recordings of the network: packets of every kind of file, frames of every link, down to what carries ASTERIX.

    pcap.py, pcapng.py   files -> packets, with the times at which they were captured
    links.py             frames -> packets of IP, or ASTERIX itself
    internet.py          packets of IP -> datagrams, through tunnels
    joining.py           what came in pieces

Quality: no packet vanishes. Each is read, waits for its other pieces, is rejected with a reason (damaged, cut off, a
link that is not read), or is passed over by kind (other protocols).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tocsin.ingest.asterix import pcap, pcapng
from tocsin.ingest.asterix.internet import EMPTY, Fragment, Segment, protocol
from tocsin.ingest.asterix.joining import Fragments, Streams
from tocsin.ingest.asterix.links import LAYERS, frame_of
from tocsin.ingest.asterix.packets import PAYLOAD, Datagram, Packet, PassedOver
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord

# A capture time this far from the one before and the one after, which are nearer to each other, is damaged.
ODD_TIME_S = 3_600.0
# A year of files of an hour each. One that is made up may cost a packet of the largest size.
FILES_MAX = 10_000
# Tunnels in tunnels end somewhere.
LAYERS_MAX = 32


def is_capture(head: bytes) -> bool:
    """Whether a file with these first octets is a pcap or pcapng recording."""
    return pcap.is_pcap(head) or head[:4] == pcapng.MAGIC


def datagrams(data: bytes, name: str, rejects: Rejects) -> Iterator[Datagram]:
    """What carries ASTERIX in a recording, or may, in its order: UDP payloads, blocks from TCP and from LLC frames."""
    unpacker = _Unpacker()
    empty = True
    for packet in _timed(_packets(data, name, rejects), rejects):
        empty = False
        try:
            payload = unpacker.payload(packet)
        except PassedOver as kind:
            rejects.read()
            rejects.pass_over(str(kind))
        except (BadRecord, IndexError, struct.error) as error:
            why = str(error) if isinstance(error, BadRecord) else "a frame that is cut off"
            rejects.read()
            rejects.add(f"a packet with {why}", packet.octets[:100], f"{name}@{packet.at}")
        else:
            if payload is not None:
                yield Datagram(payload, packet.captured_s, packet.at)
    if empty:
        rejects.read()
        rejects.count("a recording without a packet")
    unpacker.end(rejects)


def _packets(data: bytes, name: str, rejects: Rejects) -> Iterator[Packet]:
    """The packets of the files that stand one behind the other in a recording."""
    at = 0
    for _ in range(FILES_MAX):
        kind = pcapng if data[at : at + 4] == pcapng.MAGIC else pcap
        at = yield from kind.packets(data, name, rejects, at)
        if at >= len(data):
            return
    rejects.read()
    rejects.add(f"more than {FILES_MAX} captures one behind the other in a file; cut it", "", f"{name}@{at}")


def _timed(packets: Iterator[Packet], rejects: Rejects) -> Iterator[Packet]:
    """Packets, without the time of one whose neighbours agree that it is wrong: it costs its time alone."""
    before_s: float | None = None
    waiting: Packet | None = None
    for packet in packets:
        if waiting is not None:
            if _odd(before_s, waiting.captured_s, packet.captured_s):
                rejects.leave_out("a capture time more than an hour from those before and after")
                waiting = waiting._replace(captured_s=None)
            else:
                before_s = waiting.captured_s
            yield waiting
        waiting = packet
    if waiting is not None:
        yield waiting


def _odd(before_s: float | None, time_s: float | None, after_s: float | None) -> bool:
    if before_s is None or time_s is None or after_s is None or abs(after_s - before_s) > ODD_TIME_S:
        return False
    return min(abs(time_s - before_s), abs(time_s - after_s)) > ODD_TIME_S


class _Unpacker:
    """Takes layers off the packets of one recording."""

    def __init__(self) -> None:
        self._fragments = Fragments()
        self._streams = Streams()

    def payload(self, packet: Packet) -> bytes | None:
        """What a packet carries; None where it is a piece of something whose rest is to come.

        Raises PassedOver, BadRecord, IndexError (it is cut off).
        """
        if not packet.octets:
            raise PassedOver(EMPTY)
        name, octets = frame_of(packet.link, packet.octets)
        addresses = b""
        for _ in range(LAYERS_MAX):
            if name == PAYLOAD:
                if not octets:
                    raise PassedOver(EMPTY)
                return octets
            if name in ("ipv4", "ipv6"):
                addresses = octets[12:20] if name == "ipv4" else octets[8:40]
            try:
                name, octets = LAYERS[name](octets)
            except Fragment as piece:
                whole = self._fragments.add(piece)
                if whole is None:
                    return None
                name, octets = protocol(piece.number, whole)
            except Segment as piece:
                return self._streams.add(piece, addresses)
        raise BadRecord(f"more than {LAYERS_MAX} layers")

    def end(self, rejects: Rejects) -> None:
        """Say what waited for its rest in vain."""
        if pieces := self._fragments.end():
            rejects.read(pieces)
            rejects.count("a packet with a fragment of a datagram whose other fragments are missing", pieces)
        if octets := self._streams.end():
            rejects.read()
            rejects.count(f"the end of a recording within a block sent over TCP, {octets} octets")
