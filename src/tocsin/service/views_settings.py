"""What the settings say of the views."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tocsin.service.database import Address, address_of
from tocsin.service.section import Section


class Views(Section):
    """Where what the public may know is written for front ends, and read by them; without this table it is not."""

    database: Address = Field(description="PostgreSQL with PostGIS, such as `postgresql://user@host/views`.")
    password_file: Path | None = Field(
        None, description="The database's password: a file of its owner's alone, or `env:NAME`."
    )
    keep_days: int = Field(366, ge=8, le=36_600, description="Days after which a warning is forgotten there.")

    def place(self) -> str:
        """The database's address with its password. Raises BadFile where there is no password."""
        return address_of(self.database, self.password_file)
