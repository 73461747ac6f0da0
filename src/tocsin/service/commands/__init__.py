"""One command is one file. Each imports its machinery inside the function: `tocsin --help` must not pay for it."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add every command to the application, in the order help lists them."""
    from tocsin.service.commands.cap import cap
    from tocsin.service.commands.replay import replay
    from tocsin.service.commands.run import run
    from tocsin.service.commands.track import track

    app.command()(run)
    app.command()(replay)
    app.command()(track)
    app.add_typer(cap, name="cap")
