"""A journal on a disk that fails: nothing durable is given up, nothing is written twice, and a loss is known."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from tocsin.bench.disk import Disk
from tocsin.journal import Journal
from tocsin.journal.encoded import encode
from tocsin.journal.held import Group
from tocsin.model.errors import JournalDamaged, JournalError
from tocsin.model.event import Event
from tocsin.model.observation import Presence

START = datetime(2026, 1, 1, tzinfo=UTC)


def heard(number: int) -> Event:
    return Presence(id=f"post/{number}", time=START + timedelta(seconds=number), source="post", sensor="post")


def heards(*numbers: int) -> list[Event]:
    return [heard(number) for number in numbers]


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    with disk.mounted():
        yield disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "live" / "journal.db"


def hold(journal: Journal, *numbers: int) -> None:
    """Events that the disk refuses, each a group of its own."""
    for number in numbers:
        journal.take([encode(heard(number))])
        with pytest.raises(JournalError):
            journal.write()
        journal.note_held()


def events_of(journal: Journal) -> list[Event]:
    return [event for _, event in journal.read()]


FAULTS = ["full", "read_only", "broken", "unsynced"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_held_is_written_once_and_in_its_order_whatever_the_disk_had(
    path: Path, disk: Disk, fault: str
) -> None:
    with Journal.open(path) as journal:
        journal.append(heards(1, 2))
        setattr(disk, fault, True)
        hold(journal, 3, 4)
        assert disk.failures
        assert (journal.last_seq, journal.taken_seq, journal.held[0]) == (2, 4, 2)
        assert journal.take([encode(heard(3))]) == [(3, "duplicate")]
        disk.heal()
        journal.write()
        assert journal.append(heards(4, 5)) == [(4, "duplicate"), (5, "new")]
    with Journal.open(path) as journal:
        assert events_of(journal) == heards(1, 2, 3, 4, 5)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", range(4))
def test_a_power_cut_after_the_disk_came_back_takes_nothing_durable(
    path: Path, tmp_path: Path, disk: Disk, fault: str, seed: int
) -> None:
    with Journal.open(path) as journal:
        journal.append(heards(1, 2))
        setattr(disk, fault, True)
        hold(journal, 3)
        disk.heal()
        journal.write()
        journal.append(heards(4))
        disk.full = True
        hold(journal, 5)
        disk.cut_power(path.parent, tmp_path / "cut", random.Random(seed))
        disk.heal()
    with Journal.open(tmp_path / "cut" / "journal.db", mend=True) as journal:
        assert events_of(journal)[:4] == heards(1, 2, 3, 4)


def test_a_commit_that_failed_and_is_there_all_the_same_is_not_written_twice(path: Path, disk: Disk) -> None:
    with Journal.open(path) as journal:
        journal.append(heards(1))
        # The sync fails, and the disk has it nevertheless: nothing is given up.
        disk.unsynced = True
        hold(journal, 2)
        for file in disk._files.values():
            file.dropped.clear()
        disk.heal()
        journal.take([encode(heard(3))])
        journal.write()
        assert events_of(journal) == heards(1, 2, 3)
    with Journal.open(path) as journal:
        assert events_of(journal) == heards(1, 2, 3)


def test_where_something_durable_is_not_there_any_more_nothing_is_acknowledged(path: Path, disk: Disk) -> None:
    with Journal.open(path) as journal:
        journal.append(heards(1))
        journal.append(heards(2))
        disk.unsynced = True
        hold(journal, 3)
        disk.heal()
        with apsw.Connection(str(path)) as db:
            db.execute("DELETE FROM events WHERE seq = 2")
        for _ in range(2):
            with pytest.raises(JournalDamaged, match="holds no more what was safe in it"):
                journal.write()
        assert journal.held[0] == 1


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_start_after_a_kill_knows_what_was_decided_and_never_written(
    path: Path, tmp_path: Path, disk: Disk, snapshot: bool
) -> None:
    with Journal.open(path) as journal:
        journal.append(heards(1))
        journal.save_snapshot(1, b"before")
        disk.full = True
        for number in (2, 3):
            journal.take([encode(heard(number))])
            with pytest.raises(JournalError):
                journal.write()
        # The head's blocks are there already, and a small file may still find room.
        disk.full = False
        journal.note_held()
        if snapshot:
            journal.save_snapshot(3, b"what was published")
        journal._head.sync()
        disk.cut_power(path.parent, tmp_path / "killed", random.Random(0))
        disk.full = True
    disk.heal()
    with Journal.open(tmp_path / "killed" / "journal.db", mend=True) as journal:
        assert journal.gap is not None
        assert (journal.gap.first, journal.gap.last) == (2, 3)
        assert "the disk refused them" in journal.gap.sentence
        assert journal.gap.state() == (b"what was published" if snapshot else b"before")
        assert journal.append(heards(2)) == [(2, "new")], "nobody was told that it is there"


def test_a_kill_while_what_is_held_is_being_written_is_known_too(
    path: Path, tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.journal.journal._TOGETHER_MAX", 1)
    with Journal.open(path) as journal:
        journal.append(heards(1))
        disk.full = True
        hold(journal, 2, 3)
        disk.heal()
        write_groups = journal._write_groups

        def killed_after_the_first(groups: list[Group]) -> None:
            write_groups(groups)
            if journal.last_seq == 2:
                disk.cut_power(path.parent, tmp_path / "killed", random.Random(0), power=False)

        monkeypatch.setattr(journal, "_write_groups", killed_after_the_first)
        journal.write()
    with Journal.open(tmp_path / "killed" / "journal.db", mend=True) as journal:
        assert events_of(journal) == heards(1, 2)
        assert journal.gap is not None
        assert (journal.gap.first, journal.gap.last) == (3, 3)


def test_events_are_numbered_while_the_head_hangs(path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal.open(path) as journal, ThreadPoolExecutor(1) as other:
        disk.full = True
        hold(journal, 1)

        def hanging(_seq: int, _chain: bytes) -> None:
            assert other.submit(journal.take, [encode(heard(2))]).result(timeout=60) == [(2, "new")]

        monkeypatch.setattr(journal._head, "write", hanging)
        journal.note_held()
        monkeypatch.undo()
        disk.heal()
        journal.write()
        assert events_of(journal) == heards(1, 2)


def test_a_snapshot_ahead_of_the_log_counts_once_the_log_has_come_there(path: Path, disk: Disk) -> None:
    with Journal.open(path) as journal:
        journal.append(heards(1))
        journal.save_snapshot(1, b"1")
        disk.full = True
        hold(journal, 2, 3)
        disk.full = False
        for number in (2, 3):
            journal.save_snapshot(number, b"%d" % number)
        assert journal.latest_snapshot() == (1, b"1"), "those that count are not forgotten for those that do not"
        journal.write()
        assert journal.latest_snapshot() == (3, b"3")
        with pytest.raises(JournalError, match="ahead of the journal"):
            journal.save_snapshot(4, b"4")
    with Journal.open(path) as journal:
        assert journal.gap is None
        assert journal.latest_snapshot() == (3, b"3")
