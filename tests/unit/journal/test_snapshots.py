"""Snapshots: the newest one that can be trusted."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.journal import Journal, snapshots
from tocsin.journal.encoded import encode
from tocsin.model.errors import JournalError
from tocsin.model.event import Tick

TICK = Tick(time=datetime(2026, 1, 1, tzinfo=UTC))


def with_snapshots(path: Path, *seqs: int) -> list[Path]:
    """A closed journal of ten ticks with snapshots; their files, oldest first."""
    with Journal.open(path) as journal:
        journal.append([TICK] * 10)
        assert journal.latest_snapshot() is None
        for seq in seqs:
            journal.save_snapshot(seq, b"state %d" % seq)
            assert journal.latest_snapshot() == (seq, b"state %d" % seq)
    return sorted(path.with_name(path.name + ".snapshots").iterdir())


def test_the_newest_few_are_kept(tmp_path: Path) -> None:
    files = with_snapshots(tmp_path / "journal.db", 1, 3, 5, 7, 9)
    assert [int(file.stem) for file in files] == [5, 7, 9]


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied"])
def test_a_damaged_one_is_passed_over_for_the_one_before(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "journal.db"
    newest = with_snapshots(path, 3, 5)[-1]
    data = newest.read_bytes()
    newest.write_bytes({"cut": data[:-1], "flipped": data[:-1] + b"!", "emptied": b""}[harm])
    with Journal.open(path) as journal:
        assert journal.latest_snapshot() == (3, b"state 3")


def test_one_of_another_journal_is_not_used(tmp_path: Path) -> None:
    stranger = with_snapshots(tmp_path / "other.db", 8)[0]
    path = tmp_path / "journal.db"
    with_snapshots(path, 3)
    (tmp_path / "journal.db.snapshots" / stranger.name).write_bytes(stranger.read_bytes())
    with Journal.open(path) as journal:
        assert journal.latest_snapshot() == (3, b"state 3")


def test_a_snapshot_of_events_not_yet_written_is_refused(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db") as journal, pytest.raises(JournalError, match="ahead of the journal"):
        journal.save_snapshot(1, b"")


def test_one_set_aside_is_used_no_more_and_does_not_crowd_out_older_ones(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with_snapshots(path, 7, 8, 9)
    with Journal.open(path) as journal:
        for seq in (9, 8, 7):
            journal.set_snapshot_aside(seq)
        assert journal.latest_snapshot() is None
        journal.save_snapshot(2, b"state 2")
        assert journal.latest_snapshot() == (2, b"state 2")


def test_on_a_full_disk_what_is_published_now_takes_the_room_of_spare_snapshots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    with_snapshots(path, 3, 5, 7)
    room, write = 3, snapshots._write

    def written(file: Path, whole: bytes) -> None:
        if len(list(file.parent.glob("*.snapshot"))) >= room:
            raise OSError(errno.ENOSPC, "full")
        write(file, whole)

    monkeypatch.setattr(snapshots, "_write", written)
    with Journal.open(path) as journal:
        journal.take([encode(TICK)])
        journal.save_snapshot(11, b"published now")
        assert journal.latest_snapshot() == (7, b"state 7"), "the newest that counts is kept"
        room = 1
        with pytest.raises(JournalError, match="could not be written"):
            journal.save_snapshot(11, b"published now")
        assert journal.latest_snapshot() == (7, b"state 7")


def test_of_snapshots_that_belong_to_no_journal_any_more_the_newest_dozen_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with_snapshots(path, 3, 5)
    folder = path.with_name(path.name + ".snapshots")
    for age in range(20):
        old = folder / f"{age}{snapshots.ASIDE}"
        old.write_bytes(b"")
        os.utime(old, (1_700_000_000 - age, 1_700_000_000 - age))
    held = snapshots.Snapshots(folder)
    (moved,) = held.set_aside([one for one in held.bounds() if one.seq == 3])
    assert [one.seq for one in held.bounds()] == [5], "what is set aside is taken for none of this journal's"
    assert snapshots.read(moved) == b"state 3"
    kept = {one.name for one in folder.glob(f"*{snapshots.ASIDE}")}
    assert kept == {moved.name, *(f"{age}{snapshots.ASIDE}" for age in range(11))}


def test_a_disk_that_fails_otherwise_than_by_being_full_costs_no_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    files = with_snapshots(path, 3, 5, 7)

    def failing(file: Path, whole: bytes) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(snapshots, "_write", failing)
    with Journal.open(path) as journal:
        with pytest.raises(JournalError, match="could not be written"):
            journal.save_snapshot(9, b"never written")
        assert journal.latest_snapshot() == (7, b"state 7")
    assert sorted(path.with_name(path.name + ".snapshots").iterdir()) == files
