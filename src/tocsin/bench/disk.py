"""A simulated disk for the journal: full, read-only, broken, slow, or without power at any moment.

SQLite's files go through a VFS of their own, the journal's others (head, snapshots, archives) through the `os` of its
modules. All lie in real files: what is written and not yet synced is there, and remembered, so that a power cut can
take it away again, sector by sector and in any order.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw

from tocsin.journal import durable, head, tail

# What a disk writes as a whole.
SECTOR_BYTES = 512


@dataclass
class _Unsynced:
    """Writes to one file that no sync has made durable: (offset, what lay there before), in order.

    dropped   those that a sync that failed has given up: the system shows them, and will not write them any more
    """

    writes: list[tuple[int, bytes]] = field(default_factory=list)
    dropped: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass
class Disk:
    """What is the matter with it now; nothing at first.

    full       no file can grow
    read_only  nothing can be written
    broken     nothing can be written or synced, or read
    unsynced   syncs fail, and what was not synced is given up
    slow_s     seconds that a sync takes
    failures   how often it refused
    """

    full: bool = False
    read_only: bool = False
    broken: bool = False
    unsynced: bool = False
    slow_s: float = 0.0
    failures: int = 0

    def __post_init__(self) -> None:
        self._files: dict[str, _Unsynced] = {}
        self._lock = threading.RLock()

    def heal(self) -> None:
        """Nothing is the matter with it any more."""
        self.full = self.read_only = self.broken = self.unsynced = False
        self.slow_s = 0.0

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Journals opened inside lie on this disk."""
        vfs = _Vfs(self)
        modules: list[Any] = [durable, head, tail]
        try:
            for module in modules:
                module.os = _os_on(self)
            yield
        finally:
            for module in modules:
                module.os = os
            vfs.unregister()

    def may_write(self, *, grows: bool) -> int:
        """0, or the errno with which it refuses a write; where there is something already, a full disk has room."""
        full = self.full and grows
        found = errno.EIO if self.broken else errno.EROFS if self.read_only else errno.ENOSPC if full else 0
        self.failures += found != 0
        return found

    def sync(self, name: str) -> int:
        """0, or the errno with which it refuses to make a file durable."""
        begun_s = time.monotonic()
        # What has waited when it is healed has waited long enough.
        while time.monotonic() < begun_s + self.slow_s:
            time.sleep(0.02)
        with self._lock:
            file = self._files.setdefault(name, _Unsynced())
            if self.broken or self.unsynced:
                file.dropped += file.writes
                self.failures += 1
            file.writes.clear()
        return errno.EIO if self.broken or self.unsynced else 0

    def wrote(self, name: str, offset: int, before: bytes, count: int) -> None:
        """Remember what lay where something is being written."""
        with self._lock:
            file = self._files.setdefault(name, _Unsynced())
            file.dropped = [
                one for one in file.dropped if not offset <= one[0] <= one[0] + len(one[1]) <= offset + count
            ]
            file.writes += [
                (offset + start, before[start : start + SECTOR_BYTES]) for start in range(0, len(before), SECTOR_BYTES)
            ]

    def forget_cached(self, name: str) -> None:
        """Show of a file what is on the disk: not what was given up."""
        with self._lock:
            file = self._files.setdefault(name, _Unsynced())
            if Path(name).is_file():
                _take_back(Path(name), file.dropped)
            file.dropped.clear()

    def forget(self) -> None:
        """Remember nothing of what was not synced: nobody will ask for it any more."""
        with self._lock:
            self._files.clear()

    def cut_power(self, folder: Path, to: Path, chance: random.Random, *, power: bool = True) -> None:
        """Leave in another folder what the disk holds of this one if the power goes now, or only the process ends."""
        with self._lock:
            shutil.copytree(folder, to)
            share = chance.choice((0.0, 0.5, 1.0)) if power else 0.0
            for name, file in self._files.items():
                copy = to / Path(name).relative_to(folder)
                if copy.is_file():
                    _take_back(copy, [one for one in file.writes if chance.random() < share])
                    _take_back(copy, file.dropped)


def _take_back(path: Path, writes: list[tuple[int, bytes]]) -> None:
    """Undo writes, the newest first."""
    with path.open("r+b") as stream:
        for offset, before in reversed(writes):
            stream.seek(offset)
            stream.write(before)


class _File(apsw.VFSFile):
    """One of SQLite's files on the disk."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - the name that SQLite calls
        if self._disk.broken:
            raise apsw.exception_for(apsw.SQLITE_IOERR_READ)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - the name that SQLite calls
        if refused := self._disk.may_write(grows=offset + len(data) > self.xFileSize()):
            raise apsw.exception_for(apsw.SQLITE_FULL if refused == errno.ENOSPC else apsw.SQLITE_IOERR_WRITE)
        there = max(0, min(len(data), self.xFileSize() - offset))
        # What lies beyond the end reads as nothing: in a log of SQLite that is no frame.
        before = super().xRead(there, offset) if there else b""
        self._disk.wrote(self._name, offset, before + bytes(len(data) - there), len(data))
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - the name that SQLite calls
        if self._disk.sync(self._name):
            raise apsw.exception_for(apsw.SQLITE_IOERR_FSYNC)
        super().xSync(flags)


class _Vfs(apsw.VFS):
    """Every file that SQLite opens lies on the disk; while that is broken, none can be opened."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(f"tocsin-{id(disk)}", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - the name that SQLite calls
        if self._disk.broken:
            raise apsw.exception_for(apsw.SQLITE_IOERR)
        return _File(self._disk, name, flags)


def _os_on(disk: Disk) -> Any:
    """`os`, with everything that writes on the disk."""

    def named(handle: int) -> str:
        return str(Path(f"/proc/self/fd/{handle}").readlink())

    def refuse(number: int) -> None:
        if number:
            raise OSError(number, os.strerror(number))

    def opened(path: Any, flags: int, mode: int = 0o777) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            refuse(disk.may_write(grows=not Path(path).exists()))
        return os.open(path, flags, mode)

    def pwrite(handle: int, data: bytes, offset: int) -> int:
        refuse(disk.may_write(grows=offset + len(data) > os.fstat(handle).st_size))
        before = os.pread(handle, len(data), offset)
        disk.wrote(named(handle), offset, before + bytes(len(data) - len(before)), len(data))
        return os.pwrite(handle, data, offset)

    def synced(handle: int) -> None:
        refuse(disk.sync(named(handle)))

    def posix_fadvise(handle: int, *_given: int) -> None:
        disk.forget_cached(named(handle))

    own = {
        "open": opened, "pwrite": pwrite, "fsync": synced, "fdatasync": synced, "posix_fadvise": posix_fadvise,
    }  # fmt: skip
    return SimpleNamespace(**{**{name: getattr(os, name) for name in dir(os)}, **own})
