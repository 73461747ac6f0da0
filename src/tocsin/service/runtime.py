"""The running service: edge → journal → engine → channels and whoever else listens."""

from __future__ import annotations

import asyncio
import hmac
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from tocsin.announce.channel import Batch
from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.second_person import called
from tocsin.ingest.admission import Gate
from tocsin.ingest.foreign.readers import Readers
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import SourceHealth, trouble_of
from tocsin.journal import Journal, Receipt
from tocsin.model.effect import Effect
from tocsin.model.errors import NotDurable
from tocsin.model.event import Configuration, Event, Loss, Tick
from tocsin.model.order import Orders
from tocsin.model.sensor import SensorHealth
from tocsin.model.warning import Warning
from tocsin.service.agreed import catch_up, opened_log
from tocsin.service.alone import Alone, Watcher
from tocsin.service.canary.canaries import Canaries
from tocsin.service.channels import Channels, veil_of
from tocsin.service.clock import Clock
from tocsin.service.conflicts import Conflicts
from tocsin.service.console.console import Console
from tocsin.service.delivery_trail import Trail, trail_path
from tocsin.service.http.callers import Callers
from tocsin.service.incidents import Incidents
from tocsin.service.ledger.desk import LedgerDesk
from tocsin.service.ledger.public import PublicPages
from tocsin.service.ledger.related import Related
from tocsin.service.lines import Lines
from tocsin.service.logs import log_decided
from tocsin.service.metrics import Metrics
from tocsin.service.minutes.coarse import Coarse
from tocsin.service.notify import ALIVE, notify
from tocsin.service.outcomes import Outcomes
from tocsin.service.people.bans_kept import kept_bans
from tocsin.service.people.door import Door
from tocsin.service.people.opening import opened
from tocsin.service.people.passwords import Passwords
from tocsin.service.people.ways_in import WaysIn
from tocsin.service.pressing import Pressing
from tocsin.service.proving import Proving
from tocsin.service.recovery import PassedOver, dated, differs, loss_of, overflow, recover, snapshot_of, unheard
from tocsin.service.scrub import Scrub
from tocsin.service.secret import kept_secret, secret_path
from tocsin.service.sectoring import Sectoring
from tocsin.service.settings import Settings, ledger_place, pinned_by
from tocsin.service.spotters.enrolled import Enrolled
from tocsin.service.timekeeper import Timekeeper
from tocsin.service.twins.exchange import Exchange
from tocsin.service.twins.held_back import guard_said, held_said
from tocsin.service.twins.twins import Twins
from tocsin.service.views_reader import ViewsReader
from tocsin.service.warmup import warm_up
from tocsin.service.worker import Decided, Worker
from tocsin.twins.guarded import Guarded
from tocsin.twins.held import Held

if TYPE_CHECKING:
    from tocsin.service.minutes.live import Live

log = structlog.get_logger(__name__)

# A picture older than this is not ready to be shown as today's.
READY_PICTURE_AGE_S = 10.0
# A decision takes milliseconds. Whatever holds one up for this long, the next is asked for all the same.
TICK_WAIT_S = 5.0
# Longer than any channel says goodbye.
CANCEL_AGAIN_S = 10.0


class Runtime:
    """Everything between the edges, for one sector.

    Call `start` inside the event loop, `submit` for every event, `stop` at the end.
    """

    def __init__(self, settings: Settings, configuration: Configuration, clock: Clock) -> None:
        self.settings = settings
        self.configuration = configuration
        self.clock = clock
        # The zones that are decided here, and those of the country, which are weighed together.
        self.sector = Sectoring(settings, configuration)
        self.index = ZoneIndex(self.sector.shown.zones)
        country = self.index if self.sector.shown is configuration else ZoneIndex(configuration.zones)
        self.time = Timekeeper(settings, clock)
        self.gate = Gate(configuration.sources, configuration.sensors, country, self.time.hear)
        self.readers = Readers(configuration.zones, pinned_by(settings))
        self.lines = Lines(settings)
        self.metrics = Metrics()
        self.alone = Alone(self.metrics.listener_failures, self.metrics.listener_up)
        secret = kept_secret(secret_path(settings.journal.path))
        self._shared_key = hmac.digest(secret, b"incidents", "sha256")
        self.trail = Trail(trail_path(settings.journal.path), self.alone)
        self.proving = Proving(settings.proof, settings.journal.path, self._now, self.alone)
        self.ledger = LedgerDesk(ledger_place(settings), make=settings.ledger is not None)
        self.incident_pages = PublicPages(self.ledger)
        self._owned = frozenset(zone.id for zone in self.sector.shown.zones)
        veil = veil_of(configuration, secret)
        self.channels = Channels(
            settings,
            self.sector.shown,
            clock.now,
            self.alone,
            veil,
            self.trail.note,
            self.proving.hear,
            self.proving.files,
            lambda: self._owned,
        )
        self.views = None if settings.views is None else ViewsReader(settings.views.place)
        self.people = opened(settings, self._now)
        self.people.audit.counted = lambda what: self.metrics.people.labels(what).inc()
        self.callers = Callers(settings, self.people)
        self.sites = self.channels.sites
        self.ways_in = WaysIn(settings)
        self.door = Door(self.people, Passwords(), kept_bans(self.people, secret, time.monotonic), settings.sector)
        self.pressing = Pressing(self.channels.cap_messages, self.alone)
        self.canaries = Canaries(self.alone, clock.now)
        self.rejects = Rejects(settings.journal.path.with_name("rejects.jsonl"), patient=True)
        self.conflicts = Conflicts(self.rejects)
        # What the engine makes of what is new, for whoever sent it.
        self.outcomes = Outcomes()
        # How every sensor did at the last tick; for operators only.
        self.sensors: tuple[SensorHealth, ...] = ()
        self.passed_over = PassedOver()
        self.scrub = Scrub(settings.journal.path, held=lambda: self.commits.undurable > 0)
        # What was lost of the journal and nobody has released yet.
        self.loss: str | None = None
        # How the live sources fare; there are none until somebody runs them.
        self.feeds: Callable[[], Sequence[SourceHealth]] = tuple
        self._watchers: list[Watcher[Decided]] = []
        # Who was invited to report what he sees; None: nobody may.
        self.spotters = (
            None
            if settings.spotters is None
            else Enrolled(settings.spotters, settings.journal.path, country, self.gate.access)
        )
        # The minutes of warning that people have; None: nobody asked for them. What is said of them to everybody.
        self.minutes = self._minutes()
        self.coarse = None if settings.minutes is None or not settings.minutes.public else Coarse(country)
        # Who writes impacts to the ledger; None: nobody, or not yet.
        self.incidents: Incidents | None = None
        # The other machines of this sector; None: there are none.
        self.exchange: Exchange | None = None
        self.twins: Twins | None = None
        self._find_twins(veil.mark)
        # Where the second opinion holds what the engine would lower, and how often it failed; for operators only.
        self.held: tuple[Held, ...] = ()
        self.guard_failures = 0
        # What operators ordered and what waits for them, as of the last tick; for operators only.
        self.orders = Orders()
        # Whether what is decided is a drill; the settings may wait for a second person.
        self.drill = configuration.drill
        self.console = Console(self, self.alone)
        self._saver = ThreadPoolExecutor(1, "snapshots")
        # One snapshot being written and one that waits: more would fill the memory where the disk is slow.
        self._snapshots = threading.Semaphore(2)
        self._something_new = asyncio.Event()
        self._tick_done = asyncio.Event()
        self._tick_done.set()
        self._tasks: list[asyncio.Task[None]] = []
        # Whether the engine knows that observations are refused.
        self._overflowed = False
        # Whether it is being told what the agreed log has forgotten.
        self._losing_missed = False

    def _now(self) -> datetime:
        """The time for people, who live in it also while a drill's clock runs ten times as fast."""
        return self.clock.now() if self.clock.weighed else self.clock.wall()

    def _minutes(self) -> Live | None:
        told = self.settings.minutes
        if told is None:
            return None
        # Imported here: most services have no plan.
        from tocsin.service.minutes.kept import kept_of
        from tocsin.service.minutes.live import Live

        make = partial(kept_of, told, self.settings, self.configuration)
        return Live(make, self.clock.now, told.fall_share, self.alone)

    def _find_twins(self, veil: str) -> None:
        cluster = self.settings.cluster
        if cluster is not None and len(cluster.twins) > 1:
            self.exchange = Exchange(cluster, self.settings.sector, lambda: self.commits.alone)
            ours = self.sector.ours
            self.twins = Twins(cluster, self.settings.sector, ours, self._publish_others, self.exchange.send, veil)
            self.exchange.twins = self.twins

    async def start(self, *, ticking: bool = True) -> None:
        """Open the journal, bring the engine to its end, and begin. Raises JournalError."""
        self._loop = asyncio.get_running_loop()
        # Compiled kernels are loaded before anybody waits for them, not at the first plot of a raid.
        warm_up(planner=self.settings.plans)
        self.journal = Journal.open(self.settings.journal.path, mend=True)
        every_s = self.settings.journal.snapshot_every_s
        self.proving.begin()
        self.ledger.begin()
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
        self.worker = Worker(
            engine,
            self._from_worker,
            self._save,
            self.alone,
            snapshot_every_s=every_s,
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
        # What is decided while nothing is recorded is forgotten if this process ends.
        self.channels.board.unrecorded = self._is_doubtful
        if differs(engine, self.configuration):
            await self.decide([dated(self.configuration, self.clock.now())])
        if self.journal.gap is not None:
            loss = loss_of(self.journal.gap, self.clock.now(), drill=self.drill)
            if await self.decide([loss]):
                self.journal.gap_told()
        self.scrub.start()
        if ticking:
            self._tasks.append(asyncio.create_task(self._tick_forever(), name="ticker"))
        self._tasks.append(asyncio.create_task(self._pulse_forever(), name="pulse"))
        self._tasks.append(asyncio.create_task(self._run_forever("people", self.people.tend), name="people"))
        for outbox in self.channels.outboxes:
            name = f"{outbox.channel.name} outbox"
            self._tasks.append(asyncio.create_task(self._run_forever(name, outbox.run), name=name))
        for name, channel in self.channels.working.items():
            self._tasks.append(asyncio.create_task(self._run_forever(name, channel.work), name=name))
        if self.exchange is not None:
            name = "twins"
            self._tasks.append(asyncio.create_task(self._run_forever(name, self.exchange.run), name=name))
        self.watch("log", log_decided)
        self.watch("console", self.console.hear)
        self._tasks.append(asyncio.create_task(self.console.run(), name="console"))
        if self.spotters is not None:
            self.watch("spotters", self.spotters.fates.hear)
        if self.settings.ledger is not None:
            related = Related(self.index)
            self.incidents = Incidents(
                self.settings.ledger.place, self._incidents_key, drill=self.drill, related=related
            )
            self.watch("ledger", self.incidents.hear)
        self.pressing.begin()
        if self.minutes is not None:
            self.minutes.start()
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
        going = set(self._tasks)
        while going:
            for task in going:
                task.cancel()
            # A library may lose a cancellation (`asyncio.wait_for` does, up to Python 3.11): it is told again.
            _, going = await asyncio.wait(going, timeout=CANCEL_AGAIN_S)
        await asyncio.gather(*self._tasks, return_exceptions=True)
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
        await asyncio.to_thread(self._saver.shutdown)
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
            self._note_new(events)
            raise
        self.metrics.commit_s.observe(self._loop.time() - begun_s)
        self._note_new(events)
        return receipts

    def _note_new(self, events: Sequence[Event]) -> None:
        if not isinstance(events[0], Tick):
            self._something_new.set()

    async def decide(self, events: Sequence[Event]) -> bool:
        """Hand events to the engine, durable or not; whether they are. Raises JournalBusy and JournalError."""
        try:
            await self.submit(events)
        except NotDurable:
            return False
        return True

    async def tick(self) -> None:
        """Let the engine decide now, and wait until its effects are published; no longer than TICK_WAIT_S.

        Where the disk refuses it decides all the same, and it is told that nothing is recorded.
        """
        self._something_new.clear()
        self._tick_done.clear()
        with self.alone("decision"):
            try:
                async with asyncio.timeout(TICK_WAIT_S):
                    if await self._entered(Tick(time=self.clock.now())):
                        await self._tick_done.wait()
            except TimeoutError:
                raise TimeoutError(f"nothing was published within {TICK_WAIT_S:g} s; the next tick goes out") from None

    async def _entered(self, tick: Tick) -> bool:
        """Whether a tick is decided on; not where a twin's was in its place. Raises JournalBusy and JournalError."""
        try:
            (receipt,) = await self.submit([tick])
        except NotDurable:
            return True
        return receipt.outcome == "new"

    async def _tick_forever(self) -> None:
        """A tick soon after anything new, and at least every `tick_s`; never two at once."""
        least_s = self.settings.tick_least_s
        quiet_s = max(least_s, self.settings.tick_s / self.clock.speed)
        while True:
            begun_s = self._loop.time()
            with self.alone("ticker"):
                await self.tick()
            await asyncio.sleep(max(0.001, least_s - (self._loop.time() - begun_s)))
            left_s = quiet_s - (self._loop.time() - begun_s)
            if left_s > 0 and not self._something_new.is_set():
                # Not `wait_for`: a stop that comes in the same turn as something new would be lost.
                with suppress(TimeoutError):
                    async with asyncio.timeout(left_s):
                        await self._something_new.wait()

    async def _pulse_forever(self) -> None:
        while True:
            await asyncio.sleep(1)
            notify(ALIVE)
            with self.alone("clocks"):
                self.time.weigh()
                self.channels.board.time_doubted = self.time.doubted
            if self.coarse is not None and self.minutes is not None:
                with self.alone("minutes told"):
                    self.channels.board.say_less_time(self.coarse.told(self.minutes.left, self.clock.now()))
            with self.alone("pulse"):
                self.channels.page_stream.pulse(self.clock.now())
            with self.alone("gauges"):
                self._measure(self.clock.now())

    async def _run_forever(self, name: str, run: Callable[[], Coroutine[None, None, None]]) -> None:
        while True:
            with self.alone(name):
                await run()
            await asyncio.sleep(1)

    def _measure(self, now: datetime) -> None:
        self.metrics.listeners.set(self.channels.page_stream.listeners)
        self.metrics.behind.set(self.worker.behind)
        self.metrics.undurable.set(self.commits.undurable)
        self.metrics.lossy.set(sum(one is not None for one in (self.loss, self.scrub.trouble, self.journal.gone)))
        self.metrics.engine_failures.set(self.worker.failed)
        self.metrics.twins.measure(self.held, self.guard_failures, self.twins)
        self.metrics.clock_offset_s.set(self.clock.wall_offset_s())
        self.metrics.measure_channels(self.channels.outboxes, (*self.channels.missing, *self.channels.silent))
        self.pressing.watch(now)
        self.proving.watch()
        self.ledger.watch()
        self.metrics.measure_cap(self.channels.cap_messages.press, now)
        self.metrics.delivery.measure(self.channels.deliveries.values(), self.canaries.troubles)
        self.trail.write()
        self.metrics.count_rejects(self.rejects.outcomes)
        age = self.picture_age(now)
        if age is not None:
            self.metrics.picture_age_s.set(age.total_seconds())

    def _from_worker(self, decided: Decided) -> None:
        """Called in the engine's thread."""
        engine = self.worker.engine
        if self.commits.full and not self._overflowed:
            loss = overflow(engine, self.journal.taken_seq, self.clock.now())
            self._loop.call_soon_threadsafe(self._lose, loss)
        self._overflowed = self.commits.full
        if (missed := self.commits.missed) is not None and not self._losing_missed:
            self._losing_missed = True
            loss = unheard(engine, self.journal.taken_seq, self.clock.now(), missed)
            self._loop.call_soon_threadsafe(self._lose, loss)
        orders = self.sector.ours.orders(engine.orders())
        self.console.look(engine, decided, orders)
        if self.minutes is not None:
            self.minutes.hear(decided.sensors)
        drill, held = self._drill_of(engine), self._held_by(engine)
        # Others' zones are others' to release.
        lost = engine.loss_in(self.sector.ours.zones)
        self._loop.call_soon_threadsafe(self._know, orders, lost, drill, held, engine.guard_failures)
        self._loop.call_soon_threadsafe(self._publish, decided, engine.configuration)

    def _lose(self, loss: Loss) -> None:
        """Let the engine know that from now on it hears nothing: it would take silence for peace."""
        self._losing = self._loop.create_task(self._decided_alone(loss), name="overflow")

    async def _decided_alone(self, loss: Loss) -> None:
        try:
            with self.alone("overflow"):
                await self.decide([loss])
        finally:
            self._losing_missed = False

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
            self._tick_done.set()

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

    def _save(self, seq: int, engine: Guarded) -> None:
        """Called in the engine's thread, between two events: packs there, and leaves the disk to another thread.

        Raises TimeoutError when the disk, or the event loop, is still busy with those before. The journal holds
        everything; only the next start takes longer.
        """
        if not self._snapshots.acquire(blocking=False):
            raise TimeoutError("two snapshots still wait for the disk; the next is tried later")
        try:
            messages = asyncio.run_coroutine_threadsafe(self._dump_messages(), self._loop).result(timeout=10)
            data = snapshot_of(engine, messages)
        except Exception:
            self._snapshots.release()
            raise
        self._saver.submit(self._write, seq, data)

    def _write(self, seq: int, data: bytes) -> None:
        # What is before a snapshot is told to nobody again: it must be logged by then.
        self.proving.settle()
        with self.alone("snapshot file"):
            self.journal.save_snapshot(seq, data)
        self._snapshots.release()

    async def _dump_messages(self) -> bytes:
        return self.channels.cap_messages.archive.dump()

    def _is_doubtful(self) -> bool:
        """Whether what is shown may be less than what is known: nothing is kept, or others' word does not reach us."""
        return self.journal.gone is not None or self.commits.undurable > 0 or self.commits.alone

    def picture_age(self, now: datetime) -> timedelta | None:
        """Age of the public picture; None before the first."""
        at = self.channels.board.picture_at
        return None if at is None else now - at

    def standing_troubles(self, *, named: bool) -> list[str]:
        """What an operator must see to although the service is ready: it cannot pass by itself.

        named   that a change between drill and live waits is told, too, and which radar says that it stands elsewhere;
                nobody else need know
        """
        found = (
            self.loss,
            self.scrub.trouble,
            self.journal.head_trouble,
            self.commits.missed,
            *self.commits.notices,
            self.passed_over.trouble,
            self.readers.trouble,
            self.rejects.trouble,
            self.proving.trouble,
            self.ledger.trouble,
            None if self.minutes is None else self.minutes.trouble,
            *self.console.troubles,
            *self.pressing.troubles(self.clock.now()),
            held_said(self.held, "the second opinion holds what the engine would lower", named=named),
            guard_said(self.guard_failures),
            *(() if self.twins is None else self.twins.troubles(named=named)),
            *((self._unswitched(), self.people.trouble, self.ways_in.trouble, *self.rejects.noticed) if named else ()),
        )
        return [trouble for trouble in found if trouble is not None]

    def _unswitched(self) -> str | None:
        """That the settings' change between drill and live has not been made, and what to do."""
        wanted = self.configuration.drill
        if self.drill == wanted:
            return None
        waits = any(one.action == "switch" for one in self.orders.waiting)
        then = "a second duty officer can approve it (GET /v1/acts)" if waits else "nobody approved it; start again"
        return f"the settings say {called(wanted)}, and everything is still {called(self.drill)}: {then}"

    def feed_troubles(self, *, named: bool) -> list[str]:
        """Which live sources bring nothing, each in a sentence; who may not know their names is told how many."""
        found = [(one.name, trouble_of(one, time.monotonic())) for one in self.feeds()]
        dead = [f"source {name} {trouble}" for name, trouble in found if trouble is not None]
        if named or not dead:
            return dead
        return [f"{len(dead)} of {len(found)} live sources bring nothing; a watcher's token says which"]

    def channel_troubles(self, *, named: bool) -> list[str]:
        """Which channels are not there, do not get through or are not heard; who may not know why is told how many."""
        unheard = [f"channel {name}: {why}" for name, why in self.canaries.troubles.items() if why is not None]
        found = [*self.channels.troubles(), *unheard]
        if named or not found:
            return found
        return [f"{len(found)} channels do not get through; a watcher's token says which"]

    def troubles(self) -> list[str]:
        """Why this service is not ready, each in a sentence; none: it is."""
        found = []
        age = self.picture_age(self.clock.now())
        if age is None or age.total_seconds() > READY_PICTURE_AGE_S * self.clock.speed:
            said = "there is no picture yet" if age is None else f"the picture is {age.total_seconds():.0f} s old"
            found.append(f"{said}; {self.worker.behind} events wait for the engine")
        if self.commits.trouble is not None:
            found.append(self.commits.trouble)
        if self.time.trouble is not None:
            found.append(self.time.trouble)
        return found
