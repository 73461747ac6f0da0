"""Which events are already in the journal: tens of millions of them, looked up in microseconds, in bounded memory.

An event is remembered as a 64-bit hash of its sender and id, with its sequence number and a 64-bit digest of what it
said. The newest are in a dictionary (rebuilt from the journal at start). Older ones lie in sealed runs: files of keys
in ascending order, mapped into memory and searched by bisection. Runs of like size are merged, so there are never more
than about a dozen. An index inside the database was tried on paper and dropped: random keys dirty one page per event,
ten times the log itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.journal.durable import durable_file

Keys = NDArray[np.int64]
# Where an event lies, its seq, and the digest of what it said.
Place = tuple[int, int]
# Bytes of one event in a run: key, seq, digest.
_ENTRY_BYTES = 24
# Runs longer than this (in events) are not merged further: merging needs about 50 bytes per id.
RUN_EVENTS_MAX = 4_000_000


@dataclass(frozen=True)
class Run:
    """The ids of events `first` to `last`, sealed in a file.

    count   ids in it (ticks have none)
    crc     CRC-32 of the file
    """

    first: int
    last: int
    count: int
    crc: int

    @property
    def name(self) -> str:
        """Its file name; `.ids` without the 2 held keys of ids alone, and is built again from the events."""
        return f"{self.first:020d}-{self.last:020d}.ids2"


@dataclass(frozen=True)
class LoadedRun:
    """A run mapped into memory: keys ascending (equal keys: in the order of seq), seq and digest of each; int64 [N]."""

    run: Run
    keys: Keys
    seqs: Keys
    digests: Keys

    def find(self, wanted: Keys) -> tuple[Keys, Keys]:
        """Seq and digest of the newest event of each wanted key; seq 0: not here. int64, the shape of `wanted`."""
        if not len(self.keys):
            return np.zeros_like(wanted), np.zeros_like(wanted)
        at = np.searchsorted(self.keys, wanted, side="right") - 1
        here = (at >= 0) & (self.keys[at] == wanted)
        return np.where(here, self.seqs[at], 0), self.digests[at]


def seal(folder: Path, first: int, last: int, keys: Keys, seqs: Keys, digests: Keys) -> Run:
    """Write the ids of events `first` to `last` (any order of keys; equal keys in the order of seq) as a run.

    Raises OSError; nothing is left behind then.
    """
    order = np.argsort(keys, kind="stable")
    data = b"".join(column[order].astype("<i8").tobytes() for column in (keys, seqs, digests))
    run = Run(first, last, len(keys), zlib.crc32(data))
    with durable_file(folder / run.name) as stream:
        stream.write(data)
    return run


def load(folder: Path, run: Run) -> LoadedRun | None:
    """A run mapped into memory; None when its file is missing or damaged."""
    path = folder / run.name
    if not path.is_file() or path.stat().st_size != run.count * _ENTRY_BYTES:
        return None
    if run.count == 0:
        nothing = np.zeros(0, np.int64)
        return LoadedRun(run, nothing, nothing, nothing)
    data = np.memmap(path, dtype="<i8", mode="r")
    if zlib.crc32(data.data) != run.crc:
        return None
    return LoadedRun(run, *data.reshape(3, run.count))


def merge(folder: Path, older: LoadedRun, newer: LoadedRun) -> Run:
    """Two adjoining runs as one. Raises OSError."""
    keys = np.concatenate((older.keys, newer.keys))
    seqs = np.concatenate((older.seqs, newer.seqs))
    digests = np.concatenate((older.digests, newer.digests))
    return seal(folder, older.run.first, newer.run.last, keys, seqs, digests)


def mergeable(runs: Sequence[LoadedRun]) -> bool:
    """Whether the last two runs should become one: the newer has grown to the older's length."""
    if len(runs) < 2:
        return False
    older, newer = (one.run.last - one.run.first + 1 for one in runs[-2:])
    return older <= newer and older + newer <= RUN_EVENTS_MAX


class RecentIds:
    """Ids not yet sealed, and the runs of those that are. Changed only by the holder of the journal's write lock."""

    def __init__(self) -> None:
        self.fresh: dict[int, Place] = {}
        self.sealing: dict[int, Place] = {}
        self.runs: tuple[LoadedRun, ...] = ()

    @property
    def sealed_to(self) -> int:
        """The last event whose id lies in a run; 0: none."""
        return self.runs[-1].run.last if self.runs else 0

    def find(self, wanted: Sequence[int]) -> dict[int, Place]:
        """Key -> its newest place, for those of the wanted keys that are known."""
        found: dict[int, Place] = {}
        unknown: list[int] = []
        for key in wanted:
            place = self.fresh.get(key) or self.sealing.get(key)
            if place is None:
                unknown.append(key)
            else:
                found[key] = place
        for run in reversed(self.runs):
            if not unknown:
                break
            seqs, digests = (column.tolist() for column in run.find(np.array(unknown, np.int64)))
            found.update((key, (seq, said)) for key, seq, said in zip(unknown, seqs, digests, strict=True) if seq)
            unknown = [key for key, seq in zip(unknown, seqs, strict=True) if not seq]
        return found


def columns(ids: Mapping[int, Place]) -> tuple[Keys, Keys, Keys]:
    """A dictionary key -> place as columns of keys, seqs and digests, int64 [N] each."""
    keys = np.fromiter(ids.keys(), np.int64, len(ids))
    seqs, digests = np.array(list(ids.values()), np.int64).reshape(-1, 2).T
    return keys, seqs, digests
