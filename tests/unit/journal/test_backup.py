"""A backup is a journal of its own, private and whole; what is put back knows what it lacks."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from tests.some import some
from tocsin.journal import Journal
from tocsin.journal.backup import backup, restore
from tocsin.journal.check import check
from tocsin.journal.upkeep import Bounds
from tocsin.model.errors import BadFile, JournalDamaged
from tocsin.model.event import Tick

START = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = Bounds(live_events_max=20, segment_events=10, remembered_events=1_000, sealed_events=10)


def tick(number: int) -> Tick:
    return Tick(time=START + timedelta(seconds=number))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Sixty ticks, the oldest of them in archives; snapshots after 40, 50 and 60."""
    path = tmp_path / "live" / "journal.db"
    path.parent.mkdir()
    with Journal.open(path, bounds=SMALL) as journal:
        for number in range(1, 61):
            journal.append([tick(number)])
            journal.upkeep()
            if number in (40, 50, 60):
                journal.save_snapshot(number, b"state %d" % number)
    return path


def test_a_backup_holds_every_event_and_the_newest_snapshot_alone(path: Path, tmp_path: Path) -> None:
    assert backup(path, tmp_path / "deep" / "copy") == 60
    copy = tmp_path / "deep" / "copy" / "journal.db"
    with Journal.open(copy, bounds=SMALL) as journal:
        assert journal.gap is None
        assert [event.time for _, event in journal.read(0)] == [tick(number).time for number in range(1, 61)]
        assert journal.latest_snapshot() == (60, b"state 60")
    assert [one.name for one in copy.parent.glob("*.snapshots/*")] == [
        one.name for one in path.parent.glob("*.snapshots/*60*")
    ]
    assert list(copy.parent.glob("*.archive/*.gz"))


def test_only_its_owner_may_read_a_backup_or_what_is_put_back(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "back" / "journal.db")
    every = [tmp_path / "copy", *(tmp_path / "copy").rglob("*"), *(tmp_path / "back").rglob("*")]
    files = [one for one in every if not one.name.endswith(".lock")]
    assert not [one for one in files if stat.S_IMODE(one.stat().st_mode) & 0o077]
    archive = some((tmp_path / "copy").glob("*.archive/*"))
    assert {stat.S_IMODE(one.stat().st_mode) for one in archive} == {0o400}, "what is archived is never written again"


def test_a_snapshot_newer_than_the_copy_is_not_taken_along(path: Path, tmp_path: Path) -> None:
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq > 55")
    backup(path, tmp_path / "copy")
    names = [one.name for one in some((tmp_path / "copy").glob("*.snapshots/*"))]
    assert len(names) == 1
    assert "50" in names[0]


def test_a_journal_without_archive_or_snapshots_gives_a_backup_without(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db") as journal:
        journal.append([tick(1)])
    assert backup(tmp_path / "journal.db", tmp_path / "copy") == 1
    assert not [one.name for one in (tmp_path / "copy").iterdir() if one.is_dir()]
    assert restore(tmp_path / "copy", tmp_path / "back.db") == 1
    with Journal.open(tmp_path / "back.db") as journal:
        assert journal.gap is not None
        assert journal.gap.state() is None, "nothing is known of how it stood"


def test_what_is_put_back_lacks_all_that_came_after_and_knows_how_it_stood(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy")
    back = tmp_path / "new" / "place" / "journal.db"
    assert restore(tmp_path / "copy", back) == 60
    with Journal.open(back, bounds=SMALL, mend=True) as journal:
        gap = journal.gap
        assert gap is not None
        assert (gap.first, gap.last, gap.since, gap.state()) == (61, None, tick(60).time, b"state 60")
        assert len(list(journal.read(0))) == 60
    assert not list(back.parent.glob("*.restoring"))


def test_nothing_that_is_there_is_written_over(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy")
    with pytest.raises(BadFile, match="is there already"):
        backup(path, tmp_path / "copy")
    before = path.read_bytes()
    with pytest.raises(BadFile, match="is there already"):
        restore(tmp_path / "copy", path)
    assert path.read_bytes() == before
    with pytest.raises(BadFile, match=r"holds no journal\.db"):
        restore(tmp_path, tmp_path / "other.db")


def test_a_journal_that_is_not_there_leaves_no_folder_that_looks_like_a_backup(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        backup(tmp_path / "none.db", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_the_copy_of_a_damaged_journal_is_kept_under_a_name_by_which_nobody_takes_it_for_a_backup(
    path: Path, tmp_path: Path
) -> None:
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 58")
    with pytest.raises(JournalDamaged, match="no backup"):
        backup(path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert (tmp_path / "copy.damaged" / "journal.db").is_file()


def test_a_check_names_every_place_that_is_damaged(path: Path) -> None:
    with apsw.Connection(str(path)) as db:
        live = [seq for (seq,) in db.execute("SELECT seq FROM events ORDER BY seq")]
        for seq in (live[2], live[-3]):
            db.execute("UPDATE events SET body = x'00' WHERE seq = ?", (seq,))
    assert list(check(path)) == [f"event {live[2]} is damaged", f"event {live[-3]} is damaged"]


def test_damage_to_the_last_event_is_one_problem(path: Path) -> None:
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET body = x'00' WHERE seq = 60")
    assert list(check(path)) == ["event 60 is damaged"]
