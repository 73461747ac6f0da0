"""`tocsin ledger check` and `tocsin ledger propose`: what is wrong, and what may be one."""

from __future__ import annotations

from itertools import islice

import typer

from tocsin.command.ledger import LEDGER, AsJson, LedgerAt

# Nobody reads more; the rest comes to light once these are put right.
_NAMED_MAX = 1_000


def check(ledger: LedgerAt = LEDGER, as_json: AsJson = False) -> None:
    """Say what is wrong: references that lead nowhere, impossible times, broken seals. Exit 1 where there is any.

    Example: `tocsin ledger check --ledger ledger.db`
    """
    from datetime import UTC, datetime

    from tocsin.ledger.check import check as problems_of
    from tocsin.ledger.opening import opened
    from tocsin.model.wire import to_json

    with opened(ledger) as store:
        problems = list(islice(problems_of(store, datetime.now(UTC)), _NAMED_MAX))
        records = store.last_seq
    if as_json:
        typer.echo(to_json({"problems": problems, "all": len(problems) < _NAMED_MAX}).decode())
    else:
        for problem in problems:
            typer.echo(problem)
        if len(problems) == _NAMED_MAX:
            typer.echo(f"the first {_NAMED_MAX}; put them right and check again")
        if not problems:
            typer.echo(f"nothing is wrong with {records} records")
    if problems:
        raise typer.Exit(1)


def propose(ledger: LedgerAt = LEDGER, as_json: AsJson = False) -> None:
    """Propose sources that may be one under two names, and incidents that may be one, with reasons. Nothing is merged.

    Example: `tocsin ledger propose --ledger ledger.db`
    """
    from tocsin.ledger.alias import propose_aliases
    from tocsin.ledger.duplicates import propose_duplicates
    from tocsin.ledger.incident import Incident
    from tocsin.ledger.opening import opened
    from tocsin.ledger.source import Source
    from tocsin.ledger.standing import standing_of
    from tocsin.model.wire import to_json

    with opened(ledger) as store:
        standing = standing_of(store)
        sources = [one for one in store.read(("source",)) if isinstance(one, Source)]
        incidents = [one for one in store.read(("incident",)) if isinstance(one, Incident)]
        aliases = propose_aliases(sources, standing)[:_NAMED_MAX]
        duplicates = list(islice(propose_duplicates(incidents, standing), _NAMED_MAX))
    if as_json:
        found = {
            what: [one._asdict() | {"reasons": [str(why) for why in one.reasons]} for one in pairs]
            for what, pairs in (("sources", aliases), ("incidents", duplicates))
        }
        typer.echo(to_json(found).decode())
        return
    for what, pairs in (("source", aliases), ("incident", duplicates)):
        for pair in pairs:
            typer.echo(f"{what}s {pair.one} and {pair.other}: {'; '.join(map(str, pair.reasons))}")
    typer.echo(
        "nothing is merged until somebody says `tocsin ledger merge`, or that they are two: `tocsin ledger apart`"
    )
