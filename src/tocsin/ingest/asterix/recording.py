"""ASTERIX recordings into observations: captures of the network, blocks in frames, and blocks one after another.

What a file is, its octets say, not its name. One that is compressed is unpacked first, as far as the bound allows.
"""

from __future__ import annotations

import contextlib
import mmap
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from tocsin.ingest.asterix.blocks import begins_with_blocks
from tocsin.ingest.asterix.capture import datagrams, is_capture
from tocsin.ingest.asterix.framing import GPS_HEADER_OCTETS, GPS_TRAILER_OCTETS, framed, gps_framed, unframed
from tocsin.ingest.asterix.reader import AsterixReader, Watch
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor

# Endings by which commands know a recording of ASTERIX, with or without `.gz` behind.
RECORDINGS = frozenset({".pcap", ".pcapng", ".cap", ".ast", ".asterix", ".raw", ".gps", ".ff", ".final", ".hdlc"})
# An hour of a busy multi-radar feed is 0.5 GB.
RECORDING_OCTETS_MAX = 8_000_000_000
# Unpacked, a file of a few MB may be made to fill any disk.
UNPACKED_OCTETS_MAX = 2_000_000_000
PIECE_OCTETS = 1 << 20
# Three north marks of the slowest antenna; of a busy feed, what is read in a second or two.
REHEARSED_S, REHEARSED_DATAGRAMS_MAX = 120.0, 20_000
# Of a file whose name says nothing: so much shows whether blocks follow one another.
HEAD_OCTETS = 8_192
_GZIP = b"\x1f\x8b"
# zlib: a window of any size, with gzip's header and checksum.
_GZIP_BITS = 31
# First octets -> what a file is that may hold a recording and is not read, and what makes it one that is.
_UNPACK, _CONVERT = "unpack it", "make it a pcap: editcap -F pcap FILE OUT.pcap"
_OTHERS = {
    b"BZh": ("compressed with bzip2", _UNPACK), b"\xfd7zXZ\0": ("compressed with xz", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", _UNPACK), b"\x04\x22\x4d\x18": ("compressed with lz4", _UNPACK),
    b"PK\3\4": ("a zip archive", _UNPACK), b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"snoop\0\0\0": ("a capture of snoop", _CONVERT), b"XCP\0": ("a capture of NetXray", _CONVERT),
    b"TRSNIFF data    \x1a": ("a capture of Sniffer", _CONVERT), b"RTSS": ("a capture of Network Monitor", _CONVERT),
    b"GMBU": ("a capture of Network Monitor", _CONVERT), b"btsnoop\0": ("a capture of Bluetooth", _CONVERT),
    b"iptrace ": ("a capture of iptrace", _CONVERT), b"\x1c\0\x01\xac": ("a capture of IXIA", _CONVERT),
    b"\x1c\0\x01\xab": ("a capture of IXIA", _CONVERT), b"\xaa\xaa\xaa\xaa": ("a capture of Visual Networks", _CONVERT),
    b"\r\n\r\r\r\n": ("a pcapng that was transferred as text", "transfer it again, as binary"),
    b"\xa1\x2b\x3c\x4d": ("a capture of Navtel", _CONVERT), b"\x4d\x3c\x2b\xa1": ("a capture of Navtel", _CONVERT),
}  # fmt: skip


def is_recording(path: Path) -> bool:
    """Whether a file is called as recordings of ASTERIX are, compressed or not; or, however called, begins as one does.

    tcpdump calls its files night.pcap0, night.pcap1, ...; others give no ending at all.
    """
    return Path(path.name.lower().removesuffix(".gz")).suffix in RECORDINGS or _begins_as_one(path)


def _begins_as_one(path: Path) -> bool:
    """Whether a file's first octets are those of a capture, of bare blocks, or of a kind that is named as not read."""
    if not path.is_file():
        return False
    with contextlib.suppress(OSError, zlib.error), path.open("rb") as file:
        head = file.read(HEAD_OCTETS)
        if head.startswith(_GZIP):
            head = zlib.decompressobj(_GZIP_BITS).decompress(head, HEAD_OCTETS)
        return is_capture(head[:4]) or begins_with_blocks(head) or head.startswith(tuple(_OTHERS)) or _is_tar(head)
    return False


def _is_tar(head: bytes) -> bool:
    """Whether a file is a tar archive; it says so behind the name of its first file."""
    return head[257:262] == b"ustar"


def _packed(head: bytes) -> str | None:
    """What an unpacked file is that must be unpacked again; None: it need not be."""
    if head.startswith(_GZIP) or _is_tar(head):
        return "a tar archive" if _is_tar(head) else "a file compressed with gzip"
    return next(
        (what for magic, (what, remedy) in _OTHERS.items() if remedy == _UNPACK and head.startswith(magic)), None
    )


def read_recording(
    path: Path, sensors: Sequence[Sensor], rejects: Rejects, *, day_s: float = 0.0, watch: Watch | None = None
) -> Iterator[Observation]:
    """Every observation of a recording, in its order.

    day_s   midnight of the first report's day for a recording without capture times
    watch   told of every record

    Raises BadFile for what is no recording, and for one of a kind that is not read.
    """
    reader = AsterixReader(sensors, rejects, day_s=day_s, watch=watch)
    with _octets(path, rejects) as data:
        if is_capture(data[:4]):
            _rehearse(reader, data, sensors)
            for datagram in datagrams(data, str(path), rejects):
                for payload in unframed(datagram.payload):
                    yield from reader.read(payload, datagram.captured_s, f"{path}@{datagram.at}")
            return
        if gps_framed(data):
            yield from reader.read(data, None, str(path), start=GPS_HEADER_OCTETS, trailer=GPS_TRAILER_OCTETS)
        elif stretches := framed(data):
            for one in stretches:
                yield from reader.read(one.data, None, f"{path}@{one.at}", start=one.start, end=one.end)
        else:
            yield from reader.read(data, None, str(path))
        if not reader.good_blocks:
            raise BadFile(
                f"{path} is no recording: it is neither pcap nor pcapng, and no good block of ASTERIX is in its "
                f"{len(data)} octets, which begin with {data[:8].hex(' ')}"
            )


def _rehearse(reader: AsterixReader, data: bytes, sensors: Sequence[Sensor]) -> None:
    """Go through a capture's first minutes, so that a reader knows how far off the clocks of its sources are."""
    rehearsed, unsaid = AsterixReader(sensors, Rejects()), Rejects()
    first_s: float | None = None
    whole = True
    for number, datagram in enumerate(datagrams(data, "", unsaid)):
        first_s = datagram.captured_s if first_s is None else first_s
        passed_s = 0.0 if first_s is None or datagram.captured_s is None else datagram.captured_s - first_s
        if number >= REHEARSED_DATAGRAMS_MAX or passed_s > REHEARSED_S:
            whole = False
            break
        for payload in unframed(datagram.payload):
            for _ in rehearsed.read(payload, datagram.captured_s, ""):
                pass
    reader.learn(rehearsed, whole=whole)


@contextlib.contextmanager
def _octets(path: Path, rejects: Rejects) -> Iterator[bytes]:
    """A file's octets, mapped into memory; those of one that is compressed with gzip unpacked. Raises BadFile."""
    with contextlib.ExitStack() as stack:
        file: BinaryIO = stack.enter_context(path.open("rb"))
        head = file.read(HEAD_OCTETS)
        for magic, (what, remedy) in _OTHERS.items():
            if head.startswith(magic):
                raise BadFile(f"{path} is {what}, which is not read; {remedy}")
        if _is_tar(head):
            raise BadFile(f"{path} is a tar archive, which is not read; {_UNPACK}")
        if head.startswith(_GZIP):
            file = stack.enter_context(_unpacked(path, rejects))
            file.seek(0)
            head = file.read(HEAD_OCTETS)
            if (inside := _packed(head)) is not None:
                raise BadFile(f"{path} holds {inside}, packed once more, which is not read; {_UNPACK}")
        size = file.seek(0, 2)
        if size == 0:
            raise BadFile(f"{path} is empty; give a recording")
        if size > RECORDING_OCTETS_MAX:
            raise BadFile(f"{path} has {size} octets; cut it into files of at most {RECORDING_OCTETS_MAX}")
        yield stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))  # type: ignore[misc]


@contextlib.contextmanager
def _unpacked(path: Path, rejects: Rejects) -> Iterator[BinaryIO]:
    """A temporary file with what a gzip holds; what is lost of one that is damaged or cut short is counted."""
    with tempfile.TemporaryFile() as whole, path.open("rb") as packed:
        left = UNPACKED_OCTETS_MAX
        try:
            for piece in _inflated(packed):
                left -= len(piece)
                if left < 0:
                    raise BadFile(f"{path} unpacks to more than {UNPACKED_OCTETS_MAX} octets; unpack it and cut it")
                whole.write(piece)
        except (EOFError, zlib.error) as error:
            rejects.read()
            rejects.add(f"a compressed recording that ends early ({error})", "", str(path))
        whole.flush()
        yield whole


def _inflated(packed: BinaryIO) -> Iterator[bytes]:
    """What the members of a gzip hold, piece by piece. Raises zlib.error or EOFError where it is cut or damaged."""
    member, ended = zlib.decompressobj(_GZIP_BITS), True
    while octets := packed.read(PIECE_OCTETS):
        while octets:
            yield member.decompress(octets, PIECE_OCTETS)
            octets, ended = member.unconsumed_tail, member.eof
            if ended:
                # Zeros may fill what is left of a medium's block.
                octets = member.unused_data.lstrip(b"\0")
                member = zlib.decompressobj(_GZIP_BITS)
    if not ended:
        raise EOFError("its end is missing")
