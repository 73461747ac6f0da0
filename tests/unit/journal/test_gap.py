"""A journal that lost something knows what; and one that nothing was taken from says nothing."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from tocsin.journal import GroupCommit, Journal
from tocsin.journal.check import check
from tocsin.journal.gap import Gap
from tocsin.journal.opening import holds
from tocsin.journal.snapshots import Bound
from tocsin.journal.upkeep import Bounds
from tocsin.model.errors import JournalDamaged, JournalError
from tocsin.model.event import Tick

START = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = Bounds(live_events_max=20, segment_events=10, remembered_events=1_000, sealed_events=10)


def tick(number: int) -> Tick:
    return Tick(time=START + timedelta(seconds=number))


def append(path: Path, first: int, last: int, *, snapshot_at: int | None = None) -> None:
    """Two events a commit, and a snapshot after one of them."""
    with Journal.open(path, bounds=SMALL) as journal:
        for number in range(first, last + 1, 2):
            journal.append([tick(number), tick(number + 1)])
            if snapshot_at in (number, number + 1):
                journal.save_snapshot(snapshot_at, b"state %d" % snapshot_at)


def opened(path: Path) -> tuple[Gap | None, int, tuple[int, bytes] | None]:
    """What a start finds missing, where the log ends, and from which snapshot it would go on."""
    with pytest.raises(JournalDamaged):
        Journal.open(path)
    with Journal.open(path, bounds=SMALL, mend=True) as journal:
        return journal.gap, journal.last_seq, journal.latest_snapshot()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def copy_set(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for file in path.parent.glob("journal.db*"):
        if file.is_file():
            shutil.copyfile(file, folder / file.name)


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_log_that_is_gone_is_not_a_beginning(path: Path, how: str) -> None:
    append(path, 1, 10, snapshot_at=7)
    path.unlink() if how == "deleted" else path.write_bytes(b"")
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, gap.since, last, snapshot) == (1, 10, None, 0, None)
    assert gap.state() == b"state 7", "what stood then is still known"
    assert "lost events 1 to 10, from the beginning" in gap.sentence


def test_the_start_after_a_cut_says_from_where_to_where_and_since_when(path: Path) -> None:
    append(path, 1, 10, snapshot_at=5)
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq > 6")
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, gap.since, last) == (7, 10, tick(6).time, 6)
    assert snapshot == (5, b"state 5"), "it is of what is left"
    assert "events 7 to 10, since 2026-01-01T00:00:06Z until" in gap.sentence


def test_a_snapshot_ahead_of_the_log_is_set_aside_and_still_there(path: Path) -> None:
    append(path, 1, 10, snapshot_at=9)
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq > 6")
    gap, _, snapshot = opened(path)
    assert gap is not None
    assert snapshot is None
    assert gap.state() == b"state 9"
    assert [file.suffix for file in path.with_name("journal.db.snapshots").iterdir()] == [".aside"]


@pytest.mark.parametrize("with_head", [False, True])
def test_an_older_copy_beside_newer_snapshots_is_found_with_and_without_its_head(
    path: Path, tmp_path: Path, with_head: bool
) -> None:
    append(path, 1, 6)
    copy_set(path, tmp_path / "copy")
    append(path, 7, 20, snapshot_at=19)
    for name in ("journal.db", "journal.db.head")[: 1 + with_head]:
        shutil.copyfile(tmp_path / "copy" / name, path.with_name(name))
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last, snapshot) == (7, 20, 6, None)


def test_an_older_copy_that_went_on_another_way_is_found_although_it_is_longer(path: Path, tmp_path: Path) -> None:
    append(path, 1, 6)
    copy_set(path, tmp_path / "copy")
    append(path, 7, 12, snapshot_at=11)
    append(tmp_path / "copy" / "journal.db", 101, 120)
    shutil.copyfile(tmp_path / "copy" / "journal.db", path)
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert gap.last == 12
    assert (last, snapshot) == (26, None), "a snapshot of the other way is none of this one"


def test_a_gap_is_said_again_until_it_is_told(path: Path) -> None:
    append(path, 1, 10)
    path.unlink()
    first, _, _ = opened(path)
    with Journal.open(path, mend=True) as journal:
        assert journal.gap == first
        journal.append([tick(1)])
        journal.gap_told()
    with Journal.open(path) as journal:
        assert journal.gap is None
    assert list(check(path)) == []


def test_two_losses_before_anybody_was_told_are_told_as_one(path: Path) -> None:
    append(path, 1, 10)
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq > 6")
    opened(path)
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq > 2")
    gap, _, _ = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, gap.since) == (3, 10, tick(2).time)


def test_damage_before_the_newest_snapshot_costs_nothing_that_decides(path: Path) -> None:
    append(path, 1, 40, snapshot_at=20)
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 4")
    with Journal.open(path) as journal:
        assert journal.gap is None
        assert journal.latest_snapshot() == (20, b"state 20")
        assert len(list(journal.read(20))) == 20
    assert list(check(path)) == ["event 4 is damaged"]


def test_damage_after_it_is_cut_away_and_what_was_damaged_is_kept(path: Path) -> None:
    append(path, 1, 40, snapshot_at=20)
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 30")
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last, snapshot) == (29, 40, 28, (20, b"state 20"))
    kept = min(path.parent.glob("journal.db.damaged-*"))
    assert apsw.Connection(str(kept)).execute("SELECT count(*) FROM events").fetchall() == [(40,)]


def test_damage_right_behind_the_newest_snapshot_costs_nothing_before_it(path: Path) -> None:
    append(path, 1, 30, snapshot_at=20)
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 21")
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last, snapshot) == (21, 30, 20, (20, b"state 20"))
    with Journal.open(path, mend=True) as journal:
        assert [seq for seq, _ in journal.read()] == list(range(1, 21))


def test_damage_to_what_is_not_archived_yet_leaves_every_archive_in_use(path: Path) -> None:
    with Journal.open(path, bounds=SMALL) as journal:
        for number in range(1, 61, 2):
            journal.append([tick(number), tick(number + 1)])
            journal.upkeep()
    with apsw.Connection(str(path)) as db:
        ((segments, archived),) = db.execute("SELECT count(*), max(last) FROM segments")
        db.execute("UPDATE events SET body = x'00' WHERE seq = 59")
    assert segments >= 2
    assert archived < 58
    gap, last, _ = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last) == (59, 60, 58)
    with Journal.open(path, bounds=SMALL, mend=True) as journal:
        assert [event for _, event in journal.read()] == [tick(number) for number in range(1, 59)]


def test_a_lost_head_is_said(path: Path) -> None:
    append(path, 1, 10)
    path.with_name("journal.db.head").unlink()
    gap, last, _ = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last) == (11, None, 10)
    assert "what came after 10" in gap.sentence


def test_another_journal_in_its_place_is_told_from_one_that_was_emptied(path: Path, tmp_path: Path) -> None:
    append(path, 1, 10)
    with Journal.open(tmp_path / "other.db") as other:
        other.append([tick(1)])
    shutil.copyfile(tmp_path / "other.db", path)
    gap, last, _ = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last) == (1, 10, 1)
    assert "another journal lies in its place" in gap.sentence


def test_snapshots_of_another_journal_that_are_newer_mean_that_all_of_that_one_is_lost(
    path: Path, tmp_path: Path
) -> None:
    append(tmp_path / "older.db", 1, 4)
    append(path, 1, 10, snapshot_at=9)
    for name in ("", ".head"):
        shutil.copyfile(tmp_path / f"older.db{name}", path.with_name(f"journal.db{name}"))
    gap, last, snapshot = opened(path)
    assert gap is not None
    assert (gap.first, gap.last, last, snapshot) == (1, 10, 4, None)
    assert "snapshots of another journal are newer" in gap.sentence


OPEN = (
    "import sys; from pathlib import Path; from tocsin.journal import Journal\n"
    "with Journal.open(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
)


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_another_name_of_a_journal_makes_no_second_writer(path: Path, tmp_path: Path, kind: str) -> None:
    append(path, 1, 2)
    other = tmp_path / "elsewhere" / "night.db"
    other.parent.mkdir()
    other.symlink_to(path) if kind == "symbolic" else other.hardlink_to(path)
    with subprocess.Popen(
        [sys.executable, "-c", OPEN, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(JournalError, match="is being written"):
            Journal.open(other)
        process.communicate()
    Journal.open(path).close()


@pytest.mark.parametrize("which", ["journal.db", "journal.db-wal"])
@pytest.mark.parametrize("how", ["unlinked", "replaced", "cut"])
def test_a_log_that_vanishes_while_it_is_written_acknowledges_nothing_more(path: Path, which: str, how: str) -> None:
    file = path.with_name(which)
    journal = Journal.open(path)
    journal.append([tick(1)])
    with GroupCommit(journal) as commits:
        assert journal.gone is None
        if how == "cut":
            with file.open("r+b") as stream:
                stream.truncate(100)
        else:
            data = file.read_bytes()
            file.unlink()
            if how == "replaced":
                file.write_bytes(data)
        with pytest.raises(JournalError, match="nothing more is acknowledged"):
            commits.submit([tick(2)]).result(timeout=60)
        assert commits.trouble is not None
        assert which in commits.trouble
    with pytest.raises(JournalError, match="nothing more is acknowledged"):
        journal.save_snapshot(1, b"")


def test_a_loss_that_could_not_be_kept_is_found_again_by_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(path, 1, 10, snapshot_at=5)
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq > 6")

    def full(path: Path, gap: Gap) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr("tocsin.journal.opening.keep_gap", full)
        gap, _, _ = opened(path)
        assert gap is not None and (gap.first, gap.last) == (7, 10), "told from memory"
    again, _, _ = opened(path)
    assert again is not None and (again.first, again.last) == (7, 10)


def test_a_snapshot_of_another_journal_is_never_of_this_one_however_deep_its_place_lies_in_the_archive(
    path: Path,
) -> None:
    append(path, 1, 60)
    with Journal.open(path, bounds=SMALL) as journal:
        for _ in range(10):
            journal.upkeep()
    with apsw.Connection(str(path)) as db:
        row: Any = db.execute("SELECT (SELECT id FROM journal), (SELECT max(last) FROM segments)").fetchone()
        ours, archived = row
        assert archived > 5

        def held(journal_id: bytes, at: int) -> bool:
            return holds(db, journal_id, Bound(path, ours, at, at, b"?" * 32, 0.0))

        assert held(ours, 5), "in an archive its journal and number must do"
        assert not held(b"x" * 16, 5)
        assert not held(ours, archived + 2), "after it there is a hash to compare"
        assert not held(ours, 61)
