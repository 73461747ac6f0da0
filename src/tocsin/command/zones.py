"""`tocsin zones build`: zones from a gazetteer."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.command.zones_report import Json, Out, geojson_ending, report

zones = typer.Typer(help="Make zones from a gazetteer or from map files, and check them.", no_args_is_help=True)


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

    geojson_ending(out)
    made = build_zones(country, min_population=min_population, radius_km=radius_km, shelter_s=shelter_s)
    with opened(out) as file:
        file.write(zones_to_geojson(made))
    report(out, made, ["towns: GeoNames (geonames.org), CC BY 4.0"], as_json)
