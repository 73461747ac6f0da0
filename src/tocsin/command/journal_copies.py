"""`tocsin journal backup` and `tocsin journal restore`: the record copied while it is written, and put back."""

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
