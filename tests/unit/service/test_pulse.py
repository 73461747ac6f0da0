"""No single failure stops the pulse: decisions go on, whoever fails, hangs or fills up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.outbox import Outbox
from tocsin.announce.quality import Quality
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Impact
from tocsin.model.zone import Zone
from tocsin.service import alone as alone_module
from tocsin.service import ticker
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import Settings, make_settings
from tocsin.service.snapshot_writer import SnapshotWriter
from tocsin.service.worker import Decided

pytestmark = pytest.mark.server

TICK_S = 0.05


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    ring = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
    (tmp_path / "zones.geojson").write_bytes(zones_to_geojson([Zone(id="home", name="Home", polygons=((ring,),))]))
    return make_settings(
        zones=tmp_path / "zones.geojson",
        tick_s=TICK_S,
        tick_least_s=TICK_S,
        journal={"path": tmp_path / "journal.db", "snapshot_every_s": 1.0},
        # An observatory whose word on what fell is a sensor's.
        source=[{"kind": "http", "id": "x", "token_sha256": 64 * "0", "kinds": ["impact"], "measures": ["impact"]}],
    )


class Log:
    """What was said, as `what: who`."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def of(self, who: str) -> list[str]:
        return [line.removeprefix(f"{who} ") for line in self.lines if line.startswith(f"{who} ")]

    def exception(self, text: str, *, listener: str, **more: Any) -> None:
        self.lines.append(f"{listener} fails")

    def error(self, text: str, *, listener: str, **more: Any) -> None:
        self.lines.append(f"{listener} is left behind")

    def warning(self, text: str, *, listener: str) -> None:
        self.lines.append(f"{listener} works again")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    said = Log()
    monkeypatch.setattr(alone_module, "log", said)
    return said


class Pulse:
    """A running service whose decisions are counted."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.decisions = 0
        self.failed_on: list[str] = []
        runtime.watch("count", self._count)

    def _count(self, decided: Decided) -> None:
        self.decisions += 1

    async def beats(self, count: int = 20) -> None:
        """Wait for so many decisions: one every TICK_S on an idle machine; a minute is broken by a hang alone."""
        aim = self.decisions + count
        await until(lambda: self.decisions >= aim)

    def failures(self, listener: str) -> float:
        return (
            self.runtime.metrics.registry.get_sample_value("tocsin_listener_failures_total", {"listener": listener})
            or 0.0
        )

    async def warned(self) -> None:
        """Report an impact, and wait until the board shows the warning."""
        now = datetime.now(UTC)
        await self.runtime.submit([Impact(id="i", source="x", time=now, received=now, lat=46.05, lon=8.05, sigma_m=50)])
        await until(lambda: b"take_cover" in self.runtime.channels.board.warnings_json())


async def until(true: Callable[[], object]) -> None:
    """Wait for it, for a minute at most."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def play(
    settings: Settings, story: Callable[[Pulse], Awaitable[None]], *, before: Callable[[Runtime], None] | None = None
) -> None:
    """A story with a real service; `before` it starts, something may be broken."""

    async def whole() -> None:
        runtime = Runtime(settings, configured(settings), Clock())
        if before is not None:
            before(runtime)
        await runtime.start()
        try:
            await story(Pulse(runtime))
            assert runtime.worker._thread.is_alive()
        finally:
            await runtime.stop()

    asyncio.run(whole())


class Broken:
    """A channel in this process that raises while `broken`."""

    name = "broken"
    quality: Quality
    broken = True

    def fold(self, batch: Batch) -> None:
        if self.broken:
            raise OSError("no space left")


def test_a_listener_that_always_raises_stops_nothing_and_is_said_once(settings: Settings, log: Log) -> None:
    async def story(pulse: Pulse) -> None:
        channel = Broken()
        pulse.runtime.channels.folded = (channel, *pulse.runtime.channels.folded)
        pulse.runtime.watch("also broken", lambda decided: 1 / 0)
        await pulse.beats()
        await pulse.warned()
        assert pulse.failures("broken") >= 20 and pulse.failures("also broken") >= 20
        assert sorted(log.lines) == ["also broken fails", "broken fails"]
        channel.broken = False
        await pulse.beats(3)
        assert log.lines[2:] == ["broken works again"]

    play(settings, story)


def test_a_watcher_that_hangs_delays_nobody_and_loses_what_it_cannot_take(
    settings: Settings, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone_module, "WATCHED_MAX", 5)
    monkeypatch.setattr(alone_module, "FINISH_S", 0.2)
    free = threading.Event()
    seen: list[int] = []

    async def story(pulse: Pulse) -> None:
        def hang(decided: Decided) -> None:
            free.wait()
            seen.append(decided.steps[-1].seq)

        pulse.runtime.watch("hung", hang)
        await pulse.beats(20)
        assert log.lines == ["hung queue fails"] and pulse.failures("hung queue") >= 10
        free.set()
        await until(lambda: len(seen) >= 6 and log.lines == ["hung queue fails", "hung queue works again"])
        assert seen == sorted(seen)
        free.clear()
        await pulse.beats(3)

    play(settings, story)
    assert "hung is left behind" in log.lines
    free.set()


def test_a_slow_watcher_slows_nobody(settings: Settings, log: Log) -> None:
    over = threading.Event()
    seen: list[Decided] = []

    async def story(pulse: Pulse) -> None:
        def slow(decided: Decided) -> None:
            over.wait(5)
            seen.append(decided)

        pulse.runtime.watch("slow", slow)
        await pulse.beats()
        assert len(seen) < 15, "others were told before it was ready"
        over.set()

    play(settings, story)
    assert not [line for line in log.lines if "slow" in line]


class Crowd:
    """A pushed channel that does as it is told."""

    quality: Quality
    recipients = ("all",)

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[str] = []

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        if self.name == "hangs":
            await asyncio.Event().wait()
        if self.name == "raises":
            raise OSError("no way through")
        self.heard += [one.id for one in warnings]


def test_pushed_channels_that_hang_or_raise_delay_neither_the_others_nor_the_pulse(settings: Settings) -> None:
    crowds = {name: Crowd(name) for name in ("hangs", "raises", "well")}

    def before(runtime: Runtime) -> None:
        made = [Outbox(crowd, runtime.clock.now, lambda: 0.0) for crowd in crowds.values()]
        runtime.channels.outboxes = tuple(made)

    async def story(pulse: Pulse) -> None:
        await pulse.warned()
        await pulse.beats()
        await until(lambda: crowds["well"].heard)
        assert len(crowds["well"].heard) == 1
        value = pulse.runtime.metrics.registry.get_sample_value
        # The gauges are read every second.
        await until(lambda: value("tocsin_channel_waiting", {"channel": "hangs"}) == 1)
        await until(lambda: value("tocsin_channel_up", {"channel": "raises"}) == 0)
        await until(lambda: value("tocsin_channel_up", {"channel": "well"}) == 1)

    play(settings, story, before=before)


def test_after_a_restart_a_pushed_channel_hears_what_stands_and_nothing_older(settings: Settings) -> None:
    first, second = Crowd("first"), Crowd("second")

    def before(crowd: Crowd) -> Callable[[Runtime], None]:
        def wire(runtime: Runtime) -> None:
            runtime.channels.outboxes = (Outbox(crowd, runtime.clock.now, lambda: 0.0),)

        return wire

    async def story(pulse: Pulse) -> None:
        await pulse.warned()
        await pulse.beats(5)

    async def again(pulse: Pulse) -> None:
        await pulse.beats(5)

    play(settings, story, before=before(first))
    play(settings, again, before=before(second))
    assert second.heard == first.heard[-1:]


def test_a_board_that_failed_once_shows_everything_again(settings: Settings, log: Log) -> None:
    async def story(pulse: Pulse) -> None:
        board = pulse.runtime.channels.board
        whole = board.apply
        failed: list[int] = []

        def apply(seq: int, effects: Any) -> None:
            effects = tuple(effects)
            if not failed and any("take_cover" in str(effect) for effect in effects):
                failed.append(seq)
                raise MemoryError
            whole(seq, effects)

        board.apply = apply  # type: ignore[method-assign]
        await pulse.warned()
        assert failed and b'"level":"take_cover"' in board.state_json(datetime.now(UTC))
        assert log.lines == ["board fails", "board works again"]

    play(settings, story)


def test_the_engine_outlives_a_publication_and_a_snapshot_that_fail_and_no_warning_is_lost(
    settings: Settings, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker, "TICK_WAIT_S", 0.1)
    broken = threading.Event()
    warned: list[str] = []

    def before(runtime: Runtime) -> None:
        handed_on = runtime._from_worker

        def fail(decided: Decided) -> None:
            if broken.is_set():
                raise RuntimeError("no loop")
            handed_on(decided)

        def no_disk(self: SnapshotWriter, seq: int, engine: object) -> None:
            raise OSError("no space left")

        runtime._from_worker = fail  # type: ignore[method-assign]
        monkeypatch.setattr(SnapshotWriter, "save", no_disk)

    async def story(pulse: Pulse) -> None:
        def keep(decided: Decided) -> None:
            warned.extend(effect.id for effect in decided.effects if hasattr(effect, "level"))

        pulse.runtime.watch("keep", keep)
        await pulse.beats(25)
        assert pulse.failures("snapshot") >= 1 and "snapshot fails" in log.lines
        broken.set()
        now = datetime.now(UTC)
        report = Impact(id="i", source="x", time=now, received=now, lat=46.05, lon=8.05, sigma_m=50)
        await pulse.runtime.submit([report])
        await until(lambda: pulse.failures("hand on") >= 3 and pulse.failures("decision") >= 3)
        assert pulse.runtime.worker._thread.is_alive()
        broken.clear()
        await pulse.beats()
        await until(lambda: warned and b"take_cover" in pulse.runtime.channels.board.warnings_json())
        assert len(warned) == 1
        assert log.of("hand on") == ["fails", "works again"]
        # Where the machine is busy a decision takes a tenth of a second by itself now and then.
        await until(lambda: log.of("decision")[-1] == "works again")
        assert log.of("decision") == ["fails", "works again"] * log.of("decision").count("fails")

    play(settings, story, before=before)


def test_the_tick_is_released_when_publishing_itself_fails(settings: Settings, log: Log) -> None:
    async def story(pulse: Pulse) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        tell, pulse.runtime.channels.tell = pulse.runtime.channels.tell, None  # type: ignore[assignment,method-assign]
        begun_s = asyncio.get_running_loop().time()
        for _ in range(5):
            await pulse.runtime.ticker.tick()
        assert asyncio.get_running_loop().time() - begun_s < 5 * ticker.TICK_WAIT_S
        pulse.runtime.channels.tell = tell  # type: ignore[method-assign]
        await pulse.warned()
        await pulse.beats(3)

    play(settings, story)


@pytest.mark.parametrize("turns", range(3))
def test_a_stop_in_the_turns_after_something_new_is_a_stop(settings: Settings, turns: int) -> None:
    async def story(pulse: Pulse) -> None:
        await pulse.beats(2)
        (ticking,) = [task for task in pulse.runtime._tasks.going if task.get_name() == "ticker"]
        await until(lambda: pulse.runtime.ticker._something_new._waiters)
        pulse.runtime.ticker._something_new.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        ticking.cancel()
        await asyncio.wait([ticking], timeout=20)
        assert ticking.cancelled(), "it ticks on"

    # It waits for something new most of the time.
    play(settings.model_copy(update={"tick_s": 1.0}), story)


def test_an_engine_that_hangs_is_said_and_the_ticks_go_on(
    settings: Settings, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker, "TICK_WAIT_S", 0.1)
    free = threading.Event()
    free.set()

    async def story(pulse: Pulse) -> None:
        step = pulse.runtime.worker.engine.step
        pulse.runtime.worker.engine.step = lambda event: free.wait() and step(event)  # type: ignore[method-assign,return-value]
        await pulse.beats(3)
        free.clear()
        failed = pulse.failures("decision")
        await until(lambda: pulse.failures("decision") >= failed + 3)
        free.set()
        await pulse.beats(5)
        await until(lambda: log.lines[-1] == "decision works again")
        # Where the machine is busy one takes a tenth of a second by itself now and then.
        assert log.lines == ["decision fails", "decision works again"] * log.lines.count("decision fails")

    play(settings, story)


def test_the_pulse_of_the_page_outlives_its_own_failures(settings: Settings, log: Log) -> None:
    async def story(pulse: Pulse) -> None:
        stream = pulse.runtime.channels.page_stream
        sent: list[datetime] = []
        good, stream.pulse = sent.append, lambda now: 1 / 0  # type: ignore[method-assign,assignment,return-value]
        await until(lambda: pulse.failures("pulse") >= 2)
        stream.pulse = good  # type: ignore[method-assign]
        await until(lambda: sent)
        assert log.lines == ["pulse fails", "pulse works again"]

    play(settings, story)
