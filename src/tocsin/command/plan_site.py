"""`tocsin plan site`: where the next sensors should stand, and what they would give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.command.plan_options import Classes, Policy, Threats, of_a_network

if TYPE_CHECKING:
    from tocsin.plan.looking import Conditions
    from tocsin.report.plan_page import Given


@of_a_network
def site(
    given: Given,
    conditions: Conditions,
    sensors: Path,
    out: Path | None,
    as_json: bool,
    kinds: Annotated[str | None, typer.Option(help="The most of each kind or offer: radar=2,acoustic=40.")] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="The most that all may cost together.")] = None,
    offers: Annotated[Path | None, typer.Option(help="What can be had, with prices and masts (TOML).")] = None,
    candidates: Annotated[str, typer.Option(help="GeoJSON points, or grid: high points for what sees.")] = "grid",
    side: Annotated[int, typer.Option(min=1, max=100, help="Cells of that grid along its longer side.")] = 17,
    around_m: Annotated[float, typer.Option(min=0, max=300_000, help="So far beyond the zones, metres.")] = 10_000.0,
    roads: Annotated[Path | None, typer.Option(help="Nothing stands far from these lines (GeoJSON).")] = None,
    road_m: Annotated[float, typer.Option(min=1, max=50_000, help="How far is far, metres.")] = 500.0,
    forbidden: Annotated[Path | None, typer.Option(help="Nothing stands inside these areas (GeoJSON).")] = None,
    layout: Annotated[list[Path] | None, typer.Option(help="A sensors file to compare with, and begin from.")] = None,
    aim: Annotated[
        str, typer.Option(help="people with enough minutes, losses (those left after the worst), or worst (town).")
    ] = "people",
    reach: Annotated[
        float, typer.Option(min=0, max=1, help="Instead: the cheapest that gives this share of people enough.")
    ] = 0.0,
    fold: Annotated[int, typer.Option(min=1, max=5, help="How many sensors must give enough, each alone.")] = 1,
    prove: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds for branch and bound; 0: none.")] = 0.0,
    classes: Classes = "drone,cruise_missile",
    threats: Threats = None,
    policy: Policy = "default",
) -> None:
    """Where the next sensors should stand, beside a regular grid and experts' layouts, with a bound on what any could.

    What is in --sensors stays. A town has enough minutes where a firm track leaves time to be told and to shelter.

    Example: `tocsin plan site --sensors sensors.json --zones zones.geojson --terrain tiles --kinds radar=2 --out plan`
    """
    import json

    from tocsin.command.plan_inputs import say_land, say_others
    from tocsin.command.plan_site_inputs import area_of, experts_of, offers_of, places_of, say_sites
    from tocsin.model.errors import BadSettings
    from tocsin.plan.site_proposal import Wish
    from tocsin.replay.configuration import read_policy
    from tocsin.replay.planning import attackers
    from tocsin.replay.progress import share_shown
    from tocsin.report.plan_site import sited, write_sited
    from tocsin.warn.policy import policy_from_table

    if out is not None and (out / "sensors.json").resolve() == sensors.resolve():
        raise BadSettings(f"--out {out} would write over {sensors}; give another folder")
    offered, most = offers_of(kinds, offers, budget)
    area = area_of(given.index, around_m, roads, road_m, forbidden)
    groups, about_zone = attackers(threats, classes)
    rules = policy_from_table(read_policy(policy))
    limit = float("inf") if budget is None else budget
    with share_shown("looking from each site") as progress:
        found = sited(
            given,
            Wish(tuple(offered), tuple(most), limit, aim, fold, prove, reach),
            area,
            groups,
            conditions,
            told_s=rules.delivery_s + rules.margin_s,
            about_zone=about_zone,
            places=places_of(candidates, area, given.elevation),
            side=side,
            experts=experts_of(layout or []),
            progress=progress,
        )
    if out is not None:
        say_others(out, write_sited(out, found, offered))
    if as_json:
        chosen = [{"id": one.sensor.id, "lat": one.sensor.lat, "lon": one.sensor.lon} for one in found.sites]
        typer.echo(json.dumps(found.summary | {"proposed": chosen}))
        return
    say_land(given)
    say_sites(found.summary)
