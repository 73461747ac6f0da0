"""What happened to every warning on every channel, as lines of JSON beside the journal: `deliveries.jsonl`.

It outlives the service: the newest FILE_BYTES_MAX to twice as much. What was noted within the last second before the
process is killed is lost, as it is while the disk refuses; nobody waits for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tocsin.announce.delivery import Happened
from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE
from tocsin.service.alone import Alone, Watcher

# About 200,000 lines; a day of the largest barrage on record, on ten channels, fits into both files.
FILE_BYTES_MAX = 64_000_000
# What may wait between two writes; beyond, it is counted and left out.
WAITING_MAX = 50_000
OLD = ".old"


class Trail:
    """Collects what happens, and writes it every time it is told to, in a thread of its own."""

    def __init__(self, path: Path, alone: Alone) -> None:
        self._path = path
        self._waiting: list[Happened] = []
        self._watcher: Watcher[list[Happened]] = Watcher("delivery record", self._write, alone)
        self.left_out = 0

    def note(self, happened: Happened) -> None:
        """Take one in; never waits."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append(happened)
        else:
            self.left_out += 1

    def write(self) -> None:
        """Hand on what was noted; never waits."""
        if self._waiting:
            self._watcher.offer(self._waiting)
            self._waiting = []

    def stop(self) -> None:
        """Write the rest."""
        self.write()
        self._watcher.stop()

    def _write(self, happened: list[Happened]) -> None:
        with open(self._path, "ab", opener=_private) as file:
            file.write(msgspec.json.Encoder().encode_lines(happened))
            size = file.tell()
        if size > FILE_BYTES_MAX:
            self._path.replace(older(self._path))


def trail_path(journal: Path) -> Path:
    """Where the record of a service with that journal lies."""
    return journal.with_name("deliveries.jsonl")


def older(path: Path) -> Path:
    """Where what came before lies."""
    return path.with_name(path.name + OLD)


def happenings(path: Path) -> Iterator[Happened]:
    """What a record holds, oldest first; a line that was cut short is passed over. Raises BadFile."""
    files = [one for one in (older(path), path) if one.is_file()]
    if not files:
        raise BadFile(f"there is no record of deliveries at {path}; it begins with a service's first warning")
    decoder = msgspec.json.Decoder(Happened)
    for one in files:
        with one.open("rb") as file:
            for line in file:
                try:
                    yield decoder.decode(line)
                except UNREADABLE:
                    continue


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
