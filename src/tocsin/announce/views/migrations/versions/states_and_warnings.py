"""How every zone stands, how old that is, and every warning."""

from __future__ import annotations

from alembic import op

from tocsin.announce.views.migrations.refused import refused

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.execute(
        """
        CREATE TABLE views.sectors (
            sector TEXT PRIMARY KEY, node TEXT NOT NULL, number BIGINT NOT NULL, now TIMESTAMPTZ NOT NULL,
            picture_at TIMESTAMPTZ NOT NULL, drill BOOLEAN NOT NULL, doubtful BOOLEAN NOT NULL, owned TEXT[] NOT NULL,
            written_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())
        """
    )
    op.execute("COMMENT ON TABLE views.sectors IS 'whose picture is how old; owned: zones that the sector speaks for'")
    op.execute(
        """
        CREATE TABLE views.states (
            sector TEXT NOT NULL, zone TEXT NOT NULL, level TEXT NOT NULL, since TIMESTAMPTZ, expires TIMESTAMPTZ,
            eta_earliest TIMESTAMPTZ, eta_likely TIMESTAMPTZ, threat TEXT, warning TEXT, degraded BOOLEAN NOT NULL,
            degraded_reason TEXT, drill BOOLEAN NOT NULL, public_reason TEXT, less_time BOOLEAN,
            PRIMARY KEY (sector, zone))
        """
    )
    op.execute("COMMENT ON TABLE views.states IS 'zones that are not calm and seen; of all others owned says whose'")
    op.execute(
        """
        CREATE TABLE views.warnings (
            id TEXT NOT NULL, time TIMESTAMPTZ NOT NULL, sector TEXT NOT NULL, zone TEXT NOT NULL, level TEXT NOT NULL,
            expires TIMESTAMPTZ NOT NULL, eta_earliest TIMESTAMPTZ, eta_likely TIMESTAMPTZ, threat TEXT NOT NULL,
            replaces TEXT, drill BOOLEAN NOT NULL, public_reason TEXT, lapses BOOLEAN, probability REAL NOT NULL,
            PRIMARY KEY (id, time))
        """
    )
    op.execute("CREATE INDEX warnings_time ON views.warnings (time)")
    op.execute("COMMENT ON TABLE views.warnings IS 'every warning; probability is of three steps, as in CAP'")


def downgrade() -> None:
    """Refused."""
    refused()
