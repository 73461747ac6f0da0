"""`tocsin zones build` and `tocsin zones check`: zones from a gazetteer, and what is wrong with zones."""

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
    from tocsin.model.geojson import zones_to_geojson
    from tocsin.replay.files import opened

    made = build_zones(country, min_population=min_population, radius_km=radius_km, shelter_s=shelter_s)
    with opened(out) as file:
        file.write(zones_to_geojson(made))
    report(out, made, ["towns: GeoNames (geonames.org), CC BY 4.0"], as_json)


def check(
    file: Annotated[Path, typer.Argument(help="The zones (.geojson).")],
    as_json: Json = False,
) -> None:
    """Find what is wrong with zones: one line per problem; exit 1 when any is an error.

    Features that are no zone, overlaps, holes, ids used twice, tiny or self-crossing outlines, missing names and
    parents, names with characters that nobody sees, population 0.

    Example: `tocsin zones check zones.geojson`
    """
    from tocsin.ingest.zone_checks import Problem, check_zones
    from tocsin.model.errors import BadFile, BadRecord
    from tocsin.model.geojson import zones_and_wrong
    from tocsin.replay.files import read_text

    try:
        known, wrong = zones_and_wrong(read_text(file, "a zones file (GeoJSON)"))
    except BadRecord as error:
        raise BadFile(f"{file}: {error}") from error
    problems = (*(Problem("error", which, why) for which, why in wrong), *check_zones(known))
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


def report(out: Path, made: Sequence[Zone], notes: list[str], as_json: bool) -> None:
    """Say what was made."""
    people = sum(zone.population for zone in made)
    if as_json:
        typer.echo(
            json.dumps({"zones": len(made), "population": people, "out": str(out), "notes": notes}, ensure_ascii=False)
        )
        return
    for note in notes:
        typer.echo(note)
    typer.echo(f"{len(made)} zones, {people:.0f} people: {out}")
