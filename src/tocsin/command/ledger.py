"""`tocsin ledger`: what fell where, who says so, and how many were hurt."""

from __future__ import annotations

from typing import Annotated

import typer

ledger = typer.Typer(no_args_is_help=True, help="Keep incidents, and what sources claim about them.")

LedgerAt = Annotated[
    str, typer.Option("--ledger", metavar="DB", help="The ledger: a file, or the address of a PostgreSQL database.")
]
LEDGER = "ledger.db"
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
