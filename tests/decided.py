"""A node without an engine: a board that a test plays, and the channels that tell others of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from tocsin.announce.board import Board
from tocsin.announce.channel import Batch, Folded
from tocsin.model.effect import Degraded, Effect, Picture
from tocsin.model.sensor import SensorHealth
from tocsin.model.track import Track
from tocsin.model.warning import Level, Warning, ZoneState
from tocsin.model.zone import Zone

NOW = datetime(2026, 6, 9, 9, tzinfo=UTC)


def square(name: str, west: float, south: float) -> Zone:
    """A zone of a fifth of a degree."""
    east, north = west + 0.2, south + 0.2
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return Zone(id=name, name={"en": name.title()}, population=9_000, polygons=((ring,),))


ZONES = (
    square("brim", 36.0, 34.0),
    square("cole", 36.2, 34.0),
    square("dunmere", 36.0, 34.2),
    square("east", 36.2, 34.2),
)


def word(
    zone: str, level: Level, at: datetime, *, revision: int = 0, lasts_s: float = 300.0, drill: bool = False
) -> Warning:
    """A warning with everything in it that the public must not see."""
    return Warning(
        id=f"{zone}/1/{revision}/{level}",
        zone=zone,
        level=level,
        time=at,
        expires=at + timedelta(seconds=lasts_s),
        eta_earliest=None if level == "all_clear" else at + timedelta(seconds=90),
        probability=0.0 if level == "all_clear" else 0.4,
        threat="drone",
        reason="post-7F3K heard it",
        tracks=("T-secret",),
        drill=drill,
    )


class Decides:
    """What one node decides; `now` is its clock."""

    def __init__(self, zones: Sequence[Zone] = ZONES, *, drill: bool = False, now: datetime = NOW) -> None:
        self.board = Board(zones, drill=drill)
        self.now = now
        self.owned = frozenset(self.board.by_id)
        self.channels: list[Folded] = [self.board]
        self._seq = 0

    def decide(self, *effects: Effect, whole: bool = False) -> None:
        """The next tick, a second later, that brings this."""
        self.tick(self.now + timedelta(seconds=1), *effects, whole=whole)

    def tick(self, now: datetime, *effects: Effect, whole: bool = False) -> None:
        """A tick that brings this, and a picture with a track and a sensor in trouble."""
        self.now = now
        self._seq += 1
        track = Track(
            id="T-secret", time=self.now, lat=34.1, lon=36.1, altitude_m=900.0, speed_mps=50.0, heading_deg=90.0,
            sigma_m=100.0, threat="drone", probability=0.9, status="confirmed", sensors=1, updated=self.now,
        )  # fmt: skip
        seen = SensorHealth(sensor="radar-secret", state="down")
        picture = Picture(time=self.now, tracks=(track,), zones=())
        said = (*effects, Degraded(time=self.now, sensors=(seen,)), picture)
        for channel in self.channels:
            channel.fold(Batch(self._seq, self.now, said, whole=whole))

    def stands(self, *states: ZoneState) -> Picture:
        """A picture with these states, as of the next tick."""
        return Picture(time=self.now + timedelta(seconds=1), zones=states)

    def warn(
        self, zone: str, level: Level, *, revision: int = 0, lasts_s: float = 300.0, after_s: float = 1.0
    ) -> Warning:
        """A warning of the next tick."""
        at = self.now + timedelta(seconds=after_s)
        return word(zone, level, at, revision=revision, lasts_s=lasts_s, drill=self.board.drill)


async def until(done: Callable[[], Awaitable[bool]], *, within_s: float = 60.0) -> None:
    """Wait for it, however slow the machine is."""
    async with asyncio.timeout(within_s):
        while not await done():
            await asyncio.sleep(0.02)
