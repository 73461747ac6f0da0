"""`tocsin journal deliveries`: what became of the warnings on every channel, from the record beside a journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.journal import AsJson, JournalFile, say


def deliveries(
    path: JournalFile,
    out: Annotated[
        Path | None, typer.Option(help="Also write a table (.csv): a row for each warning and channel, with times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how the channels delivered: warnings queued, accepted, acknowledged, failed, expired; time to 50, 90, 99 %.

    Read from `deliveries.jsonl` beside the journal, which outlives the service; it holds the newest 64 to 128 MB.

    Example: `tocsin journal deliveries tocsin-data/journal.db --out deliveries.csv`
    """
    from tocsin.service.delivery_account import account_of, figures, write_table
    from tocsin.service.delivery_trail import trail_path

    account = account_of(trail_path(path))
    if out is not None:
        write_table(account, out)
    say(figures(account), as_json)
