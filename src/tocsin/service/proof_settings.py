"""What the settings say of the public log: where it lies, who signs it, and which ledger's records are in it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field

from tocsin.announce.keys import private_key_in
from tocsin.ledger.proof_heads import HeadSigner
from tocsin.service.placed import placed
from tocsin.service.section import Section


class Proof(Section):
    """The public log; without this table there is none."""

    key_file: Path = Field(description="The private key that signs heads, mode 0600; `tocsin keys make proof`.")
    path: Path | None = Field(None, description="The log's SQLite file; else `proof.db` beside the journal.")
    ledger: Path | None = Field(None, description="A ledger whose records are logged, too: its SQLite file.")
    every_s: float = Field(10.0, ge=1, le=3_600, description="Seconds between two heads while the log grows.")
    anew_s: float = Field(
        3_600.0, ge=60, le=86_400, description="Seconds after which a head is signed although nothing is new."
    )

    def below(self, folder: Path) -> Self:
        """The same, with every path that is relative taken from that folder."""
        return placed(self, folder)

    def log_path(self, journal: Path) -> Path:
        """Where the log of a service with that journal lies."""
        return self.path or journal.with_name("proof.db")

    @property
    def signer(self) -> HeadSigner:
        """Who signs. Raises BadSettings."""
        return HeadSigner(private_key_in(self.key_file))
