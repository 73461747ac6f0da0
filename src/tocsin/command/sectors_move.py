"""`tocsin sectors move`: zones go to another sector while both run, and at no time has nobody them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def move(
    cut: Annotated[Path, typer.Argument(help="The sectors.json, which is written anew.")],
    zone: Annotated[list[str] | None, typer.Option(help="A zone that goes; the option once for each.")] = None,
    to: Annotated[str | None, typer.Option(help="The sector that they go to: both decide them from then on.")] = None,
    finish: Annotated[bool, typer.Option("--finish", help="Givers let go of all that is on its way.")] = False,
) -> None:
    """Move zones in two steps: both sectors decide; then the giver lets go. Says whom to start again.

    Example: `tocsin sectors move sectors.json --zone harbour --to south`, a while later with `--finish` alone
    """
    from tocsin.model.errors import BadSettings
    from tocsin.replay.sectors import read_cut, write_cut
    from tocsin.sectors.moving import begun, finished

    if finish == bool(zone and to) or bool(zone) != bool(to):
        raise BadSettings("give --zone and --to to begin a move, or --finish alone to end all")
    before = read_cut(cut)
    after = begun(before, zone, to) if zone and to else finished(before)
    who = {one.giver for one in before.moving} if finish else {to}
    then = (
        "they let go" if finish else "it decides, too; when all of its machines show the zones, run this with --finish"
    )
    write_cut(cut, after)
    names = ", ".join(sorted(str(one) for one in who))
    typer.echo(f"give {cut} to the machines of {names} and start them again, one twin at a time: {then}")
