"""`tocsin ledger show`: one incident as it stands, or what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.command.ledger import LEDGER, AsJson, LedgerAt

if TYPE_CHECKING:
    from tocsin.ledger.case import Book

_LISTED_MAX = 1_000


def show(
    incident: Annotated[
        str | None, typer.Argument(metavar="INCIDENT", help="Its name; without one all of them.")
    ] = None,
    ledger: LedgerAt = LEDGER,
    as_json: AsJson = False,
) -> None:
    """Show an incident: what is known, who claims what through whom, what they agree on, where they contradict.

    Example: `tocsin ledger show damascus-air-defence --ledger ledger.db`
    """
    from tocsin.ledger.case import Book
    from tocsin.ledger.opening import opened
    from tocsin.ledger.telling import told
    from tocsin.model.errors import BadFile
    from tocsin.model.wire import to_json
    from tocsin.report.shown import shown

    with opened(ledger) as store:
        book = Book(store)
        if incident is None:
            _show_all(book, as_json)
            return
        case = book.case(incident)
        if case is None:
            raise BadFile(f"{ledger} holds nothing of {incident}; `tocsin ledger show` lists what there is")
        if as_json:
            # Records without their personal parts: what is printed is passed on.
            typer.echo(to_json(_public(case)).decode())
            return
        for line in told(case, book.voices):
            typer.echo(shown(line))


def _show_all(book: Book, as_json: bool) -> None:
    from itertools import islice

    from tocsin.ledger.standing import DECISIONS
    from tocsin.ledger.telling import decided_text, window_text
    from tocsin.model.wire import to_json
    from tocsin.report.shown import shown

    counts = book.store.counts()
    names = list(dict.fromkeys(book.standing.root("incident", name) for name in book.store.listed(limit=_LISTED_MAX)))
    if as_json:
        typer.echo(to_json({"records": counts, "incidents": names}).decode())
        return
    typer.echo(", ".join(f"{count} × {kind}" for kind, count in counts.items()) or "nothing is in it")
    for name in names:
        case = book.case(name)
        if case is not None and case.incident is not None:
            known = case.incident
            line = f"{name}: {known.struck or 'struck'}, {window_text(known.window)}, {len(case.claims)} claims"
            typer.echo(shown(line))
    decided = list(islice(book.store.read(DECISIONS), _LISTED_MAX + 1))
    if decided:
        typer.echo("decided, each with the id that `tocsin ledger undo` takes:")
    for one in decided[:_LISTED_MAX]:
        undone = "; counts no more" if one.id in book.standing.undone else ""
        typer.echo(shown(f"  {one.id}: {decided_text(one)}, by {one.by}{undone}"))
    if len(decided) > _LISTED_MAX:
        typer.echo(f"  the first {_LISTED_MAX}; the rest is in an export")
    if len(names) == _LISTED_MAX:
        typer.echo(f"the first {_LISTED_MAX}; name one to see it")


def _public(value: Any) -> Any:
    """A named tuple as an object, and records without their personal parts."""
    from tocsin.ledger.record import Record, public

    if isinstance(value, Record):
        return public(value)
    if hasattr(value, "_asdict"):
        return {key: _public(one) for key, one in value._asdict().items()}
    if isinstance(value, tuple):
        return [_public(one) for one in value]
    return value
