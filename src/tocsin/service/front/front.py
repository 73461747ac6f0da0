"""A front end: what the nodes of every sector decided, shown to everybody by a process that decides nothing."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from tocsin.announce.channel import Batch
from tocsin.announce.views.reading import warnings_since
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.event import Configuration
from tocsin.service.alone import Alone
from tocsin.service.channels import Channels
from tocsin.service.clock import Clock
from tocsin.service.front.country import Country
from tocsin.service.front.hearing import Hearing
from tocsin.service.ledger.desk import LedgerDesk
from tocsin.service.ledger.public import PublicPages
from tocsin.service.metrics import Metrics
from tocsin.service.notify import ALIVE, notify
from tocsin.service.pressing import Pressing
from tocsin.service.settings import Settings, ledger_place
from tocsin.service.tasks import Tasks
from tocsin.service.views_reader import ViewsReader
from tocsin.service.ways_out.nodes import brokers_of

log = structlog.get_logger(__name__)

# As often as a node decides at most.
TOLD_EVERY_S = 0.1
# The picture grows old by itself.
LOOK_EVERY_S = 1.0
BEGUN_EVERY_S = 0.05
# Warnings of so long ago are no longer in force: from them CAP messages get the names that other front ends gave them.
REMEMBERED = timedelta(hours=2)
REMEMBERED_MAX = 20_000


class NoLog(NamedTuple):
    """The public log is at the nodes."""

    on: bool = False


class Front:
    """The process. Call `start` inside the event loop, `stop` at the end. Raises BadSettings without `[cluster]`."""

    def __init__(self, settings: Settings, configuration: Configuration, clock: Clock) -> None:
        if settings.cluster is None:
            raise BadSettings("a front end hears nodes over NATS; the settings need [cluster] with its servers")
        # Sites, and what they say of themselves, are at the nodes.
        self.settings = settings.model_copy(update={"sites": None})
        self.clock = clock
        self.metrics = Metrics()
        self.alone = Alone(self.metrics.listener_failures, self.metrics.listener_up)
        self.channels = Channels(self.settings, configuration, clock.now, self.alone, None)
        self.sites = self.channels.sites
        self.pressing = Pressing(self.channels.cap_messages, self.alone)
        # Only a ledger in a database is another machine's, too.
        shared = settings.ledger is not None and settings.ledger.database is not None
        self.ledger = LedgerDesk(ledger_place(settings) if shared else None, make=False)
        self.incident_pages = PublicPages(self.ledger)
        self.proving = NoLog()
        self.views = None if settings.views is None else ViewsReader(settings.views.place)
        self.country = Country([zone.id for zone in configuration.zones], settings.cluster.dead_after_s)
        self.drill = configuration.drill
        self._dead_after_s = settings.cluster.dead_after_s
        self._zones = len(configuration.zones)
        self._something = asyncio.Event()
        self.hearing = Hearing(
            self.country,
            brokers_of(settings.cluster, "a front end"),
            settings.cluster.prefix,
            clock.now,
            self._something.set,
            self.views,
        )
        self._whole = True
        self._seq = 0
        self._tasks = Tasks(self.alone)

    async def start(self) -> None:
        """Begin to hear and to show."""
        await self._recall()
        self.ledger.begin()
        self.pressing.begin()
        self._tasks.keep("hearing", self.hearing.work)
        self._tasks.keep("views", self.hearing.read)
        self._tasks.keep("showing", self._show_on)
        self._tasks.keep("pulse", self._pulse_on)
        for name, work in self.channels.works():
            self._tasks.keep(name, work)

    async def first_picture(self) -> None:
        """Return once there is a picture to show, or nobody is heard: whoever comes before is better off elsewhere."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._dead_after_s + LOOK_EVERY_S):
                while self.channels.board.picture_at is None:
                    await asyncio.sleep(BEGUN_EVERY_S)

    async def stop(self) -> None:
        """Hear and show no longer; close everything."""
        await self._tasks.stop()
        self.channels.page_stream.close()
        if self.views is not None:
            self.views.close()
        await asyncio.to_thread(self.pressing.stop)
        await asyncio.to_thread(self.ledger.stop)

    async def _recall(self) -> None:
        """Make the CAP messages of the last hours again from the views, as those who were there made them."""
        if self.views is not None:
            try:
                begin = self.clock.now() - REMEMBERED
                found = await self.views.ask(lambda db: warnings_since(db, begin, REMEMBERED_MAX))
            except BadFile:
                # Said by the reader; what stands gets new messages.
                return
            self.channels.cap_messages.archive.apply([one.warning() for one in found])

    async def _show_on(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._something.wait()
            except TimeoutError:
                pass
            self._something.clear()
            self.show(time.monotonic(), self.clock.now())
            await asyncio.sleep(TOLD_EVERY_S)

    def show(self, now_s: float, now: datetime) -> None:
        """Tell everybody who listens what changed; `now_s` is the monotonic clock's."""
        drill = self.country.drill(now_s, self.drill)
        if drill != self.drill:
            self.drill = drill
            self.channels.label(drill)
            # A page that was told "drill" once believes it until it is told everything anew.
            self._whole = True
        self.channels.board.say_less_time(self.country.less_time(now_s))
        effects = self.country.effects(now_s, now, whole=self._whole)
        if effects:
            # The same on every front end, or nearly: a page may go from one to another.
            self._seq = max(self._seq + 1, int(now.timestamp() * 1_000))
            self._whole = not self.channels.tell(Batch(self._seq, now, effects, whole=self._whole))
            self.pressing.offer()

    async def _pulse_on(self) -> None:
        while True:
            await asyncio.sleep(1)
            notify(ALIVE)
            now = self.clock.now()
            self.channels.page_stream.pulse(now)
            self.pressing.watch(now)
            self.ledger.watch()
            self.metrics.listeners.set(self.channels.page_stream.listeners)
            self.metrics.measure_channels(self.channels.outboxes, (*self.channels.missing, *self.channels.silent))
            self.metrics.measure_cap(self.channels.cap_messages.press, now)
            self.metrics.delivery.measure(self.channels.deliveries.values(), {})
            at = self.channels.board.picture_at
            if at is not None:
                self.metrics.picture_age_s.set((now - at).total_seconds())
            self.metrics.blind_zones.set(len(self.channels.board.blind))

    def troubles(self, *, named: bool) -> list[str]:
        """Why this front end is not ready, each in a sentence; none: it is.

        named   which sectors are not heard is told; who may not know is told how many
        """
        now_s = time.monotonic()
        found = [self.hearing.trouble] if self.hearing.trouble is not None else []
        unheard = self.country.unheard(now_s)
        if named:
            found += [f"sector {name} was not heard of for {age_s:.0f} s" for name, age_s in sorted(unheard.items())]
        elif unheard:
            found.append(f"{len(unheard)} of {len(self.country.sectors)} sectors are not heard")
        mute = self._zones - len(self.country.spoken_for(now_s) & self.channels.board.by_id.keys())
        return [*found, f"nobody that is heard speaks for {mute} of {self._zones} zones"] if mute else found

    def standing_troubles(self) -> list[str]:
        """What must be seen to although everybody is shown what there is."""
        views = None if self.views is None else self.views.trouble
        found = (self.ledger.trouble, self._unread, self._unveiled, views)
        channels = [*self.channels.troubles(), *self.pressing.troubles(self.clock.now())]
        return [*(one for one in found if one is not None), *channels]

    @property
    def _unveiled(self) -> str | None:
        for name, sector in self.country.sectors.items():
            if len({node.veil for node in sector.nodes.values() if node.veil}) > 1:
                return f"the nodes of {name} have unlike veil.key files: copy one to all, or together they show sensors"
        return None

    @property
    def _unread(self) -> str | None:
        count = self.hearing.unread
        return f"{count} messages of nodes are not understood; run the same version everywhere" if count else None
