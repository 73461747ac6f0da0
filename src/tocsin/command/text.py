"""`tocsin text`: what channels write, read by rules. `try` shows what is understood of a text, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

text = typer.Typer(no_args_is_help=True, help="Read what monitoring channels write, by rules.")

Channel = Annotated[Path | None, typer.Option(metavar="PROFILE", help="The channel's profile (TOML).")]
Language = Annotated[
    list[str] | None, typer.Option("--language", metavar="CODE", help="Only this language; again for more.")
]
ZonesFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Zones whose names are places too (GeoJSON).")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@text.command("try")
def try_(
    lines: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What a channel wrote.")],
    language: Language = None,
    channel: Channel = None,
    zones: ZonesFile = None,
    as_json: Json = False,
) -> None:
    """Show what is understood of a text, and why: one report a line, then what each word was taken for.

    Example: `tocsin text try "2 shaheds past Nizhyn heading for Kyiv"`
    """
    import msgspec

    from tocsin.ingest.text.profile import reader_for
    from tocsin.replay.configuration import read_zones
    from tocsin.report.readings import reading_row, reading_text
    from tocsin.report.shown import shown_json

    reader = reader_for(channel, language or (), read_zones(zones) if zones is not None else ())
    for line in lines:
        reading = reader.read(line, explain=True)
        if as_json:
            typer.echo(shown_json(msgspec.json.encode(reading_row(line, reading))))
        else:
            typer.echo(reading_text(line, reading))
