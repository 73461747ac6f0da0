"""The running service: edge → journal → engine → views → listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog

from tocsin.announce.page_stream import Broadcast
from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.engine import Engine
from tocsin.journal import GroupCommit, Journal, Receipt
from tocsin.model.effect import Degraded, Picture, Refused
from tocsin.model.errors import JournalError
from tocsin.model.event import Configuration, Event, Tick
from tocsin.model.sensor import SensorHealth
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.service.clock import Clock
from tocsin.service.metrics import Metrics
from tocsin.service.recovery import PassedOver, differs, recover, snapshot_of
from tocsin.service.settings import Settings
from tocsin.service.views import Views
from tocsin.service.warmup import warm_up
from tocsin.service.worker import Step, Worker

log = structlog.get_logger(__name__)

# A picture older than this is not ready to be shown as today's.
READY_PICTURE_AGE_S = 10.0
# The machine's clock may drift this far from ours before somebody should look at it.
CLOCK_OFFSET_S_MAX = 5.0


class Runtime:
    """Everything between the edges, for one sector.

    Call `start` inside the event loop, `submit` for every event, `stop` at the end.
    """

    def __init__(self, settings: Settings, configuration: Configuration, clock: Clock) -> None:
        self.settings = settings
        self.configuration = configuration
        self.clock = clock
        self.index = ZoneIndex(configuration.zones)
        self.views = Views(settings, configuration)
        self.broadcast = Broadcast(self._first_state, listeners_max=settings.http.listeners_max)
        self.metrics = Metrics()
        # How every sensor did at the last tick; for operators only.
        self.sensors: tuple[SensorHealth, ...] = ()
        self.passed_over = PassedOver()
        # Called in the event loop with the steps of every tick, for whoever keeps a record of a drill.
        self.watchers: list[Callable[[Sequence[Step]], None]] = []
        self._saver = ThreadPoolExecutor(1, "snapshots")
        self._something_new = asyncio.Event()
        self._tick_done = asyncio.Event()
        self._tick_done.set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, *, ticking: bool = True) -> None:
        """Open the journal, bring the engine to its end, and begin. Raises JournalError."""
        self._loop = asyncio.get_running_loop()
        # Compiled kernels are loaded before anybody waits for them, not at the first plot of a raid.
        warm_up()
        self.journal = Journal.open(self.settings.journal.path)
        try:
            engine, self.passed_over = recover(self.journal, self.views)
        except BaseException:
            self.journal.close()
            raise
        self.metrics.unreadable.set(self.passed_over.count)
        if engine.now is not None:
            self.clock.not_before(engine.now)
        every_s = self.settings.journal.snapshot_every_s
        self.worker = Worker(engine, self._from_worker, self._save, snapshot_every_s=every_s)
        self.worker.start()
        self.commits = GroupCommit(self.journal, on_commit=self.worker.take, queue_max=self.settings.journal.queue_max)
        if differs(engine, self.configuration):
            await self.submit([self.configuration])
        if ticking:
            self._tasks.append(asyncio.create_task(self._tick_forever(), name="ticker"))
        self._tasks.append(asyncio.create_task(self._pulse_forever(), name="pulse"))

    async def stop(self) -> None:
        """Stop ticking, let the journal and the engine finish, close everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.broadcast.close()
        await asyncio.to_thread(self.commits.close)
        await asyncio.to_thread(self.worker.stop)
        await asyncio.to_thread(self._saver.shutdown)
        self.journal.close()

    async def submit(self, events: Sequence[Event]) -> list[Receipt]:
        """Make events durable, in order, and hand them to the engine; returns once they are durable.

        Raises JournalBusy (try again later) and JournalError (not kept).
        """
        begun_s = self._loop.time()
        receipts = await asyncio.wrap_future(self.commits.submit(events))
        self.metrics.commit_s.observe(self._loop.time() - begun_s)
        if not isinstance(events[0], Tick):
            self._something_new.set()
        return receipts

    async def tick(self) -> None:
        """Let the engine decide now, and wait until its effects are published."""
        self._something_new.clear()
        self._tick_done.clear()
        try:
            await self.submit([Tick(time=self.clock.now())])
        except JournalError as error:
            # The disk refuses: no decision can be made durable. The picture ages, and its age is shown.
            log.error("no tick could be written", reason=str(error))
            self._tick_done.set()
        await self._tick_done.wait()

    async def _tick_forever(self) -> None:
        """A tick soon after anything new, and at least every `tick_s`; never two at once."""
        least_s = self.settings.tick_least_s
        quiet_s = max(least_s, self.settings.tick_s / self.clock.speed)
        while True:
            begun_s = self._loop.time()
            await self.tick()
            await asyncio.sleep(max(0.001, least_s - (self._loop.time() - begun_s)))
            left_s = quiet_s - (self._loop.time() - begun_s)
            if left_s > 0 and not self._something_new.is_set():
                try:
                    await asyncio.wait_for(self._something_new.wait(), left_s)
                except TimeoutError:
                    continue

    async def _pulse_forever(self) -> None:
        while True:
            await asyncio.sleep(1)
            now = self.clock.now()
            self.broadcast.publish("pulse", self.views.board.pulse_json(now))
            self.metrics.listeners.set(self.broadcast.listeners)
            self.metrics.behind.set(self.worker.behind)
            self.metrics.engine_failures.set(self.worker.failed)
            self.metrics.clock_offset_s.set(self.clock.wall_offset_s())
            age = self.picture_age(now)
            if age is not None:
                self.metrics.picture_age_s.set(age.total_seconds())

    def _from_worker(self, steps: Sequence[Step]) -> None:
        """Called in the engine's thread."""
        self._loop.call_soon_threadsafe(self._publish, steps, self.worker.engine.health)

    def _publish(self, steps: Sequence[Step], sensors: tuple[SensorHealth, ...]) -> None:
        """Fold what the engine decided into the views and tell everybody who listens."""
        self.sensors = sensors
        effects = [effect for step in steps for effect in step.effects]
        change = self.views.apply(steps[-1].seq, effects)
        now = self.clock.now()
        if change.zones:
            self.broadcast.publish("zones", self.views.board.zones_json(change.zones, now), change.seq)
        for watcher in self.watchers:
            watcher(steps)
        self._count(steps, now)
        self._tick_done.set()

    def _count(self, steps: Sequence[Step], now: datetime) -> None:
        self.metrics.step_s.observe(steps[-1].spent_s)
        for step in steps:
            received = getattr(step.event, "received", None)
            if received is not None:
                self.metrics.chain_s.observe(max(0.0, seconds_of(now) - seconds_of(received)) / self.clock.speed)
            for effect in step.effects:
                if isinstance(effect, Warning):
                    self.metrics.warnings.labels(effect.level).inc()
                    log.info("warning", zone=effect.zone, level=effect.level, id=effect.id, reason=effect.reason)
                elif isinstance(effect, Refused):
                    self.metrics.refused.inc()
                elif isinstance(effect, Degraded):
                    self.metrics.blind_zones.set(len(effect.zones))
                    log.warning("degraded", reason=effect.reason)
                elif isinstance(effect, Picture):
                    self.metrics.tracks.set(len(effect.tracks))

    def _save(self, seq: int, engine: Engine) -> None:
        """Called in the engine's thread, between two events: packs there, and leaves the disk to another thread."""
        try:
            messages = asyncio.run_coroutine_threadsafe(self._dump_messages(), self._loop).result(timeout=10)
        except TimeoutError as error:
            log.error("no snapshot could be taken", reason=str(error))
            return
        self._saver.submit(self._write, seq, snapshot_of(engine, messages))

    def _write(self, seq: int, data: bytes) -> None:
        try:
            self.journal.save_snapshot(seq, data)
        except JournalError as error:
            # The journal holds everything; only the next start will take longer.
            log.error("no snapshot could be saved", reason=str(error))

    async def _dump_messages(self) -> bytes:
        return self.views.dump_messages()

    def _first_state(self) -> tuple[int, bytes]:
        return self.views.board.seq, self.views.board.state_json(self.clock.now())

    def picture_age(self, now: datetime) -> timedelta | None:
        """Age of the public picture; None before the first."""
        at = self.views.board.picture_at
        return None if at is None else now - at

    def standing_troubles(self) -> list[str]:
        """What an operator must see to although the service is ready: it cannot pass by itself."""
        return [] if self.passed_over.trouble is None else [self.passed_over.trouble]

    def troubles(self) -> list[str]:
        """Why this service is not ready, each in a sentence; none: it is."""
        found = []
        age = self.picture_age(self.clock.now())
        if age is None or age.total_seconds() > READY_PICTURE_AGE_S * self.clock.speed:
            said = "there is no picture yet" if age is None else f"the picture is {age.total_seconds():.0f} s old"
            found.append(f"{said}; {self.worker.behind} events wait for the engine")
        if self.commits.trouble is not None:
            found.append(self.commits.trouble)
        if self.clock.speed == 1 and abs(self.clock.wall_offset_s()) > CLOCK_OFFSET_S_MAX:
            found.append(f"the machine's clock is {self.clock.wall_offset_s():.0f} s off the service's; check it")
        return found
