"""`tocsin plan`: which sensors where, and how many minutes of warning each town has from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.command.plan_options import ALL, Classes, Heights, Policy, Threats, of_a_network

if TYPE_CHECKING:
    from tocsin.plan.looking import Conditions
    from tocsin.report.plan_page import Given

plan = typer.Typer(
    help="Plan sensors for warning: the land, what is seen, the minutes each town has, what a change brings.",
    no_args_is_help=True,
)


@plan.command()
@of_a_network
def coverage(
    given: Given,
    conditions: Conditions,
    out: Path | None,
    as_json: bool,
    classes: Classes = ALL,
    heights: Heights = "100,300,1000,3000",
    geotiff: Annotated[bool, typer.Option("--geotiff", help="With --out: a GeoTIFF of each class and height.")] = False,
) -> None:
    """What is seen over each zone, by class and height: how surely, by how many, and what hangs on one sensor alone.

    Example: `tocsin plan coverage --sensors sensors.json --zones zones.geojson --heights 100,500 --out plan`
    """
    import json

    from tocsin.command.plan_inputs import heights_of, say_coverage, say_land, say_others
    from tocsin.model.errors import BadSettings
    from tocsin.replay.planning import classes_of
    from tocsin.replay.progress import share_shown
    from tocsin.report.coverage_maps import coverage_maps
    from tocsin.report.plan_coverage import covered, write_coverage

    if geotiff and out is None:
        raise BadSettings("--geotiff writes files; say into which folder with --out")
    found = covered(given, classes_of(classes), heights_of(heights), conditions)
    if out is not None:
        with share_shown("maps") as shown:
            maps = coverage_maps(found, shown) if geotiff else {}
        say_others(out, write_coverage(out, found, maps))
    if as_json:
        typer.echo(json.dumps(found.summary))
        return
    say_land(given)
    say_coverage(found.summary)


@plan.command()
@of_a_network
def minutes(
    given: Given,
    conditions: Conditions,
    out: Path | None,
    as_json: bool,
    classes: Classes = ALL,
    threats: Threats = None,
    policy: Policy = "default",
    losses: Annotated[bool, typer.Option("--losses", help="Also try the loss of every sensor, one at a time.")] = False,
) -> None:
    """The minutes of warning that each zone has of each class, over the ways it may come, and who can be in shelter.

    Example: `tocsin plan minutes --sensors sensors.json --zones zones.geojson --classes drone --losses --out plan`
    """
    import json

    from tocsin.command.plan_inputs import say_land, say_minutes, say_others
    from tocsin.replay.planning import attackers
    from tocsin.report.plan_minutes import planned, write_minutes

    groups, about_zone = attackers(threats, classes)
    found = planned(given, groups, conditions, about_zone=about_zone, policy=policy, losses=losses)
    if out is not None:
        say_others(out, write_minutes(out, found))
    if as_json:
        typer.echo(json.dumps(found.summary))
        return
    say_land(given)
    say_minutes(found.summary)
