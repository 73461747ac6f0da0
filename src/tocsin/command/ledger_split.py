"""`tocsin ledger split`: claims that were taken for one incident's belong to another."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.command.ledger import LEDGER, LedgerAt
from tocsin.command.ledger_decide import BY, By, Reason


def split(
    into: Annotated[str, typer.Argument(help="The incident they belong to; it may be new.", show_default=False)],
    claims: Annotated[
        list[str],
        typer.Argument(metavar="CLAIM...", help="The claims' ids, as `show` has them.", show_default=False),
    ],
    reason: Reason = "",
    by: By = BY,
    ledger: LedgerAt = LEDGER,
) -> None:
    """Move claims to another incident. Their records stay, and `undo` brings them back.

    A new incident begins as what is known of the one they stood at; import a record of it that says better.

    Example: `tocsin ledger split second-strike claim-17 claim-18 --reason "an hour later, across the river"`
    """
    from datetime import UTC, datetime

    from tocsin.ledger.opening import opened
    from tocsin.ledger.splitting import split_records

    with opened(ledger) as store:
        records = split_records(store, into, claims, datetime.now(UTC), by=by, reason=reason)
        store.append(records)
    for record in records:
        typer.echo(record.id)
