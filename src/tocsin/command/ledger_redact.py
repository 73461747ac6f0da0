"""`tocsin ledger redact`: what nobody may read any more is taken out; the hash of what it was stays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.ledger import LEDGER, LedgerAt
from tocsin.command.ledger_decide import BY, By, Reason, decide

# Everybody reads it in the public log; the reason of the redaction itself may say too much.
_WHY = "its words were redacted"


def redact(
    of: Annotated[str, typer.Argument(metavar="RECORD", help="The record's id.", show_default=False)],
    words: Annotated[
        bool,
        typer.Option("--words", help="Its public text, too; of an incident, by its name, that of all its records."),
    ] = False,
    log: Annotated[
        Path | None, typer.Option(metavar="LOG", help="The public log, such as proof.db: blank what it shows of it.")
    ] = None,
    reason: Reason = "",
    by: By = BY,
    ledger: LedgerAt = LEDGER,
) -> None:
    """Take the personal parts of a record out, for good; with --words what everybody might read of it, too.

    Without its words a record keeps its place on the map, its times and its figures, and the hash of what it was. What
    the public log shows of it is blanked with --log. Copies that others made are beyond reach.

    Example: `tocsin ledger redact claim-17 --reason "the witness asked for it"`

    Example: `tocsin ledger redact raid-1 --words --log proof.db --reason "it names a person"`
    """
    from tocsin.ledger.case import Book
    from tocsin.ledger.opening import opened
    from tocsin.ledger.proof_log import ProofLog
    from tocsin.ledger.proof_records import blank_records
    from tocsin.model.errors import BadSettings

    if log is not None and not words:
        raise BadSettings("--log is about words that everybody reads; give --words, too")
    names = [of]
    if words:
        with opened(ledger) as store:
            case = Book(store).case(of)
        if case is not None and case.history:
            names = [one.id for one in case.history]
    # Before anything is gone from the ledger: a log that cannot be used stops it here.
    published = None if log is None else ProofLog(log)
    for number, name in enumerate(names):
        decide(ledger, "redaction", by, reason, number=number, of=name, words=words)
    if published is not None:
        typer.echo(f"{blank_records(published, names, _WHY)} entries of {log} blanked")
        published.close()
