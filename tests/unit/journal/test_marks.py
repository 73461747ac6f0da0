"""How far a record has followed an agreed log is kept with the events themselves, and lost with them."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest

from tests.unit.journal.test_group_commit import heard
from tocsin.journal import Journal, marks
from tocsin.journal.encoded import encode
from tocsin.journal.marks import Mark
from tocsin.model.errors import JournalDamaged


def take(journal: Journal, first: int, last: int, mark: Mark | None, *, own: bool = False) -> None:
    """Write events as one group."""
    journal.take([encode(heard(number)) for number in range(first, last + 1)], mark=mark, own=own)
    journal.write()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_a_record_of_its_own_follows_nothing(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.append([heard(1)])
        assert journal.mark == Mark()
    with apsw.Connection(str(path)) as db:
        assert db.execute("SELECT count(*) FROM marks").fetchall() == [(0,)]


def test_a_restart_goes_on_where_the_last_event_on_the_disk_was_read(path: Path) -> None:
    with Journal.open(path) as journal:
        take(journal, 1, 3, Mark(7, 10, 100))
        take(journal, 4, 4, Mark(7, 12, 200))
        # What was taken and not written is lost with the process, and so is its mark.
        journal.take([encode(heard(5))], mark=Mark(7, 13, 300))
        assert journal.mark == Mark(7, 13, 300)
    with Journal.open(path) as journal:
        assert journal.mark == Mark(7, 12, 200)


def test_what_was_there_before_carries_its_mark_with_the_next_that_is_new(path: Path) -> None:
    with Journal.open(path) as journal:
        take(journal, 1, 1, Mark(7, 1, 0))
        take(journal, 1, 1, Mark(7, 2, 0))
        assert journal.mark == Mark(7, 2, 0)
    with Journal.open(path) as journal:
        assert journal.mark == Mark(7, 1, 0)
        take(journal, 1, 1, Mark(7, 2, 0))
        take(journal, 2, 2, None)
    with Journal.open(path) as journal:
        assert journal.mark == Mark(7, 2, 0)


def test_what_is_taken_in_alone_is_known_until_the_others_know_of_it(path: Path) -> None:
    with Journal.open(path) as journal:
        take(journal, 1, 2, Mark(7, 1, 0))
        take(journal, 3, 5, Mark(7, 1, 0), own=True)
        take(journal, 6, 6, Mark(7, 1, 0), own=True)
        take(journal, 7, 7, Mark(7, 2, 0))
        take(journal, 8, 9, Mark(7, 2, 0), own=True)
        assert (journal.own(), journal.untold) == ([(3, 6), (8, 9)], 6)
    with Journal.open(path) as journal:
        assert (journal.own(), journal.untold) == ([(3, 6), (8, 9)], 6)
        journal.sent(4)
        assert (journal.own(), journal.untold) == ([(5, 6), (8, 9)], 4)
        journal.sent(9)
        assert (journal.own(), journal.untold) == ([], 0)


def test_marks_do_not_grow_with_the_years(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "KEPT_EVENTS", 100)
    with Journal.open(path) as journal:
        for number in range(4):
            take(journal, 50 * number + 1, 50 * number + 50, Mark(7, number, 0))
    with apsw.Connection(str(path)) as db:
        assert db.execute("SELECT position FROM marks ORDER BY seq").fetchall() == [(1,), (2,), (3,)]


def test_events_that_damage_took_are_read_again(path: Path) -> None:
    with Journal.open(path) as journal:
        for number in range(1, 401):
            take(journal, number, number, Mark(7, number * 10, number), own=number > 390)
    size = path.stat().st_size
    # Its last pages hold the newest events; the tables of marks lie before.
    with path.open("r+b") as file:
        file.seek(size - 4_096)
        file.write(os.urandom(4_096))
    with pytest.raises(JournalDamaged):
        Journal.open(path)
    with Journal.open(path, mend=True) as journal:
        last = journal.last_seq
        assert last < 400
        assert journal.gap is not None
        assert journal.mark == (Mark(7, last * 10, last) if last else Mark())
        assert [end for _, end in journal.own() if end > last] == []
