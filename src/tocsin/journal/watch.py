"""Whether the files of an open journal are still those that were opened: a log that is unlinked takes writes gladly."""

from __future__ import annotations

import errno
from pathlib import Path

# What the system says of a file that is not there, or is of a file system that is not.
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)


class Watched:
    """The database and its write-ahead log, as they were when they were last looked at.

    gone   what happened to them, in a sentence; None: they are there. It stays said until the journal is opened again.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(path.name + "-wal"))
        self._seen: dict[Path, tuple[int, int, int]] = {}
        self.gone: str | None = None
        self.look()

    def look(self) -> str | None:
        """Look at them now; what happened to them. A few microseconds; any thread may call it."""
        if self.gone is None:
            self.gone = next(filter(None, map(self._changed, self._paths)), None)
        return self.gone

    def _changed(self, path: Path) -> str | None:
        before = self._seen.get(path)
        try:
            found = path.stat()
        except OSError as error:
            # The write-ahead log is made by the first write; and a disk that does not answer may do so again.
            missing = before is not None and error.errno in _GONE
            return _said(path, f"is gone ({error.strerror})") if missing else None
        self._seen[path] = found.st_dev, found.st_ino, found.st_size
        if before is not None and before[:2] != (found.st_dev, found.st_ino):
            return _said(path, "is another file by now")
        # Neither ever gets shorter while it is open.
        if before is not None and found.st_size < before[2]:
            return _said(path, f"was cut from {before[2]} to {found.st_size} bytes")
        return None


def _said(path: Path, what: str) -> str:
    return (
        f"the journal's file {path} {what} while it was being written: nothing more is acknowledged, and what stands "
        "stays; put the file back if you have it, and start the service again"
    )
