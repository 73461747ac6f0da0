"""What the settings say of the ledger: where impacts become incidents."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tocsin.service.section import Section


class Ledger(Section):
    """Where impacts become incidents; without this table they do not."""

    path: Path = Field(Path("ledger.db"), description="The ledger's SQLite file, made where there is none.")
