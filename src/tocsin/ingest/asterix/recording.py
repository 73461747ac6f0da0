"""ASTERIX recordings into observations: captures of the network, and blocks one after another.

Of files of bare blocks, two framings are known beside the plain one: GPS recordings (a header of 2,200 octets and ten
octets after each block) and, inside datagrams, six octets of length and time before each block.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path

from tocsin.ingest.asterix.capture import datagrams, is_capture
from tocsin.ingest.asterix.reader import AsterixReader, Watch
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor

# Endings by which commands know a recording of ASTERIX.
RECORDINGS = frozenset({".pcap", ".pcapng", ".cap", ".ast", ".asterix", ".raw", ".gps"})
GPS_HEADER_OCTETS = 2_200
GPS_TRAILER_OCTETS = 10
_GPS_FILL = b"\xcd" * 64
FRAME_OCTETS = 6
# An hour of a busy multi-radar feed is 0.5 GB.
RECORDING_OCTETS_MAX = 8_000_000_000


def read_recording(
    path: Path, sensors: Sequence[Sensor], rejects: Rejects, *, day_s: float = 0.0, watch: Watch | None = None
) -> Iterator[Observation]:
    """Every observation of a recording, in its order.

    day_s   midnight of the first report's day for a recording without capture times
    watch   told of every record

    Raises BadFile.
    """
    size = path.stat().st_size
    if size > RECORDING_OCTETS_MAX:
        raise BadFile(f"{path} has {size} octets; cut it into files of at most {RECORDING_OCTETS_MAX}")
    reader = AsterixReader(sensors, rejects, day_s=day_s, watch=watch)
    if size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = data[:64]
        if is_capture(head):
            for datagram in datagrams(data, str(path), rejects):  # type: ignore[arg-type]
                for payload in unframed(datagram.payload):
                    yield from reader.read(payload, datagram.captured_s, f"{path}@{datagram.at}")
        elif head.startswith(_GPS_FILL):
            yield from reader.read(data, None, str(path), start=GPS_HEADER_OCTETS, trailer=GPS_TRAILER_OCTETS)  # type: ignore[arg-type]
        else:
            yield from reader.read(data, None, str(path))  # type: ignore[arg-type]


def unframed(payload: bytes) -> list[bytes]:
    """The datagram itself, or, where each block stands in a frame of length and time, what the frames hold."""
    parts: list[bytes] = []
    at = 0
    while at + FRAME_OCTETS + 3 <= len(payload):
        length = int.from_bytes(payload[at : at + 2], "big")
        inner = int.from_bytes(payload[at + FRAME_OCTETS + 1 : at + FRAME_OCTETS + 3], "big")
        if length != inner + FRAME_OCTETS or at + length > len(payload):
            break
        parts.append(payload[at + FRAME_OCTETS : at + length])
        at += length
    return parts if parts and at == len(payload) else [payload]
