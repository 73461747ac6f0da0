"""`tocsin ledger import`: files of other people, and of ours, into the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import LEDGER, AsJson, LedgerAt


def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.", show_default=False)],
    format_: Annotated[str, typer.Option("--format", metavar="NAME", help="In which form it is.", show_default=False)],
    ledger: LedgerAt = LEDGER,
    rejects: Annotated[Path | None, typer.Option(help="Keep rows that cannot be used in this file.")] = None,
    decisions: Annotated[
        bool, typer.Option(help="The file is your own: what was decided in it, and what it says anew, counts here.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a file into the ledger, which is made where there is none. The same file twice changes nothing.

    Exit 1 where nothing of the file is kept; then no ledger is made.

    Formats: `notes`, what a person writes (TOML); `jsonl`, `csv`, `hxl`, `geojson`, `parquet`, our own records,
    or tables kept by hand; `journal`, the impact reports of a live journal; `missile-attacks`, `alert-intervals`,
    `oref-alerts`, `ucdp`, `acled`, archives of other people.

    A file adds records. What only a person at this ledger may decide (merges and splits, undoings, redactions, who sees
    an incident), and what would change an incident, a source or another's claim that is here, is rejected, with the
    reason: unless the ledger is empty, or --decisions says that the file is your own.

    Example: `tocsin ledger import journal.db --format journal --ledger ledger.db`

    Example: `tocsin ledger import GEDEvent_v25_1.csv --format ucdp --rejects rejected.jsonl`
    """
    from datetime import UTC, datetime
    from functools import partial

    from tocsin.ingest.rejects import Rejects
    from tocsin.ledger.importing import import_into
    from tocsin.ledger.opening import apart
    from tocsin.model.wire import to_json
    from tocsin.replay.progress import progress

    apart(rejects, path, ledger)
    with Rejects(rejects) as refused:
        shown = partial(progress, text="importing")
        now = datetime.now(UTC)
        result = import_into(ledger, path, format_, refused, shown, decisions=decisions, now=now)
        unused, said = refused.figures(), refused.summary()
    if as_json:
        more = {"reasons": unused["rejected"], "left_out": unused["left_out"], "noticed": unused["noticed"]}
        typer.echo(to_json(result | more | {"ledger": ledger}).decode())
    else:
        records = result["records"]
        typer.echo(
            f"{result['kept']} rows kept, {result['rejected']} rejected, {result['passed_over']} passed over; "
            f"{records['new']} new records in {ledger}, {records['known']} were there already"
        )
        if said:
            typer.echo(said)
    if not result["kept"]:
        raise typer.Exit(1)
