"""`tocsin ledger export`: the ledger as a file for others, or for another ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import LEDGER, AsJson, LedgerAt


def export(
    out: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    format_: Annotated[str, typer.Option("--format", metavar="NAME", help="jsonl, csv, hxl, geojson, parquet.")],
    ledger: LedgerAt = LEDGER,
    kind: Annotated[list[str] | None, typer.Option(help="Only records of this kind; may be given again.")] = None,
    private: Annotated[bool, typer.Option(help="With witnesses, recorders and notes: for your own archive.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the ledger's records into a file: all of them, or those of some kinds; imported again they are the same.

    Without --private whatever may endanger somebody is left out: its seal alone stays.

    Example: `tocsin ledger export --format csv --kind incident --kind claim --out ledger.csv`
    """
    from functools import partial

    from tocsin.ledger.exporting import export_file
    from tocsin.ledger.opening import apart, opened
    from tocsin.model.wire import to_json
    from tocsin.replay.progress import progress

    apart(out, ledger)
    with opened(ledger) as store:
        shown = partial(progress, text="exporting")
        number = export_file(store, out, format_, private=private, kinds=kind or (), progress=shown)
    if as_json:
        typer.echo(to_json({"records": number, "private": private, "out": str(out)}).decode())
    else:
        typer.echo(f"{number} records in {out}{', personal parts included: keep it safe' if private else ''}")
