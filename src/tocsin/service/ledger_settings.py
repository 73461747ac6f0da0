"""What the settings say of the ledger: where it lies, and whether everybody may see what was released."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from tocsin.service.database import Address, address_of
from tocsin.service.section import Section


class Ledger(Section):
    """Where impacts become incidents, and what officers read on the console; without this table they do not."""

    path: Path = Field(Path("ledger.db"), description="The ledger's SQLite file, made where there is none.")
    database: Address | None = Field(
        None, description="In place of the file: PostgreSQL with PostGIS, `postgresql://user@host/ledger`."
    )
    password_file: Path | None = Field(
        None, description="The database's password: a file of its owner's alone, or `env:NAME`."
    )
    public: bool = Field(
        False, description="Show everybody, at `/incidents`, the incidents that an officer released, and figures."
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.database is not None and "path" in self.model_fields_set:
            raise ValueError("`path` and `database` are two ledgers; leave one of them out")
        return self

    def place(self) -> str:
        """The file's path, or the database's address with its password. Raises BadFile where there is no password."""
        return str(self.path) if self.database is None else address_of(self.database, self.password_file)
