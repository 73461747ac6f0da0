"""The `tocsin` command: finds its subcommands, and turns errors into one sentence and an exit status."""

from __future__ import annotations

import sys

import typer

from tocsin import __version__
from tocsin.command import register
from tocsin.model.errors import BadSettings, TocsinError

app = typer.Typer(
    name="tocsin",
    help="Warns civilians of air raids: sightings in; tracks, forecasts and warnings out; and an honest score.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """The options every command shares."""


register(app)


def main() -> None:
    """Run the command line: exit 0 ok, 1 bad input or answer, 2 wrong usage."""
    try:
        app()
    except BadSettings as error:
        typer.echo(f"tocsin: {error}", err=True)
        sys.exit(2)
    except TocsinError as error:
        typer.echo(f"tocsin: {error}", err=True)
        sys.exit(1)
