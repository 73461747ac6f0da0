"""`tocsin text check`: labelled lines, and how many of them are read as people read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.text import Channel, Json, ZonesFile


def check(
    corpus: Annotated[list[Path], typer.Argument(metavar="CORPUS...", help="Labelled lines, or a profile (.toml).")],
    half: Annotated[str, typer.Option(help="chosen, kept or all.")] = "all",
    missed: Annotated[bool, typer.Option("--missed", help="Print what was read otherwise.")] = False,
    channel: Channel = None,
    zones: ZonesFile = None,
    as_json: Json = False,
) -> None:
    """Score labelled lines: class, stage, count, places, course, and lines lost. A profile runs its own examples.

    Exit 1 where an example of a profile is read otherwise.

    Example: `tocsin text check lines.jsonl --missed`
    """
    import json

    from tocsin.ingest.text.corpus import read_corpus, score
    from tocsin.ingest.text.profile import read_profile, reader_for
    from tocsin.model.errors import BadSettings
    from tocsin.replay.configuration import read_zones
    from tocsin.report.readings import score_text
    from tocsin.report.shown import shown

    if half not in ("chosen", "kept", "all"):
        raise BadSettings(f"a half {half!r}; give chosen, kept or all")
    profiles = [read_profile(path) for path in corpus if path.suffix == ".toml"]
    found = [profile.check(profile.reader()) for profile in profiles]
    wrong = any(one.missed for one in found)
    files = [path for path in corpus if path.suffix != ".toml"]
    if files:
        reader = reader_for(channel, (), read_zones(zones) if zones is not None else ())
        lines = [line for line in read_corpus(files) if half in ("all", line.half)]
        found.append(score(lines, lambda line: reader.covering(line.covers or reader.covers).read(line.text)))
    for one in found:
        figures = {name: {"right": one.right[name], "of": one.of[name]} for name in one.of}
        typer.echo(json.dumps(figures) if as_json else score_text(one))
        for figure, line in one.missed if missed else ():
            typer.echo(shown(f"{figure}: {line}"))
    if wrong:
        raise typer.Exit(1)
