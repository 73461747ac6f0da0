"""Writes what the public may know to PostgreSQL: how every zone stands, and every warning.

Order     one writer at a time for each sector; an older picture never takes the place of a newer one
Retries   every second, with everything that waited; a database that is away holds up nobody
Bounds    WAITING_MAX warnings wait; beyond it the oldest go, counted and said. KEPT_DAYS in the database
Twins     both write the same: a warning is there once by its id and time, a zone stands as the newest picture has it
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.told.teller import Teller, told_warning
from tocsin.announce.views import rows
from tocsin.announce.views.connection import connected
from tocsin.announce.views.schema import upgraded
from tocsin.model.errors import TocsinError
from tocsin.model.warning import Warning

if TYPE_CHECKING:
    from asyncpg import Connection

# A night of a country that is warned throughout: some 30 MB.
WAITING_MAX = 50_000
# In one statement: two megabytes.
WRITTEN_MAX = 5_000
# As often as a page is told that the picture is fresh.
EVERY_S = 0.5
# Where twins do not agree, the newer picture holds; and it is told whole so often.
WHOLE_EVERY_S = 30.0
FORGET_EVERY_S = 3_600.0
# A moment's trouble is no operator's business.
SAID_AFTER_S = 10.0


class Views:
    """The channel.

    place      says where the database is, with its password
    before     warnings of an earlier run that may not have been written
    keep_days  after which a warning is forgotten there
    """

    name = "views"
    quality = Quality(
        one_batch=done("test_what_a_node_decides_stands_in_the_database_within_a_second"),
        order=done("test_an_older_picture_of_a_twin_changes_nothing"),
        idempotent=done("test_two_twins_write_every_warning_once"),
        bounded=done("test_what_waits_for_a_database_is_bounded_and_what_goes_is_said"),
        stands_alone=done("test_a_database_that_is_away_or_hangs_holds_up_nobody_and_gets_all_when_it_is_back"),
        retries=done("test_a_database_that_is_away_or_hangs_holds_up_nobody_and_gets_all_when_it_is_back"),
        deadline=exempt("it is history, too: every state and warning carries its expiry"),
        receipts=exempt("a database has no ears"),
        restart=done("test_what_a_restart_found_unwritten_is_written"),
        drill=done("test_what_a_node_decides_stands_in_the_database_within_a_second"),
        private=done("test_the_views_hold_no_track_no_reason_and_no_sensor"),
        blindness=done("test_what_a_node_decides_stands_in_the_database_within_a_second"),
        languages=exempt("it holds codes; whoever shows them has the words"),
        proof=exempt("whoever may write to the database is the database's matter"),
    )

    def __init__(
        self,
        board: Board,
        place: Callable[[], str],
        *,
        sector: str,
        node: str,
        now: Callable[[], datetime],
        owned: Callable[[], Collection[str]],
        before: Callable[[], Iterable[Warning]],
        keep_days: int,
    ) -> None:
        self._board = board
        self._place = place
        self._teller = Teller(board, sector, node, now, owned, kept_max=WAITING_MAX)
        self._before: Callable[[], Iterable[Warning]] | None = before
        self._keep = timedelta(days=keep_days)
        self._failed: tuple[float, str] | None = None
        self._whole_s = self._forget_s = 0.0

    def fold(self, batch: Batch) -> None:
        """Take in what one tick brought; never waits."""
        self._teller.fold(batch)

    @property
    def trouble(self) -> str | None:
        """Why nothing is written, or what was left out, as the end of a sentence; None: all is."""
        if self._failed is not None and time.monotonic() - self._failed[0] > SAID_AFTER_S:
            why = self._failed[1]
            return f"nothing is written to the views ({why}); it waits, and is written once they are back"
        lost = self._teller.lost
        return f"{lost} warnings are missing in the views: they were away for too long" if lost else None

    async def work(self) -> None:
        """Write until cancelled. Raises what the database raises, and TocsinError."""
        try:
            db = await connected(self._place)
            try:
                await self._write_on(db)
            finally:
                db.terminate()
        except Exception as error:
            why = str(error) if isinstance(error, TocsinError) else f"{type(error).__name__}: {error}"
            self._failed = (self._failed[0] if self._failed else time.monotonic(), why)
            raise

    async def _write_on(self, db: Connection) -> None:
        await upgraded(db)
        if self._before is not None:
            self._teller.remember([told_warning(one) for one in self._before()])
            self._before = None
        self._whole_s = 0.0
        await self._draw(db)
        while True:
            await self._write(db)
            self._failed = None
            await self._forget(db)
            await asyncio.sleep(EVERY_S)

    async def _draw(self, db: Connection) -> None:
        """Keep the zones' outlines where they are another cut."""
        cut = self._board.public_map.cut
        if await db.fetchval("SELECT count(*) FROM views.outlines WHERE cut = $1", cut) != len(self._board.zones):
            drawn = await asyncio.to_thread(self._board.outlines_geojson)
            await db.execute(rows.OUTLINES, cut, drawn.decode())

    async def _write(self, db: Connection) -> None:
        if self._board.picture_at is None:
            return
        now_s = time.monotonic()
        told = self._teller.tell(whole=now_s >= self._whole_s)
        try:
            async with db.transaction():
                newest = await db.fetchval(rows.SECTOR, *rows.sector_row(told))
                if newest:
                    await db.execute(rows.FORGET, told.sector, [one.zone for one in told.zones], told.whole)
                    await db.execute(rows.STATES, told.sector, rows.states_json(told))
                for first in range(0, len(told.warnings), WRITTEN_MAX):
                    part = told.warnings[first : first + WRITTEN_MAX]
                    await db.execute(rows.WARNINGS, told.sector, rows.warnings_json(part))
        except BaseException:
            self._teller.remember(told.warnings)
            raise
        if not newest:
            self._whole_s = 0.0
        elif told.whole:
            self._whole_s = now_s + WHOLE_EVERY_S

    async def _forget(self, db: Connection) -> None:
        if (now_s := time.monotonic()) >= self._forget_s:
            self._forget_s = now_s + FORGET_EVERY_S
            await db.execute("DELETE FROM views.warnings WHERE time < clock_timestamp() - $1::interval", self._keep)
