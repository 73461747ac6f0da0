"""The one door into the journal: who may say what, and what is done when the disk is busy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.admission import Gate
from tocsin.ingest.batch import Fault
from tocsin.ingest.rejects import Rejects
from tocsin.journal import Receipt
from tocsin.model.access import Authority
from tocsin.model.errors import JournalBusy, JournalError
from tocsin.model.event import Event
from tocsin.model.observation import Alert, Presence
from tocsin.service.conflicts import Conflicts
from tocsin.service.intake import TOGETHER_MAX, Intake
from tocsin.service.metrics import Metrics
from tocsin.service.runtime import Runtime
from tocsin.simulate.places import invented_zones

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _heard(name: str, source: str) -> Presence:
    return Presence(id=name, time=NOW, source=source, sensor="post", threat="drone", confidence=0.5)


class House:
    """A runtime whose journal answers as told: a number of receipts' duplicates, or an error to raise."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers, self.metrics, self.index = list(answers), Metrics(), ZoneIndex(invented_zones(3))
        self.rejects = Rejects()
        self.conflicts = Conflicts(self.rejects)
        self.clock = SimpleNamespace(now=lambda: NOW)
        self.gate = Gate(None, ())
        self.readers: object = None
        self.intake = Intake(cast(Runtime, self))

    async def submit(self, events: Sequence[Event]) -> list[Receipt]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [Receipt(10 + place, "duplicate" if place < answer else "new") for place in range(len(events))]

    def counted(self, what: str) -> float:
        value: Any = self.metrics.observations.labels(what)
        return float(value._value.get())


def test_a_source_speaks_for_itself_and_a_relay_for_others() -> None:
    intake = House().intake
    brought = [_heard("a", "east"), _heard("b", "west"), _heard("c", "unnamed")]
    own = asyncio.run(intake.admit(brought, "east", relays=False))
    assert [one.source for one in own.events] == ["east", "east"]
    assert [one.place for one in own.refused] == [1]
    assert "may not speak for west" in own.refused[0].reason
    relayed = asyncio.run(intake.admit(brought, "east", relays=True))
    assert [one.source for one in relayed.events] == ["east", "west", "east"]
    assert [one.via for one in relayed.events] == [None, "east", None]
    assert all(one.received == NOW for one in some(relayed.events))


def test_what_is_kept_is_counted_and_nothing_is_kept_of_nothing() -> None:
    house = House(1)
    kept = asyncio.run(house.intake.keep([_heard("a", "x"), _heard("b", "x")]))
    assert (kept.accepted, kept.duplicates, kept.seq) == (1, 1, 11)
    assert (house.counted("accepted"), house.counted("duplicate")) == (1, 1)
    assert asyncio.run(house.intake.keep([])).seq == 0


@pytest.mark.parametrize(("error", "label"), [(JournalBusy("full"), "busy"), (JournalError("broken"), "not_kept")])
def test_what_cannot_be_kept_is_refused_and_counted(error: Exception, label: str) -> None:
    house = House(error)
    with pytest.raises(type(error)):
        asyncio.run(house.intake.keep([_heard("a", "x")]))
    assert house.rejects.outcomes == {label: 1}
    assert house.counted("accepted") == 0


def test_the_patient_wait_while_the_disk_is_busy_but_not_when_it_fails() -> None:
    house = House(JournalBusy("full"), JournalBusy("full"), 0)
    assert asyncio.run(house.intake.keep([_heard("a", "x")], patient=True)).accepted == 1
    assert house.rejects.outcomes == {}
    with pytest.raises(JournalError):
        asyncio.run(House(JournalError("broken")).intake.keep([_heard("a", "x")], patient=True))


def test_a_long_batch_is_kept_in_parts_and_answered_as_one() -> None:
    house = House(1, 0)
    kept = asyncio.run(house.intake.keep([_heard(f"n{n}", "x") for n in range(TOGETHER_MAX + 3)]))
    assert (kept.accepted, kept.duplicates, kept.seq) == (TOGETHER_MAX + 2, 1, 10 + TOGETHER_MAX - 1)
    assert house.counted("accepted") == TOGETHER_MAX + 2


def test_a_source_brings_alerts_of_its_own_senders_only() -> None:
    class Reader:
        """Understands of an alert who sent it."""

        async def understood(self, alert: Alert) -> Alert:
            return msgspec.structs.replace(alert, sender=alert.cap)

    house = House()
    house.gate = Gate([Authority(id="near", kinds=("alert",), senders=("*@near.example",), per_second_max=9)], ())
    house.readers = Reader()
    brought = [Alert(id=name, time=NOW, cap=name) for name in ("a@near.example", "b@far.example")]
    admitted = asyncio.run(house.intake.admit(brought, "near", relays=False))
    assert [event.id for event in admitted.events] == ["a@near.example"]
    assert "may not bring alerts of b@far.example" in admitted.refused[0].reason


def test_of_a_source_that_sends_much_in_vain_only_the_first_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    house, at = House(), [NOW]
    house.clock = SimpleNamespace(now=lambda: at[0])
    with Rejects(tmp_path / "rejects.jsonl") as house.rejects:
        for _ in range(600):
            house.intake.refuse("no", "record", "loud")
        house.intake.refuse("no", "record", "quiet", "unauthenticated")
        at[0] += timedelta(seconds=25)
        for _ in range(5):
            house.intake.refuse("no", "record", "loud", "over_rate")
    kept = [json.loads(line)["where"] for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert (kept.count("loud"), kept.count("quiet")) == (502, 1)
    assert house.rejects.outcomes == {"rejected": 600, "unauthenticated": 1, "over_rate": 5}


def test_thousands_of_lines_that_are_none_are_refused_while_everybody_else_is_served() -> None:
    house, faults = House(), [Fault(number, f"kind is 'x{number}'; it may be 'plot'") for number in range(3_000)]

    async def story() -> int:
        turns = 0
        refused = asyncio.create_task(house.intake.refuse_lines(faults, "9 bytes", "loud"))
        while not refused.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    # More than once around: the task's beginning and its end are two.
    assert asyncio.run(story()) > 4
    assert house.rejects.outcomes == {"rejected": len(faults)}


def test_what_contradicts_an_earlier_word_is_neither_accepted_nor_a_duplicate() -> None:
    house = House()

    async def submit(events: Sequence[Event]) -> list[Receipt]:
        return [Receipt(7, "conflict"), Receipt(12, "new"), Receipt(5, "duplicate"), Receipt(90, "conflict")]

    house.submit = submit  # type: ignore[method-assign]
    kept = asyncio.run(house.intake.keep([_heard(name, "x") for name in "abcd"]))
    assert (kept.accepted, kept.duplicates, kept.seq, dict(kept.new)) == (1, 1, 12, {1: 12})
    assert [place for place, _ in kept.conflicts] == [0, 3]
    assert "event 7" in kept.conflicts[0][1]
    assert (house.counted("accepted"), house.counted("duplicate"), house.conflicts.total) == (1, 1, 2)


def test_places_in_a_long_batch_are_counted_from_its_beginning() -> None:
    house = House(0, 1)
    kept = asyncio.run(house.intake.keep([_heard(f"n{n}", "x") for n in range(TOGETHER_MAX + 2)]))
    assert sorted(kept.new) == [*range(TOGETHER_MAX), TOGETHER_MAX + 1]
    assert kept.new[TOGETHER_MAX + 1] == 11
