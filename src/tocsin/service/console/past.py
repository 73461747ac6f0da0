"""Pictures of the last hours, for the slider: one every few seconds, squeezed, in `past.db` beside the journal.

Bounded in time and bytes: the oldest go first. The file outlives the service; written without waiting for the disk, a
power cut may cost it, and nothing else depends on it.
"""

from __future__ import annotations

import threading
import zlib
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.model.value import seconds_of, time_of
from tocsin.model.wire import to_json
from tocsin.service.console.database import opened, written
from tocsin.service.console.shown import ConsolePicture

# "TPAS".
APPLICATION_ID = 0x54504153
EVERY_S = 5.0
KEPT_S = 12 * 3_600.0
BYTES_MAX = 256_000_000
_TABLES = "CREATE TABLE IF NOT EXISTS picture (at_ms INTEGER PRIMARY KEY, size INTEGER NOT NULL, body BLOB NOT NULL);"

_PAST = "DELETE FROM picture WHERE at_ms >= ? OR at_ms < ? RETURNING size"
_OLDEST = "DELETE FROM picture WHERE at_ms IN (SELECT at_ms FROM picture ORDER BY at_ms LIMIT 20) RETURNING size"


class Pictures:
    """The file; used from several threads, one after the other. Without a file nothing is kept."""

    def __init__(self, path: Path, bytes_max: int = BYTES_MAX) -> None:
        self._lock = threading.Lock()
        self._db, self.trouble = opened(path, APPLICATION_ID, _TABLES, durable=False)
        self._bytes_max = bytes_max
        ((self._bytes,),) = self._db.execute("SELECT coalesce(sum(size), 0) FROM picture")

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._db.close()

    def keep(self, picture: ConsolePicture) -> None:
        """Keep a picture, and let the oldest go. Raises apsw.Error."""
        if self.trouble is not None:
            return
        body = zlib.compress(to_json(picture), 3, wbits=31)
        at_ms = _ms(picture.now)
        with self._lock:
            size = self._bytes + len(body)
            with written(self._db):
                # Of clocks that were set back, the newest word on a moment counts.
                size -= self._forget(_PAST, (at_ms, at_ms - round(KEPT_S * 1e3)))
                self._db.execute("INSERT INTO picture VALUES (?, ?, ?)", (at_ms, len(body), body))
                while size > self._bytes_max:
                    size -= self._forget(_OLDEST, ())
            assert size >= 0, "less than nothing is kept"
            self._bytes = size

    def at(self, time: datetime) -> bytes | None:
        """The newest picture not after a time, as JSON in gzip's form; None: there is none."""
        sql = "SELECT body FROM picture WHERE at_ms <= ? ORDER BY at_ms DESC LIMIT 1"
        with self._lock:
            rows = list(self._db.execute(sql, (_ms(time),)))
        return rows[0][0] if rows else None

    def bounds(self) -> tuple[datetime | None, datetime | None, int]:
        """When the oldest and the newest were made, and how many there are."""
        with self._lock:
            ((first, last, count),) = self._db.execute("SELECT min(at_ms), max(at_ms), count(*) FROM picture")
        return _time(first), _time(last), count

    def _forget(self, which: str, values: tuple[int, ...]) -> int:
        """Let some go; how many bytes they had."""
        return sum(size for (size,) in list(self._db.execute(which, values)))


def _ms(time: datetime) -> int:
    return round(seconds_of(time) * 1e3)


def _time(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else time_of(0) + timedelta(milliseconds=at_ms)
