"""`tocsin ledger verify`: is a public log what was signed?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import AsJson


def verify(
    export: Annotated[Path, typer.Argument(metavar="DB|EXPORT", help="A public log, a .jsonl of it, or a folder.")],
    heads: Annotated[Path, typer.Option(metavar="FILE", help="Signed heads that you kept: a .jsonl, or a folder.")],
    trust: Annotated[list[Path], typer.Option(metavar="KEY", help="Public keys that may sign heads; several may.")],
    ledger: Annotated[str, typer.Option(metavar="DB", help="Also compare the records of this ledger.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check that a public log is what its heads signed: one line per problem, exit 1 where there is any.

    Whatever was altered, dropped, moved, added, blanked without a word or forked is named. With the service's own log
    and `--ledger`, every record of the ledger is compared with what was logged of it.

    Example: `tocsin ledger verify proof.db --heads heads.jsonl --trust keys/proof.pub`
    """
    from tocsin.ledger.opening import opened
    from tocsin.model.wire import to_json
    from tocsin.replay.proof_files import verify_files

    store = opened(ledger) if ledger else None
    try:
        verdict = verify_files(export, heads, trust, store)
    finally:
        if store is not None:
            store.close()
    newest = verdict.heads.newest
    if as_json:
        problems = [one._asdict() for one in verdict.findings]
        summary = {"entries": verdict.entries, "unsigned": verdict.unsigned, "problems": problems}
        typer.echo(to_json(summary | {"newest": None if newest is None else newest.time}).decode())
    else:
        for one in verdict.findings:
            typer.echo(one.said)
        if not verdict.findings and newest is not None:
            later = f", and {verdict.unsigned} that no head vouches for yet" if verdict.unsigned else ""
            typer.echo(f"{verdict.entries} entries, as they were signed up to {newest.time}{later}")
    if verdict.findings:
        raise typer.Exit(1)
