"""`tocsin say`: warnings in words, and in the forms that others transmit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def say(
    warnings: Annotated[Path, typer.Argument(help="Warnings, as `tocsin replay` writes them (warnings.jsonl).")],
    zones: Annotated[Path, typer.Option(help="The zones (GeoJSON).")],
    form: Annotated[
        list[str], typer.Option(help="title, full, sms, cell, mesh, spoken, same, camf; may be given again.")
    ] = ["full"],  # noqa: B006 - typer copies it
    language: Annotated[list[str], typer.Option(help="Language of the texts; may be given again.")] = ["en"],  # noqa: B006
    timezone: Annotated[str, typer.Option(help="Whose time of day the texts tell, as Europe/Kyiv.")] = "UTC",
    station: Annotated[str, typer.Option(help="Who transmits SAME: up to eight capitals and digits.")] = "TOCSIN",
    camf_country: Annotated[int | None, typer.Option(help="The country that warns, in CAMF's table A2.")] = None,
    camf_authority: Annotated[int, typer.Option(help="The authority that warns, in CAMF's table A3.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; without it, they are printed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say warnings in a form and a language: texts for people, SAME for radio, CAMF for satellites.

    Warnings of one moment that say the same share a text. Nothing is transmitted: files are for whoever is licensed to.

    Example: `tocsin say run/warnings.jsonl --zones zones.geojson --form sms --language uk --timezone Europe/Kyiv`
    """
    import json
    from itertools import groupby

    from tocsin.announce.bodies import public_warning
    from tocsin.announce.file_drop import write_files
    from tocsin.announce.forms.camf import Provider
    from tocsin.announce.forms.files import Wanted, files_of, forms_named
    from tocsin.replay.configuration import read_zones
    from tocsin.replay.scoring import read_warnings
    from tocsin.words.catalogue import timezone_named

    provider = None if camf_country is None else Provider(camf_country, camf_authority)
    wanted = Wanted(forms_named(form), tuple(language), timezone_named(timezone), station, provider)
    places = {zone.id: zone for zone in read_zones(zones)}
    files: dict[str, bytes] = {}
    left_out: dict[str, None] = {}
    for _, moment in groupby(read_warnings(warnings), lambda one: one.time):
        made = files_of([public_warning(one) for one in moment], places, wanted)
        files |= made.files
        left_out |= dict.fromkeys(made.left_out)
    if out is not None:
        write_files(out, files)
    if as_json:
        texts = {name: content.decode() for name, content in files.items() if not name.endswith(".wav")}
        typer.echo(json.dumps({"files": len(files), "texts": texts, "left_out": list(left_out)}, ensure_ascii=False))
        return
    for name, content in files.items():
        if out is not None:
            typer.echo(str(out / name))
        elif name.endswith(".wav"):
            typer.echo(f"{name}: sound; give --out a folder", err=True)
        else:
            typer.echo(content.decode(), nl=False)
    for reason in left_out:
        typer.echo(f"tocsin: {reason}", err=True)
