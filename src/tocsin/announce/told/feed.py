"""Tells front ends what this node decided, over NATS: changes with every tick, and all that stands again and again.

    PREFIX.public.told.SECTOR.NODE   what changed, or everything (`wire.Told`)
    PREFIX.public.ask.SECTOR         whoever missed something asks for everything

Order     that of the ticks; each is numbered, so that whoever misses one knows
Retries   none: what is missed is asked for, and is told whole every WHOLE_EVERY_S
Bounds    one state a zone and NEW_MAX warnings wait while the brokers are away; then everything is told whole
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.told.teller import Teller
from tocsin.announce.told.wire import packed

WHOLE_EVERY_S = 5.0
# A crowd of front ends that start at once is answered once.
ASKED_EVERY_S = 0.5
# What waits for brokers that are away; the states are told all the same.
NEW_MAX = 5_000


def told_subject(prefix: str, sector: str, node: str) -> str:
    """Where a node tells; a dot in the sector's name would be a level of its own."""
    return f"{prefix}.public.told.{sector.replace('.', '_')}.{node}"


def ask_subject(prefix: str, sector: str) -> str:
    """Where everything is asked for; `*` is every sector."""
    return f"{prefix}.public.ask.{sector.replace('.', '_')}"


class Bus(Protocol):
    """As much of a connection to NATS as is needed here."""

    @property
    def is_connected(self) -> bool: ...
    async def publish(self, subject: str, payload: bytes) -> None: ...
    async def subscribe(self, subject: str, *, cb: Callable[[object], Awaitable[None]]) -> object: ...
    async def close(self) -> None: ...


class FrontEnds:
    """The channel."""

    name = "front_ends"
    quality = Quality(
        one_batch=done("test_a_front_end_shows_what_the_nodes_decide_and_lowers_only_with_all_of_them"),
        order=done("test_what_a_front_end_missed_is_asked_for"),
        idempotent=done("test_every_warning_is_told_once_however_many_nodes_tell_it"),
        bounded=done("test_while_the_brokers_are_away_a_node_keeps_a_bounded_part"),
        stands_alone=done("test_brokers_that_are_away_hold_up_no_node"),
        retries=exempt("whoever missed something asks, and everything is told again every few seconds"),
        deadline=exempt("every state carries its expiry, and the picture its age"),
        receipts=exempt("front ends come and go; each says itself whether it hears us"),
        restart=done("test_a_front_end_that_starts_is_told_what_stands"),
        drill=done("test_a_front_end_shows_a_drill_as_one_only_where_every_sector_has_one"),
        private=done("test_what_goes_to_front_ends_names_no_track_no_reason_and_no_sensor"),
        blindness=done("test_a_sector_that_nobody_hears_is_blind_and_never_calm"),
        languages=exempt("it holds codes; whoever shows them has the words"),
        proof=exempt("the brokers let nobody publish there but nodes"),
    )

    def __init__(
        self,
        board: Board,
        connect: Callable[[], Awaitable[Bus]],
        *,
        prefix: str,
        sector: str,
        node: str,
        now: Callable[[], datetime],
        owned: Callable[[], Collection[str]],
        twins: Sequence[str],
        veil: str = "",
    ) -> None:
        self._connect = connect
        self._subject = told_subject(prefix, sector, node)
        self._ask = ask_subject(prefix, sector)
        self._teller = Teller(board, sector, node, now, owned, kept_max=NEW_MAX, twins=twins, veil=veil)
        self._something = asyncio.Event()
        self._whole_s = 0.0
        self._bus: Bus | None = None

    @property
    def trouble(self) -> str | None:
        """That nobody is told, as the end of a sentence; None: somebody may be."""
        there = self._bus is not None and self._bus.is_connected
        return None if there else "the brokers are away; front ends hear nothing of this machine"

    def fold(self, batch: Batch) -> None:
        """Take in what one tick brought; never waits."""
        self._teller.fold(batch)
        self._something.set()

    async def work(self) -> None:
        """Tell until cancelled. Raises what the connection raises."""
        bus = await self._connect()
        try:
            await bus.subscribe(self._ask, cb=self._asked)
            self._whole_s, self._bus = 0.0, bus
            while True:
                await self._something.wait()
                self._something.clear()
                await self._tell(bus)
        finally:
            self._bus = None
            await bus.close()

    async def _asked(self, message: object) -> None:
        """Tell everything with the next tick, or soon after, where that was done just now."""
        self._whole_s = min(self._whole_s, asyncio.get_running_loop().time() + ASKED_EVERY_S)

    async def _tell(self, bus: Bus) -> None:
        if not bus.is_connected:
            # What is handed over now would be told much later as if it were new.
            self._whole_s = 0.0
            return
        now_s = asyncio.get_running_loop().time()
        whole = now_s >= self._whole_s
        if whole:
            self._whole_s = now_s + WHOLE_EVERY_S
        await bus.publish(self._subject, packed(self._teller.tell(whole=whole)))
