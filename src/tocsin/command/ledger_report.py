"""`tocsin ledger report`: the public page, of what fell and how people were warned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import LEDGER, AsJson, LedgerAt


def report(
    out: Annotated[Path | None, typer.Option(help="Folder for report.html.", show_default=False)] = None,
    ledger: LedgerAt = LEDGER,
    journal: Annotated[
        list[Path] | None, typer.Option(help="The journal of nights to hold against it; may be given again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the public report: warnings of real nights against incidents, and the incidents that were released.

    Of others it holds figures alone, of witnesses nothing, and no place of a sensor. Journals are played again for it,
    one after the other, all live or all of drills.

    Example: `tocsin ledger report --ledger ledger.db --journal tocsin-data/journal.db --out public`
    """
    from functools import partial

    from tocsin.ledger.opening import opened
    from tocsin.model.errors import BadSettings
    from tocsin.model.wire import to_json
    from tocsin.replay.ledger_nights import public_report
    from tocsin.replay.progress import progress
    from tocsin.service.delivery_account import account_of, figures
    from tocsin.service.delivery_trail import trail_path

    if out is None and not as_json:
        raise BadSettings("give --out for the page, --json for the figures, or both")
    with opened(ledger) as store:
        result = public_report(store, journal or (), partial(progress, text="replaying"))
    trails = [trail for path in journal or () if (trail := trail_path(path)).is_file()]
    # Of one service: the same channel of two is not one.
    result["channels"] = figures(account_of(trails[0])) if len(trails) == 1 else {}
    if out is not None:
        from tocsin.report.ledger import write_ledger

        typer.echo(f"See {write_ledger(out, result)}", err=True)
    if as_json:
        typer.echo(to_json(result).decode())
