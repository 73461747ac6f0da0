"""The head: a small file beside the database that remembers how far the journal came, so that a loss shows.

Two slots, each in a block of its own and with its own checksum, are written in turn: a write that is torn spoils one of
them, and the other is one commit older. A commit writes without waiting, which outlives the process; the upkeep makes
it durable ten times a second, which outlives the power (docs/decisions/0018-the-chain.md).
"""

from __future__ import annotations

import logging
import os
import struct
import threading
import time
import zlib
from pathlib import Path
from typing import NamedTuple

from tocsin.journal.durable import sync_folder

log = logging.getLogger(__name__)

SUFFIX = ".head"
# A head that lags behind the log after a power cut says nothing wrong; only a loss within this would not show.
SYNC_EVERY_S = 0.1
_MAGIC = b"TCSNHEAD"
# Magic, count of writes, journal, schema, last event, its hash, POSIX time of the commit.
_SLOT = struct.Struct(">8sQ16sIQ32sd")
_CRC = struct.Struct(">I")
_BLOCK = 4_096
_BYTES = 2 * _BLOCK


class Head(NamedTuple):
    """How far a journal came.

    schema   of the database
    seq      its last event; 0: it was empty
    hash     of the chain there
    at_s     when that was committed, POSIX seconds of the machine's clock
    """

    journal_id: bytes
    schema: int
    seq: int
    hash: bytes
    at_s: float


def head_path(path: Path) -> Path:
    """Where the head of the journal at `path` lies."""
    return path.with_name(path.name + SUFFIX)


def read_head(path: Path) -> Head | None:
    """The head of the journal at `path`; None: there is none, or none that is whole."""
    found = _read(head_path(path))
    return None if found is None else found[1]


def _read(path: Path) -> tuple[int, Head] | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    slots = (_slot(data[start : start + _BLOCK]) for start in (0, _BLOCK))
    return max((slot for slot in slots if slot is not None), default=None)


def _slot(block: bytes) -> tuple[int, Head] | None:
    end = _SLOT.size + _CRC.size
    if len(block) < end or not block.startswith(_MAGIC):
        return None
    packed = block[: _SLOT.size]
    if _CRC.unpack(block[_SLOT.size : end])[0] != zlib.crc32(packed):
        return None
    _, count, *fields = _SLOT.unpack(packed)
    return count, Head(*fields)


class HeadFile:
    """The head of an open journal. One thread writes, any thread syncs.

    trouble   why the last write failed; None: it did not. Commits go on without it.
    """

    def __init__(self, path: Path, journal_id: bytes, schema: int) -> None:
        self._path = head_path(path)
        self._journal_id, self._schema = journal_id, schema
        self._count = (_read(self._path) or (0, None))[0]
        self._lock = threading.Lock()
        self._dirty = False
        self._due_s = 0.0
        self.trouble: str | None = None
        self._handle = self._opened()

    def _opened(self) -> int:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # As long as it will ever be, so that making it durable is one write and no change of its length.
        if os.fstat(handle).st_size != _BYTES:
            os.ftruncate(handle, _BYTES)
        return handle

    def write(self, seq: int, chain: bytes) -> None:
        """Note the last event and the hash there, without waiting for the disk."""
        self._count += 1
        packed = _SLOT.pack(_MAGIC, self._count, self._journal_id, self._schema, seq, chain, time.time())
        try:
            os.pwrite(self._handle, packed + _CRC.pack(zlib.crc32(packed)), self._count % 2 * _BLOCK)
        except OSError as error:
            self._fail(error)
        self._dirty = True

    def sync(self, *, at_once: bool = True) -> None:
        """Make what was noted durable; it returns when nothing was, and, unless at once, soon after the last time."""
        with self._lock:
            if not self._dirty or not (at_once or time.monotonic() >= self._due_s):
                return
            self._dirty = False
            self._due_s = time.monotonic() + SYNC_EVERY_S
            try:
                os.fdatasync(self._handle)
            except OSError as error:
                self._fail(error)
            else:
                self.trouble = None

    def begin(self, seq: int, chain: bytes) -> None:
        """Write both slots and make the file and its name durable: from here on nothing older is remembered."""
        for _ in range(2):
            self.write(seq, chain)
        self.sync()
        sync_folder(self._path.parent)

    def close(self) -> None:
        """Make it durable, and let go of it."""
        self.sync()
        os.close(self._handle)

    def _fail(self, error: OSError) -> None:
        if self.trouble is None:
            log.error("the head %s cannot be written (%s)", self._path, error)
        self.trouble = f"the head {self._path} cannot be written ({error}): a loss would not show; check the disk"
