"""What is asked of every log, of this machine's own and of one that brokers hold: the same laws for both."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nats_cluster import nats_cluster
from tests.unit.journal.test_group_commit import START, heard
from tocsin.bench.nats_servers import NatsServers
from tocsin.journal import GroupCommit, Journal
from tocsin.journal.jetstream.connection import Brokers
from tocsin.journal.jetstream.log import JetStreamLog
from tocsin.journal.jetstream.stream import Place
from tocsin.journal.log import Log
from tocsin.model.errors import JournalError
from tocsin.model.event import Event, OperatorAct, Tick

KINDS = ("record", "brokers")


class Opened(NamedTuple):
    """A log, its record, and what it handed on."""

    log: Log
    journal: Journal
    handed_on: list[tuple[int, Event]]


# Opens the log of a folder, the same one each time.
Opens = Callable[[Path], AbstractContextManager[Opened]]


@pytest.fixture(scope="module")
def brokers() -> Iterator[NatsServers]:
    with nats_cluster() as found:
        yield found


_numbers = itertools.count()


@contextmanager
def own_record(folder: Path) -> Iterator[Opened]:
    handed_on: list[tuple[int, Event]] = []
    with Journal.open(folder / "journal.db") as journal, GroupCommit(journal, on_commit=handed_on.extend) as log:
        yield Opened(log, journal, handed_on)


def agreed(brokers: NatsServers) -> Opens:
    names: dict[Path, str] = {}

    @contextmanager
    def opened(folder: Path) -> Iterator[Opened]:
        prefix = names.setdefault(folder, f"t{next(_numbers)}")
        place = Place(Brokers(brokers.addresses), "north", "a", prefix=prefix, keep_bytes=100_000_000)
        handed_on: list[tuple[int, Event]] = []
        with (
            Journal.open(folder / "journal.db") as journal,
            JetStreamLog(journal, place, on_commit=handed_on.extend, island_after_s=60) as log,
        ):
            log.wait_until_caught_up()
            assert not log.alone
            yield Opened(log, journal, handed_on)

    return opened


@pytest.fixture(params=KINDS)
def opens(request: pytest.FixtureRequest) -> Opens:
    return own_record if request.param == "record" else agreed(request.getfixturevalue("brokers"))


def tick(number: int) -> Tick:
    return Tick(time=START + timedelta(seconds=number))


def act(number: int, time: datetime = START) -> OperatorAct:
    return OperatorAct(id=str(number), time=time, operator="desk", action="release", zones=("z",))


def test_receipts_come_when_events_are_in_the_record_and_handed_on_in_their_order(opens: Opens, tmp_path: Path) -> None:
    with opens(tmp_path) as (log, journal, handed_on):
        futures = [log.submit([heard(number), heard(number + 1)]) for number in range(0, 200, 2)]
        assert [receipt for one in futures for receipt in one.result(30)] == [(seq, "new") for seq in range(1, 201)]
        assert handed_on == list(journal.read()) == [(number + 1, heard(number)) for number in range(200)]
        assert (log.waiting, log.undurable, log.trouble, log.full) == (0, 0, None, False)
        assert (log.notices, log.alone, log.missed) == ((), False, None)


def test_what_was_sent_before_is_acknowledged_and_handed_on_once(opens: Opens, tmp_path: Path) -> None:
    with opens(tmp_path) as (log, journal, handed_on):
        first, again = log.submit([heard(1)]), log.submit([heard(1), heard(2)])
        assert first.result(30) == [(1, "new")]
        assert again.result(30) == [(1, "duplicate"), (2, "new")]
        changed = msgspec.structs.replace(heard(2), confidence=0.5)
        assert log.submit([changed]).result(30) == [(2, "conflict")]
        assert handed_on == list(journal.read()) == [(1, heard(1)), (2, heard(2))]


def test_many_threads_share_one_order(opens: Opens, tmp_path: Path) -> None:
    with opens(tmp_path) as (log, journal, handed_on):
        with ThreadPoolExecutor(8) as pool:
            submitted = list(pool.map(lambda number: log.submit([heard(number % 60)]), range(300)))
        seqs = [future.result(30)[0].seq for future in submitted]
        assert [seq for seq, _ in handed_on] == list(range(1, 61))
        assert handed_on == list(journal.read())
        assert [handed_on[seq - 1][1] for seq in seqs] == [heard(number % 60) for number in range(300)]


def test_after_a_restart_it_goes_on_and_knows_what_it_heard(opens: Opens, tmp_path: Path) -> None:
    with opens(tmp_path) as (log, _, _):
        log.submit([heard(1), heard(2)]).result(30)
        log.submit([tick(1)]).result(30)
    with opens(tmp_path) as (log, journal, handed_on):
        assert handed_on == []
        assert log.submit([heard(2), heard(3)]).result(30) == [(2, "duplicate"), (4, "new")]
        assert log.submit([tick(2), act(1)]).result(30) == [(5, "new"), (6, "new")]
        assert [event for _, event in journal.read()] == [heard(1), heard(2), tick(1), heard(3), tick(2), act(1)]


def test_closing_sees_what_waits_to_its_end_and_takes_no_more(opens: Opens, tmp_path: Path) -> None:
    with opens(tmp_path) as (log, journal, _):
        futures = [log.submit([heard(number)]) for number in range(50)]
        log.close()
        assert [future.result(0)[0].seq for future in futures] == list(range(1, 51))
        assert journal.last_seq == 50
        with pytest.raises(JournalError, match="being closed"):
            log.submit([heard(99)])


_observations = st.builds(heard, st.integers(0, 12))
_changed = st.builds(lambda one: msgspec.structs.replace(one, confidence=0.5), _observations)
_acts = st.builds(act, st.integers(0, 3))
_groups = st.lists(st.one_of(_observations, _changed, _acts), min_size=1, max_size=6)


@settings(max_examples=12)
@given(st.lists(_groups, max_size=8))
def test_brokers_give_the_receipts_and_the_record_that_a_record_alone_gives(
    brokers: NatsServers, groups: list[list[Event]]
) -> None:
    # Each subject keeps its own order within a group: what is seen comes before what officers do.
    groups = [sorted(group, key=lambda one: isinstance(one, OperatorAct)) for group in groups]
    found = []
    for opens in (own_record, agreed(brokers)):
        with TemporaryDirectory() as folder, opens(Path(folder)) as (log, journal, handed_on):
            receipts = [log.submit(group).result(30) for group in groups]
            found.append((receipts, list(journal.read())))
            assert handed_on == found[-1][1]
    assert found[0] == found[1]
