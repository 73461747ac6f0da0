"""Snapshots of the engine: files beside the journal, each whole or not there, each carrying its own checksum."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

from tocsin.journal.durable import durable_file, sync_folder

# One bad sector must not cost a replay from the beginning; more than three good snapshots are never of use.
KEPT = 3
SUFFIX = ".snapshot"
# Whole and of no use to this version: kept for who goes back to the one that wrote it, as many as of those in use.
ASIDE = ".aside"
_MAGIC = b"tocsin snapshot 1\n"
# The journal it belongs to, the last event in it, the length of what follows, and the SHA-256 of all that.
_HEAD = struct.Struct(">16sQQ32s")


def _digest(journal_id: bytes, seq: int, data: bytes) -> bytes:
    return hashlib.sha256(journal_id + struct.pack(">QQ", seq, len(data)) + data).digest()


class Snapshots:
    """The newest few snapshots of one journal, in one folder."""

    def __init__(self, folder: Path, journal_id: bytes) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._journal_id = journal_id

    def save(self, seq: int, data: bytes) -> None:
        """Keep the state after event `seq`; forget all but the newest few. Raises OSError, and nothing changed."""
        head = _HEAD.pack(self._journal_id, seq, len(data), _digest(self._journal_id, seq, data))
        with durable_file(self._path(seq)) as stream:
            stream.write(_MAGIC + head)
            stream.write(data)
        for old in self._files()[KEPT:]:
            old.unlink()
        sync_folder(self._folder)

    def latest(self, last_seq: int) -> tuple[int, bytes] | None:
        """The newest one that is whole, of this journal, and not ahead of its last event; None: there is none."""
        for path in self._files():
            found = self._read(path)
            if found is not None and found[0] <= last_seq:
                return found
        return None

    def set_aside(self, seq: int) -> None:
        """Use the snapshot after event `seq` no more, and count it no more. Raises OSError."""
        path = self._path(seq)
        path.replace(path.with_name(path.name + ASIDE))
        for old in self._files(SUFFIX + ASIDE)[KEPT:]:
            old.unlink()
        sync_folder(self._folder)

    def _path(self, seq: int) -> Path:
        return self._folder / f"{seq:020d}{SUFFIX}"

    def _files(self, suffix: str = SUFFIX) -> list[Path]:
        return sorted(self._folder.glob(f"*{suffix}"), reverse=True)

    def _read(self, path: Path) -> tuple[int, bytes] | None:
        raw = path.read_bytes()
        start = len(_MAGIC) + _HEAD.size
        if not raw.startswith(_MAGIC) or len(raw) < start:
            return None
        journal_id, seq, length, digest = _HEAD.unpack(raw[len(_MAGIC) : start])
        data = raw[start:]
        if journal_id != self._journal_id or length != len(data) or digest != _digest(journal_id, seq, data):
            return None
        return seq, data
