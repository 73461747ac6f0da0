"""Snapshots of the engine: files beside the journal, each whole or not there, each carrying its own checksum.

Each is bound to a place of the chain, the end of the commit that its last event is in: of a journal that came no
farther than there, or came another way, it is no snapshot.
"""

from __future__ import annotations

import errno
import hashlib
import struct
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tocsin.journal.durable import durable_file, sync_folder

# One bad sector must not cost a replay from the beginning; more than three good snapshots are never of use.
KEPT = 3
SUFFIX = ".snapshot"
# Of those that belong to no journal any more, somebody may still want to know what stood; but not of all for ever.
KEPT_ASIDE = 12
ASIDE = ".aside"
_MAGIC = b"tocsin snapshot 2\n"
# The journal it belongs to, the last event in it, the place of the chain it is bound to and the hash there, when it was
# taken (POSIX seconds), the length of what follows and its SHA-256; then the CRC-32 of all that.
_FIELDS = struct.Struct(">16sQQ32sdQ32s")
_CRC = struct.Struct(">I")
_START = len(_MAGIC) + _FIELDS.size + _CRC.size


class Bound(NamedTuple):
    """What a snapshot says of itself.

    seq           its last event
    at, hash      the place of the chain it is bound to
    taken_s       when it was taken, POSIX seconds
    """

    path: Path
    journal_id: bytes
    seq: int
    at: int
    hash: bytes
    taken_s: float


class Snapshots:
    """The newest few snapshots of one journal, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, journal_id: bytes, seq: int, at: int, chain: bytes, data: bytes, *, written_to: int) -> None:
        """Keep the state after event `seq`, bound to `chain` at `at`; forget all but the newest few.

        written_to   the last event on the disk: of those that are ahead of it, the newest is kept, beside the few

        Raises OSError; then nothing changed, but that on a full disk older ones may have made room in vain.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        digest = hashlib.sha256(data).digest()
        fields = _FIELDS.pack(journal_id, seq, at, chain, time.time(), len(data), digest)
        whole = _MAGIC + fields + _CRC.pack(zlib.crc32(fields)) + data
        path = self._folder / f"{seq:020d}{SUFFIX}"
        try:
            _write(path, whole)
        except OSError as error:
            # What is published now is worth more than two snapshots of before.
            spare = [one for one in self._files() if one.name <= f"{written_to:020d}{SUFFIX}"][1:]
            if error.errno != errno.ENOSPC or not spare:
                raise
            for one in spare:
                one.unlink()
            _write(path, whole)
        ahead = [path for path in self._files() if path.name > f"{written_to:020d}{SUFFIX}"]
        for old in ahead[1:] + self._files()[len(ahead) :][KEPT:]:
            old.unlink()
        sync_folder(self._folder)

    def bounds(self) -> list[Bound]:
        """What those say of themselves that can say it, the one with the last event first."""
        found = (_bound(path) for path in self._files())
        return [bound for bound in found if bound is not None]

    def latest(self, holds: Callable[[Bound], bool]) -> tuple[Bound, bytes] | None:
        """The newest one that is whole and holds, and the state in it; None: there is none."""
        for bound in self.bounds():
            if holds(bound) and (data := read(bound.path)) is not None:
                return bound, data
        return None

    def set_aside(self, which: Sequence[Bound]) -> list[Path]:
        """Rename snapshots so that none of them is taken for one of this journal any more; their new paths."""
        moved: list[Path] = []
        if not which:
            return moved
        for bound in which:
            path = bound.path.with_name(f"{bound.path.name}.{round(bound.taken_s)}{ASIDE}")
            moved.append(bound.path.replace(path))
        old = sorted(self._folder.glob(f"*{ASIDE}"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in old[KEPT_ASIDE:]:
            path.unlink()
        sync_folder(self._folder)
        return moved

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"), reverse=True)


def _write(path: Path, whole: bytes) -> None:
    with durable_file(path) as stream:
        stream.write(whole)


def read(path: Path) -> bytes | None:
    """The state in a snapshot; None: it is not whole, or not there."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    if (fields := _fields(raw)) is None:
        return None
    length, digest = fields[-2:]
    data = raw[_START:]
    return data if length == len(data) and digest == hashlib.sha256(data).digest() else None


def _bound(path: Path) -> Bound | None:
    try:
        with path.open("rb") as stream:
            fields = _fields(stream.read(_START))
    except OSError:
        return None
    return None if fields is None else Bound(path, *fields[:5])


def _fields(raw: bytes) -> tuple[bytes, int, int, bytes, float, int, bytes] | None:
    if not raw.startswith(_MAGIC) or len(raw) < _START:
        return None
    packed = raw[len(_MAGIC) : _START - _CRC.size]
    if _CRC.unpack(raw[_START - _CRC.size : _START])[0] != zlib.crc32(packed):
        return None
    return _FIELDS.unpack(packed)
