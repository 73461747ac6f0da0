"""`tocsin journal`: the record, looked at, checked, copied and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

journal = typer.Typer(no_args_is_help=True, help="Show, export, check, back up and restore the record of a service.")

JournalFile = Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal's file, such as journal.db.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@journal.command()
def show(path: JournalFile, as_json: AsJson = False) -> None:
    """Show what a journal holds: events by kind and source, from when to when, its chain, and how far its head came.

    Example: `tocsin journal show tocsin-data/journal.db`
    """
    from tocsin.replay.journal import summary_of

    say(summary_of(path), as_json)


@journal.command()
def export(
    path: JournalFile,
    out: Annotated[Path, typer.Option(help="The file to write: observations, one JSON object a line.")],
    as_json: AsJson = False,
) -> None:
    """Export the observations of a journal as `.jsonl`, in the order in which they arrived.

    Example: `tocsin journal export journal.db --out observations.jsonl`
    """
    from tocsin.replay.journal import export as exported

    written, left_out = exported(path, out)
    say({"observations": written, "not_observations": left_out, "out": str(out)}, as_json)


@journal.command()
def check(path: JournalFile, as_json: AsJson = False) -> None:
    """Read a whole journal and follow its chain: one line per problem, exit 1 where there is any.

    Example: `tocsin journal check journal.db`
    """
    import json

    from tocsin.journal.check import check as problems_of

    problems = list(problems_of(path))
    if as_json:
        typer.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    else:
        for problem in problems:
            typer.echo(problem)
    if problems:
        raise typer.Exit(1)


@journal.command()
def upgrade(path: JournalFile, as_json: AsJson = False) -> None:
    """Bring a journal of an older version to this one. Starting the service does the same.

    Example: `tocsin journal upgrade journal.db`
    """
    from tocsin.journal import Journal
    from tocsin.journal.store import SCHEMA_VERSION
    from tocsin.model.errors import BadFile

    if not path.is_file():
        raise BadFile(f"there is no journal at {path}; give the path of one")
    with Journal.open(path) as opened:
        last = opened.last_seq
    say({"last_event": last, "schema": SCHEMA_VERSION}, as_json)


def say(result: dict[str, Any], as_json: bool) -> None:
    """Print a result, as JSON or a line a figure."""
    import json

    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        shown = ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else value
        typer.echo(f"{key.replace('_', ' '):18} {shown}")
