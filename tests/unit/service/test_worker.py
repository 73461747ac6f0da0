"""A full engine pushes back as far as the sender, and nothing that was acknowledged is lost or overtaken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tocsin.engine.engine import Engine
from tocsin.journal import GroupCommit, Journal
from tocsin.journal import commit_queue as commit_module
from tocsin.model.errors import JournalBusy
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Impact
from tocsin.service import worker as worker_module
from tocsin.service.alone import Alone
from tocsin.service.metrics import Metrics
from tocsin.service.worker import Worker

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Slow:
    """Stands in for an engine: takes an event whenever `free` is set, and remembers it."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.taken: list[str] = []
        self.health = ()

    def step(self, event: Event) -> list[Any]:
        self.free.wait()
        self.taken.append(getattr(event, "id", "tick"))
        return []

    def picture(self) -> None:
        return None


@pytest.fixture
def engine() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.free.set()


def made(engine: Slow) -> Worker:
    metrics = Metrics()
    alone = Alone(metrics.listener_failures, metrics.listener_up)
    return Worker(
        cast("Engine", engine), lambda _: None, lambda *_: None, alone, snapshot_every_s=3_600, noted=lambda _: None
    )


def impact(number: int) -> Impact:
    time = NOW + timedelta(seconds=number)
    return Impact(id=f"i{number}", source="x", time=time, lat=46.0, lon=8.0, sigma_m=50)


def test_a_full_engine_pushes_back_and_what_was_acknowledged_is_neither_lost_nor_overtaken(
    engine: Slow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "QUEUE_MAX", 10)
    worker = made(engine)
    worker.start()
    futures = {}
    with Journal.open(tmp_path / "journal.db") as journal:
        with GroupCommit(journal, on_commit=worker.take, queue_max=20, group_s=0.0) as commits:
            number = 0
            refused = 0
            while refused < 50:
                number += 1
                try:
                    futures[f"i{number}"] = commits.submit([impact(number)])
                except JournalBusy:
                    refused += 1
                    threading.Event().wait(0.002)
            behind, taken = worker.behind, list(engine.taken)
            late = commits.submit([Tick(time=NOW + timedelta(hours=1))])
            engine.free.set()
            # The engine has none yet; at most twenty each wait for it (in one group), for its queue and for the disk.
            assert behind <= 20 and not taken
            assert len(futures) <= 60
            for future in futures.values():
                assert future.result(30)[0].outcome == "new"
            late.result(30)
        worker.stop()
        kept = [getattr(event, "id", "tick") for _, event in journal.read()]
    assert engine.taken == [*futures, "tick"] == kept


def test_a_flood_of_observations_keeps_no_tick_out_and_ticks_have_a_bound_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_module, "RESERVED", 3)
    hold = threading.Event()
    with Journal.open(tmp_path / "journal.db") as journal:
        commits = GroupCommit(journal, on_commit=lambda _: hold.wait() and None, queue_max=5)
        with pytest.raises(JournalBusy):
            for number in range(1_000):
                commits.submit([impact(number)])
        ticks = [Tick(time=NOW + timedelta(days=1, seconds=number)) for number in range(4_000)]
        commits.submit(ticks[:1])
        with pytest.raises(JournalBusy):
            for number in range(1, 4_000):
                commits.submit([ticks[number]])
        hold.set()
        commits.close()


def test_a_group_larger_than_the_queue_is_taken_when_nothing_waits(
    engine: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "QUEUE_MAX", 3)
    worker = made(engine)
    worker.start()
    engine.free.set()
    worker.take([(number, impact(number)) for number in range(1, 9)])
    worker.take([(number, impact(number)) for number in range(9, 12)])
    worker.stop()
    assert engine.taken == [f"i{number}" for number in range(1, 12)]


def test_steps_that_could_not_be_handed_on_are_bounded_and_then_everything_is_told_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "STEPS_MAX", 5)
    told: list[Any] = []
    broken = [True]

    def publish(decided: Any) -> None:
        if broken:
            raise OSError("nobody there")
        told.append(decided)

    metrics = Metrics()
    engine = SimpleNamespace(
        step=lambda event: [], health=(), picture=lambda: "picture", standing=lambda: ("standing",)
    )
    alone = Alone(metrics.listener_failures, metrics.listener_up)
    worker = Worker(
        cast("Engine", engine), publish, lambda *_: None, alone, snapshot_every_s=3_600, noted=lambda _: None
    )
    worker.start()
    worker.take([(number, Tick(time=NOW + timedelta(seconds=number))) for number in range(1, 20)])
    while worker.behind:
        threading.Event().wait(0.001)
    broken.clear()
    worker.take([(20, Tick(time=NOW + timedelta(seconds=20)))])
    worker.stop()
    ((steps, whole),) = [([step.seq for step in one.steps], one.whole) for one in told]
    assert steps == [16, 17, 18, 19, 20] and whole == ("standing", "picture")
