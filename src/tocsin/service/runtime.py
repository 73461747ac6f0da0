"""The running service: edge → journal → engine → channels and whoever else listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from tocsin.announce.channel import Batch
from tocsin.ingest.source import SourceHealth
from tocsin.journal import Journal, Receipt
from tocsin.model.effect import Effect
from tocsin.model.errors import NotDurable
from tocsin.model.event import Configuration, Event, Tick
from tocsin.model.order import Orders
from tocsin.model.sensor import SensorHealth
from tocsin.model.warning import Warning
from tocsin.service.agreed import catch_up, opened_log
from tocsin.service.alone import Watcher
from tocsin.service.clock import Clock
from tocsin.service.console.console import Console
from tocsin.service.incidents import Incidents
from tocsin.service.ledger.related import Related
from tocsin.service.logs import log_decided
from tocsin.service.losses import Losses
from tocsin.service.parts import Parts
from tocsin.service.pulse import pulse
from tocsin.service.recovery import PassedOver, dated, differs, loss_of, recover
from tocsin.service.scrub import Scrub
from tocsin.service.settings import Settings
from tocsin.service.snapshot_writer import SnapshotWriter
from tocsin.service.tasks import Tasks
from tocsin.service.ticker import Ticker
from tocsin.service.twins.exchange import Exchange
from tocsin.service.twins.twins import Twins
from tocsin.service.warmup import warm_up
from tocsin.service.worker import Decided, Worker
from tocsin.twins.guarded import Guarded
from tocsin.twins.held import Held

log = structlog.get_logger(__name__)


class Runtime(Parts):
    """Everything between the edges, for one sector.

    Call `start` inside the event loop, `submit` for every event, `stop` at the end.
    """

    def __init__(self, settings: Settings, configuration: Configuration, clock: Clock) -> None:
        super().__init__(settings, configuration, clock)
        # How every sensor did at the last tick; for operators only.
        self.sensors: tuple[SensorHealth, ...] = ()
        self.passed_over = PassedOver()
        self.scrub = Scrub(settings.journal.path, held=lambda: self.commits.undurable > 0)
        # What was lost of the journal and nobody has released yet.
        self.loss: str | None = None
        # How the live sources fare; there are none until somebody runs them.
        self.feeds: Callable[[], Sequence[SourceHealth]] = tuple
        self._watchers: list[Watcher[Decided]] = []
        # Who writes impacts to the ledger; None: nobody, or not yet.
        self.incidents: Incidents | None = None
        # The other machines of this sector; None: there are none.
        self.exchange: Exchange | None = None
        self.twins: Twins | None = None
        self._find_twins()
        # Where the second opinion holds what the engine would lower, and how often it failed; for operators only.
        self.held: tuple[Held, ...] = ()
        self.guard_failures = 0
        # What operators ordered and what waits for them, as of the last tick; for operators only.
        self.orders = Orders()
        # Whether what is decided is a drill; the settings may wait for a second person.
        self.drill = configuration.drill
        self.console = Console(self, self.alone)
        self.ticker = Ticker(settings, clock, self.alone, self.submit)
        self._tasks = Tasks(self.alone)

    def _find_twins(self) -> None:
        cluster = self.settings.cluster
        if cluster is not None and len(cluster.twins) > 1:
            self.exchange = Exchange(cluster, self.settings.sector, lambda: self.commits.alone)
            ours = self.sector.ours
            self.twins = Twins(
                cluster, self.settings.sector, ours, self._publish_others, self.exchange.send, self._veil.mark
            )
            self.exchange.twins = self.twins

    async def start(self, *, ticking: bool = True, warm: Callable[[], None] | None = None) -> None:
        """Open the journal, bring the engine to its end, and begin. Raises JournalError.

        warm   loads or compiles the kernels, where whoever waits is to be told of it
        """
        self._loop = asyncio.get_running_loop()
        # While the database reads the journal through, which needs no Python.
        opening = self._loop.run_in_executor(None, partial(Journal.open, self.settings.journal.path, mend=True))
        try:
            # Compiled kernels are loaded before anybody waits for them, not at the first plot of a raid.
            (warm or partial(warm_up, planner=self.settings.plans))()
        except BaseException:
            (await opening).close()
            raise
        self.journal = await opening
        self.proving.begin()
        self.ledger.begin()
        self._go_on_with(await self._recovered())
        await self._tell_what_changed()
        self.scrub.start()
        self._begin_tasks(ticking=ticking)
        self._begin_watchers()
        self.pressing.begin()
        if self.minutes is not None:
            self.minutes.start()
        self._warm_readers()

    async def _recovered(self) -> Guarded:
        """The engine as of the journal's end. Raises JournalError."""
        every_s = self.settings.journal.snapshot_every_s
        try:
            await asyncio.to_thread(catch_up, self.settings, self.journal)
            engine, self.passed_over = recover(
                self.journal, self.channels, snapshot_every_s=every_s, said=self.sector.ours.effects
            )
        except BaseException:
            self.journal.close()
            raise
        self.metrics.unreadable.set(self.passed_over.count)
        if self.spotters is not None:
            with self.alone("spotters recalled"):
                self.spotters.recall(self.journal)
        self.time.begin(engine.now)
        return engine

    def _go_on_with(self, engine: Guarded) -> None:
        """Let an engine decide what is submitted from now on."""
        self._snapshots = SnapshotWriter(
            self.journal, self.channels.cap_messages.archive.dump, self.proving.settle, self.alone
        )
        self.worker = Worker(
            engine,
            self._from_worker,
            self._snapshots.save,
            self.alone,
            snapshot_every_s=self.settings.journal.snapshot_every_s,
            noted=self.outcomes.note,
            hurried=lambda: self.commits.undurable > 0,
            said=self.sector.ours.effects,
        )
        self._know(
            self.sector.ours.orders(engine.orders()),
            engine.loss_in(self.sector.ours.zones),
            self._drill_of(engine),
            self._held_by(engine),
            engine.guard_failures,
        )
        if self.twins is not None:
            self.twins.begin(engine)
        self._counting: Watcher[tuple[Decided, datetime]] = Watcher("metrics", self._count, self.alone)
        self.worker.start()
        self.commits = opened_log(self.settings, self.journal, self.worker.take)
        self._losses = Losses(self.journal, self.commits, self.clock, self.alone, self.decide)
        # What is decided while nothing is recorded is forgotten if this process ends.
        self.channels.board.unrecorded = self._is_doubtful

    async def _tell_what_changed(self) -> None:
        """Let the engine know of other settings, and of what the journal lost."""
        if differs(self.worker.engine, self.configuration):
            await self.decide([dated(self.configuration, self.clock.now())])
        if self.journal.gap is not None:
            loss = loss_of(self.journal.gap, self.clock.now(), drill=self.drill)
            if await self.decide([loss]):
                self.journal.gap_told()

    def _begin_tasks(self, *, ticking: bool) -> None:
        if ticking:
            self._tasks.begin("ticker", self.ticker.run())
        self._tasks.begin("pulse", pulse(self))
        self._tasks.keep("people", self.people.tend)
        for name, work in self.channels.works():
            self._tasks.keep(name, work)
        if self.exchange is not None:
            self._tasks.keep("twins", self.exchange.run)
        self._tasks.begin("console", self.console.run())

    def _begin_watchers(self) -> None:
        self.watch("log", log_decided)
        self.watch("console", self.console.hear)
        if self.spotters is not None:
            self.watch("spotters", self.spotters.fates.hear)
        if self.settings.ledger is not None:
            related = Related(self.index)
            self.incidents = Incidents(
                self.settings.ledger.place, self._incidents_key, drill=self.drill, related=related
            )
            self.watch("ledger", self.incidents.hear)

    def _warm_readers(self) -> None:
        sources = self.configuration.sources
        if sources is None or any("alert" in source.kinds for source in sources):
            self.readers.warm()
        if sources is None or any("report" in source.kinds for source in sources):
            self.lines.warm()

    @property
    def _incidents_key(self) -> bytes:
        """By which impacts get their names in the ledger: the journal's own, or what all twins share."""
        return self.journal.journal_id if self.settings.cluster is None else self._shared_key

    def watch(self, name: str, call: Callable[[Decided], None]) -> None:
        """Call somebody with what every tick brought, in a thread of its own: it may wait, fail or hang."""
        self._watchers.append(Watcher(name, call, self.alone))

    async def stop(self) -> None:
        """Stop ticking, let the journal and the engine finish, close everything."""
        await self._tasks.stop()
        await self.readers.stop()
        self.lines.stop()
        self.channels.page_stream.close()
        self.console.stream.close()
        self.scrub.stop()
        if self.minutes is not None:
            await asyncio.to_thread(self.minutes.stop)
        await asyncio.to_thread(self.commits.close)
        await asyncio.to_thread(self.worker.stop)
        await asyncio.gather(*(asyncio.to_thread(watcher.stop) for watcher in self._watchers))
        if self.spotters is not None:
            await asyncio.to_thread(self.spotters.posts.close)
        if self.incidents is not None:
            await asyncio.to_thread(self.incidents.close)
        await asyncio.to_thread(self._counting.stop)
        await asyncio.to_thread(self.pressing.stop)
        await asyncio.to_thread(self.proving.stop)
        await asyncio.to_thread(self.ledger.stop)
        await asyncio.to_thread(self._snapshots.stop)
        await asyncio.to_thread(self.console.stop)
        await asyncio.to_thread(self.trail.stop)
        with self.alone("people"):
            # A full disk must not keep the journal from being closed.
            await asyncio.to_thread(self.people.close)
        await asyncio.to_thread(self.door.close)
        self.rejects.close()
        if self.views is not None:
            self.views.close()
        self.journal.close()

    async def submit(self, events: Sequence[Event]) -> list[Receipt]:
        """Make events durable, in order, and hand them to the engine; returns once they are durable.

        Raises JournalBusy (try again later), NotDurable (the disk refuses; the engine has them) and JournalError (not
        taken).
        """
        begun_s = self._loop.time()
        try:
            receipts = await asyncio.wrap_future(self.commits.submit(events))
        except NotDurable:
            self._hurry(events)
            raise
        self.metrics.commit_s.observe(self._loop.time() - begun_s)
        self._hurry(events)
        return receipts

    def _hurry(self, events: Sequence[Event]) -> None:
        if not isinstance(events[0], Tick):
            self.ticker.hurry()

    async def decide(self, events: Sequence[Event]) -> bool:
        """Hand events to the engine, durable or not; whether they are. Raises JournalBusy and JournalError."""
        try:
            await self.submit(events)
        except NotDurable:
            return False
        return True

    def _from_worker(self, decided: Decided) -> None:
        """Called in the engine's thread."""
        engine = self.worker.engine
        self._losses.look(engine)
        orders = self.sector.ours.orders(engine.orders())
        self.console.look(engine, decided, orders)
        if self.minutes is not None:
            self.minutes.hear(decided.sensors)
        drill, held = self._drill_of(engine), self._held_by(engine)
        # Others' zones are others' to release.
        lost = engine.loss_in(self.sector.ours.zones)
        self._loop.call_soon_threadsafe(self._know, orders, lost, drill, held, engine.guard_failures)
        self._loop.call_soon_threadsafe(self._publish, decided, engine.configuration)

    def _drill_of(self, engine: Guarded) -> bool:
        """Whether what the engine decides is a drill."""
        return self.drill if engine.configuration is None else engine.configuration.drill

    def _held_by(self, engine: Guarded) -> tuple[Held, ...]:
        """Where the second opinion holds a zone of this sector."""
        return tuple(one for one in engine.held() if one.zone in self._owned)

    def _know(self, orders: Orders, loss: str | None, drill: bool, held: tuple[Held, ...], guard_failures: int) -> None:
        """Keep what operators ordered; and show all as a drill, or as live, from when the engine decides it as that."""
        self.orders, self.loss = orders, loss
        self.held, self.guard_failures = held, guard_failures
        if drill != self.drill:
            self.drill = drill
            self.channels.label(drill)
            # A page that was told "drill" once believes it until it is told everything anew.
            self.worker.ask_whole()

    def _publish(self, decided: Decided, configuration: Configuration | None) -> None:
        """Tell everybody who listens what was decided; each stands alone, and the tick is released whatever happens."""
        try:
            now = self.clock.now()
            if self.twins is not None:
                decided = self.twins.agreed(decided, configuration)
            self.sensors = decided.sensors
            effects = (*decided.effects, *decided.whole)
            if not self.channels.tell(Batch(decided.steps[-1].seq, now, effects, whole=bool(decided.whole))):
                self.worker.ask_whole()
            self.pressing.offer()
            for watcher in self._watchers:
                watcher.offer(decided)
            # After a batch of 10,000 there is so much to count that listeners would wait for it.
            self._counting.offer((decided, now))
        finally:
            self.ticker.release()

    def _publish_others(self, effects: list[Effect]) -> None:
        """Tell what goes out because of another machine's word."""
        if not self.channels.tell(Batch(self.channels.board.seq, self.clock.now(), tuple(effects))):
            self.worker.ask_whole()
        self.pressing.offer()
        for effect in effects:
            if isinstance(effect, Warning):
                log.info("warning", zone=effect.zone, level=effect.level, id=effect.id, threat=effect.threat, twin=True)

    def _count(self, published: tuple[Decided, datetime]) -> None:
        self.metrics.count(*published, self.clock.speed)

    def _is_doubtful(self) -> bool:
        """Whether what is shown may be less than what is known: nothing is kept, or others' word does not reach us."""
        return self.journal.gone is not None or self.commits.undurable > 0 or self.commits.alone
