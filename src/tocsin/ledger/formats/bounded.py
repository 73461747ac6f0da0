"""Files and pipes of other people, opened so that none is read without end: by their octets, whatever their size says.

A device gives octets for ever, and a pipe says that it has none; both are told by what they are and by what was read.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from tocsin.model.errors import BadFile

# A million claims are 0.6 GB as JSON lines; more lines than these nobody hands on in one file.
BYTES_MAX = 10_000_000_000
LINES_MAX = 10_000_000
_BUFFER_BYTES = 1 << 18


def opened(path: Path, what: str, bytes_max: int = BYTES_MAX) -> io.BufferedReader:
    """A file or a pipe to read, of which more than `bytes_max` raises BadFile while it is read.

    what   the file should be, for whoever gave another one: "a table (CSV)"

    Raises BadFile where it cannot be opened, and for a folder or a device.
    """
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            kind = "a folder" if stat.S_ISDIR(mode) else "a device, and no file"
            raise BadFile(f"{path} is {kind}; give the path of {what}")
        return io.BufferedReader(_Bounded(path, bytes_max), _BUFFER_BYTES)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of {what}") from error


def whole(path: Path, what: str, bytes_max: int) -> bytes:
    """All of a file that must be held at once. Raises BadFile as `opened` does, and where it is larger."""
    try:
        with opened(path, what, bytes_max) as file:
            return file.read()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of {what}") from error


def beginning(path: Path, what: str, number: int) -> bytes:
    """The first octets of a file; of a pipe none, for they would be lost. Raises BadFile as `opened` does."""
    with opened(path, what) as file:
        return file.read(number) if path.is_file() else b""


class _Bounded(io.RawIOBase):
    """The octets of a file, counted."""

    def __init__(self, path: Path, bytes_max: int) -> None:
        super().__init__()
        self._path, self._left = path, bytes_max
        self._bytes_max = bytes_max
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer, as one of octets
        number = os.readv(self._file, [buffer])
        self._left -= number
        if self._left < 0:
            raise BadFile(f"{self._path} has more than {self._bytes_max:,} bytes; cut it into parts")
        return number

    def close(self) -> None:
        if not self.closed:
            os.close(self._file)
        super().close()
