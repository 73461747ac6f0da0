"""The journal on ordinary days and on bad ones."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from msgspec import structs

from tocsin.journal import Journal, Receipt, store
from tocsin.journal.reading import is_journal
from tocsin.journal.upkeep import Bounds
from tocsin.model.errors import JournalDamaged, JournalError
from tocsin.model.event import Event, OperatorAct, Tick
from tocsin.model.observation import Alert, Presence

START = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = Bounds(live_events_max=20, segment_events=10, remembered_events=1_000, sealed_events=10)


def heard(number: int) -> Presence:
    return Presence(id=f"post/{number}", time=START + timedelta(seconds=number), source="post", sensor="post")


def filled(path: Path, count: int, bounds: Bounds = SMALL) -> None:
    """A closed journal with events 1 to `count`, kept within its bounds while it grew."""
    with Journal.open(path, bounds=bounds) as journal:
        for number in range(1, count + 1):
            journal.append([heard(number)])
            journal.upkeep()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_was_written_is_read_back_after_a_restart(path: Path) -> None:
    act = OperatorAct(id="act/1", time=START, operator="duty", action="raise", zones=("z",))
    with Journal.open(path) as journal:
        assert journal.append([heard(1), Tick(time=START), act]) == [(1, "new"), (2, "new"), (3, "new")]
    with Journal.open(path) as journal:
        assert journal.last_seq == 3
        assert list(journal.read()) == [(1, heard(1)), (2, Tick(time=START)), (3, act)]
        assert list(journal.read(2)) == [(3, act)]


def test_sending_twice_changes_nothing_and_names_the_first_place(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.append([heard(1), heard(2)])
        assert journal.append([heard(2), heard(3), heard(3)]) == [
            Receipt(2, "duplicate"),
            Receipt(3),
            Receipt(3, "duplicate"),
        ]
        assert journal.last_seq == 3


def test_an_id_belongs_to_its_source_and_an_act_to_its_operator(path: Path) -> None:
    stranger = Presence(id="post/1", time=START, source="stranger", sensor="post")
    acts = [OperatorAct(id="1", time=START, operator=who, action="raise", zones=("z",)) for who in ("stranger", "duty")]
    report = Presence(id="1", time=START, source="duty", sensor="post")
    with Journal.open(path) as journal:
        receipts = journal.append([stranger, heard(1), acts[0], acts[1], report])
    assert receipts == [Receipt(1), Receipt(2), Receipt(3), Receipt(4), Receipt(5)]


def test_the_same_id_with_other_words_is_a_conflict_and_arriving_at_another_time_is_not(path: Path) -> None:
    later = structs.replace(heard(1), received=START + timedelta(hours=1))
    act = OperatorAct(id="1", time=START, operator="duty", action="raise", zones=("z",))
    alert = Alert(id="a", time=START, source="neighbour", cap="<alert/>", zones=("z",), level="prepare")
    with Journal.open(path) as journal:
        journal.append([heard(1), act, alert])
        again: list[Event] = [later, structs.replace(act, time=later.time), structs.replace(alert, zones=("y",))]
        assert [receipt.outcome for receipt in journal.append(again)] == ["duplicate"] * 3
        other: list[Event] = [
            structs.replace(heard(1), confidence=0.5),
            structs.replace(act, action="cancel"),
            structs.replace(alert, cap="<alert>no</alert>"),
        ]
        assert journal.append(other) == [(1, "conflict"), (2, "conflict"), (3, "conflict")]
        assert journal.last_seq == 3


def test_ticks_have_no_id_and_are_never_duplicates(path: Path) -> None:
    with Journal.open(path) as journal:
        assert journal.append([Tick(time=START), Tick(time=START)]) == [(1, "new"), (2, "new")]


def test_old_events_move_to_an_archive_that_common_tools_can_check_and_read(path: Path) -> None:
    filled(path, 100)
    folder = path.with_name("journal.db.archive")
    assert len(list(folder.glob("*.gz"))) >= 7
    checked = subprocess.run(
        "sha256sum -c *.sha256", shell=True, cwd=folder, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    lines = subprocess.run("zcat *.gz", shell=True, cwd=folder, capture_output=True, check=True).stdout.splitlines()
    with Journal.open(path, bounds=SMALL) as journal:
        assert lines == [body for _, body in journal.read_json()][: len(lines)]
        assert [seq for seq, _ in journal.read()] == list(range(1, 101))


def test_the_database_does_not_grow_with_the_archive(path: Path) -> None:
    filled(path, 100)
    live: list[Any] = apsw.Connection(str(path)).execute("SELECT count(*), min(seq) FROM events").fetchall()
    assert live[0][0] <= SMALL.live_events_max + SMALL.segment_events
    assert live[0][1] == 101 - live[0][0]
    archived = sum(1 for _ in path.parent.glob("*.archive/*.gz")) * SMALL.segment_events
    assert live[0][1] == archived + 1, "what is in the archive is in the database no more"


def test_an_archived_event_is_still_known_by_its_id(path: Path) -> None:
    filled(path, 100)
    with Journal.open(path, bounds=SMALL) as journal:
        assert journal.append([heard(3)]) == [Receipt(3, "duplicate")]


def test_ids_are_forgotten_only_beyond_the_bound(path: Path) -> None:
    bounds = Bounds(live_events_max=20, segment_events=10, remembered_events=30, sealed_events=10)
    filled(path, 100, bounds)
    with Journal.open(path, bounds=bounds) as journal:
        assert journal.append([heard(71)]) == [Receipt(71, "duplicate")]
        assert journal.append([heard(70)]) == [Receipt(101)]
    assert sum(file.stat().st_size for file in path.with_name("journal.db.ids").iterdir()) <= 24 * 60


def test_damaged_id_files_are_built_again_from_the_events(path: Path) -> None:
    filled(path, 60)
    for file in path.with_name("journal.db.ids").iterdir():
        file.write_bytes(b"\0" * file.stat().st_size)
    with Journal.open(path, bounds=SMALL) as journal:
        assert journal.append([heard(5), heard(55), heard(61)]) == [(5, "duplicate"), (55, "duplicate"), (61, "new")]


@pytest.mark.parametrize("harm", ["damaged", "missing"])
def test_an_archive_that_cannot_be_trusted_is_said_so(path: Path, harm: str) -> None:
    filled(path, 60)
    archive = sorted(path.with_name("journal.db.archive").glob("*.gz"))[1]
    if harm == "missing":
        archive.unlink()
    else:
        archive.chmod(0o644)
        data = bytearray(archive.read_bytes())
        data[len(data) // 2] ^= 1
        archive.write_bytes(data)
    with Journal.open(path, bounds=SMALL) as journal:
        assert len(list(journal.read(20))) == 40, "what lies after it needs it not"
        with pytest.raises(JournalError, match=f"{archive.name}.* {harm}"):
            list(journal.read())


def test_a_second_writer_is_told_who_holds_the_journal(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tocsin.journal import Journal\n"
        "with Journal.open(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(JournalError, match=f"process {other.pid}"):
            Journal.open(path)
        other.communicate()
    Journal.open(path).close()


def test_a_sqlite_that_may_lose_commits_is_refused() -> None:
    for version in ("3.7.0", "3.40.1", "3.51.2"):
        with pytest.raises(JournalError, match=r"WAL-reset bug.*3\.51\.3"):
            store.check_sqlite(version)
    store.check_sqlite("3.51.3")


def test_a_newer_schema_is_refused(path: Path) -> None:
    filled(path, 1)
    with apsw.Connection(str(path)) as db:
        db.execute("PRAGMA user_version = 99")
    path.with_name("journal.db.head").unlink()
    with pytest.raises(JournalError, match="schema 99, written by a newer Tocsin"):
        Journal.open(path)


def test_an_older_schema_is_brought_up_step_by_step(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, 3)
    newer = store.SCHEMA_VERSION
    monkeypatch.setattr(store, "SCHEMA_VERSION", newer + 2)
    steps = []
    migrations = {newer: lambda db: steps.append(1), newer + 1: lambda db: steps.append(2)}
    monkeypatch.setattr(store, "MIGRATIONS", migrations)
    with Journal.open(path) as journal:
        assert journal.last_seq == 3
    Journal.open(path).close()
    assert steps == [1, 2]


def test_somebody_elses_database_and_a_text_file_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with apsw.Connection(str(other)) as db:
        db.execute("CREATE TABLE songs (name)")
    with pytest.raises(JournalError, match="not a journal of Tocsin"):
        Journal.open(other)
    text = tmp_path / "notes.txt"
    text.write_text("not a database at all" * 100)
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal.open(text)
    assert text.read_text().startswith("not a database"), "and is left as it was"


def test_a_journal_is_told_from_other_files_by_its_beginning(path: Path, tmp_path: Path) -> None:
    filled(path, 1)
    (tmp_path / "text").write_text("SQLite format 3\0 is how it begins")
    apsw.Connection(str(tmp_path / "other.db")).execute("CREATE TABLE one (two)").fetchall()
    found = {
        one.name: is_journal(one) for one in (path, tmp_path / "text", tmp_path / "other.db", tmp_path, path / "no")
    }
    assert found == {path.name: True, "text": False, "other.db": False, tmp_path.name: False, "no": False}


def test_a_torn_page_is_found_at_the_next_start(path: Path) -> None:
    filled(path, 2_000, Bounds())
    with path.open("r+b") as stream:
        stream.seek(5 * 4_096)
        stream.write(b"\xff" * 4_096)
    with pytest.raises(JournalError, match=r"damaged|cannot be opened"):
        Journal.open(path)


def test_a_changed_event_is_found_at_the_next_start(path: Path) -> None:
    filled(path, 5)
    with apsw.Connection(str(path)) as db:
        db.execute("UPDATE events SET body = CAST(replace(body, 'post/3', 'post/9') AS BLOB) WHERE seq = 3")
    with pytest.raises(JournalDamaged, match=r"event 3 is damaged"):
        Journal.open(path)


def test_a_missing_event_is_found_at_the_next_start(path: Path) -> None:
    filled(path, 5)
    with apsw.Connection(str(path)) as db:
        db.execute("DELETE FROM events WHERE seq = 3")
    with pytest.raises(JournalError, match="has a gap"):
        Journal.open(path)


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """No file of this process grows beyond what the journal has now: writes fail as they do on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_an_append_fails_loudly_and_the_journal_goes_on_once_there_is_room(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.append([heard(1)])
        many = [heard(number) for number in range(1, 500)]
        with full_disk(path):
            for _ in range(3):
                with pytest.raises(JournalError, match="could not be written"):
                    journal.append(many)
            assert journal.last_seq == 1
            assert list(journal.read()) == [(1, heard(1))]
        receipts = journal.append(many)
        assert receipts[:2] == [(1, "duplicate"), (2, "new")]
    with Journal.open(path) as journal:
        assert [event for _, event in journal.read()] == many


class FailingFile(apsw.VFSFile):
    """A file whose fsync fails while `failing` is set."""

    failing = False

    def __init__(self, name: object, flags: list[int]) -> None:
        super().__init__("unix", name, flags)  # type: ignore[arg-type]

    def xSync(self, flags: int) -> None:
        if FailingFile.failing:
            raise apsw.IOError("the disk gave up")
        super().xSync(flags)


class FailingDisk(apsw.VFS):
    """The usual files, with fsyncs that can be made to fail."""

    def __init__(self) -> None:
        super().__init__("failing", "unix", makedefault=True)

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return FailingFile(name, flags)


def test_when_fsync_fails_nothing_is_acknowledged_and_the_journal_can_go_on(path: Path) -> None:
    disk = FailingDisk()
    try:
        with Journal.open(path) as journal:
            journal.append([heard(1)])
            FailingFile.failing = True
            with pytest.raises(JournalError, match="could not be written"):
                journal.append([heard(2)])
            FailingFile.failing = False
            assert journal.last_seq == 1
            assert journal.append([heard(3), heard(2)]) == [(2, "new"), (3, "new")]
            assert [event for _, event in journal.read()] == [heard(1), heard(3), heard(2)]
    finally:
        FailingFile.failing = False
        disk.unregister()
    with Journal.open(path) as journal:
        assert [event for _, event in journal.read()] == [heard(1), heard(3), heard(2)]


def test_upkeep_that_meets_a_full_disk_loses_nothing_and_is_done_later(path: Path) -> None:
    with Journal.open(path, bounds=SMALL) as journal:
        for number in range(60):
            journal.append([heard(number)])
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
        try:
            with pytest.raises(JournalError, match="cannot be"):
                journal.upkeep()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert journal.append([heard(7)]) == [Receipt(8, "duplicate")]
        journal.upkeep()
        assert [event for _, event in journal.read()] == [heard(number) for number in range(60)]
    assert list(path.with_name("journal.db.archive").glob("*.gz"))


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = Journal.open(path)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="is closed"):
        journal.append([heard(1)])
    with pytest.raises(JournalError, match="is closed"):
        list(journal.read())
