"""`tocsin plan`: which sensors where, and how many minutes of warning each town has from it."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.command.plan_options import ALL, Classes, Day, Json, Noise, Out, Sensors, Terrain, Visibility, Zones

plan = typer.Typer(
    help="Plan sensors for warning: the land, what is seen, the minutes each town has, what a change brings.",
    no_args_is_help=True,
)


@plan.command()
def coverage(
    sensors: Sensors,
    zones: Zones,
    terrain: Terrain = None,
    classes: Classes = ALL,
    heights: Annotated[str, typer.Option(help="Metres above the ground, with commas between.")] = "100,300,1000,3000",
    day: Day = False,
    visibility_m: Visibility = 10_000.0,
    noise_db: Noise = 0.0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """What is seen over each zone, by class and height: how surely, by how many, and what hangs on one sensor alone.

    Example: `tocsin plan coverage --sensors sensors.json --zones zones.geojson --heights 100,500 --out plan`
    """
    import json

    from tocsin.command.plan_inputs import conditions_of, heights_of, network, say_land
    from tocsin.replay.planning import classes_of
    from tocsin.report.plan_coverage import covered, write_coverage

    given = network(sensors, zones, terrain)
    kinds, levels = classes_of(classes), heights_of(heights)
    found = covered(given, kinds, levels, conditions_of(day, visibility_m, noise_db))
    if out is not None:
        write_coverage(out, found)
    if as_json:
        typer.echo(json.dumps(found.summary))
        return
    say_land(given)
    for row in found.summary["coverage"]:
        typer.echo(
            f"{row['class']:18} at {row['height_m']:6,.0f} m: {row['zones_seen']:6,} of {found.summary['zones']:,} "
            f"zones seen, {row['zones_seen_twice']:6,} by two or more; {row['people_unseen']:12,.0f} people unseen"
        )
    for row in found.summary["losses"][:5]:
        unseen = f"{row['people']:,.0f} people in {row['zones']} zones unseen ({row['class']})"
        typer.echo(f"without {row['sensor']}: {unseen}")


@plan.command()
def minutes(
    sensors: Sensors,
    zones: Zones,
    terrain: Terrain = None,
    classes: Classes = ALL,
    threats: Annotated[
        str | None, typer.Option(help="A scenario, shipped or a file, whose attackers are planned against.")
    ] = None,
    policy: Annotated[str, typer.Option(help="A shipped policy's name, or the path of a policy.toml.")] = "default",
    losses: Annotated[bool, typer.Option("--losses", help="Also try the loss of every sensor, one at a time.")] = False,
    day: Day = False,
    visibility_m: Visibility = 10_000.0,
    noise_db: Noise = 0.0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """The minutes of warning that each zone has of each class, over the ways it may come, and who can be in shelter.

    Example: `tocsin plan minutes --sensors sensors.json --zones zones.geojson --classes drone --losses --out plan`
    """
    import json

    from tocsin.command.plan_inputs import conditions_of, network, say_land, say_minutes
    from tocsin.replay.planning import attackers
    from tocsin.report.plan_minutes import planned, write_minutes

    given = network(sensors, zones, terrain)
    groups, about_zone = attackers(threats, classes)
    conditions = conditions_of(day, visibility_m, noise_db)
    found = planned(given, groups, conditions, about_zone=about_zone, policy=policy, losses=losses)
    if out is not None:
        write_minutes(out, found)
    if as_json:
        typer.echo(json.dumps(found.summary))
        return
    say_land(given)
    say_minutes(found.summary)
