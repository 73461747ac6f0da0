"""What the engine's thread hands on at a tick, what it saves, and what it does about an event the engine fails on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from tocsin.model.event import Event, Tick
from tocsin.model.observation import Impact
from tocsin.service.alone import Alone
from tocsin.service.metrics import Metrics
from tocsin.service.worker import Decided, Worker
from tocsin.twins.guarded import Guarded

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def tick(second: int) -> Tick:
    return Tick(time=NOW + timedelta(seconds=second))


def impact(name: str) -> Impact:
    return Impact(id=name, source="x", time=NOW, lat=46.0, lon=8.0, sigma_m=50)


class Desk:
    """A worker around an engine that says of each event what it was, and everything it told anybody."""

    def __init__(self, events: Sequence[Event], *, snapshot_every_s: float = 3_600.0, deaf: int = 0) -> None:
        self.told: list[Any] = []
        self.noted: list[Any] = []
        self.saved: list[int] = []
        self.deaf = deaf
        self.metrics = Metrics()
        engine = SimpleNamespace(
            step=self._step, health=("fine",), picture=lambda: "picture", standing=lambda: ("one", "two")
        )
        self.worker = Worker(
            cast("Guarded", engine),
            self._publish,
            lambda seq, _: self.saved.append(seq),
            Alone(self.metrics.listener_failures, self.metrics.listener_up),
            snapshot_every_s=snapshot_every_s,
            noted=self.noted.append,
        )
        self.worker.start()
        self.worker.take([(seq, event) for seq, event in enumerate(events, 11)])
        self.worker.stop()

    def _step(self, event: Event) -> list[Any]:
        if getattr(event, "id", "") == "bad":
            raise ValueError("no idea")
        return [getattr(event, "id", "tick")]

    def _publish(self, decided: Decided) -> None:
        if self.deaf:
            self.deaf -= 1
            raise OSError("nobody there")
        self.told.append(decided)


def test_what_comes_between_two_ticks_is_handed_on_once_and_in_order_with_the_second() -> None:
    desk = Desk([impact("a"), tick(1), impact("b"), impact("c"), tick(2), tick(3), impact("d")])
    assert [one.effects for one in desk.told] == [("a", "tick"), ("b", "c", "tick"), ("tick",)]
    assert [[step.seq for step in one.steps] for one in desk.told] == [[11, 12], [13, 14, 15], [16]]
    assert [step.seq for step in desk.noted] == list(range(11, 18))
    assert {one.sensors for one in desk.told} == {("fine",)}


def test_the_first_is_whole_and_so_is_the_one_after_somebody_missed_something() -> None:
    whole = ("one", "two", "picture")
    assert [one.whole for one in Desk([tick(1), tick(2), tick(3)]).told] == [whole, (), ()]
    missed = Desk([tick(1), impact("a"), tick(2), tick(3)], deaf=1)
    assert [(one.whole, one.effects) for one in missed.told] == [(whole, ("tick", "a", "tick")), ((), ("tick",))]


def test_an_event_the_engine_fails_on_is_counted_and_stops_nothing() -> None:
    desk = Desk([impact("bad"), impact("a"), tick(1)])
    assert desk.worker.failed == 1
    (decided,) = desk.told
    assert [step.effects for step in decided.steps] == [(), ("a",), ("tick",)]
    assert desk.worker.behind == 0


def test_a_snapshot_is_taken_after_a_tick_when_it_is_due_and_at_the_end() -> None:
    assert Desk([impact("a"), tick(1), tick(2), impact("b")]).saved == [14]
    assert Desk([impact("a"), tick(1), tick(2), impact("b")], snapshot_every_s=0.0).saved == [12, 13, 14]
    assert Desk([]).saved == []
