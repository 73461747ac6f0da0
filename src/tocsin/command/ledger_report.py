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
    private: Annotated[bool, typer.Option(help="With figures by sensor: for operators, and nobody else.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the public report: warnings of real nights against incidents, and the incidents that were released.

    Of others it holds figures alone, of witnesses nothing, and no sensor. Journals are played again for it, one after
    the other, all live or all of drills. With --private sensors are in it by name, and only its owner may read it.

    Example: `tocsin ledger report --ledger ledger.db --journal tocsin-data/journal.db --out public`
    """
    from functools import partial

    from tocsin.ledger.opening import opened
    from tocsin.model.errors import BadSettings
    from tocsin.model.wire import to_json
    from tocsin.replay.ledger_nights import ledger_report
    from tocsin.replay.progress import progress
    from tocsin.service.delivery_account import account_of, arrivals, figures
    from tocsin.service.delivery_trail import trail_path

    if out is None and not as_json:
        raise BadSettings("give --out for the page, --json for the figures, or both")
    # Of one service: the same channel of two is not one.
    trails = [trail_path(path) for path in journal or ()]
    account = account_of(trails[0]) if len(trails) == 1 and trails[0].is_file() else {}
    with opened(ledger) as store:
        shown = partial(progress, text="replaying")
        result = ledger_report(store, journal or (), shown, arrivals=arrivals(account), private=private)
    result["channels"] = figures(account)
    if out is not None:
        from tocsin.report.ledger import write_ledger

        typer.echo(f"See {write_ledger(out, result)}", err=True)
    if as_json:
        typer.echo(to_json(result).decode())
