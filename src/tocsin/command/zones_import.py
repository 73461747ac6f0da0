"""`tocsin zones import`: zones from map files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.command.zones import Json, Out, report


def import_(
    files: Annotated[list[Path], typer.Argument(help="GeoJSON, GeoPackage, Shapefile, or folders of them.")],
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
    layer: Annotated[str | None, typer.Option(help="Layer of a GeoPackage; the first by default.")] = None,
    lat_first: Annotated[
        bool, typer.Option("--lat-first", help="A .json table of rings has latitude before longitude.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Zones from map files in any projection. Invalid outlines are repaired, and that is said.

    Example: `tocsin zones import districts.gpkg --id-field code --name-field name --out zones.geojson`
    """
    from rich.console import Console
    from rich.progress import Progress

    from tocsin.ingest.zone_files import Columns, import_zones
    from tocsin.model.geojson import zones_to_geojson
    from tocsin.replay.files import opened

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
    report(out, result.zones, list(result.notes), as_json)
