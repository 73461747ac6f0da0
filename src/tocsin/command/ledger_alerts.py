"""`tocsin ledger alerts`: archives of alerts, beside each other and against an archive of attacks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import AsJson


def alerts(
    files: Annotated[list[Path], typer.Argument(help="One archive of alerts, or two relays of the same alerts.")],
    attacks: Annotated[Path | None, typer.Option(help="An archive of attacks, as `missile-attacks`.")] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for report.html, with charts and every region.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what share of an archive's alert-hours met an attack, by region and year, and how far two relays lie apart.

    The regions are those of Ukraine, whose archives name them. The share is a range, beside what chance gives.

    Example: `tocsin ledger alerts official.csv --attacks missile_attacks_daily.csv --report out`

    Example: `tocsin ledger alerts official.csv volunteers.csv --json`
    """
    from functools import partial

    import msgspec

    from tocsin.ingest.rejects import Rejects
    from tocsin.model.errors import BadSettings
    from tocsin.replay.archives import compared
    from tocsin.replay.progress import progress

    if len(files) > 2 or (len(files) == 1 and attacks is None):
        raise BadSettings("give one archive of alerts with --attacks, or two relays of the same alerts, or both")
    with Rejects() as refused:
        result = compared(files, attacks, refused, partial(progress, text="reading"))
        said = refused.summary()
    if report is not None:
        from tocsin.report.archives import write_archives

        typer.echo(f"See {write_archives(report, result)}", err=True)
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
        return
    if "met" in result:
        total = result["met"]["total"]
        typer.echo(
            f"{total['hours']:,.0f} hours under alert; met an attack: {total['met_named'] or 0:.1%} to "
            f"{total['met_possible'] or 0:.1%}; by chance {total['chance_named'] or 0:.1%} to "
            f"{total['chance_possible'] or 0:.1%}"
        )
    for what, one in ((what, result["delays"][what]) for what in ("start", "end") if "delays" in result):
        typer.echo(
            f"{what}: {one['matched']} of {one['alerts']} matched, median {one['median_s']} s, p95 {one['p95_s']} s"
        )
    if said:
        typer.echo(said, err=True)
