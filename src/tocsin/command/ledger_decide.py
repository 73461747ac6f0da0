"""`tocsin ledger merge`, `apart`, `undo`: what a person decides, each a record of its own."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tocsin.command.ledger import LEDGER, LedgerAt

By = Annotated[str, typer.Option(help="The desk that decides; not a person's own name.")]
BY = "desk"
Reason = Annotated[str, typer.Option(help="Why, for whoever reads it later.")]
Sources = Annotated[bool, typer.Option("--sources", help="They are sources, not incidents.")]
Of = Annotated[str, typer.Argument(metavar="RECORD", help="The record's id.", show_default=False)]


def merge(
    into: Annotated[str, typer.Argument(help="Under which name they stand from now on.", show_default=False)],
    of: Annotated[list[str], typer.Argument(help="What is one with it.", show_default=False)],
    sources: Sources = False,
    reason: Reason = "",
    by: By = BY,
    ledger: LedgerAt = LEDGER,
) -> None:
    """Say that incidents, or sources, are one. Their records stay, and `undo` makes them several again.

    Example: `tocsin ledger merge sohr osdh --sources --reason "its French acronym"`
    """
    decide(ledger, "merge", by, reason, what=_what(sources), into=into, of=tuple(of))


def apart(
    one: Annotated[str, typer.Argument(help="A name.", show_default=False)],
    other: Annotated[str, typer.Argument(help="Another one.", show_default=False)],
    sources: Sources = False,
    reason: Reason = "",
    by: By = BY,
    ledger: LedgerAt = LEDGER,
) -> None:
    """Say that two incidents, or two sources, are not one: it is proposed no more.

    Example: `tocsin ledger apart sohr snhr --sources`
    """
    decide(ledger, "apart", by, reason, what=_what(sources), one=one, other=other)


def undo(of: Of, reason: Reason = "", by: By = BY, ledger: LedgerAt = LEDGER) -> None:
    """Say that a merge, a split, an undoing, or a claim that was recorded wrongly, counts no more.

    Example: `tocsin ledger undo merge-20260609T101500.250000Z --reason "two observatories after all"`
    """
    decide(ledger, "undo", by, reason, of=of)


def _what(sources: bool) -> str:
    return "source" if sources else "incident"


def decide(ledger: str, kind: str, by: str, reason: str, *, number: int = 0, **about: Any) -> None:
    """Keep a decision, and say under which id; what it names must be there. `number`: of several at once."""
    from datetime import UTC, datetime

    from tocsin.ledger.check import unknown_in
    from tocsin.ledger.merging import said_of
    from tocsin.ledger.opening import opened
    from tocsin.ledger.standing import standing_of
    from tocsin.ledger.wire import KINDS
    from tocsin.model.errors import BadFile

    now = datetime.now(UTC)
    record = KINDS[kind](
        id=f"{kind}-{now:%Y%m%dT%H%M%S.%fZ}{f'-{number}' if number else ''}",
        recorded=now,
        by=by,
        reason=reason,
        **about,  # type: ignore[call-arg]
    )
    with opened(ledger) as store:
        for problem in unknown_in(store, record):
            raise BadFile(f"{ledger}: {problem}; `tocsin ledger show` lists what there is")
        said = said_of(record, standing_of(store))
        store.append([record])
    typer.echo(record.id)
    if said:
        typer.echo(said, err=True)
