"""Laws of the journal: the log depends on the events alone, never on grouping, restarts or archiving."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.journal import Journal
from tocsin.journal.upkeep import Bounds
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Presence

START = datetime(2026, 1, 1, tzinfo=UTC)
# So small that a few dozen events are sealed, merged, forgotten and archived.
BOUNDS = Bounds(live_events_max=6, segment_events=4, remembered_events=12, sealed_events=3)


def event(number: int, place: int) -> Event:
    time = START + timedelta(seconds=place)
    if number == 0:
        return Tick(time=time)
    return Presence(id=f"post/{number}", time=time, source="post", sensor="post")


def log_of(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """What the journal must hold, written as plainly as it can be."""
    log: list[tuple[int, Event]] = []
    known: dict[str, int] = {}
    for one in events:
        seq = len(log) + 1
        if not isinstance(one, Tick):
            if known.get(one.id, -99) >= seq - BOUNDS.remembered_events:
                continue
            known[one.id] = seq
        log.append((seq, one))
    return log


def write(path: Path, groups: Iterable[tuple[Sequence[Event], str]]) -> list[tuple[int, Event]]:
    """Append group by group, each followed by nothing, upkeep, or a restart; return the log."""
    journal = Journal.open(path, bounds=BOUNDS)
    for group, then in groups:
        journal.append(group)
        if then == "upkeep":
            journal.upkeep()
        elif then == "restart":
            journal.close()
            journal = Journal.open(path, bounds=BOUNDS)
    with journal:
        return list(journal.read())


events = st.lists(st.integers(0, 20), max_size=60).map(
    lambda numbers: [event(number, place) for place, number in enumerate(numbers)]
)
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
    assert [seq for seq, duplicate in receipts if not duplicate] == list(range(1, len(log) + 1))
    for one, (seq, duplicate) in zip(all_events, receipts, strict=True):
        assert getattr(log[seq], "id", None) == getattr(one, "id", None)
        assert duplicate or log[seq] == one
