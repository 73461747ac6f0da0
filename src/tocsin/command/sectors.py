"""`tocsin sectors`: a country cut into sectors, each decided by engines of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

sectors = typer.Typer(
    no_args_is_help=True, help="Cut a country into sectors, and move zones from one to another while they run."
)


@sectors.command()
def plan(
    zones: Annotated[Path, typer.Option(help="The zones file (GeoJSON).")],
    count: Annotated[int, typer.Option("--sectors", min=1, max=64, help="How many.")],
    sensors: Annotated[Path | None, typer.Option(help="The sensors file (JSON).")] = None,
    names: Annotated[str | None, typer.Option(help="Their names from north to south, commas between.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for sectors.json, a map and a page.")] = Path("sectors"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Cut zones into sectors of like load, each in one piece: by zones, by people, and by what sensors say.

    Example: `tocsin sectors plan --zones zones.geojson --sensors sensors.json --sectors 4 --out sectors`
    """
    import json

    from tocsin.replay.configuration import read_sensors, read_zones
    from tocsin.report.sectors import cut_up, write_cut

    given = [one.strip() for one in names.split(",")] if names is not None else None
    found = cut_up(read_zones(zones), read_sensors(sensors), count, given)
    write_cut(out, found)
    if as_json:
        typer.echo(json.dumps(found.summary))
        return
    for one in found.summary["sectors"]:
        typer.echo(
            f"{one['sector']:12} {one['zones']:6,} zones {one['people']:12,.0f} people {100 * one['load']:5.1f} % "
            "of the load"
        )
    typer.echo(f"written to {out / 'sectors.json'}; look at {out / 'sectors.html'}")
