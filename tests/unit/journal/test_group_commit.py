"""One thread writes, many wait: order, bounds, and what happens when the disk refuses."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.journal import GroupCommit, Journal
from tocsin.journal.group_commit import PATIENCE_S
from tocsin.journal.held import Group
from tocsin.model.errors import JournalBusy, JournalError, NotDurable
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Presence

START = datetime(2026, 1, 1, tzinfo=UTC)


def heard(number: int) -> Presence:
    return Presence(id=f"post/{number}", time=START + timedelta(seconds=number), source="post", sensor="post")


class SlowDisk(Journal):
    """A journal whose disk answers only when `let_go` is set, and refuses when `refuses` is."""

    let_go: threading.Event
    refuses = False

    def write(self) -> None:
        assert self.let_go.wait(120)
        if self.refuses:
            raise JournalError("the disk is full")
        super().write()


@pytest.fixture
def slow(tmp_path: Path) -> SlowDisk:
    journal = SlowDisk.open(tmp_path / "journal.db")
    journal.let_go = threading.Event()
    return journal


def test_receipts_come_when_the_events_are_durable_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    handed_on: list[tuple[int, Event]] = []
    with Journal.open(path) as journal, GroupCommit(journal, on_commit=handed_on.extend) as commits:
        futures = [commits.submit([heard(number), heard(number + 1)]) for number in range(0, 200, 2)]
        receipts = [receipt for future in futures for receipt in future.result(60)]
        assert receipts == [(seq, "new") for seq in range(1, 201)]
        assert handed_on == list(journal.read())


def test_a_tick_ends_the_gathering_for_all_that_was_handed_in_before_it(tmp_path: Path) -> None:
    gathers_s = 60.0
    with Journal.open(tmp_path / "journal.db") as journal, GroupCommit(journal, group_s=gathers_s) as commits:
        begun_s = time.monotonic()
        report = commits.submit([heard(1)])
        with pytest.raises(TimeoutError):
            report.result(0.2)
        tick = commits.submit([Tick(time=START)])
        assert (report.result(30), tick.result(30)) == ([(1, "new")], [(2, "new")])
        # And once only: what comes afterwards gathers again.
        later = commits.submit([heard(2)])
        with pytest.raises(TimeoutError):
            later.result(0.2)
        assert time.monotonic() - begun_s < gathers_s


def test_events_reach_the_engine_before_their_receipts_go_out(tmp_path: Path) -> None:
    handed_on: list[tuple[int, Event]] = []
    with Journal.open(tmp_path / "journal.db") as journal, GroupCommit(journal, on_commit=handed_on.extend) as commits:
        for number in range(1, 30):
            commits.submit([heard(number)]).result(60)
            assert handed_on[-1] == (number, heard(number))


def test_a_duplicate_is_acknowledged_but_not_handed_on_again(tmp_path: Path) -> None:
    handed_on: list[tuple[int, Event]] = []
    with Journal.open(tmp_path / "journal.db") as journal, GroupCommit(journal, on_commit=handed_on.extend) as commits:
        first, again = commits.submit([heard(1)]), commits.submit([heard(1), heard(2)])
        assert first.result(60) == [(1, "new")]
        assert again.result(60) == [(1, "duplicate"), (2, "new")]
    assert handed_on == [(1, heard(1)), (2, heard(2))]


def test_many_threads_share_one_order(tmp_path: Path) -> None:
    handed_on: list[tuple[int, Event]] = []
    with Journal.open(tmp_path / "journal.db") as journal:
        with GroupCommit(journal, on_commit=handed_on.extend) as commits, ThreadPoolExecutor(8) as pool:
            submitted = list(pool.map(lambda number: commits.submit([heard(number % 60)]), range(300)))
            seqs = [future.result(60)[0].seq for future in submitted]
        assert handed_on == list(journal.read())
    assert [seq for seq, _ in handed_on] == list(range(1, 61))
    assert seqs[:60] == [seqs[number] for number in range(60, 120)]


def test_a_full_queue_refuses_at_once_and_takes_again_later(slow: SlowDisk) -> None:
    with slow, GroupCommit(slow, queue_max=10) as commits:
        futures = []
        with pytest.raises(JournalBusy, match="waiting for the disk, at most 10 may"):
            for number in range(100):
                futures.append(commits.submit([heard(number)]))  # noqa: PERF401 - kept up to the refusal
        assert len(futures) >= 10
        assert commits.waiting <= 10
        slow.let_go.set()
        assert [future.result(60)[0].seq for future in futures] == list(range(1, len(futures) + 1))
        commits.submit([heard(1_000)]).result(60)


def test_a_batch_larger_than_the_queue_is_taken_when_nothing_waits(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db") as journal, GroupCommit(journal, queue_max=10) as commits:
        assert len(commits.submit([heard(number) for number in range(50)]).result(60)) == 50


def test_closing_writes_what_is_waiting(slow: SlowDisk) -> None:
    with slow:
        commits = GroupCommit(slow)
        futures = [commits.submit([heard(number)]) for number in range(50)]
        closing = threading.Thread(target=commits.close)
        closing.start()
        slow.let_go.set()
        closing.join(60)
        assert [future.result(0)[0].seq for future in futures] == list(range(1, 51))
        with pytest.raises(JournalError, match="being closed"):
            commits.submit([heard(99)])


def refused(commits: GroupCommit, *events: Event) -> NotDurable:
    """What the sender of events is told of a disk that refuses."""
    error = commits.submit(events).exception(60)
    assert isinstance(error, NotDurable)
    return error


def back(commits: GroupCommit) -> None:
    """Wait until the disk is back."""
    end_s = time.monotonic() + 60
    while commits.trouble is not None:
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_what_the_disk_refuses_is_decided_upon_unacknowledged_and_written_in_order_when_it_is_back(
    slow: SlowDisk,
) -> None:
    handed_on: list[tuple[int, Event]] = []
    slow.let_go.set()
    with slow:
        with GroupCommit(slow, on_commit=handed_on.extend) as commits:
            assert commits.submit([heard(1)]).result(60) == [(1, "new")]
            slow.refuses = True
            assert "send it again" in str(refused(commits, heard(2)))
            assert commits.trouble == "the disk is full"
            refused(commits, heard(3), heard(2))
            refused(commits, heard(2))
            assert (commits.undurable, slow.last_seq, slow.taken_seq) == (2, 1, 3)
            assert handed_on == [(1, heard(1)), (2, heard(2)), (3, heard(3))]
            assert commits.submit([heard(1)]).result(60) == [(1, "duplicate")], "what is durable is acknowledged"
            slow.refuses = False
            back(commits)
            assert commits.undurable == 0
            again = commits.submit([heard(3), heard(4), heard(2)]).result(60)
            assert again == [(3, "duplicate"), (4, "new"), (2, "duplicate")]
        assert list(slow.read()) == handed_on


def test_the_engine_does_not_wait_for_a_disk_that_does_not_answer(slow: SlowDisk) -> None:
    handed_on: list[tuple[int, Event]] = []
    with slow:
        with GroupCommit(slow, on_commit=handed_on.extend) as commits:
            assert "has not answered" in str(refused(commits, heard(1)))
            begun_s = time.monotonic()
            for number in range(2, 22):
                refused(commits, heard(number))
            assert time.monotonic() - begun_s < 20 * PATIENCE_S, "patience is lost once"
            assert commits.trouble is not None
            assert handed_on == [(number, heard(number)) for number in range(1, 22)]
            slow.let_go.set()
            back(commits)
            assert commits.submit([heard(22)]).result(60) == [(22, "new")]
        assert list(slow.read()) == handed_on


class PacedDisk(Journal):
    """A journal whose disk takes so many seconds for each write."""

    pause_s = 0.0

    def _write_groups(self, groups: list[Group]) -> None:
        time.sleep(self.pause_s)
        super()._write_groups(groups)


def test_a_disk_that_hung_once_and_is_only_slow_is_back_although_events_keep_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.journal.group_commit.PATIENCE_S", 0.5)
    monkeypatch.setattr("tocsin.journal.group_commit.LOOK_S", 0.02)
    handed_on: list[tuple[int, Event]] = []
    with PacedDisk.open(tmp_path / "journal.db") as journal:
        with GroupCommit(journal, on_commit=handed_on.extend) as commits:
            journal.pause_s = 2.0
            refused(commits, heard(0))
            journal.pause_s = 0.1
            end_s, number = time.monotonic() + 60, 0
            while commits.trouble is not None:
                assert time.monotonic() < end_s
                number += 1
                commits.submit([heard(number)])
                time.sleep(0.01)
            assert commits.submit([heard(number + 1)]).result(60) == [(number + 2, "new")]
        assert list(journal.read()) == handed_on


def test_beyond_a_bound_observations_are_refused_and_ticks_are_not(slow: SlowDisk) -> None:
    handed_on: list[tuple[int, Event]] = []
    slow.let_go.set()
    slow.refuses = True
    with slow:
        with GroupCommit(slow, on_commit=handed_on.extend, held_max=6) as commits:
            for number in range(3):
                refused(commits, heard(number))
            assert not commits.full
            with pytest.raises(JournalError, match="3 events are held in memory, of at most 6"):
                commits.submit([heard(3)])
            assert commits.full
            refused(commits, Tick(time=START))
            slow.refuses = False
            back(commits)
            assert not commits.full
            assert commits.submit([heard(3)]).result(60) == [(5, "new")]
        assert list(slow.read()) == handed_on


def test_who_floods_while_the_disk_refuses_leaves_room_for_all_others(slow: SlowDisk) -> None:
    slow.let_go.set()
    slow.refuses = True

    def said(source: str, number: int) -> Event:
        return Presence(id=f"{source}/{number}", time=START, source=source, sensor=source)

    def taken(commits: GroupCommit, source: str) -> int:
        count = 0
        while True:
            try:
                refused(commits, said(source, count))
            except JournalError:
                return count
            count += 1

    with slow, GroupCommit(slow, held_max=240, group_s=0.0) as commits:
        assert taken(commits, "flood") == 120, "half, and no more"
        for _ in range(200):
            refused(commits, said("radar", 0))
        assert taken(commits, "radar") == 60, "what is sent again is held once"
        assert taken(commits, "post") == 30
        slow.refuses = False
        back(commits)
        assert commits.submit([said("flood", 5_000)]).result(60)[0].outcome == "new"


def test_what_is_held_when_the_service_stops_is_written_if_the_disk_is_back_by_then(slow: SlowDisk) -> None:
    slow.let_go.set()
    slow.refuses = True
    with slow:
        with GroupCommit(slow) as commits:
            refused(commits, heard(1))
            slow.refuses = False
        assert list(slow.read()) == [(1, heard(1))]


def test_a_caller_who_gives_up_disturbs_nobody(slow: SlowDisk) -> None:
    with slow, GroupCommit(slow) as commits:
        futures = [commits.submit([heard(number)]) for number in range(20)]
        futures[-1].cancel()
        slow.let_go.set()
        assert [future.result(60)[0].seq for future in futures[:-1]] == list(range(1, 20))
        assert commits.submit([heard(50)]).result(60)[0].seq == 21, "what was given up is written all the same"


def test_an_engine_that_cannot_be_fed_stops_the_intake_loudly(tmp_path: Path) -> None:
    def broken(events: list[tuple[int, Event]]) -> None:
        raise RuntimeError("no queue")

    with Journal.open(tmp_path / "journal.db") as journal, GroupCommit(journal, on_commit=broken) as commits:
        assert commits.submit([heard(1)]).result(60) == [(1, "new")], "it is durable, so it is acknowledged"
        with pytest.raises(JournalError, match=r"could not be handed to the engine \(no queue\)"):
            commits.submit([heard(2)])
        assert commits.trouble is not None


def test_upkeep_that_goes_on_failing_is_logged_once_and_again_after_it_went_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal, went = Journal.open(tmp_path / "journal.db"), threading.Semaphore(0)
    fails = iter([True, True, True, False, True, True])

    def upkeep() -> None:
        try:
            if next(fails, False):
                raise JournalError("the disk is full")
        finally:
            went.release()

    monkeypatch.setattr(journal, "upkeep", upkeep)
    monkeypatch.setattr("tocsin.journal.group_commit._UPKEEP_S", 0.001)
    with GroupCommit(journal):
        for _ in range(8):
            assert went.acquire(timeout=60)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["the disk is full"] * 2
