"""Laws of the journal: the log depends on the events alone, never on grouping, restarts or archiving."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.journal import Journal, Receipt
from tocsin.journal.upkeep import Bounds
from tocsin.model.event import Event, Tick
from tocsin.model.identity import digest_of, identity
from tocsin.model.observation import Presence

START = datetime(2026, 1, 1, tzinfo=UTC)
# So small that a few dozen events are sealed, merged, forgotten and archived.
BOUNDS = Bounds(live_events_max=6, segment_events=4, remembered_events=12, sealed_events=3)


def event(number: int, source: str, said: int, place: int) -> Event:
    """A tick for number 0; else a report. It arrives when it arrives, and `said` is all that it says."""
    arrived = START + timedelta(seconds=place)
    if number == 0:
        return Tick(time=arrived)
    return Presence(
        id=f"{number}", time=START + timedelta(seconds=said), received=arrived, source=source, sensor=source
    )


def log_of(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """What the journal must hold, written as plainly as it can be."""
    return written(events)[0]


def written(events: Sequence[Event]) -> tuple[list[tuple[int, Event]], list[Receipt]]:
    """The log, and the receipts that must be given."""
    log: list[tuple[int, Event]] = []
    receipts = []
    known: dict[tuple[str, str], int] = {}
    for one in events:
        seq = len(log) + 1
        if isinstance(one, Presence):
            before = known.get((one.source, one.id), -99)
            if before >= seq - BOUNDS.remembered_events:
                first = log[before - 1][1]
                same = isinstance(first, Presence) and first.time == one.time
                receipts.append(Receipt(before, "duplicate" if same else "conflict"))
                continue
            known[one.source, one.id] = seq
        log.append((seq, one))
        receipts.append(Receipt(seq))
    return log, receipts


def write(
    path: Path, groups: Iterable[tuple[Sequence[Event], str]], receipts: list[Receipt] | None = None
) -> list[tuple[int, Event]]:
    """Append group by group, each followed by nothing, upkeep, or a restart; return the log."""
    journal = Journal.open(path, bounds=BOUNDS)
    for group, then in groups:
        given = journal.append(group)
        if receipts is not None:
            receipts += given
        if then == "upkeep":
            journal.upkeep()
        elif then == "restart":
            journal.close()
            journal = Journal.open(path, bounds=BOUNDS)
    with journal:
        return list(journal.read())


# A few sources that share a few ids, and say now the same and now something else under them.
events = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["north", "south", "post"]), st.integers(0, 1)), max_size=60
).map(lambda drawn: [event(*one, place) for place, one in enumerate(drawn)])
thens = st.sampled_from(["nothing", "upkeep", "restart"])


@st.composite
def grouped(draw: st.DrawFn, all_events: Sequence[Event]) -> list[tuple[Sequence[Event], str]]:
    groups = []
    start = 0
    while start < len(all_events):
        end = start + draw(st.integers(1, 9))
        groups.append((all_events[start:end], draw(thens)))
        start = end
    return groups


@settings(max_examples=60, deadline=None)
@given(st.data(), events)
def test_grouping_restarts_and_archiving_never_change_the_log(data: st.DataObject, all_events: list[Event]) -> None:
    groups = data.draw(grouped(all_events))
    with tempfile.TemporaryDirectory() as folder:
        assert write(Path(folder) / "journal.db", groups) == log_of(all_events)


@settings(max_examples=60, deadline=None)
@given(st.data(), events)
def test_what_becomes_of_an_event_depends_on_its_own_source_alone_however_events_are_grouped(
    data: st.DataObject, all_events: list[Event]
) -> None:
    receipts: list[Receipt] = []
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "journal.db", data.draw(grouped(all_events)), receipts)
    assert receipts == written(all_events)[1]


@settings(max_examples=25, deadline=None)
@given(st.data(), events)
def test_twin_journals_hold_the_same_log(data: st.DataObject, all_events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = write(Path(folder) / "first.db", data.draw(grouped(all_events)))
        assert write(Path(folder) / "twin.db", data.draw(grouped(all_events))) == first


@settings(max_examples=25, deadline=None)
@given(events, st.integers(0, 70))
def test_reading_from_the_middle_is_the_end_of_reading_it_all(all_events: list[Event], after: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Journal.open(Path(folder) / "journal.db", bounds=BOUNDS) as journal,
    ):
        for start in range(0, len(all_events), 7):
            journal.append(all_events[start : start + 7])
            journal.upkeep()
        assert list(journal.read(after)) == list(journal.read())[after:]


@settings(max_examples=40, deadline=None)
@given(events)
def test_a_receipt_names_the_place_where_the_event_lies(all_events: list[Event]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Journal.open(Path(folder) / "journal.db", bounds=BOUNDS) as journal,
    ):
        receipts = [receipt for one in all_events for receipt in journal.append([one])]
        log = dict(journal.read())
    assert [seq for seq, outcome in receipts if outcome == "new"] == list(range(1, len(log) + 1))
    for one, (seq, outcome) in zip(all_events, receipts, strict=True):
        assert identity(log[seq]) == identity(one)
        assert outcome != "new" or log[seq] == one
        assert (digest_of(log[seq]) == digest_of(one)) == (outcome != "conflict")
