"""The console's part of the running service: looks at the engine once a second, and draws beside it.

The engine's thread only hands over references; what is drawn, logged and kept is made in threads of its own, and the
event loop passes it on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from tocsin import __version__
from tocsin.engine.engine import Engine
from tocsin.model.order import Orders
from tocsin.service.alone import Alone, Watcher
from tocsin.service.console.around import Around, around
from tocsin.service.console.drawing import Drawing
from tocsin.service.console.glance import Glance, glance_at
from tocsin.service.console.kept import LogEntry
from tocsin.service.console.logbook import Logbook
from tocsin.service.console.past import EVERY_S, Pictures
from tocsin.service.console.shown import ConsolePicture
from tocsin.service.console.store import Store
from tocsin.service.console.stream import Event, Stream, change_event
from tocsin.service.console.watchfulness import Watchfulness, troubles_of
from tocsin.service.worker import Decided

if TYPE_CHECKING:
    from tocsin.service.runtime import Runtime

log = structlog.get_logger(__name__)

EVERY_LOOK_S = 1.0
# Ticks may come ten times a second: a look at the engine is taken a little more often than one is drawn.
LOOK_S = 0.8
# A picture this old is drawn anew for who asks for one.
FRESH_S = 1.0
# Drawing takes some milliseconds; whatever holds it up for so long, the stream says that nothing new comes.
DRAW_S = 5.0
# Entries of the log that wait while the disk refuses; beyond, the oldest are left to the journal.
UNWRITTEN_MAX = 5_000


class Console:
    """Everything that the console shows and keeps, for one sector.

    glance    the newest look at the engine; None before the first
    stream    what the screens listen to; used from the event loop only
    """

    def __init__(self, runtime: Runtime, alone: Alone) -> None:
        folder = runtime.settings.journal.path.parent
        self._runtime, self._alone = runtime, alone
        self.store = Store(folder / "console.db")
        self.pictures = Pictures(folder / "past.db")
        self.logbook = Logbook([one.id for one in runtime.settings.operator], drill=runtime.drill)
        self.stream = Stream()
        self.glance: Glance | None = None
        self._drawing = Drawing(time.time_ns() // 1_000_000)
        self._drawn_s = self._kept_s = self._looked_s = -1e9
        self._watchfulness = Watchfulness()
        self._draw_alone = asyncio.Lock()
        self._threads = ThreadPoolExecutor(1, "console")
        self._unwritten: list[LogEntry] = []
        self._writer: Watcher[Sequence[LogEntry]] = Watcher("console log", self._write, alone)

    @property
    def troubles(self) -> list[str]:
        """Why something that the console keeps is not kept, each in a sentence."""
        return [one for one in (self.store.trouble, self.pictures.trouble) if one is not None]

    def look(self, engine: Engine, decided: Decided, orders: Orders) -> None:
        """Called in the engine's thread after every tick: takes a look now and then."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            with self._alone("console look"):
                self.glance = glance_at(engine, decided, orders)

    def hear(self, decided: Decided) -> None:
        """Called in a thread of its own with what every tick brought."""
        entries = self.logbook.entries(decided)
        if entries:
            self._writer.offer(entries)

    async def run(self) -> None:
        """Draw once a second while somebody watches, and now and then for those who look back; until cancelled."""
        begun = self._runtime.clock.now()
        self._writer.offer([self.logbook.of_trouble(begun, "service", "tocsin", "started", f"version {__version__}")])
        while True:
            begun_s = time.monotonic()
            with self._alone("console"):
                if self.stream.readers or begun_s - self._kept_s >= EVERY_S:
                    await self.fresh()
                self._watch()
            await asyncio.sleep(max(0.05, EVERY_LOOK_S - (time.monotonic() - begun_s)))

    async def fresh(self) -> ConsolePicture | None:
        """A picture that is not older than FRESH_S, as far as the engine decides; None before its first decision."""
        async with self._draw_alone:
            glance, shown = self.glance, self.stream.picture
            if glance is not None and (shown is None or time.monotonic() - self._drawn_s >= FRESH_S * 0.9):
                keep = time.monotonic() - self._kept_s >= EVERY_S
                self._drawn_s = time.monotonic()
                self._kept_s = self._drawn_s if keep else self._kept_s
                looked = around(self._runtime)
                # Where nobody listens nobody need be told what changed.
                before = shown if self.stream.readers else None
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(DRAW_S):
                    drawn = await loop.run_in_executor(self._threads, self._draw, glance, looked, before, keep)
                self.stream.put(*drawn)
            return self.stream.picture

    def stop(self) -> None:
        """Write what is left, and close."""
        self.stream.close()
        self._writer.stop()
        self._threads.shutdown()
        with self._alone("console log"):
            self.store.close()
        with self._alone("console past"):
            self.pictures.close()

    def _draw(
        self, glance: Glance, looked: Around, shown: ConsolePicture | None, keep: bool
    ) -> tuple[ConsolePicture, Event | None]:
        """Called in the console's thread."""
        picture = self._drawing.draw(glance, looked, self.logbook.heard)
        if keep:
            with self._alone("console past"):
                self.pictures.keep(picture)
        return picture, None if shown is None else change_event(shown, picture)

    def _watch(self) -> None:
        """Log what became a trouble, or is none any more."""
        if self.glance is None:
            # It is starting: there is nothing yet, and everybody knows.
            return
        now, found = self._runtime.clock.now(), troubles_of(self._runtime)
        entries = [
            self.logbook.of_trouble(now, kind, who, state, text)
            for kind, who, state, text in self._watchfulness.changes(found, time.monotonic())
        ]
        if entries:
            self._writer.offer(entries)

    def noted(self, who: str, text: str, at: datetime) -> None:
        """Log that a note was left."""
        self._writer.offer([self.logbook.of_trouble(at, "note", who, "added", text[:300])])

    def _write(self, entries: Sequence[LogEntry]) -> None:
        """Called in the writer's thread: what the disk does not take waits for the next time."""
        self._unwritten = [*self._unwritten, *entries][-UNWRITTEN_MAX:]
        self.store.log(self._unwritten)
        self._unwritten = []
