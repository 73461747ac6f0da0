"""Files that are whole or not there, even if the power goes; and the lock that keeps a second writer away."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tocsin.model.errors import JournalError


def sync_folder(folder: Path) -> None:
    """Make names created, renamed or removed in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def private(path: str, flags: int) -> int:
    """Opener of files that only their owner may read: they tell where sensors stand, and who reported what."""
    return os.open(path, flags, 0o600)


def _private_and_no_link(path: str, flags: int) -> int:
    """The same; a link that somebody laid there leads nobody's secrets elsewhere."""
    return private(path, flags | os.O_NOFOLLOW)


@contextmanager
def durable_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to. It appears under its name only when it is complete and on the disk; else not at all.

    Raises OSError (disk full, I/O error); nothing is left behind then.
    """
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb", opener=_private_and_no_link) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


# Who only asks whether it is held (`tocsin doctor`) holds it for less than this.
ASKED_S, ASKED_TRIES = 0.02, 10


def _hold(handle: int) -> None:
    """Hold a file alone. Raises BlockingIOError where another holds it, and not only for a moment."""
    for _ in range(ASKED_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(ASKED_S)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held by the one process that may write a journal; the kernel lets go of it when that process dies.

    It is held on a file beside the journal, which says who holds it, and on the journal itself, whatever other name
    led there. Raises JournalError when another holds it, naming the process where it can.
    """

    def __init__(self, path: Path) -> None:
        self._file: int | None = None
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _hold(self._handle)
        except OSError as error:
            holder = os.read(self._handle, 20).decode(errors="replace").strip() or "unknown"
            os.close(self._handle)
            raise JournalError(
                f"the journal behind {path} is being written by process {holder}; "
                "stop that one first, or give this one a journal of its own"
            ) from error
        # It is held whether or not a full disk lets us say by whom.
        with suppress(OSError):
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def hold_file(self, path: Path) -> None:
        """Hold the journal's own file, made where there is none, and no more the one held before.

        Not while SQLite has the file open: closing any handle of a file lets go of SQLite's locks on it.
        """
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _hold(handle)
        except OSError as error:
            held = self._file is not None and os.path.samestat(os.fstat(handle), os.fstat(self._file))
            os.close(handle)
            if held:
                return
            raise JournalError(
                f"the journal {path} is being written under another name by another process; "
                "stop that one first, or give this one a journal of its own"
            ) from error
        if self._file is not None:
            os.close(self._file)
        self._file = handle

    def release(self) -> None:
        """Let the next writer in. The file stays: removing it would let two writers hold two different locks."""
        if self._file is not None:
            os.close(self._file)
        os.close(self._handle)
