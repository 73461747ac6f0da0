"""What front ends, and the service's own history, read from the views."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tocsin.announce.bodies import PublicZone
from tocsin.announce.told.wire import Told, ToldWarning
from tocsin.model.threat import ThreatClass

if TYPE_CHECKING:
    from asyncpg import Connection

# What a value leaves out where there is nothing.
_LEFT_OUT = {"public_reason", "lapses", "less_time"}
# Who asks for what was before these days asks again, from their beginning.
DAYS = timedelta(days=7)
_SECTORS = "SELECT *, extract(epoch FROM clock_timestamp() - written_at)::float8 AS idle_s FROM views.sectors"
_STATES = "SELECT * FROM views.states"
# The newest word on each zone that stands under one.
_STANDING = """
    SELECT w.* FROM views.states s JOIN views.warnings w ON w.id = s.warning AND w.zone = s.zone AND w.sector = s.sector
    WHERE s.level <> 'none' ORDER BY w.time, w.id
"""
_LATELY = "SELECT * FROM views.warnings WHERE time >= $1 ORDER BY time, id LIMIT $2"
# A zone's warnings in order are cut into runs of one level; a run ends with the next word, or when it lapses, whichever
# is first. Of a warning that has expired it is over only as far as the sector's picture says what time it is there.
_COVERS = """
    WITH said AS (
        SELECT w.*, lag(level) OVER zones AS before, lag(w.expires) OVER zones AS lapsed,
               lead(w.time) OVER zones AS next
        FROM views.warnings w WHERE w.time >= $1 AND w.time < $2
        WINDOW zones AS (PARTITION BY zone ORDER BY time, id)),
    numbered AS (
        SELECT *, count(*) FILTER (WHERE before IS DISTINCT FROM level OR lapsed < time)
                  OVER (PARTITION BY zone ORDER BY time, id) AS run
        FROM said),
    runs AS (
        SELECT zone, min(time) AS began, (array_agg(threat ORDER BY time DESC, id DESC))[1] AS threat,
               (array_agg(next ORDER BY time DESC, id DESC))[1] AS next,
               (array_agg(expires ORDER BY time DESC, id DESC))[1] AS expires,
               (array_agg(sector ORDER BY time DESC, id DESC))[1] AS sector, bool_or(drill) AS drill
        FROM numbered WHERE level = 'take_cover' GROUP BY zone, run)
    SELECT zone, threat, began, drill,
           CASE WHEN next IS NOT NULL THEN least(next, expires)
                WHEN expires <= (SELECT picture_at FROM views.sectors WHERE sector = runs.sector) THEN expires
           END AS ended
    FROM runs ORDER BY began DESC, zone LIMIT $3
"""


class Cover(msgspec.Struct, frozen=True):
    """A zone's time under cover; `ended`: None: it stands."""

    zone: str
    threat: ThreatClass
    began: datetime
    drill: bool
    ended: datetime | None


class Standing(msgspec.Struct, frozen=True):
    """What a sector's node told last, whole, and how long ago it was written, by the database's clock."""

    told: Told
    idle_s: float


async def standing(db: Connection) -> list[Standing]:
    """How every sector stands. Raises what the database raises."""
    async with db.transaction(isolation="repeatable_read", readonly=True):
        sectors = await db.fetch(_SECTORS)
        states = [(row["sector"], _built(row, PublicZone)) for row in await db.fetch(_STATES)]
        warnings = [(row["sector"], _built(row, ToldWarning)) for row in await db.fetch(_STANDING)]
    found = []
    for row in sectors:
        fields = {name: row[name] for name in ("sector", "node", "number", "now", "picture_at", "drill", "doubtful")}
        told = Told(
            **fields,
            whole=True,
            owned=tuple(row["owned"]),
            zones=tuple(one for sector, one in states if sector == row["sector"]),
            warnings=tuple(one for sector, one in warnings if sector == row["sector"]),
        )
        found.append(Standing(told, max(0.0, row["idle_s"])))
    return found


async def warnings_since(db: Connection, begin: datetime, limit: int) -> list[ToldWarning]:
    """Warnings from a time on, in order, the oldest of them. Raises what the database raises."""
    return [_built(row, ToldWarning) for row in await db.fetch(_LATELY, begin, limit)]


class Covers(NamedTuple):
    """Times under cover, the newest first.

    since       from when on they are told: of what was before, nothing is known from this
    picture_at  how old they are: the time of the oldest picture of a sector; None: no sector ever wrote
    """

    since: datetime
    picture_at: datetime | None
    covers: tuple[Cover, ...]


async def covers(db: Connection, before: datetime, limit: int) -> Covers:
    """The newest that were decided in the DAYS before a time. Raises what the database raises."""
    begin = before - DAYS
    found = tuple(Cover(**dict(row)) for row in await db.fetch(_COVERS, begin, before, limit))
    since = found[-1].began if len(found) == limit else begin
    return Covers(since, await db.fetchval("SELECT min(picture_at) FROM views.sectors"), found)


async def warned_tile(db: Connection, z: int, x: int, y: int) -> bytes:
    """The zones under a warning, and those where we may be blind, as a Mapbox Vector Tile (layer `warned`)."""
    found: bytes | None = await db.fetchval("SELECT views.warned_tile($1, $2, $3)", z, x, y)
    return found or b""


def _built(row: Any, kind: type[Any]) -> Any:
    """A row as one of our own values."""
    return kind(
        **{name: row[name] for name in kind.__struct_fields__ if name not in _LEFT_OUT or row[name] is not None}
    )
