"""What is told, as rows of the views and back. Statements take a node's word as it is, in JSON: one call for a tick."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.announce.bodies import PublicZone
from tocsin.announce.told.wire import Told, ToldWarning, calm_zone

_ZONE = ", ".join(PublicZone.__struct_fields__)
_WARNING = ", ".join(ToldWarning.__struct_fields__)
_KINDS = {
    "since": "TIMESTAMPTZ", "expires": "TIMESTAMPTZ", "eta_earliest": "TIMESTAMPTZ", "eta_likely": "TIMESTAMPTZ",
    "time": "TIMESTAMPTZ", "degraded": "BOOLEAN", "drill": "BOOLEAN", "less_time": "BOOLEAN", "lapses": "BOOLEAN",
    "probability": "REAL",
}  # fmt: skip


def _recordset(fields: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {_KINDS.get(name, 'TEXT')}" for name in fields)


# Nothing but our own names is put together here; what a node says is always a value.
_STATE_FIELDS, _WARNING_FIELDS = PublicZone.__struct_fields__, ToldWarning.__struct_fields__
# A twin that comes late with an older picture changes nothing; what nobody has written for a minute is nobody's.
SECTOR = """
    INSERT INTO views.sectors (sector, node, number, now, picture_at, drill, doubtful, owned)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (sector) DO UPDATE SET node = excluded.node, number = excluded.number, now = excluded.now,
        picture_at = excluded.picture_at, drill = excluded.drill, doubtful = excluded.doubtful,
        owned = CASE WHEN $9 THEN excluded.owned ELSE sectors.owned END, written_at = clock_timestamp()
    WHERE sectors.picture_at <= excluded.picture_at OR sectors.written_at < clock_timestamp() - interval '1 minute'
    RETURNING true
"""
FORGET = "DELETE FROM views.states WHERE sector = $1 AND ($3 OR zone = ANY($2))"
STATES = f"""
    INSERT INTO views.states (sector, {_ZONE})
    SELECT $1, {_ZONE} FROM jsonb_to_recordset($2::jsonb) AS told ({_recordset(_STATE_FIELDS)})
"""  # noqa: S608
WARNINGS = f"""
    INSERT INTO views.warnings (sector, {_WARNING})
    SELECT $1, {_WARNING} FROM jsonb_to_recordset($2::jsonb) AS told ({_recordset(_WARNING_FIELDS)})
    ON CONFLICT (id, time) DO NOTHING
"""  # noqa: S608
OUTLINES = """
    INSERT INTO views.outlines (zone, cut, name, outline)
    SELECT one->'properties'->>'id', $1, one->'properties'->'name',
           ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(one->>'geometry'), 4326), 3857)
    FROM jsonb_array_elements($2::jsonb->'features') AS one
    ON CONFLICT (zone) DO UPDATE SET cut = excluded.cut, name = excluded.name, outline = excluded.outline
"""
_json = msgspec.json.Encoder()


def sector_row(told: Told) -> tuple[object, ...]:
    """What `SECTOR` takes."""
    named = (told.sector, told.node, told.number, told.now, told.picture_at, told.drill, told.doubtful)
    return (*named, list(told.owned), told.whole)


def states_json(told: Told) -> str:
    """What `STATES` takes: the zones that are not calm."""
    return _json.encode([one for one in told.zones if one != calm_zone(one.zone, drill=told.drill)]).decode()


def warnings_json(warnings: Sequence[ToldWarning]) -> str:
    """What `WARNINGS` takes."""
    return _json.encode(warnings).decode()
