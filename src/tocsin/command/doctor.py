"""`tocsin doctor`: checks an installation and says what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    config: Annotated[Path | None, typer.Option(help="Also check this settings file and what it names.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check an installation: what is wrong, and what to do about it. Exit 1 when something is.

    Example: `tocsin doctor --config tocsin.toml`
    """
    import json

    from tocsin.command.checkup import examine

    findings = examine(config)
    if as_json:
        typer.echo(json.dumps([{"check": one.check, "ok": one.ok, "says": one.says} for one in findings]))
    else:
        for one in findings:
            mark = typer.style("ok  ", fg="green") if one.ok else typer.style("BAD ", fg="red", bold=True)
            typer.echo(f"{mark} {one.check}: {one.says}")
    if not all(one.ok for one in findings):
        raise typer.Exit(1)
