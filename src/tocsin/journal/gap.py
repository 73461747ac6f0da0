"""What a journal is missing: found by its head and its snapshots, and kept beside it until an event of it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.journal.durable import durable_file, sync_folder
from tocsin.journal.head import Head
from tocsin.journal.snapshots import Bound, read
from tocsin.model.value import UNREADABLE, time_of, time_text

SUFFIX = ".gap"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Events that were written and are not there any more.

    first, last   of them; last None: it cannot be told any more
    since         when the last event before them arrived; None: there is none
    until         up to when the journal is known to have been written; None: it cannot be told
    why           how it was found, in a few words
    snapshot      file of the newest snapshot of before the loss; None: none can be read
    """

    first: int
    last: int | None
    since: datetime | None = None
    until: datetime | None = None
    why: str
    snapshot: str | None = None

    @property
    def sentence(self) -> str:
        """What is missing, for an operator."""
        which = f"events {self.first} to {self.last}" if self.last is not None else f"what came after {self.first - 1}"
        since = "from the beginning" if self.since is None else f"since {time_text(self.since)}"
        until = "" if self.until is None else f" until {time_text(self.until)}"
        return f"the journal has lost {which}, {since}{until}: {self.why}"

    def state(self) -> bytes | None:
        """The engine's state in the newest snapshot of before the loss; None: there is none."""
        return None if self.snapshot is None else read(Path(self.snapshot))


def gap_path(path: Path) -> Path:
    """Where the gap of the journal at `path` is kept."""
    return path.with_name(path.name + SUFFIX)


def read_gap(path: Path) -> Gap | None:
    """The gap that the journal at `path` has and has not told yet; None: there is none."""
    try:
        return msgspec.json.decode(gap_path(path).read_bytes(), type=Gap)
    except FileNotFoundError:
        return None
    except (OSError, *UNREADABLE) as error:
        return Gap(first=1, last=None, why=f"{gap_path(path).name} says that something is, and cannot be read: {error}")


def keep_gap(path: Path, gap: Gap) -> None:
    """Keep a gap until it is told, together with one that was not. Raises OSError."""
    before = read_gap(path)
    if before is not None:
        lasts = [one.last for one in (before, gap) if one.last is not None]
        gap = msgspec.structs.replace(
            gap,
            first=min(before.first, gap.first),
            last=max(lasts, default=None),
            since=before.since if before.first <= gap.first else gap.since,
            snapshot=gap.snapshot or before.snapshot,
        )
    with durable_file(gap_path(path)) as stream:
        stream.write(msgspec.json.encode(gap))


def forget_gap(path: Path) -> None:
    """It has been told: it is an event of the journal now."""
    gap_path(path).unlink(missing_ok=True)
    sync_folder(path.parent)


def find_gap(
    journal_id: bytes,
    last: int,
    chain_at: Callable[[int], bytes | None],
    since: datetime | None,
    head: Head | None,
    bounds: Sequence[Bound],
) -> Gap | None:
    """What a journal lacks of what its head and its snapshots know; None: nothing.

    last       its last event
    chain_at   the hash of its chain at an event; None where that cannot be told
    since      when its last event arrived
    """
    if head is None:
        if last == 0 and not bounds:
            return None
        known = max((bound.at for bound in bounds if bound.journal_id != journal_id or bound.at > last), default=None)
        lost_all = any(bound.journal_id != journal_id for bound in bounds)
        return Gap(
            first=1 if lost_all else last + 1, last=known, since=since, why="its head file is missing or damaged"
        )
    until = None if head.seq == 0 else time_of(head.at_s)
    if head.journal_id != journal_id:
        if head.seq == 0 and last == 0:
            return None
        why = "it was emptied or deleted" if last == 0 else "another journal lies in its place"
        return Gap(first=1, last=head.seq or None, until=until, why=why)
    strangers = [one for one in bounds if one.journal_id != journal_id and one.taken_s > head.at_s]
    if strangers:
        newest = max(strangers, key=lambda one: one.taken_s)
        until = time_of(newest.taken_s)
        return Gap(first=1, last=newest.at, until=until, why="snapshots of another journal are newer than it")
    claims = {bound.at: bound.hash for bound in bounds if bound.journal_id == journal_id} | {head.seq: head.hash}
    until = time_of(max([head.at_s, *(one.taken_s for one in bounds)]))
    found = {at: chain_at(at) for at in claims}
    other = [at for at, chain in found.items() if chain is not None and chain != claims[at]]
    if other:
        same = [at for at, chain in found.items() if chain == claims[at] and at < min(other)]
        first = max(same, default=0) + 1
        why = "it went on another way, from an older copy"
        return Gap(first=first, last=max(claims), since=since, until=until, why=why)
    if max(claims) > last:
        why = "it was cut, an older copy lies in its place, or the disk refused them"
        return Gap(first=last + 1, last=max(claims), since=since, until=until, why=why)
    return None
