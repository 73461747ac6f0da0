"""What the settings say of the ledger: where it lies, and whether everybody may see what was released."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tocsin.service.section import Section


class Ledger(Section):
    """Where impacts become incidents, and what officers read on the console; without this table they do not."""

    path: Path = Field(Path("ledger.db"), description="The ledger's SQLite file, made where there is none.")
    public: bool = Field(
        False, description="Show everybody, at `/incidents`, the incidents that an officer released, and figures."
    )
