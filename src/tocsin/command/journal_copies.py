"""`tocsin journal backup`, `restore` and `rescue`: the record copied while it is written, put back, or what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.journal import AsJson, JournalFile, say


def backup(
    path: JournalFile,
    out: Annotated[Path, typer.Option(metavar="DIR", help="A folder that is not there yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy a journal while the service writes it, with its archive and newest snapshot, and check the copy.

    Example: `tocsin journal backup journal.db --out backup-monday`
    """
    from tocsin.journal.backup import backup as backed_up

    say({"last_event": backed_up(path, out), "out": str(out)}, as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `tocsin journal backup` wrote.")],
    to: Annotated[Path, typer.Option(metavar="JOURNAL", help="Where the journal shall lie; nothing is overwritten.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup where the service looks for its journal, and check it. The service then says what it lacks.

    Example: `tocsin journal restore backup-monday --to tocsin-data/journal.db`
    """
    from tocsin.journal.backup import restore as restored

    say({"last_event": restored(folder, to), "journal": str(to)}, as_json)


def rescue(
    path: JournalFile,
    out: Annotated[Path, typer.Option(metavar="JOURNAL", help="A new journal; nothing is overwritten.")],
    as_json: AsJson = False,
) -> None:
    """Make a readable journal of a damaged one: what is whole, numbered anew, with an event that says what is missing.

    Exit 1 where anything is. The damaged one stays as it is.

    Example: `tocsin journal rescue journal.db --out rescued.db`
    """
    from tocsin.journal.rescue import rescue as rescued

    count, holes = rescued(path, out)
    missing = [f"events {hole.first} to {hole.last}: {hole.why}" for hole in holes]
    say({"events": count, "missing": missing if as_json else "; ".join(missing) or "nothing", "out": str(out)}, as_json)
    if holes:
        raise typer.Exit(1)
