"""Archived events: gzip files of JSON lines that any tool can read and check years from now.

`00000000000000000001-00000000000000100000.jsonl.gz` holds events 1 to 100,000, one per line, exactly the bytes the
journal held. The journal keeps each file's SHA-256; a `.sha256` file beside it lets `sha256sum -c` check it too.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from tocsin.journal.durable import durable_file
from tocsin.model.errors import JournalError

# zlib's 6 takes three times as long for a tenth less; on a small machine the tracker needs that time.
_GZIP_LEVEL = 1
# Its owner may read an archive, nobody changes one.
_MODE = 0o400


@dataclass(frozen=True)
class Segment:
    """One archive file: the first and last event in it, the SHA-256 (hex) and the length of the file."""

    first: int
    last: int
    sha256: str
    size_bytes: int

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{self.first:020d}-{self.last:020d}.jsonl.gz"


class _Hashed(io.RawIOBase):
    """Writes through to a file and keeps the SHA-256 and length of what went through."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.sha256 = hashlib.sha256()
        self.size_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(cast("bytes", data))
        self.sha256.update(chunk)
        self.size_bytes += len(chunk)
        return self.stream.write(chunk)


def write_segment(folder: Path, first: int, last: int, pages: Iterable[list[bytes]]) -> Segment:
    """Write events `first` to `last`, given page by page, and return the segment once it is on the disk.

    Raises OSError (disk full, I/O error); nothing is left behind then.
    """
    path = folder / f"{first:020d}-{last:020d}.jsonl.gz"
    with durable_file(path) as stream:
        hashed = _Hashed(stream)
        # No name and no time in the header: the same events give the same file, byte for byte.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=hashed, mtime=0) as packed:
            for page in pages:
                packed.write(b"\n".join(page) + b"\n")
        os.fchmod(stream.fileno(), _MODE)
    segment = Segment(first, last, hashed.sha256.hexdigest(), hashed.size_bytes)
    with durable_file(folder / f"{segment.name}.sha256") as stream:
        stream.write(f"{segment.sha256}  {segment.name}\n".encode())
    return segment


def read_segment(folder: Path, segment: Segment, after: int) -> Iterator[tuple[int, bytes]]:
    """The events of a segment beyond `after`, as (seq, JSON).

    Raises JournalError when the file is missing or is not the one that was written.
    """
    path = folder / segment.name
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != segment.sha256:
            raise JournalError(
                f"the archive {path} is damaged (SHA-256 {digest[:12]}…, written as {segment.sha256[:12]}…); "
                "put a good copy in its place"
            )
        with gzip.open(path, "rb") as lines:
            seq = segment.first - 1
            for seq, line in enumerate(lines, segment.first):
                if seq > after:
                    yield seq, line.rstrip(b"\n")
    except FileNotFoundError as error:
        raise JournalError(
            f"the archive {path} with events {segment.first} to {segment.last} is missing; put it back"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise JournalError(f"the archive {path} cannot be read ({error}); put a good copy in its place") from error
    if seq != segment.last:
        raise JournalError(f"the archive {path} ends at event {seq}, not {segment.last}; put a good copy in its place")
