"""The zones' outlines, for maps that draw what is warned as tiles."""

from __future__ import annotations

from alembic import op

from tocsin.announce.views.migrations.refused import refused

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Make the table and the function. PostGIS must be installed on the server."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute(
        """
        CREATE TABLE views.outlines (
            zone TEXT PRIMARY KEY, cut TEXT NOT NULL, name JSONB NOT NULL, outline geometry(Geometry, 3857) NOT NULL)
        """
    )
    op.execute("CREATE INDEX outlines_place ON views.outlines USING gist (outline)")
    op.execute(
        """
        CREATE FUNCTION views.warned_tile(z INTEGER, x INTEGER, y INTEGER) RETURNS BYTEA LANGUAGE sql STABLE AS $$
            SELECT ST_AsMVT(tile, 'warned', 4096, 'shape') FROM (
                SELECT s.zone, s.level, s.degraded, s.drill, extract(epoch FROM s.expires) AS expires_s,
                       extract(epoch FROM p.picture_at) AS picture_s,
                       ST_AsMVTGeom(o.outline, ST_TileEnvelope(z, x, y), 4096, 64, true) AS shape
                FROM views.states s JOIN views.sectors p USING (sector) JOIN views.outlines o USING (zone)
                WHERE (s.level IN ('prepare', 'take_cover') OR s.degraded)
                  AND o.outline && ST_TileEnvelope(z, x, y)) tile
            WHERE shape IS NOT NULL
        $$
        """
    )


def downgrade() -> None:
    """Refused."""
    refused()
