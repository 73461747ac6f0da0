"""`tocsin zones`: make zones from a gazetteer or from map files, and check them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.model.zone import Zone

zones = typer.Typer(help="Make zones from a gazetteer or from map files, and check them.", no_args_is_help=True)

Out = Annotated[Path, typer.Option(help="Where the zones go (.geojson).")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@zones.command()
def build(
    country: Annotated[str, typer.Option(help="ISO 3166 code of the country, two letters: SY, UA, CH.")],
    out: Out,
    min_population: Annotated[
        int, typer.Option(min=0, help="Smaller towns are joined to the nearest one of this size.")
    ] = 0,
    radius_km: Annotated[float, typer.Option(min=0.5, max=500, help="How far from its town a zone reaches.")] = 15.0,
    shelter_s: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds people need to reach shelter.")] = 90.0,
    as_json: Json = False,
) -> None:
    """One zone per town of any country, from GeoNames (CC BY 4.0), which comes with Tocsin.

    Example: `tocsin zones build --country CH --out zones.geojson`
    """
    from tocsin.ingest.gazetteer import build_zones

    made = build_zones(country, min_population=min_population, radius_km=radius_km, shelter_s=shelter_s)
    _write(out, made)
    _report(out, made, ["towns: GeoNames (geonames.org), CC BY 4.0"], as_json)


@zones.command("import")
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
    _write(out, result.zones)
    _report(out, result.zones, list(result.notes), as_json)


@zones.command()
def check(
    file: Annotated[Path, typer.Argument(help="The zones (.geojson).")],
    as_json: Json = False,
) -> None:
    """Find what is wrong with zones: one line per problem; exit 1 when any is an error.

    Overlaps, holes, ids used twice, tiny or self-crossing outlines, missing names and parents, population 0.

    Example: `tocsin zones check zones.geojson`
    """
    from tocsin.ingest.zone_checks import check_zones
    from tocsin.model.errors import BadFile, BadRecord
    from tocsin.model.geojson import zones_from_geojson

    if not file.is_file():
        raise BadFile(f"there is no file {file}; give the zones as GeoJSON")
    try:
        known = zones_from_geojson(file.read_bytes())
    except BadRecord as error:
        raise BadFile(f"{file}: {error}") from error
    problems = check_zones(known)
    errors = sum(problem.grade == "error" for problem in problems)
    if as_json:
        rows = [{"grade": p.grade, "zone": p.zone, "text": p.text} for p in problems]
        typer.echo(json.dumps({"zones": len(known), "errors": errors, "problems": rows}, ensure_ascii=False))
    else:
        for problem in problems:
            typer.echo(f"{file}: {problem.grade}: {problem.zone} {problem.text}")
        typer.echo(f"{len(known)} zones, {errors} errors, {len(problems) - errors} remarks")
    if errors:
        raise typer.Exit(1)


def _write(out: Path, made: Sequence[Zone]) -> None:
    from tocsin.model.errors import BadFile
    from tocsin.model.geojson import zones_to_geojson

    try:
        out.write_bytes(zones_to_geojson(made))
    except OSError as error:
        raise BadFile(f"{out} cannot be written: {error.strerror}; choose another place with --out") from error


def _report(out: Path, made: Sequence[Zone], notes: list[str], as_json: bool) -> None:
    people = sum(zone.population for zone in made)
    if as_json:
        typer.echo(
            json.dumps({"zones": len(made), "population": people, "out": str(out), "notes": notes}, ensure_ascii=False)
        )
        return
    for note in notes:
        typer.echo(note)
    typer.echo(f"{len(made)} zones, {people:.0f} people: {out}")
