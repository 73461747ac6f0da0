"""`tocsin journal backup`, `restore` and `rescue`: the record copied while it is written, put back, or what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.command.journal import AsJson, JournalFile, say

PeopleElsewhere = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The file of people, where `[people]` `path` names another.")
]


def _told(said: dict[str, Any], beside: list[str], as_json: bool) -> dict[str, Any]:
    """The same, and what was copied beside the journal, readable by its owner alone."""
    return said | {"beside": beside if as_json else f"{', '.join(beside) or 'nothing'} (mode 0600)"}


def backup(
    path: JournalFile,
    out: Annotated[Path, typer.Option(metavar="DIR", help="A folder that is not there yet.")],
    people: PeopleElsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Copy a journal while the service writes it, with its archive and newest snapshot, and check the copy.

    With it goes what lies beside it: people, spotters, sites, the console's log, push subscribers, and `veil.key`.

    Example: `tocsin journal backup journal.db --out backup-monday`
    """
    from tocsin.journal.backup import backup as backed_up
    from tocsin.service.beside import copy_beside

    last = backed_up(path, out)
    beside = copy_beside(path, out, people)
    say(_told({"last_event": last, "out": str(out)}, beside, as_json), as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `tocsin journal backup` wrote.")],
    to: Annotated[Path, typer.Option(metavar="JOURNAL", help="Where the journal shall lie; nothing is overwritten.")],
    people: PeopleElsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup where the service looks for its journal, and check it. The service then says what it lacks.

    With it comes what lay beside it. Nobody is signed in any more; whoever was removed since can sign in again, so look
    at `tocsin people list`.

    Example: `tocsin journal restore backup-monday --to tocsin-data/journal.db`
    """
    from tocsin.journal.backup import NAME
    from tocsin.journal.backup import restore as restored
    from tocsin.service.beside import restore_beside, targets_in

    targets_in(folder, to, NAME, people)
    last = restored(folder, to)
    beside = restore_beside(folder, to, NAME, people)
    say(_told({"last_event": last, "journal": str(to)}, beside, as_json), as_json)


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
