"""`tocsin zones import`: zones from map files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.zones_report import Json, Out, geojson_ending, report


def import_(
    files: Annotated[list[Path], typer.Argument(help="GeoJSON, KML, GeoPackage, Shapefile, CSV, or folders.")],
    out: Out,
    id_field: Annotated[str | None, typer.Option(help="Column with the ids; by default found by its name.")] = None,
    name_field: Annotated[str | None, typer.Option(help="Column with the names.")] = None,
    population_field: Annotated[str | None, typer.Option(help="Column with the population.")] = None,
    shelter_field: Annotated[str | None, typer.Option(help="Column with the seconds to shelter.")] = None,
    parent_field: Annotated[str | None, typer.Option(help="Column with the id of the unit it is part of.")] = None,
    shelter_file: Annotated[
        Path | None, typer.Option(help="Seconds to shelter by id or name: a JSON object or a CSV.")
    ] = None,
    shelter_s: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds to shelter where nothing says.")] = 90.0,
    kind: Annotated[str | None, typer.Option(help="What these zones are: district, town, ...")] = None,
    layer: Annotated[str | None, typer.Option(help="Only this layer; all by default.")] = None,
    lat_first: Annotated[
        bool,
        typer.Option("--lat-first", help="The maps have latitude before longitude, as a .json table of rings has."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Zones from map files in any projection. What is repaired, left out or cannot be used is said.

    Exit 1 where a file or a feature cannot be used; the others are written all the same.

    Example: `tocsin zones import districts.gpkg --id-field code --name-field name --out zones.geojson`
    """
    from rich.console import Console
    from rich.progress import Progress

    from tocsin.ingest.zone_files import Columns, import_zones
    from tocsin.model.geojson import zones_to_geojson
    from tocsin.replay.files import opened

    geojson_ending(out)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("reading maps", total=None)
        result = import_zones(
            files,
            Columns(id_field, name_field, population_field, shelter_field, parent_field),
            kind=kind,
            shelter_s=shelter_s,
            shelter_file=shelter_file,
            lat_first=lat_first,
            layer=layer,
            progress=lambda done, of: progress.update(task, completed=done, total=of),
        )
    with opened(out) as file:
        file.write(zones_to_geojson(result.zones))
    unused = {
        "read": result.read,
        "rejected": list(result.rejected),
        "passed_over": result.passed_over,
        "refused": list(result.refused),
    }
    report(out, result.zones, list(result.notes), as_json, unused)
    if result.rejected or result.refused:
        raise typer.Exit(1)
